"""What the engine itself has to say: the row of a report that no check stands for."""

from preflight.model import About, Area, Failure, Status

BROKEN_MODULE = Failure(
    "broken-module",
    "A check module does not load.",
    "Fix or remove the package or file that is named; what it checks was not looked at.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
UNCLEAR = Failure(
    "unclear",
    "It is not clear which variables of which services are pins.",
    "Name the pins under pins: in preflight.yaml.",
    Status.WARN,
    Status.WARN,
)
SETUP = About(
    id="setup",
    title="The checks, the project and its pins are found",
    tags=frozenset(),
    needs=frozenset(),
    asks="Can every check be loaded, and is it clear which variables of which services are pins?",
    why="What is not found is not looked at; that must show, not pass.",
    failures=(BROKEN_MODULE, UNCLEAR),
    area=Area.SETUP,
)
"""The row in which the engine itself speaks; it only stands in a report when something is wrong."""

"""The row in which the engine itself speaks; it only stands in a report when something is wrong."""

from preflight.model import About, Area, Failure, Need, Status

BROKEN_MODULE = Failure(
    "broken-module",
    "A check module does not load.",
    "Fix or remove the package or file that is named; what it checks was not looked at.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
NO_PROJECT = Failure(
    "no-project",
    "There is no compose project with a pin, or it cannot be read.",
    "Run preflight in the checkout (preflight -C DIR run), or name files and pins in preflight.yaml.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
    explains=frozenset({Need.PIN}),
)
UNREADABLE = Failure(
    "unreadable",
    "A compose file, or an env file that may hold a pin, cannot be read.",
    "Fix the file that is named; what it says was not looked at.",
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
    why="Nobody judges what was not found. The report must say so, and must not pass.",
    failures=(BROKEN_MODULE, NO_PROJECT, UNREADABLE, UNCLEAR),
    area=Area.SETUP,
)

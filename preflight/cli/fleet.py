"""``preflight fleet``: many deploy hosts."""

import click

from preflight.cli.group import LazyGroup

_EPILOG = """\
\b
Exit codes:
  0  nothing is wrong on any host
  1  at least one host failed
  2  the command line is wrong
  3  no host failed, but one could not tell, or has no report
"""


@click.group(
    cls=LazyGroup,
    commands_at={"run": "preflight.cli.fleet_run:run", "report": "preflight.cli.fleet_report:report"},
    epilog=_EPILOG,
)
def fleet() -> None:
    """Make one table of many hosts."""

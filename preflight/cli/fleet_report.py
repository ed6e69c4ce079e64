"""``preflight fleet report``: one table of saved reports."""

from pathlib import Path
from typing import Any

import click

from preflight.cli.debug import debug_option
from preflight.cli.fleet_output import FleetOutputs, fleet_options


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@fleet_options
@debug_option
def report(files: tuple[Path, ...], **options: Any) -> int:
    """Make one table of saved JSON reports.

    FILE is what `preflight run --output json=FILE` wrote on a host; a folder stands for its .json files, - reads one
    report from standard input. A file that is no report is an error with its name and the reason, and never left out.
    Two reports of one host, e.g. of two stages, are two rows.
    """
    from preflight.fleet.saved import read_saved

    return FleetOutputs.from_options(options).write(read_saved(files))

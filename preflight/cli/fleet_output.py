"""The options that both fleet commands have, and how a fleet is printed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from preflight.cli.formats import ListFormat
from preflight.cli.options import Duration, F, option
from preflight.fleet.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from preflight.fleet.host import Host


def fleet_options(command: F) -> F:
    """Give a command the options for printing a fleet."""
    decorators: tuple[Callable[[F], F], ...] = (
        option("-v", "--verbose", is_flag=True, help="Indent the JSON document."),
        option("-q", "--quiet", is_flag=True, help="Print only when something is wrong, and only those hosts."),
        option(
            "--old",
            type=Duration(longest_s=366 * 86400.0),
            default="1h",
            show_default=True,
            metavar="DURATION",
            envvar="PREFLIGHT_FLEET_OLD",
            help="Mark reports that are older.",
        ),
        option("--format", type=ListFormat(FORMATS), default="table", show_default=True, help="On stdout."),
    )
    for decorate in decorators:
        command = decorate(command)
    return command


def show(hosts: "Iterable[Host]", options: dict[str, Any], interrupted: int | None = None) -> int:
    """Print the hosts in the format that was asked for; return the exit code.

    Args:
        hosts: All.
        options: Those of ``fleet_options``.
        interrupted: The exit code in the place of that of the hosts, where a signal ended the command.
    """
    from preflight.cli.output import print_document
    from preflight.cli.terminal import width
    from preflight.errors import ExitCode
    from preflight.fleet.fleet import fleet_of
    from preflight.fleet.formats import renderer
    from preflight.lib.streams import standard_output
    from preflight.report import Style

    stream = standard_output()
    fleet = fleet_of(hosts, datetime.now(UTC), options["old"])
    fleet = fleet if interrupted is None else replace(fleet, exit_code=interrupted)
    style = Style(
        width=width(),
        verbose=options["verbose"],
        quiet=options["quiet"],
    )
    if not (options["quiet"] and fleet.exit_code == ExitCode.OK):
        print_document(renderer(options["format"])(fleet, style), stream)
    return int(fleet.exit_code)

"""The options that both fleet commands have, and where a fleet is printed and written."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TextIO

from preflight.cli.formats import ListFormat
from preflight.cli.options import Duration, F, option
from preflight.fleet.formats import FORMATS
from preflight.lib.records import frozen
from preflight.report import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from preflight.cli.output_files import OutputFiles
    from preflight.errors import PreflightError
    from preflight.fleet.fleet import Fleet
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
            help="Mark reports that are older than this.",
        ),
        option(
            "--output",
            multiple=True,
            metavar="FORMAT=FILE",
            envvar="PREFLIGHT_FLEET_OUTPUT",
            help="Also write the table to a file (repeatable, atomic).",
        ),
        option("--format", type=ListFormat(FORMATS), default="table", show_default=True, help="Format on stdout."),
    )
    for decorate in decorators:
        command = decorate(command)
    return command


@frozen
class FleetOutputs:
    """What to print and write when all hosts have answered.

    Args:
        format_: The format of the document on stdout.
        style: The style of that document.
        files: Pairs of format and file.
        old_s: A report that is older is marked, in seconds.
        stream: Standard output.
    """

    format_: str
    style: Style
    files: "OutputFiles"
    old_s: float
    stream: TextIO

    @classmethod
    def from_options(cls, options: dict[str, Any]) -> "FleetOutputs":
        """Understand the options before anything runs.

        Args:
            options: Those of ``fleet_options``.

        Raises:
            ConfigurationError: ``--output`` names no known format, or a file that cannot be written.
        """
        from preflight.cli.output_files import output_files
        from preflight.cli.terminal import width
        from preflight.lib.streams import standard_output

        style = Style(width=width(), verbose=options["verbose"], quiet=options["quiet"])
        files = output_files(options["output"], FORMATS, lambda: FORMATS)
        return cls(options["format"], style, files, options["old"], standard_output())

    def write(self, hosts: "Iterable[Host]", interrupted: int | None = None) -> int:
        """Write the files, then print.

        Args:
            hosts: All.
            interrupted: The exit code to use instead of that of the hosts, if a signal ended the command.

        Returns:
            The exit code; 2 where that is 0 and a file or the document could not be written.
        """
        from preflight.cli.output import is_lost, print_document, tell
        from preflight.errors import ExitCode
        from preflight.fleet.formats import renderer

        fleet = self._fleet(hosts)
        fleet = fleet if interrupted is None else replace(fleet, exit_code=interrupted)
        problems = self._write_files(fleet)
        if problems:
            fleet = replace(fleet, exit_code=fleet.exit_code or ExitCode.USAGE)
        if not (self.style.quiet and fleet.exit_code == ExitCode.OK):
            print_document(renderer(self.format_)(fleet, self.style), self.stream)
        tell(problems)
        return int(fleet.exit_code or (ExitCode.USAGE if is_lost(self.stream) else ExitCode.OK))

    def write_problem(self, problem: "PreflightError", code: int) -> None:
        """Let the files say why no host was asked: a green page of yesterday would be taken for today's.

        Args:
            problem: Why; standard error has it too.
            code: The exit code.
        """
        from preflight.cli.output import tell
        from preflight.fleet.host import without_report

        nobody = without_report("(no host)", "not asked", problem.message, problem.hint)
        tell(self._write_files(replace(self._fleet([nobody]), exit_code=code)))

    def _fleet(self, hosts: "Iterable[Host]") -> "Fleet":
        from preflight.fleet.fleet import fleet_of

        return fleet_of(hosts, datetime.now(UTC), self.old_s)

    def _write_files(self, fleet: "Fleet") -> list[str]:
        from preflight.cli.output_files import write_files
        from preflight.fleet.formats import renderer

        return write_files(self.files, lambda name, style: renderer(name)(fleet, style))

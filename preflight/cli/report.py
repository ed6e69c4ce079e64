"""``preflight report``: a saved JSON report in another format."""

import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.debug import debug_option
from preflight.cli.formats import format_option, output_option
from preflight.cli.options import Duration, checks_dir_option, option
from preflight.cli.terminal import COLOR_CHOICES
from preflight.errors import ConfigurationError, CouldNotLook

if TYPE_CHECKING:
    from preflight.model import About
    from preflight.report import Report

_HINT = "Name a file that `preflight run --output json=FILE` wrote."


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, allow_dash=True))
@format_option
@output_option
@option(
    "--max-age",
    type=Duration(),
    metavar="DURATION",
    help="Refuse the report of a run that began longer ago, e.g. 15m.  [default: none is too old]",
)
@checks_dir_option
@option("-q", "--quiet", is_flag=True, help="Print only when something is wrong.")
@option("-v", "--verbose", is_flag=True, help="Print evidence and timings too.")
@option("--color", type=click.Choice(COLOR_CHOICES), default="auto", show_default=True, help="Colour the table.")
@debug_option
def report(file: Path, **options: Any) -> int:
    """Print a saved JSON report in another format.

    FILE is what `preflight run --format json` printed; - reads it from standard input. Nothing is checked again, and
    the exit code is 0 when the report could be printed, whatever it says. Only with --format nagios it tells how the
    run went.
    """
    from preflight.cli.output import Outputs, reserved_stdout
    from preflight.lib.streams import standard_output

    saved = _read(file, [Path(folder) for folder in options["checks_dir"]])
    _refuse_old(saved, options["max_age"])
    stdout = standard_output()
    with reserved_stdout(stdout):
        return Outputs.from_options(options, os.environ, stdout).render_again(saved)


def _read(file: Path, folders: list[Path]) -> "Report":
    """Return the report.

    Raises:
        ConfigurationError: It cannot be read, or is no report.
    """
    from preflight.lib.jsonshape import WrongShapeError, parse
    from preflight.run.reporters.from_json import check_ids, read_report
    from preflight.run.reporters.saved import saved_name, saved_text

    try:
        document = parse(saved_text(file))
        return read_report(document, _abouts(folders, check_ids(document)))
    except WrongShapeError as error:
        raise ConfigurationError(f"{saved_name(file)}: {error}", _HINT) from error
    except CouldNotLook as error:
        raise ConfigurationError(error.message, _HINT) from error


def _refuse_old(saved: "Report", max_age_s: float | None) -> None:
    """Refuse a report of the past, or of a future that no clock here has seen.

    Raises:
        ConfigurationError: It is too old.
    """
    from datetime import UTC, datetime

    from preflight.lib.durations import words

    age_s = (datetime.now(UTC) - saved.started).total_seconds()
    if max_age_s is not None and abs(age_s) > max_age_s:
        when = f"began {words(age_s)} ago" if age_s > 0 else f"begins in {words(-age_s)}, by this clock"
        raise ConfigurationError(
            f"the run of this report {when}; --max-age is {words(max_age_s)}", "Look at the job that writes the report."
        )


def _abouts(folders: list[Path], ids: tuple[str, ...]) -> "dict[str, About]":
    """Return what the installed checks that the report names declare; one that does not load declares nothing."""
    from preflight.run.discovery import discover

    with redirect_stdout(sys.stderr):  # standard output has one document
        return {check.about.id: check.about for check in discover(folders, set(ids).__contains__).checks}

"""Rows from reports that were saved on the hosts and collected otherwise."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.fleet.host import Host, host_of, matters, without_report
from preflight.lib.files import read_text
from preflight.lib.jsonshape import WrongShapeError, parse
from preflight.report import Report
from preflight.run.reporters.from_json import read_report

LIMIT = 16 * 1024 * 1024
"""Bytes accepted of a report."""

_HINT = "Collect what `preflight run --output json=FILE` writes on the host."


def read_saved(files: Iterable[Path]) -> Iterator[Host]:
    """Yield one row a file; a file that is no report is an error with its name and the reason."""
    for file in files:
        try:
            report = report_in(read_text(file, limit=LIMIT, what="the report"))
        except WrongShapeError as error:
            yield without_report(str(file), "no report", str(error), _HINT, str(file))
        except CouldNotLook as error:
            yield without_report(str(file), "not readable", error.message, error.hint, str(file))
        else:
            yield host_of(report, source=str(file))


def report_in(text: str) -> Report:
    """Return the report that a document says.

    Raises:
        WrongShapeError: It is no report.
    """
    # What installed checks declare is of no use here: a row shows codes and messages, and the report has both.
    return read_report(parse(text), {}, matters)

"""Rows from reports that were saved on the hosts and collected otherwise."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.fleet.host import Host, host_of, matters, without_report
from preflight.lib.jsonshape import WrongShapeError, parse
from preflight.report import Report
from preflight.run.reporters.from_json import OtherSchemaError, read_report
from preflight.run.reporters.saved import saved_name, saved_text

_HINT = "Collect what `preflight run --output json=FILE` writes on the host."
_VERSION_HINT = "Install one version of preflight here and on the host."
_ENDING = ".json"


def read_saved(files: Iterable[Path]) -> Iterator[Host]:
    """Yield one row a file; a file that is no report is an error with its name and the reason.

    Args:
        files: Files, ``-`` for standard input, and folders, which stand for the ``.json`` files in them.
    """
    for file in files:
        if _is_folder(file):
            yield from _in_folder(file)
        else:
            yield _row(file)


def _is_folder(file: Path) -> bool:
    try:
        return file.is_dir()
    except OSError:  # its folder may not be entered; reading it will say so
        return False


def _in_folder(folder: Path) -> Iterator[Host]:
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix == _ENDING)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        yield without_report(str(folder), "not readable", f"the folder {folder}: {reason}", "", str(folder))
        return
    if not files:
        yield without_report(str(folder), "no report", f"no file in it ends in {_ENDING}", _HINT, str(folder))
    yield from map(_row, files)


def _row(file: Path) -> Host:
    name = saved_name(file)
    try:
        text = saved_text(file)
        if not text.strip():
            return without_report(name, "no report", "it is empty", _HINT, name)
        return host_of(report_in(text), source=name)
    except OtherSchemaError as error:
        return without_report(name, "other version", str(error), _VERSION_HINT, name)
    except WrongShapeError as error:
        return without_report(name, "no report", str(error), _HINT, name)
    except CouldNotLook as error:
        return without_report(name, "not readable", error.message, error.hint, name)


def report_in(text: str) -> Report:
    """Return the report that a document says.

    Raises:
        WrongShapeError: It is no report.
        OtherSchemaError: Another version of preflight wrote it.
    """
    # What installed checks declare is of no use here: a row shows codes and messages, and the report has both.
    return read_report(parse(text), {}, matters)

"""preflight/cli/output.py"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from preflight.cli.output import Outputs
from preflight.cli.problem import report_problem
from preflight.history.store import writing
from preflight.lib.streams import LastingStream
from preflight.model import Finding, Status
from preflight.report import Style
from preflight.run.reporters import FORMATS
from tests.fakes.reports import report, result

pytestmark = pytest.mark.usefixtures("own_signals")

GOOD = report(result("a", Finding(Status.PASS, "it is well")), code=0)
BAD = report(result("a", Finding(Status.FAIL, "it is bad", "Fix it.")), code=1)
UNSURE = report(result("a", Finding(Status.ERROR, "it is hidden", "Look.")), code=3)


@contextmanager
def stream(kind: str) -> Iterator[LastingStream]:
    """Give standard output as a shell makes it."""
    if kind == "no reader":
        reader, number = os.pipe()
        os.close(reader)
    else:
        number = os.open("/dev/full" if kind == "full" else os.devnull, os.O_WRONLY)
    yield LastingStream(number, None, is_closed=kind == "closed")
    os.close(number)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(("kind", "lost"), [("read", False), ("full", True), ("closed", True), ("no reader", False)])
def test_a_document_that_nobody_can_read_is_no_success(name: str, kind: str, *, lost: bool) -> None:
    """A reader who left has seen enough: the answer stays what it is. Elsewhere no format ends with 0."""
    meant = {0: 2 if lost else 0, 1: 1, 3: 3}
    if name == "nagios":
        meant = {0: 3 if lost else 0, 1: 2, 3: 3}
    for each, code in zip((GOOD, BAD, UNSURE), meant.values(), strict=True):
        with stream(kind) as stdout:
            assert Outputs(name, Style(), (), stdout).write(each) == code


def test_a_silent_run_needs_nobody_who_reads() -> None:
    """`-q` under a supervisor that closes what it starts."""
    with stream("closed") as stdout:
        assert Outputs("table", Style(quiet=True), (), stdout).write(GOOD) == 0


def test_a_report_never_takes_the_place_of_the_history(tmp_path: Path) -> None:
    """`--history h.db --output json=h.db`: not in a run, and not where nothing was checked either."""
    path = tmp_path / "h.db"
    with writing(path):
        pass
    before = path.read_bytes()

    with stream("read") as stdout:
        code = Outputs("json", Style(), (("json", path),), stdout).write(GOOD)
    report_problem(["run", "--output", f"json={path}"], "it is wrong", 2)

    assert (code, path.read_bytes()) == (2, before)

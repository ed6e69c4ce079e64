"""preflight/cli/telling.py; test_notify.py has whole runs."""

from pathlib import Path

import pytest

from preflight.cli.memory import Remembered
from preflight.cli.telling import Telling
from preflight.history.record import Recorded
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.notify.target import On, Target
from tests.preflight.notify.messages import report

pytestmark = pytest.mark.usefixtures("own_signals")

TARGET = Target("monitor", "healthchecks", On.ALWAYS, Ping(Secret("url", text="http://127.0.0.1:9/x")), 1.0)


def test_an_outbox_that_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And raises nothing: the exit code of the run has been decided."""
    (tmp_path / "h.db").write_bytes(b"no database" * 200)

    Telling((TARGET,), "c.yaml", {}, sparing=True).end(tmp_path / "h.db", Remembered(report(), Recorded(1, ())), 1)

    assert capsys.readouterr().err.startswith("preflight: nobody was told: the history ")


def test_without_targets_nothing_is_done(tmp_path: Path) -> None:
    """Not even a file is made."""
    telling = Telling((), "None", {}, sparing=False)

    with telling.run("after"):
        assert telling.letters(report(), Recorded(1, ())) == ()
    telling.end(tmp_path / "h.db", Remembered(report(), Recorded(1, ())), 1)

    assert list(tmp_path.iterdir()) == []

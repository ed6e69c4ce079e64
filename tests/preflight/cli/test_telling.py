"""preflight/cli/telling.py; test_notify.py has whole runs."""

from pathlib import Path

import pytest

from preflight.cli.memory import Remembered
from preflight.cli.telling import Telling
from preflight.history.outbox import Expired
from preflight.history.record import Recorded
from preflight.notify.ping import Ping
from preflight.notify.secret import Secret
from preflight.notify.target import On, Target
from preflight.run.config import Configuration
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


def test_messages_that_became_too_old_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where no target is left."""
    expired = (Expired("/etc/preflight/app.yaml", "ops", 2),)
    told = Remembered(report(), Recorded(1, (), expired=expired))

    Telling((), "c.yaml", {}, sparing=True).end(tmp_path / "h.db", told, 1)

    said = "preflight: notify ops of /etc/preflight/app.yaml: 2 messages dropped, not delivered in 30d\n"
    assert capsys.readouterr().err == said


def test_two_configurations_of_one_name_do_not_share_their_messages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--config ops.yaml` in two folders, with one history: each sends only its own."""
    senders = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        options = {"configuration": Configuration(Path("ops.yaml"), Path.cwd()), "quiet": False, "on_change": False}
        senders.append(Telling.from_options(options, {}, records=True).sender)

    assert senders == [str(tmp_path / "one" / "ops.yaml"), str(tmp_path / "two" / "ops.yaml")]

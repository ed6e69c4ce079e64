"""preflight/history/place.py"""

import os
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.history.place import history_path


@pytest.mark.parametrize(
    ("environ", "uid", "path"),
    [
        ({"XDG_STATE_HOME": "/state", "HOME": "/home/me"}, 1000, "/state/preflight/history.db"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/home/me"}, 1000, "/home/me/.local/state/preflight/history.db"),
        ({"HOME": "/home/of-root"}, 0, "/home/of-root/.local/state/preflight/history.db"),
        ({}, 0, "/var/lib/preflight/history.db"),
        ({"HOME": ""}, 0, "/var/lib/preflight/history.db"),
    ],
)
def test_the_platforms_folder_for_state(environ: dict[str, str], uid: int, path: str) -> None:
    """XDG, home, and what cron leaves root with."""
    assert history_path(None, environ, uid) == Path(path)


def test_root_leaves_nothing_in_the_home_of_another(tmp_path: Path) -> None:
    """As after sudo -E: its owner could not record any more."""
    os.chown(tmp_path, 1000, 1000)

    assert history_path(None, {"HOME": str(tmp_path)}, 0) == Path("/var/lib/preflight/history.db")
    assert history_path(None, {"HOME": str(tmp_path)}, 1000).is_relative_to(tmp_path)


def test_without_any_home_the_operator_has_to_say() -> None:
    """The message names the two ways."""
    with pytest.raises(ConfigurationError, match="neither XDG_STATE_HOME nor HOME") as refused:
        history_path(None, {}, 1000)
    assert "--history FILE" in refused.value.hint


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """Nobody could end a process that opens a named pipe, and a lock would be made beside a device."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "state" / "preflight" / "history.db").mkdir(parents=True)

    for named, environ in (
        (tmp_path / "pipe", {}),
        (Path("/dev/null"), {}),
        (None, {"XDG_STATE_HOME": f"{tmp_path}/state"}),
    ):
        with pytest.raises(ConfigurationError, match="is no regular file"):
            history_path(named, environ, 1000)


def test_a_named_file_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative to the working folder."""
    monkeypatch.chdir(tmp_path)
    assert history_path(Path("h.db"), {}, 1000) == tmp_path / "h.db"

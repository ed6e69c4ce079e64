"""preflight/history/turn.py"""

from pathlib import Path

import pytest

from preflight.history.series import series_of
from preflight.history.turn import turn
from preflight.lib.lock import Busy
from preflight.model import Stage

AFTER, BEFORE = (series_of(Path("/srv/app"), None, stage, {}) for stage in (Stage.AFTER, Stage.BEFORE))


def test_one_run_of_a_series_at_a_time(tmp_path: Path) -> None:
    """Another series, or another history, is another matter."""
    history = tmp_path / "state" / "history.db"
    with turn(history, AFTER):
        with pytest.raises(Busy, match="another run of this job is still busy"), turn(history, AFTER):
            raise AssertionError
        with turn(history, BEFORE), turn(tmp_path / "other.db", AFTER):
            pass
    with turn(history, AFTER):
        pass
    assert history.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_takes_no_lock_stops_no_run(tmp_path: Path) -> None:
    """Recording says what is wrong with it."""
    (tmp_path / "file").write_text("")

    with turn(tmp_path / "file" / "history.db", AFTER):
        done = True

    assert done

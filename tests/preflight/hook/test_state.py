"""preflight/hook/state.py"""

import json
import stat
import time
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.hook import state as module
from preflight.hook.state import Answer, State, is_recent

ANSWER = Answer("key", 1.5, 0, "PASS: fine")


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A folder that is made by its first use."""
    return State(tmp_path / "new" / "state")


def test_an_answer_is_kept_for_its_owner_only(state: State) -> None:
    """And read back as it was."""
    assert state.last() is None
    state.remember(ANSWER)

    assert state.last() == ANSWER
    assert stat.S_IMODE((state.folder / "last.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(state.folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"key": 1}', '{"key": "", "at": "x", "exit_code": 0, "line": ""}', "[" * 99_999]
)
def test_an_answer_that_cannot_be_understood_is_none(state: State, text: str) -> None:
    """It is then judged again."""
    (state.folder / "last.json").write_text(text)

    assert state.last() is None


def test_the_log_is_one_line_an_entry_and_bounded(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full one is put aside once."""
    monkeypatch.setattr(module, "_MAX_LOG", 200)
    for number in range(5):
        state.log(f"line {number}\nforged", {"exit": str(number)})

    lines = (state.folder / "hook.log").read_text().splitlines()
    older = (state.folder / "hook.log.1").read_text().splitlines()
    assert [json.loads(line)["exit"] for line in [*older, *lines]][-1] == "4"
    assert all(json.loads(line)["said"].startswith("line ") for line in lines)
    assert (state.folder / "hook.log").stat().st_size <= 400


def test_the_log_follows_no_link(state: State, tmp_path: Path) -> None:
    """Whoever can write into the folder cannot make it write elsewhere."""
    (state.folder / "hook.log").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(CouldNotLook, match="cannot be written"):
        state.log("x", {})
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """One line, with the way out."""
    (tmp_path / "file").write_text("")

    with pytest.raises(CouldNotLook, match="cannot be written") as caught:
        State(tmp_path / "file" / "state")
    assert "--state-dir" in caught.value.hint


def test_what_a_killed_run_left_is_removed(state: State) -> None:
    """Half-written files only."""
    state.receipts.mkdir()
    for path in (state.folder / ".last.json.x.new", state.receipts / ".r.json.y.new", state.receipts / "r.json"):
        path.write_text("")

    state.sweep()

    assert [path.name for path in state.folder.rglob("*")] == ["receipts", "r.json"]


def test_recent_answers() -> None:
    """One from the future, after the clock was set back, is not recent."""
    now = time.time()
    assert is_recent(Answer("", now - 5, 0, ""), 60)
    assert not is_recent(Answer("", now - 90, 0, ""), 60)
    assert not is_recent(Answer("", now + 90, 0, ""), 600)

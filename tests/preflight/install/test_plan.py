"""preflight/install/plan.py"""

from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.install.plan import file_change, refuse_unwritable


def test_the_difference_names_what_is_not_there(tmp_path: Path) -> None:
    """As git does."""
    file = tmp_path / "x"
    lines = list(file_change(file, "a\n").diff())
    assert lines[:2] == ["--- /dev/null\n", f"+++ {file}\n"]

    file.write_text("a\nb")
    assert list(file_change(file, "").diff())[:2] == [f"--- {file}\n", "+++ /dev/null\n"]
    assert list(file_change(file, "a\n").diff())[-1] == "-b\n\\ No newline at end of file\n"
    assert list(file_change(file, "a\nb").diff()) == []


def test_nobody_sees_half_a_file(tmp_path: Path) -> None:
    """The new file takes the old one's place at once; no other file is left."""
    file = tmp_path / "x"
    file.write_text("old\n")
    before = file.stat().st_ino

    change = file_change(file, "new\n")
    change.put(change.after)

    assert file.read_text() == "new\n"
    assert file.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_may_not_be_written_is_refused_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write everywhere, so the answer of the kernel is the test's."""
    monkeypatch.setattr("os.access", lambda path, _mode: path != tmp_path)
    with pytest.raises(ConfigurationError, match="cannot be written by this user") as refused:
        refuse_unwritable(tmp_path / "not" / "there", "sudo")
    assert refused.value.hint == "sudo"

    refuse_unwritable(tmp_path.parent, "sudo")

"""preflight/lib/files.py"""

import os
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.files import read_text, replace_file


def test_a_regular_file_is_read(tmp_path: Path) -> None:
    """A byte order mark is no part of the text."""
    (tmp_path / "f").write_bytes(b"\xef\xbb\xbfa\r\n")

    assert read_text(tmp_path / "f", limit=100, what="it") == "a\r\n"


@pytest.mark.parametrize("kind", ["missing", "directory", "fifo", "loop", "large", "latin-1"])
def test_anything_else_is_one_clear_line(tmp_path: Path, kind: str) -> None:
    """No traceback, no hang: each kind of wrong file has its words."""
    file = tmp_path / "f"
    words = {
        "missing": "no such file or directory",
        "directory": "is a directory",
        "fifo": "is no regular file",
        "loop": "too many levels of symbolic links",
        "large": "is larger than 1 KiB",
        "latin-1": ":2 is not UTF-8 text",
    }
    match kind:
        case "directory":
            file.mkdir()
        case "fifo":
            os.mkfifo(file)
        case "loop":
            file.symlink_to(file)
        case "large":
            file.write_bytes(b"x" * 1025)
        case "latin-1":
            file.write_bytes(b"ok\n\xe9\n")

    with pytest.raises(CouldNotLook) as caught:
        read_text(file, limit=1024, what="the file")

    assert words[kind] in caught.value.message
    assert str(file) in caught.value.message


def test_replacing_is_atomic_and_leaves_nothing_beside(tmp_path: Path) -> None:
    """The new content and mode stand there, and no temporary file."""
    file = tmp_path / "f"
    file.write_text("old")

    replace_file(file, b"new", mode=0o600)

    assert (file.read_bytes(), file.stat().st_mode & 0o777, [*tmp_path.iterdir()]) == (b"new", 0o600, [file])


def test_a_file_that_is_there_is_kept_when_asked(tmp_path: Path) -> None:
    """Without overwrite the old file stays."""
    file = tmp_path / "f"
    file.write_text("old")

    with pytest.raises(FileExistsError):
        replace_file(file, b"new", overwrite=False)

    assert (file.read_text(), [*tmp_path.iterdir()]) == ("old", [file])

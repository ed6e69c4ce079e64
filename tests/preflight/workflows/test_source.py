"""Tests of preflight/workflows/source.py."""

import os
from pathlib import Path

import pytest

from preflight.workflows import source
from preflight.workflows.source import (
    WorkflowProblem,
    items_of,
    mapping_of,
    read_script,
    read_source,
    text_of,
    workflow_files,
)

BOMB = b"a: &a [x, x, x, x, x, x, x, x, x]\n" + b"".join(
    b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % ((n, n) + (n - 1,) * 9) for n in range(98, 108)
)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [\n", "not valid YAML"),
        (b"a: 1\na: 2\n", "the key a stands here again"),
        (b"", "the file is empty"),
        (b"just text\n", "the top level must be a mapping"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"on: push\njobs: {\0}", "a NUL byte"),
        (b"#" * (5 << 20), "is larger than 1024 KiB"),
        (BOMB, "YAML bomb"),
        (b"{" * 5000, "nested deeper than 100 levels"),
    ],
    ids=["syntax", "twice", "empty", "text", "latin", "nul", "large", "bomb", "deep"],
)
def test_file_that_is_no_workflow(tmp_path: Path, content: bytes, words: str) -> None:
    """The problem says what is wrong, at which line, and speaks of no compose file."""
    path = tmp_path / "w.yml"
    path.write_bytes(content)

    with pytest.raises(WorkflowProblem) as raised:
        read_source(path)

    assert words in raised.value.message
    assert raised.value.path == path
    assert raised.value.hint
    assert "compose" not in raised.value.message + raised.value.hint


def test_what_is_no_file(tmp_path: Path) -> None:
    """A folder, a FIFO, a loop and a link to nowhere are problems at once."""
    (tmp_path / "folder.yml").mkdir()
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "loop.yml").symlink_to("loop.yml")
    (tmp_path / "dangling.yml").symlink_to("nowhere.yml")

    for path in tmp_path.iterdir():
        with pytest.raises(WorkflowProblem):
            read_source(path)


def test_lines_and_comments(tmp_path: Path) -> None:
    """The text line by line, and what stands behind a hash at the end of one."""
    path = tmp_path / "w.yml"
    path.write_bytes(b"a: 1  #  v1.2 \r\nb: 'x#y'\nc: 2 #\n")

    found = read_source(path)

    assert found.lines == ("a: 1  #  v1.2 ", "b: 'x#y'", "c: 2 #", "")
    assert [found.comment(line) for line in (0, 1, 2, 3, 9)] == ["", "v1.2", "", "", ""]


def test_nodes() -> None:
    """What is not of the wanted kind is nothing."""
    assert (text_of(None), mapping_of(None), items_of(None)) == ("", None, [])


def test_script_has_a_limit(tmp_path: Path) -> None:
    """It is as small as a person writes."""
    path = tmp_path / "x.sh"
    path.write_text("a\r\nb", encoding="utf-8")
    assert read_script(path) == "a\nb"
    path.write_text("x" * 300_000, encoding="utf-8")

    with pytest.raises(WorkflowProblem):
        read_script(path)


def test_files_in_which_github_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ends of names, sorted, not in folders below; not thousands of them."""
    assert workflow_files(tmp_path) == ()
    folder = tmp_path / ".github" / "workflows"
    (folder / "below").mkdir(parents=True)
    for name in ("b.yaml", "a.yml", "c.txt", "below/d.yml"):
        (folder / name).touch()

    assert [path.name for path in workflow_files(tmp_path)] == ["a.yml", "b.yaml"]

    monkeypatch.setattr(source, "MAX_FILES", 1)
    with pytest.raises(WorkflowProblem, match="more than 1 workflows"):
        workflow_files(tmp_path)


def test_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without permission nothing was looked at (told by a stand-in: root may list everything)."""

    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(WorkflowProblem, match="permission denied"):
        workflow_files(tmp_path)

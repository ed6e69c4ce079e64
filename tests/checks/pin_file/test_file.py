"""checks/pin_file.py: a pin file that is not there, or that nobody can read."""

import os
from collections.abc import Callable

import pytest

from preflight.model import Finding, Location, Status
from tests.checks.pin_file.look import FILE, NAME, PINNED, look
from tests.real.git import GitRepository


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (f'X=1\n{NAME}="{PINNED}\n', 2, 'a quote (") is opened and never closed'),
        (f"1 {NAME}={PINNED}\n", 1, "a variable name contains a space"),
        (f"X=1\n\nA+B=2\n{NAME}={PINNED}\n", 3, "character '+' in a variable name"),
        (f"X=${{\n{NAME}={PINNED}\n", 1, "its interpolation is malformed"),
    ],
)
def test_file_that_compose_refuses_fails(
    committed: Callable[[str], list[Finding]], text: str, line: int, words: str
) -> None:
    """What Compose refuses fails with the line, wherever in the file it stands."""
    found = committed(text)

    assert (found[0].status, found[0].code) == (Status.FAIL, "refused")
    assert words in found[0].message
    assert found[0].location == Location(FILE, line)


def test_missing_file_fails(git_repository: GitRepository) -> None:
    """A pin file that is not there fails once."""
    git_repository.commit({"README": "x"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "missing")
    assert finding.message == f"the pin file {FILE} is missing"
    assert finding.hint == f"Restore it: git checkout HEAD -- {FILE}"


def test_file_that_a_sparse_checkout_leaves_out(git_repository: GitRepository) -> None:
    """The remedy is a command that works there; `git checkout` does not."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n", "README": "x"})
    git_repository.git("sparse-checkout", "set", "--cone", "other")

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "missing")
    assert finding.message == f"the pin file {FILE} is missing: a sparse checkout leaves it out"
    command = finding.hint.removeprefix("Add its folder: git ")
    git_repository.git(*command.split())
    assert [each.status for each in look(git_repository.path)] == [Status.PASS]


def test_repository_that_cannot_be_read_is_an_error(git_repository: GitRepository) -> None:
    """A `.git` that git passes over is no reason to skip: the pin may be anything."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    (git_repository.path / ".git/HEAD").write_text("")

    [finding] = look(git_repository.path)

    assert finding.status is Status.ERROR
    assert "the file HEAD in it is empty" in finding.message


def test_folder_in_its_place_fails(git_repository: GitRepository) -> None:
    """A folder, as Docker makes for a missing bind mount, fails."""
    (git_repository.path / FILE).mkdir(parents=True)

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "folder")
    assert "is a folder" in finding.message


@pytest.mark.parametrize("kind", ["binary", "huge", "fifo", "loop"])
def test_what_cannot_be_read_is_an_error(git_repository: GitRepository, kind: str) -> None:
    """A binary or huge file, a FIFO and a loop of links are errors of one line, and end at once."""
    path = git_repository.path / FILE
    path.parent.mkdir()
    if kind == "binary":
        path.write_bytes(b"A=\xff\xfe")
    elif kind == "huge":
        path.write_bytes(b"#" * (2 << 20))
    elif kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(path.name)

    [finding] = look(git_repository.path)

    assert finding.status is Status.ERROR
    assert "\n" not in finding.message


def test_unreadable_file_is_an_error(git_repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file without permission is an error, not a pass (told by a stand-in: root may read everything)."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    really_open = os.open

    def refuse(path: object, *rest: int) -> int:
        if str(path).endswith(FILE):
            raise PermissionError(13, "Permission denied")
        return really_open(str(path), *rest)

    monkeypatch.setattr(os, "open", refuse)

    [finding] = look(git_repository.path)

    assert finding.status is Status.ERROR
    assert "permission denied" in finding.message


def test_nul_in_another_line_fails(committed: Callable[[str], list[Finding]]) -> None:
    """A container cannot be given a NUL, whichever variable has it."""
    [finding] = committed(f"{NAME}={PINNED}\nOTHER=a\0b\n")

    assert (finding.status, finding.code) == (Status.FAIL, "nul")
    assert finding.location == Location(FILE, 2)

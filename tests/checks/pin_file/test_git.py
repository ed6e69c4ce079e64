"""checks/pin_file.py: how the pin file stands to git."""

import subprocess
from pathlib import Path

from preflight.context import Options
from preflight.model import Status, Subject
from tests.checks.pin_file.look import ENVIRON, FILE, HEX, IMAGE, NAME, OVERRIDE, PINNED, look
from tests.real.git import GitRepository


def test_untracked_file_fails(git_repository: GitRepository) -> None:
    """A pin that git does not know fails; the rest of it is judged all the same."""
    git_repository.commit({"README": "x"})
    git_repository.write({FILE: f"{NAME}={PINNED}\n"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "untracked")
    assert finding.hint == f"git add {FILE} && git commit"


def test_ignored_pin_file_is_told(git_repository: GitRepository) -> None:
    """An ignored pin file needs `-f` to be added, and the hint says so."""
    git_repository.commit({".gitignore": "*.env\n"})
    git_repository.write({FILE: f"{NAME}={PINNED}\n"})

    [finding] = look(git_repository.path)

    assert finding.hint == f"git add -f {FILE} && git commit"
    assert finding.code == "untracked"


def test_changed_file_fails(git_repository: GitRepository) -> None:
    """A digest that was edited on the host and never committed fails."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    git_repository.write({FILE: f"{NAME}={IMAGE}@sha256:{HEX[::-1]}\n"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "uncommitted")
    assert finding.message == f"{FILE} differs from the last commit"
    assert f"git diff HEAD -- {FILE}" in finding.hint


def test_armed_sentinel_is_a_warning(git_repository: GitRepository) -> None:
    """The line that the sentinel adds is expected, so it warns; anything else beside it fails."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    git_repository.write({FILE: f"{NAME}={PINNED}\nPREFLIGHT_SENTINEL=abc\n"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.WARN, "sentinel-armed")
    assert "an armed sentinel only" in finding.message

    git_repository.write({FILE: f"{NAME}={PINNED}\nPREFLIGHT_SENTINEL=abc\nX=1\n"})

    [finding] = look(git_repository.path)

    assert (finding.status, finding.code) == (Status.FAIL, "uncommitted")


def test_link_is_followed_to_what_git_tracks(git_repository: GitRepository, tmp_path: Path) -> None:
    """A committed link does not vouch for what it points to."""
    outside = tmp_path / "outside.env"
    outside.write_text(f"{NAME}={PINNED}\n")
    link = git_repository.path / FILE
    link.parent.mkdir()
    link.symlink_to(outside)
    git_repository.commit()

    [finding] = [each for each in look(git_repository.path) if each.status is not Status.PASS]

    assert (finding.status, finding.code) == (Status.FAIL, "link-outside")
    assert "is a link that leads out of the repository" in finding.message
    assert str(outside) in (finding.hint or "")


def test_outside_a_work_tree_is_an_error(tmp_path: Path) -> None:
    """Nothing proves there that the pin is the committed one, so the run does not end with "clear to roll out"."""
    (tmp_path / "docker").mkdir()
    (tmp_path / FILE).write_text(f"{NAME}={PINNED}\n")

    [finding] = look(tmp_path, overrides=(OVERRIDE,))

    assert (finding.status, finding.code) == (Status.ERROR, "no-git")
    assert finding.subject == Subject("file", FILE)
    assert "git: false" in finding.hint


def test_where_the_operator_says_that_there_is_no_git_only_the_file_is_judged(tmp_path: Path) -> None:
    """`git: false` is in the report's header; the value must be sound all the same."""
    (tmp_path / "docker").mkdir()
    (tmp_path / FILE).write_text(f"{NAME}={PINNED}\n")

    [finding] = look(tmp_path, options=Options(git=False))

    assert finding.status is Status.PASS


def test_git_that_is_missing_is_an_error(git_repository: GitRepository) -> None:
    """In a work tree without git installed, the check cannot look."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})

    [finding] = look(git_repository.path, path="/nonexistent")

    assert finding.status is Status.ERROR
    assert "git is not installed" in finding.message


def test_submodule_at_another_commit_fails(git_repository: GitRepository, tmp_path: Path) -> None:
    """A pin that is committed in its submodule only is not the one that the repository around it names."""
    git_repository.commit({FILE: f"{NAME}={PINNED}\n"})
    outer, inner = tmp_path / "outer", str(git_repository.path)
    for words in (
        ["init", "-q", str(outer)],
        ["-C", str(outer), "-c", "protocol.file.allow=always", "submodule", "add", "-q", inner, "sub"],
        ["-C", str(outer), "commit", "-qm", "Add the submodule"],
    ):
        subprocess.run(["git", *words], check=True, env=ENVIRON)
    assert [finding.status for finding in look(outer / "sub")] == [Status.PASS]
    GitRepository(outer / "sub").commit({FILE: f"{NAME}={PINNED.replace('0', '1')}\n"})

    [finding] = [each for each in look(outer / "sub") if each.status is not Status.PASS]

    assert (finding.status, finding.code) == (Status.FAIL, "submodule")
    assert "lies in the submodule" in finding.message
    assert "git submodule update" in (finding.hint or "")

"""preflight/git/mentions.py, against real git."""

import pytest

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.mentions import files_with_images
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": "/usr/bin:/bin", **GIT_ENVIRON}


def mentions(repository: GitRepository, *images: str) -> tuple[tuple[str, int], ...]:
    """Search."""
    return files_with_images(GitCommand(ENVIRON), repository.path, images, Deadline.after(30))


def test_exact_tags_in_tracked_files(git_repository: GitRepository) -> None:
    """The first line of each file; no longer tag, no binary file, nothing that git does not have."""
    git_repository.commit(
        {
            "a.yaml": "x\nimage: ghcr.io/a/agent:1.4.1\nimage: a/agent:1.4.1\n",
            "b b.md": "It is a/agent:1.4.1.\n",
            "c.yaml": "a/agent:1.4.10 a/agent:1.4.1-rc.1 a/agent:1.4.1.2 a/agent:11.4.1 a/agentX1.4.1\n",
            "d.yaml": "a/agent:1.4.10 a/agent:v1.4.1@sha256:0\n",
            "e.bin": "\0a/agent:1.4.1\n",
        }
    )
    git_repository.write({"untracked.yaml": "a/agent:1.4.1\n"})
    assert mentions(git_repository, "a/agent:1.4.1", "a/agent:v1.4.1") == (("a.yaml", 2), ("b b.md", 1), ("d.yaml", 1))
    assert mentions(git_repository, "a/agent:9.9.9") == ()


def test_no_text_conversion_runs(git_repository: GitRepository) -> None:
    """What the repository names is not started."""
    marker = git_repository.path.parent / "ran"
    git_repository.commit({"a.x": "a/agent:1.4.1\n", ".gitattributes": "*.x diff=evil\n"})
    git_repository.git("config", "diff.evil.textconv", f"touch {marker}; cat")
    git_repository.git("config", "grep.patternType", "perl")
    assert mentions(git_repository, "a/agent:1.4.1") == (("a.x", 1),)
    assert not marker.exists()


def test_a_broken_repository_is_no_empty_answer(git_repository: GitRepository) -> None:
    """It could not look."""
    git_repository.commit({"a.yaml": "1\n"})
    (git_repository.path / ".git/index").write_bytes(b"broken")
    with pytest.raises(CouldNotLook):
        mentions(git_repository, "a/agent:1.4.1")

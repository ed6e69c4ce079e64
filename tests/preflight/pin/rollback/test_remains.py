"""preflight/pin/rollback/remains.py: the next release to cut; the rest is tried in tests/preflight/cli."""

import pytest

from preflight.git.door import Git
from preflight.pin.rollback.remains import next_patch
from preflight.testing import fake_context
from tests.preflight.pin.rollback.test_target import history
from tests.real.git import GIT_ENVIRON, GitRepository

NEXT = {
    "the one after it": ("1.4.2", ("v1.4.1", "v1.4.2"), "1.4.3"),
    "one that is taken already": ("1.4.2", ("v1.4.2", "v1.4.3", "1.4.7", "v1.5.0", "v2.0.0"), "1.4.8"),
    "of an older line": ("1.4.2", ("v1.10.5",), "1.4.3"),
    "after a pre-release": ("2.0.0-rc.1", ("v2.0.0-rc.1",), "2.0.1"),
    "no name": ("", ("v1.4.2",), None),
}


@pytest.mark.parametrize("name", NEXT)
def test_the_next_patch_release(git_repository: GitRepository, name: str) -> None:
    """After the newest of the same major and minor version, by git's tags and the pin's history."""
    release, tags, wanted = NEXT[name]
    git_repository.commit({"a.txt": "1\n"})
    git_repository.tag(*tags)
    git = Git(git_repository.path, {"PATH": "/usr/bin:/bin", **GIT_ENVIRON})
    ctx = fake_context(git_repository.path, git=git)
    assert next_patch(ctx, release, history("1.3.0", "1.4.0")) == wanted


def test_what_was_pinned_is_taken(git_repository: GitRepository) -> None:
    """Tagged or not."""
    git_repository.commit({"a.txt": "1\n"})
    git = Git(git_repository.path, {"PATH": "/usr/bin:/bin", **GIT_ENVIRON})
    ctx = fake_context(git_repository.path, git=git)
    assert next_patch(ctx, "1.4.0", history("1.4.0", "1.4.1", "1.4.2")) == "1.4.3"

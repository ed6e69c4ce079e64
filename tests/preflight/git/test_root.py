"""preflight/git/root.py"""

import tempfile
from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.root import find_git_root
from tests.real.plain_user import as_plain_user


@pytest.mark.parametrize("kind", ["folder", "file", "broken link"])
def test_the_nearest_folder_with_a_git_in_it(tmp_path: Path, kind: str) -> None:
    """Whatever it is; paths stay as they were given."""
    below = tmp_path / "a/b/c"
    below.mkdir(parents=True)
    git = tmp_path / "a/.git"
    if kind == "folder":
        git.mkdir()
    elif kind == "file":
        git.write_text("gitdir: x\n")
    else:
        git.symlink_to("nowhere")

    assert find_git_root(below) == tmp_path / "a"
    assert find_git_root(tmp_path) is None


def test_a_folder_that_may_not_be_entered_is_named() -> None:
    """One line with its path, not a crash."""
    with tempfile.TemporaryDirectory(prefix="open-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "closed/docker").mkdir(parents=True)
        (folder / "closed").chmod(0o000)
        with as_plain_user(), pytest.raises(CouldNotLook) as caught:
            find_git_root(folder / "closed/docker")

    assert caught.value.message == f"the folder {folder / 'closed/docker'} cannot be read: permission denied"

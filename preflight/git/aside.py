"""A bare repository of our own that borrows another one's objects: what is fetched or made lands here and goes again.

Nobody else writes its configuration, so nothing that the checked repository says counts for the network, and neither
refs, FETCH_HEAD, objects nor shallow boundary of that repository change.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.temporary import remove_folder, remove_left_folders, temporary_folder

_KIND = "git"
_SHA256_DIGITS = 64


class Aside:
    """The repository.

    Args:
        git: How git is called.
        path: An empty folder.
        source: A folder in the work tree whose objects are borrowed.
        have: Commits that the work tree has with all that leads to them; a fetch asks for the rest.
        deadline: When git must have answered.

    Raises:
        CouldNotLook: Git does not say where the objects are, or the folder is full.
    """

    def __init__(self, git: GitCommand, path: Path, source: Path, have: Sequence[str], deadline: Deadline) -> None:
        self._git, self.path = git, path
        asked = ("rev-parse", "--git-path", "objects", "--git-path", "shallow")
        done = git(source, asked, deadline)
        objects, shallow, *_ = [*done.text.split("\n"), "", ""]
        if done.exit_code != 0 or not shallow:
            raise refused(done, source)
        partial = git(source, ("config", "--get", "extensions.partialClone"), deadline).exit_code == 0
        try:
            self._lay_out(source / objects, source / shallow, have, partial=partial)
        except OSError as error:
            raise CouldNotLook(
                "there is no room for temporary files, which a look at the remote needs",
                "Set TMPDIR to a folder that can be written to; for the image: docker run --tmpfs /tmp",
            ) from error

    @property
    def git(self) -> GitCommand:
        """Git in this repository, wherever it stands."""
        return self._git.with_variables({"GIT_DIR": str(self.path)})

    @property
    def git_with_objects(self) -> GitCommand:
        """Git in the work tree's own repository, with what was fetched here within its reach."""
        return self._git.with_variables({"GIT_OBJECT_DIRECTORY": str(self.path / "objects")})

    def has(self, commit: str, deadline: Deadline) -> bool:
        """Whether a commit and its tree are there, here or where objects are borrowed."""
        return self.git(self.path, ("cat-file", "-e", f"{commit}^{{tree}}"), deadline).exit_code == 0

    def _lay_out(self, objects: Path, shallow: Path, have: Sequence[str], *, partial: bool) -> None:
        """Write the files of an empty repository (gitrepository-layout(5)), without the cost of `git init`."""
        (self.path / "objects" / "info").mkdir(parents=True)
        (self.path / "objects" / "pack").mkdir()
        (self.path / "refs").mkdir()
        quoted = os.path.realpath(objects).replace("\\", "\\\\").replace('"', '\\"')
        (self.path / "objects" / "info" / "alternates").write_bytes(os.fsencode(f'"{quoted}"\n'))
        (self.path / "HEAD").write_text("ref: refs/heads/preflight\n", encoding="ascii")
        lines = [f"{commit} refs/have/{number}\n" for number, commit in enumerate(dict.fromkeys(have))]
        (self.path / "packed-refs").write_text("".join(lines), encoding="ascii")
        extensions = ["objectFormat = sha256"] if any(len(each) == _SHA256_DIGITS for each in have) else []
        extensions += ["partialClone = origin"] if partial else []
        text = f"[core]\nrepositoryFormatVersion = {int(bool(extensions))}\nbare = true\n"
        text += "".join(f"[extensions]\n{each}\n" for each in extensions)
        text += '[remote "origin"]\npromisor = true\n' if partial else ""
        (self.path / "config").write_text(text, encoding="ascii")
        with suppress(FileNotFoundError):
            shutil.copyfile(shallow, self.path / "shallow")


@contextmanager
def aside_folder() -> Iterator[Path]:
    """Have an empty folder for the length of a block; what killed runs left is removed first.

    Raises:
        CouldNotLook: There is no room for temporary files.
    """
    remove_left_folders(_KIND)
    path = temporary_folder(_KIND)
    try:
        yield path
    finally:
        remove_folder(path)

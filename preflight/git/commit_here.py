"""Change one file of the checkout: in the work tree, and, if wanted, as a commit of that file alone.

Of the index only the entry of the file changes; staged and other changes stay as they are. The order is file, index,
branch, so that a run that is killed in between leaves a state from which the same call goes on.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.aside import aside_folder
from preflight.git.command import GitCommand
from preflight.git.filters import without_filters
from preflight.git.one_file import NewCommit, OneFile, done_well, place_of
from preflight.lib.deadline import Deadline
from preflight.lib.exchange import exchange, folder_lock
from preflight.lib.files import read_bytes
from preflight.lib.process import Completed
from preflight.lib.records import frozen
from preflight.lib.text import printable

_MAX_BYTES = 1024 * 1024


class NotAsCommitted(CouldNotLook):
    """The file, or its entry in the index, is neither what the last commit has nor what this change makes of it."""


@frozen
class Changed:
    """What was done.

    Args:
        before: What the last commit has.
        after: What the file has now, as the commit has it.
        commit: Full id of the new commit; empty where none was made.
        written: The file in the work tree was replaced.
    """

    before: bytes
    after: bytes
    commit: str = ""
    written: bool = False


class Checkout:
    """The checkout that a file lies in.

    Args:
        environ: The environment git is called in.
        path: The file; absolute, no link.
    """

    def __init__(self, environ: Mapping[str, str], path: Path) -> None:
        self._git, self._path = GitCommand(environ), path
        self._place = ""

    def demand_as_committed(self, change: Callable[[bytes], bytes], deadline: Deadline) -> bytes:
        """Return what the last commit has of the file.

        Args:
            change: A file that already is what this makes of it is accepted: an earlier run got this far.
            deadline: When git must have answered.

        Raises:
            NotAsCommitted: The file has changes of somebody else.
            CouldNotLook: It cannot be read, or git does not track it.
        """
        name = printable(self._path.name, 80)
        file = self._file(deadline)
        committed, staged = file.content("HEAD", deadline), file.content(":0", deadline)
        if committed is None or staged is None:
            raise NotAsCommitted(f"{name} is not committed to git", f"Commit it first: git add {name} && git commit")
        here = read_bytes(self._path, limit=_MAX_BYTES, what="the pin file")
        ours = {_plain(committed), _plain(change(committed))}
        if not {_plain(here), _plain(staged)} <= ours:
            raise NotAsCommitted(
                f"{name} has uncommitted changes", f"Commit them, or restore the file: git checkout HEAD -- {name}"
            )
        return committed

    def write(self, change: Callable[[bytes], bytes], deadline: Deadline) -> Changed:
        """Change the file in the work tree only.

        Raises:
            CouldNotLook: See ``demand_as_committed``; or the file cannot be replaced, and is what it was.
        """
        with folder_lock(self._path):
            before = self.demand_as_committed(change, deadline)
            return Changed(before, change(before), written=self._replace(change))

    def commit(
        self, change: Callable[[bytes], bytes], message: str, author: Mapping[str, str], deadline: Deadline
    ) -> Changed:
        """Change the file, and commit that on top of what is checked out.

        Raises:
            CouldNotLook: See ``write``; or git cannot commit, or somebody else committed meanwhile.
        """
        with folder_lock(self._path):
            return self._commit(change, message, author, deadline)

    def _commit(
        self, change: Callable[[bytes], bytes], message: str, author: Mapping[str, str], deadline: Deadline
    ) -> Changed:
        before = self.demand_as_committed(change, deadline)
        after = change(before)
        if after == before:
            return Changed(before, after)
        head = done_well(self._ask(("rev-parse", "--verify", "HEAD^{commit}"), deadline), self._path.parent)
        with aside_folder() as aside:
            what = NewCommit(head, after, message, author)
            commit, entry = self._file(deadline).commit(what, aside / "index", deadline)
        written = self._replace(change)
        self._update_index(entry, deadline)
        words = ("update-ref", "-m", f"commit: {message.partition(chr(10))[0]}", "HEAD", commit, head)
        done = self._ask(words, deadline)
        if done.exit_code != 0:
            raise CouldNotLook(
                "somebody else committed meanwhile, or the branch cannot be written; the change is staged",
                "Run the same command again.",
            )
        return Changed(before, after, commit, written=written)

    def _update_index(self, entry: str, deadline: Deadline) -> None:
        root = Path(done_well(self._ask(("rev-parse", "--show-toplevel"), deadline), self._path.parent))
        off = without_filters(self._git, root, deadline)
        done = self._git(root, (*off, "update-index", "--cacheinfo", entry), deadline)
        if done.exit_code != 0:
            raise CouldNotLook(
                "the index of the repository is locked or cannot be written; only the file was changed",
                "Wait for the other git, or remove .git/index.lock if there is none; then run the same command again.",
            )

    def _replace(self, change: Callable[[bytes], bytes]) -> bool:
        """Replace the file by its changed content; return whether that was necessary."""
        here = read_bytes(self._path, limit=_MAX_BYTES, what="the pin file")
        after = change(here)
        if after == here:
            return False
        exchange(self._path, here, after)
        return True

    def _file(self, deadline: Deadline) -> OneFile:
        self._place = self._place or place_of(self._git, self._path, deadline)
        return OneFile(self._git, self._path.parent, self._place)

    def _ask(self, words: tuple[str, ...], deadline: Deadline) -> Completed:
        return self._git(self._path.parent, words, deadline)


def _plain(data: bytes) -> bytes:
    """Return content without the line ends that git may convert between repository and work tree."""
    return data.replace(b"\r\n", b"\n")

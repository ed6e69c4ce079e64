"""Change files of the checkout: in the work tree, and, if wanted, as a commit of those files alone.

Of the index only their entries change; staged and other changes stay as they are. The order is files, index,
branch, so that a run that is killed in between leaves a state from which the same call goes on.
"""

import os
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.aside import aside_folder
from preflight.git.command import GitCommand
from preflight.git.filters import without_filters
from preflight.git.one_file import MAX_BYTES, Edit, NewCommit, OneFile, done_well, make_commit, place_of
from preflight.lib.deadline import Deadline
from preflight.lib.exchange import exchange, folder_lock
from preflight.lib.files import read_bytes, show_path
from preflight.lib.process import Completed
from preflight.lib.records import frozen
from preflight.lib.text import printable

_LONGEST_NOTE = 1000
"""Characters of a subject that the reflog gets."""
_OPERATIONS = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
"""What git keeps while something is not finished, below its folder: what that is."""


class NotAsCommitted(CouldNotLook):
    """The file, or its entry in the index, is neither what the last commit has nor what this change makes of it."""


class OperationInProgress(CouldNotLook):
    """A merge, a rebase or the like is not finished here, and a commit in between would become part of it."""


@frozen
class Changed:
    """What was done.

    Args:
        before: By path: what the last commit has.
        after: By path: what the file has now, as the commit has it.
        commit: Full id of the new commit; empty where none was made.
        written: A file in the work tree was replaced.
    """

    before: Mapping[Path, bytes]
    after: Mapping[Path, bytes]
    commit: str = ""
    written: bool = False


class Checkout:
    """The checkout that some files lie in.

    Args:
        environ: The environment git is called in.
        folder: In its work tree.
    """

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        self._git, self._folder = GitCommand(environ), folder
        self._places: dict[Path, str] = {}

    def demand_as_committed(self, edits: Mapping[Path, Edit], deadline: Deadline) -> dict[Path, bytes]:
        """Return what the last commit has of some files.

        Args:
            edits: By file; absolute, no link. A file that already is what this makes of it is accepted: an earlier run
                got this far.
            deadline: When git must have answered.

        Raises:
            NotAsCommitted: A file has changes of somebody else.
            CouldNotLook: It cannot be read, or git does not track it.
        """
        return {path: self._as_committed(path, edit, deadline) for path, edit in edits.items()}

    def _as_committed(self, path: Path, edit: Edit, deadline: Deadline) -> bytes:
        name, typed = printable(path.name, 80), shlex.quote(show_path(path, Path.cwd()))
        file = OneFile(self._git, path.parent, self._place(path, deadline))
        committed, staged = file.content("HEAD", deadline), file.content(":0", deadline)
        if committed is None or staged is None:
            raise NotAsCommitted(f"{name} is not committed to git", f"Commit it first: git add {typed} && git commit")
        here = read_bytes(path, limit=MAX_BYTES, what="the pin file")
        ours = {_plain(committed), _plain(edit(committed))}
        if not {_plain(here), _plain(staged)} <= ours:
            raise NotAsCommitted(
                f"{name} has uncommitted changes", f"Commit them, or restore the file: git checkout HEAD -- {typed}"
            )
        return committed

    def demand_no_operation(self, deadline: Deadline) -> None:
        """Refuse a checkout in which a merge, a rebase, a cherry-pick or a revert is not finished.

        Raises:
            OperationInProgress: There is one.
        """
        words = (word for name in _OPERATIONS for word in ("--git-path", name))
        listed = done_well(self._ask(("rev-parse", *words), deadline), self._folder)
        for what, path in zip(_OPERATIONS.values(), listed.split("\n"), strict=True):
            if os.path.lexists(self._folder / path):
                raise OperationInProgress(
                    f"a {what} is in progress in this checkout", "Finish it, or abort it: git status says how."
                )

    def write(self, edits: Mapping[Path, Edit], deadline: Deadline) -> Changed:
        """Change the files in the work tree only.

        Raises:
            CouldNotLook: See ``demand_as_committed``; or a file cannot be replaced, and is what it was.
        """
        with _locked(edits):
            before = self.demand_as_committed(edits, deadline)
            return Changed(before, _edited(before, edits), written=_replace(edits))

    def commit(
        self, edits: Mapping[Path, Edit], message: str, author: Mapping[str, str], deadline: Deadline
    ) -> Changed:
        """Change the files, and commit that on top of what is checked out.

        Raises:
            CouldNotLook: See ``write``; or git cannot commit, or somebody else committed meanwhile.
        """
        with _locked(edits):
            return self._commit(edits, message, author, deadline)

    def _commit(
        self, edits: Mapping[Path, Edit], message: str, author: Mapping[str, str], deadline: Deadline
    ) -> Changed:
        before = self.demand_as_committed(edits, deadline)
        after = _edited(before, edits)
        if after == before:
            return Changed(before, after)
        files = {self._place(path, deadline): data for path, data in after.items() if data != before[path]}
        head = done_well(self._ask(("rev-parse", "--verify", "HEAD^{commit}"), deadline), self._folder)
        with aside_folder() as aside:
            what = NewCommit(head, files, message, author)
            commit, entries = make_commit(self._git, self._folder, what, aside / "index", deadline)
        written = _replace(edits)
        self._update_index(entries, deadline)
        subject = message.partition("\n")[0][:_LONGEST_NOTE]
        words = ("update-ref", "-m", f"commit: {subject}", "HEAD", commit, head)
        done = self._ask(words, deadline)
        if done.exit_code != 0:
            raise CouldNotLook(
                "somebody else committed meanwhile, or the branch cannot be written; the change is staged",
                "Run the same command again.",
            )
        return Changed(before, after, commit, written=written)

    def _update_index(self, entries: Sequence[str], deadline: Deadline) -> None:
        root = Path(done_well(self._ask(("rev-parse", "--show-toplevel"), deadline), self._folder))
        off = without_filters(self._git, root, deadline)
        named = (word for entry in entries for word in ("--cacheinfo", entry))
        done = self._git(root, (*off, "update-index", *named), deadline)
        if done.exit_code != 0:
            raise CouldNotLook(
                "the index of the repository is locked or cannot be written; only the file was changed",
                "Wait for the other git, or remove .git/index.lock if there is none; then run the same command again.",
            )

    def _place(self, path: Path, deadline: Deadline) -> str:
        if path not in self._places:
            self._places[path] = place_of(self._git, path, deadline)
        return self._places[path]

    def _ask(self, words: tuple[str, ...], deadline: Deadline) -> Completed:
        return self._git(self._folder, words, deadline)


@contextmanager
def _locked(paths: Iterable[Path]) -> Iterator[None]:
    """Have the folders of all files for oneself; in one order, so that no two wait for each other."""
    with ExitStack() as stack:
        for _, path in sorted({os.path.realpath(path.parent): path for path in paths}.items()):
            stack.enter_context(folder_lock(path))
        yield


def _edited(before: Mapping[Path, bytes], edits: Mapping[Path, Edit]) -> dict[Path, bytes]:
    return {path: edits[path](data) for path, data in before.items()}


def _replace(edits: Mapping[Path, Edit]) -> bool:
    """Replace each file by its changed content; return whether that was necessary for one."""
    necessary = False
    for path, edit in edits.items():
        here = read_bytes(path, limit=MAX_BYTES, what="the pin file")
        after = edit(here)
        if after != here:
            exchange(path, here, after)
            necessary = True
    return necessary


def _plain(data: bytes) -> bytes:
    """Return content without the line ends that git may convert between repository and work tree."""
    return data.replace(b"\r\n", b"\n")

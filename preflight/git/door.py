"""The door to git: what is tracked, changed, ignored, tagged, and what a file held in earlier commits.

A checkout must not run itself, so nothing here starts what its configuration names: no hooks, file-system monitor,
filters, text conversion, pagers, credential helpers or ssh commands.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand, in_folder, refused
from preflight.git.history import file_history
from preflight.git.model import Commit, FileState, WorkTree
from preflight.git.state import file_state
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once
from preflight.lib.text import printable

__all__ = ["Commit", "FileState", "Git"]

# With a colon instead of the bracket git complains of a `.git` file that points nowhere: that is broken, not absent.
_NO_REPOSITORY = "not a git repository (or any"
_NO_SUCH_REMOTE = 2


class Git:
    """Asks git about the work tree around a folder. Safe to share between threads; each answer is asked for once.

    Every method raises ``CouldNotLook`` when there is a work tree, but git is not installed, refuses it or fails.

    Args:
        base: The folder.
        environ: The environment git is called in.
    """

    def __init__(self, base: Path, environ: Mapping[str, str]) -> None:
        self._base = base
        self._git = GitCommand(environ)
        self._trees: Once[WorkTree | None] = Once()
        self._states: Once[FileState] = Once()
        self._ignored: Once[bool] = Once()
        self._lists: Once[tuple[str, ...]] = Once()
        self._heads: Once[str | None] = Once()
        self._histories: Once[tuple[Commit, ...]] = Once()
        self._urls: Once[str | None] = Once()

    def root(self, deadline: Deadline) -> Path | None:
        """Return the root of the work tree around the base folder; None when there is none, or a bare repository."""
        tree = self._tree(self._base, deadline)
        return None if tree is None else tree.root

    def is_shallow(self, deadline: Deadline) -> bool:
        """Whether the clone around the base folder was cut short, so that history and tags may be missing."""
        tree = self._tree(self._base, deadline)
        return tree is not None and tree.shallow

    def head(self, deadline: Deadline) -> str | None:
        """Return the id of the commit that is checked out; None before the first, or outside a work tree."""
        return self._head(self._base, deadline)

    def state(self, path: Path, deadline: Deadline) -> FileState:
        """Return how a file stands to the work tree that its folder lies in.

        Args:
            path: Absolute; a link is itself looked at, not what it points to.
            deadline: When git must have answered.

        Raises:
            CouldNotLook: Git refuses, or the file passes through a filter that is not run here.
        """
        return self._states.get(path, lambda: self._ask_state(path, deadline), deadline, "git cat-file")

    def places(self, path: Path) -> tuple[Path, ...]:
        """Return where a file can be changed: itself and, if it is a link, the file that it leads to in the end."""
        real = Path(os.path.realpath(path))
        return (path, real) if os.path.islink(path) else (path,)  # noqa: PTH114 -- unlike Path's, never raises

    def is_modified(self, path: Path, deadline: Deadline) -> bool:
        """Whether the file on disk, or in the index, differs from the last commit; see ``state``."""
        return self.state(path, deadline).modified

    def is_ignored(self, path: Path, deadline: Deadline) -> bool:
        """Whether git leaves the file out of `git add`: it is not tracked, and an ignore rule covers it."""
        return self._ignored.get(path, lambda: self._ask_ignored(path, deadline), deadline, "git check-ignore")

    def moved_submodule(self, path: Path, deadline: Deadline) -> WorkTree | None:
        """Return the submodule that a file lies in, if it is not at the commit that the repository around it names."""
        tree = self._tree(path.parent, deadline)
        if tree is None or tree.outer is None:
            return None
        named = (f"HEAD:{tree.root.relative_to(tree.outer)}",)
        done = self._git(tree.outer, ("rev-parse", "--quiet", "--verify", *named), deadline)
        return None if done.text.strip() == self._head(path.parent, deadline) else tree

    def tags(self, deadline: Deadline) -> tuple[str, ...]:
        """Return the names of all local tags, sorted; none outside a work tree."""
        return self._lists.get("tags", lambda: self._ask_tags(deadline), deadline, "git for-each-ref")

    def remote_tags(self, deadline: Deadline, remote: str = "origin") -> tuple[str, ...]:
        """Return the names of the tags that a remote has, sorted. Asks the network.

        Raises:
            CouldNotLook: There is no such remote, or it did not answer without a password.
        """
        key = ("remote", remote)
        return self._lists.get(key, lambda: self._ask_remote(remote, deadline), deadline, "git ls-remote")

    def remote_url(self, deadline: Deadline, remote: str = "origin") -> str | None:
        """Return the address of a remote, which may hold a password; None without such a remote. Asks no network."""
        return self._urls.get(remote, lambda: self._ask_url(remote, deadline), deadline, "git remote")

    def history(self, path: Path, limit: int, deadline: Deadline) -> tuple[Commit, ...]:
        """Return the commits that changed a file, newest first; none outside a work tree.

        Args:
            path: Absolute.
            limit: At most this many; a shallow clone has fewer (see ``is_shallow``).
            deadline: When git must have answered.
        """
        key = (path, limit)
        return self._histories.get(key, lambda: self._ask_history(path, limit, deadline), deadline, "git log")

    def _tree(self, folder: Path, deadline: Deadline) -> WorkTree | None:
        if not _has_git_above(folder):
            return None  # and git need not even be installed
        return self._trees.get(folder, lambda: self._ask_tree(folder, deadline), deadline, "git rev-parse")

    def _head(self, folder: Path, deadline: Deadline) -> str | None:
        return self._heads.get(folder, lambda: self._ask_head(folder, deadline), deadline, "git rev-parse")

    def _ask_tree(self, folder: Path, deadline: Deadline) -> WorkTree | None:
        asked = ("is-inside-work-tree", "is-shallow-repository", "show-toplevel", "show-superproject-working-tree")
        done = self._git(folder, ("rev-parse", *(f"--{each}" for each in asked)), deadline)
        inside, shallow, root, outer, *_ = [*done.text.split("\n"), "", "", "", ""]
        if inside == "false" or _NO_REPOSITORY in done.error_text:
            return None
        if done.exit_code != 0 or not root:
            raise refused(done, folder)
        return WorkTree(Path(root), shallow == "true", Path(outer) if outer else None)

    def _ask_head(self, folder: Path, deadline: Deadline) -> str | None:
        if self._tree(folder, deadline) is None:
            return None
        done = self._git(folder, ("rev-parse", "--quiet", "--verify", "HEAD^{commit}"), deadline)
        if done.exit_code not in {0, 1}:  # 1: there is no commit yet
            raise refused(done, folder)
        return done.text.strip() or None

    def _ask_state(self, path: Path, deadline: Deadline) -> FileState:
        tree = self._tree(path.parent, deadline)
        return FileState(None) if tree is None else file_state(self._git, tree.root, path, deadline)

    def _ask_ignored(self, path: Path, deadline: Deadline) -> bool:
        if self._tree(path.parent, deadline) is None:
            return False
        done = self._git(path.parent, ("check-ignore", "--quiet", "--", in_folder(path)), deadline)
        if done.exit_code not in {0, 1}:
            raise refused(done, path.parent)
        return done.exit_code == 0

    def _ask_tags(self, deadline: Deadline) -> tuple[str, ...]:
        if self._tree(self._base, deadline) is None:
            return ()
        done = self._git(self._base, ("for-each-ref", "--format=%(refname)", "refs/tags"), deadline)
        if done.exit_code != 0:
            raise refused(done, self._base)
        return _tag_names(done.text.split("\n"))

    def _ask_remote(self, remote: str, deadline: Deadline) -> tuple[str, ...]:
        if self._tree(self._base, deadline) is None:
            raise CouldNotLook("not in a git work tree, so there is no remote to ask", "Run it in the repository.")
        words = ("ls-remote", "--tags", "--refs", "--upload-pack=git-upload-pack", "--", remote)
        done = self._git.remote(self._base, words, deadline)
        if done.exit_code != 0:
            raise CouldNotLook(
                f"git could not list the tags of {printable(remote)} (exit code {done.exit_code})",
                f"Look why: git ls-remote --tags {printable(remote)}",
            )
        return _tag_names(line.partition("\t")[2] for line in done.text.split("\n"))

    def _ask_url(self, remote: str, deadline: Deadline) -> str | None:
        if self._tree(self._base, deadline) is None:
            return None
        done = self._git(self._base, ("remote", "get-url", "--", remote), deadline)
        if done.exit_code not in {0, _NO_SUCH_REMOTE}:
            raise refused(done, self._base)
        return done.text.partition("\n")[0] or None

    def _ask_history(self, path: Path, limit: int, deadline: Deadline) -> tuple[Commit, ...]:
        if self._head(path.parent, deadline) is None:
            return ()
        return file_history(self._git, path, limit, deadline)


def _has_git_above(folder: Path) -> bool:
    real = Path(os.path.realpath(folder))  # unlike resolve(), gives an answer for a loop of links too
    return any(os.path.lexists(place / ".git") for place in (real, *real.parents))


def _tag_names(refs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ref.removeprefix("refs/tags/") for ref in refs if ref.startswith("refs/tags/")))

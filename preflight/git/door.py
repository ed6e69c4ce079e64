"""The door to git: what is tracked, changed, ignored, tagged, and what a file held in earlier commits.

A checkout must not run itself, so nothing here starts what its configuration names: no hooks, file-system monitor,
filters, text conversion, pagers, credential helpers or ssh commands.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.contents import in_folder
from preflight.git.history import file_history
from preflight.git.messages import Push, commits_since
from preflight.git.model import Commit, FileState, WorkTree
from preflight.git.refusal import refused, remote_refused
from preflight.git.remotes import reachable_address, remote_address, remote_addresses
from preflight.git.state import file_state
from preflight.git.work_tree import find_work_tree
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once
from preflight.lib.text import printable

__all__ = ["Commit", "FileState", "Git"]

_TAGS = "refs/tags"


class Git:
    """Asks git about the work tree around a folder. Safe to share between threads; each answer is asked for once.

    Every method raises ``CouldNotLook`` when there is a work tree, but git is not installed, refuses it or fails.

    Args:
        base: The folder.
        environ: The environment git is called in.
    """

    def __init__(self, base: Path, environ: Mapping[str, str]) -> None:
        self._base, self._environ = base, environ
        self._git = GitCommand(environ)
        self._trees: Once[WorkTree | None] = Once()
        self._states: Once[FileState] = Once()
        self._ignored: Once[bool] = Once()
        self._lists: Once[tuple[str, ...]] = Once()
        self._heads: Once[str | None] = Once()
        self._histories: Once[tuple[Commit, ...]] = Once()
        self._urls: Once[str | None] = Once()
        self._pushes: Once[Push] = Once()

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

    def is_left_out(self, path: Path, deadline: Deadline) -> bool:
        """Whether git keeps a file that is not there, because a sparse checkout leaves it out.

        Args:
            path: Absolute; its folder need not be there either.
            deadline: When git must have answered.
        """
        folder = next(each for each in path.parents if each.is_dir())
        if self._tree(folder, deadline) is None:
            return False
        words = ("--literal-pathspecs", "ls-files", "-t", "--", f"./{path.relative_to(folder)}")
        done = self._git(folder, words, deadline)
        if done.exit_code != 0:
            raise refused(done, folder)
        return done.text.startswith("S ")

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

    def remote_urls(self, deadline: Deadline) -> tuple[str, ...]:
        """Return the addresses of all remotes; see ``remote_url``."""
        if self._tree(self._base, deadline) is None:
            return ()
        return remote_addresses(self._git, self._base, deadline)

    def branch(self, deadline: Deadline) -> str:
        """Return the name of the branch that is checked out; empty for a detached HEAD, and outside a work tree."""
        if self._tree(self._base, deadline) is None:
            return ""
        done = self._git(self._base, ("symbolic-ref", "--quiet", "--short", "HEAD"), deadline)
        return done.text.strip() if done.exit_code == 0 else ""

    def commit_of_tag(self, tag: str, deadline: Deadline) -> str:
        """Return the id of the commit that a local tag names; empty without such a tag."""
        words = ("rev-parse", "--quiet", "--verify", f"{_TAGS}/{tag}^{{commit}}")
        return self._git(self._base, words, deadline).text.strip()

    def has_commit(self, commit: str, deadline: Deadline) -> bool:
        """Whether this clone has a commit, by its full id."""
        return self._git(self._base, ("cat-file", "-e", f"{commit}^{{commit}}"), deadline).exit_code == 0

    def tags_with(self, commit: str, deadline: Deadline) -> tuple[str, ...]:
        """Return the names of the local tags whose history has a commit, by its full id."""
        words = ("for-each-ref", "--format=%(refname)", f"--contains={commit}", _TAGS)
        done = self._git(self._base, words, deadline)
        if done.exit_code != 0:
            raise refused(done, self._base)
        return _tag_names(done.text.split("\n"))

    def history(self, path: Path, limit: int, deadline: Deadline) -> tuple[Commit, ...]:
        """Return the commits that changed a file, newest first; none outside a work tree.

        Args:
            path: Absolute.
            limit: At most this many; a shallow clone has fewer (see ``is_shallow``).
            deadline: When git must have answered.
        """
        key = (path, limit)
        return self._histories.get(key, lambda: self._ask_history(path, limit, deadline), deadline, "git log")

    def commits_since(self, folder: Path, start: str, deadline: Deadline, *, included: bool) -> Push:
        """Return what HEAD has had since a commit: the messages, and the files that changed.

        Args:
            folder: Absolute, in the work tree.
            start: Full id of a commit that this clone has.
            deadline: When git must have answered.
            included: Whether that commit counts, too.
        """

        def ask() -> Push:
            return commits_since(self._git, folder, start, deadline, included=included)

        return self._pushes.get((folder, start, included), ask, deadline, "git log")

    def _tree(self, folder: Path, deadline: Deadline) -> WorkTree | None:
        def ask() -> WorkTree | None:
            return find_work_tree(self._git, folder, self._environ, deadline)

        return self._trees.get(folder, ask, deadline, "git rev-parse")

    def _head(self, folder: Path, deadline: Deadline) -> str | None:
        return self._heads.get(folder, lambda: self._ask_head(folder, deadline), deadline, "git rev-parse")

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
        done = self._git(self._base, ("for-each-ref", "--format=%(refname)", _TAGS), deadline)
        if done.exit_code != 0:
            raise refused(done, self._base)
        return _tag_names(done.text.split("\n"))

    def _ask_remote(self, remote: str, deadline: Deadline) -> tuple[str, ...]:
        if self._tree(self._base, deadline) is None:
            raise CouldNotLook("not in a git work tree, so there is no remote to ask", "Run it in the repository.")
        address = remote_address(self._git, self._base, remote, deadline)
        if address is None:
            raise CouldNotLook(f"git has no remote {printable(remote, 60)}", "See which there are: git remote -v")
        address = reachable_address(self._git, self._base, address, deadline)
        done = self._git.ls_remote(address, "", deadline, "--tags", "--refs")
        if done.exit_code != 0:
            raise remote_refused(done, remote)
        return _tag_names(line.partition("\t")[2] for line in done.text.split("\n"))

    def _ask_url(self, remote: str, deadline: Deadline) -> str | None:
        if self._tree(self._base, deadline) is None:
            return None
        return remote_address(self._git, self._base, remote, deadline)

    def _ask_history(self, path: Path, limit: int, deadline: Deadline) -> tuple[Commit, ...]:
        if self._head(path.parent, deadline) is None:
            return ()
        return file_history(self._git, path, limit, deadline)


def _tag_names(refs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(ref.removeprefix("refs/tags/") for ref in refs if ref.startswith("refs/tags/")))

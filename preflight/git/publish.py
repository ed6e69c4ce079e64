"""One change of one file, committed on top of a remote branch and pushed; the checkout is left as it is.

The commit is made from objects alone, in a repository of our own: no hook runs, no filter, nothing that is staged or
changed here gets in, and neither index nor branch, objects nor work tree are touched. Whoever pulls later gets it as
from anybody else.
"""

import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.aside import Aside, aside_folder
from preflight.git.command import GitCommand
from preflight.git.filters import without_filters
from preflight.git.identity import identity
from preflight.git.model import id_of
from preflight.git.one_file import Edit, NewCommit, OneFile, make_commit, place_of
from preflight.git.refusal import reason_of, refused
from preflight.git.remotes import demand_names, reachable_address, remote_address
from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

_PAUSE_S = 0.05
_MOST_PAUSE_S = 1.0
_MAX_CHANGED = 50
_NOBODY = ("preflight", "preflight@localhost")
"""Who commits where git knows nobody: cron has no name."""
_MOVED = regex(r"\((?:fetch first|non-fast-forward|stale info)\)|cannot lock ref")
_NO_ROOM = regex(r"exists; cannot create")
_NOT_STORED = regex(r"unpacker error|No space left on device")
_DECLINED = regex(r"\[remote rejected\]|pre-receive hook|protected branch|denied|read-only|\b403\b", re.IGNORECASE)


class PushDeclined(CouldNotLook):
    """The remote has said no: the branch is as it was."""


class MovesTooFast(PushDeclined):
    """Others push faster than we can."""


@frozen
class Target:
    """Where a change goes.

    Args:
        path: The file; absolute, no link.
        remote: Name of the remote.
        branch: Name of its branch.
        start: Name of the branch that it starts from, where it is not there yet; empty: it must be there.

    Raises:
        ConfigurationError: One of the names is none.
    """

    path: Path
    remote: str
    branch: str
    start: str = ""

    def __post_init__(self) -> None:
        demand_names(self.remote, self.branch)

    @property
    def shown(self) -> str:
        """Remote and branch, for people."""
        return f"{self.remote}/{self.branch}"


class Publisher:
    """Changes one file on a remote branch.

    Args:
        environ: The environment git is called in.
        target: Which.
        tries: How often the change is made on top of what others have pushed meanwhile.
    """

    def __init__(self, environ: Mapping[str, str], target: Target, *, tries: int = 3) -> None:
        self._environ, self._git, self._tries = environ, GitCommand(environ), tries
        self._target, self._folder = target, target.path.parent
        self._places: dict[Path, str] = {}
        self._addresses: dict[bool, str] = {}

    def check(self, deadline: Deadline) -> None:
        """Refuse where the checkout is not exactly what the branch has, so that what is armed is what is deployed.

        Raises:
            CouldNotLook: It is not, or the remote cannot be asked.
        """
        from preflight.git.door import Git

        name, target = printable(self._target.path.name, 80), self._target
        root = Path(self._one(("rev-parse", "--show-toplevel"), deadline, "no git repository"))
        branch = self._one(("symbolic-ref", "--quiet", "--short", "HEAD"), deadline, "a detached HEAD")
        if branch != target.branch:
            raise CouldNotLook(
                f"the branch {printable(branch, 60)} is checked out, not {target.branch}; nothing was written",
                f"git switch {target.branch}, or name the branch that is deployed: --branch.",
            )
        if self._git(self._folder, ("diff-index", "--cached", "--quiet", "HEAD", "--"), deadline).exit_code:
            raise CouldNotLook(
                "changes are staged here; nothing was written", "Commit them, or `git restore --staged .`"
            )
        git = Git(root, self._environ)
        state = git.state(target.path, deadline)
        if not state.tracked or state.modified:
            what = "has uncommitted changes" if state.tracked else "is not tracked by git"
            raise CouldNotLook(f"{name} {what}; nothing was written", f"Commit it, or git restore {name}.")
        changed = [path for path in self._changed(root, deadline) if git.state(path, deadline).modified]
        if changed:
            shown = printable(os.path.relpath(changed[0], root), 100)
            raise CouldNotLook(f"{shown} has uncommitted changes; nothing was written", "Commit or stash them.")
        with self._aside(deadline) as aside:
            head = self._head(aside, deadline)
            if self._content(aside, head, deadline) != self._content(aside, self._local(deadline), deadline):
                raise CouldNotLook(
                    f"{name} here is not what {target.shown} has; nothing was written", "git pull, or push first."
                )

    def publish(
        self, change: Edit, subject: str, deadline: Deadline, others: Mapping[Path, Edit] | None = None
    ) -> str | None:
        """Commit a change of the file on top of the branch, and push it.

        Args:
            change: Returns the new content of the file.
            subject: The commit's message.
            deadline: For all of it.
            others: Further files of the same repository, absolute, that change in the same commit.

        Returns:
            The commit's id; None where the files say so already.

        Raises:
            PushDeclined: The remote refuses it.
            CouldNotLook: The remote cannot be asked, so nobody knows; or git fails.
        """
        edits = {self._target.path: change, **(others or {})}
        with self._aside(deadline) as aside:
            address = self._address(deadline, push=True)
            author = identity(self._git, self._folder, self._environ, deadline, otherwise=_NOBODY)
            for number in range(self._tries):
                head = self._head(aside, deadline)
                files = self._edited(aside, head, edits, deadline)
                if not files:
                    return None
                what = NewCommit(head, files, subject, author)
                commit, _ = make_commit(aside.git, aside.path, what, aside.path / "index", deadline)
                refspec = f"{commit}:refs/heads/{self._target.branch}"
                done = aside.git.push(aside.path, address, refspec, deadline)
                if done.exit_code == 0:
                    return commit
                if not _MOVED.search(done.error_text) or _NO_ROOM.search(done.error_text):
                    problem = self._not_pushed(done)
                    if isinstance(problem, PushDeclined) or not self._arrived(aside, commit, problem, deadline):
                        raise problem
                    return commit
                _pause(number, deadline)
        raise MovesTooFast(f"{self._target.shown} moves faster than can be pushed to", "Try again.")

    def contents(self, paths: Iterable[Path], deadline: Deadline) -> tuple[bytes, ...]:
        """Return what the branch has of some files, in their order.

        Raises:
            CouldNotLook: There is no such branch or file, the remote cannot be asked, or several are pushed to.
        """
        self._address(deadline, push=True)
        with self._aside(deadline) as aside:
            head = self._head(aside, deadline)
            return tuple(self._content(aside, head, deadline, path) for path in paths)

    def _edited(self, aside: Aside, head: str, edits: Mapping[Path, Edit], deadline: Deadline) -> dict[str, bytes]:
        """Return the new content of the files that change, by path from the root."""
        found = {}
        for path, edit in edits.items():
            before = self._content(aside, head, deadline, path)
            after = edit(before)
            if after != before:
                found[self._place(path, deadline)] = after
        return found

    @contextmanager
    def _aside(self, deadline: Deadline) -> Iterator[Aside]:
        with aside_folder() as path:
            yield Aside(self._git, path, self._folder, [self._local(deadline)], deadline)

    def _local(self, deadline: Deadline) -> str:
        """Return the commit that is checked out."""
        return self._one(("rev-parse", "--verify", "HEAD^{commit}"), deadline, "a repository without commits")

    def _address(self, deadline: Deadline, *, push: bool = False) -> str:
        if push not in self._addresses:
            name = self._target.remote
            found = remote_address(self._git, self._folder, name, deadline, push=push)
            if found is None:
                raise CouldNotLook(f"there is no remote {name}", "Name the remote of the repository: --remote.")
            self._addresses[push] = reachable_address(self._git, self._folder, found, deadline)
        return self._addresses[push]

    def _one(self, words: tuple[str, ...], deadline: Deadline, otherwise: str) -> str:
        """Return the line that git prints."""
        done = self._git(self._folder, words, deadline)
        if done.exit_code != 0 or not done.text.strip():
            if "dubious ownership" in done.error_text:
                raise refused(done, self._folder)
            raise CouldNotLook(
                f"{printable(str(self._folder), 120)} is in {otherwise}; nothing was written",
                "Push by hand: leave out --push.",
            )
        return done.text.rstrip("\n")

    def _changed(self, root: Path, deadline: Deadline) -> list[Path]:
        """Return the tracked files whose size or time is not what the index says; the content must tell."""
        words = ("diff-files", "--name-only", "-z", "--ignore-submodules=all")
        done = self._git(root, (*without_filters(self._git, root, deadline), *words), deadline)
        if done.exit_code != 0:
            raise refused(done, root)
        names = [name for name in done.text.split("\0") if name]
        if len(names) > _MAX_CHANGED:
            raise CouldNotLook(f"{len(names)} files seem to be changed; nothing was written", "See `git status`.")
        return [path for path in (root / name for name in names) if path != self._target.path]

    def _head(self, aside: Aside, deadline: Deadline) -> str:
        """Return the newest commit of the branch, or of where it starts, on the remote; its objects are here then."""
        target, head, wanted = self._target, "", ""
        address = self._address(deadline)
        for name in filter(None, (target.branch, target.start)):
            wanted = f"refs/heads/{name}"
            done = self._git.ls_remote(address, wanted, deadline)
            if done.exit_code != 0:
                raise self._unreachable(done)
            head = id_of(done.text, wanted)
            if head:
                break
        else:
            raise CouldNotLook(f"there is no branch {target.shown}", "Name the branch that is deployed: --branch.")
        if not aside.has(head, deadline):
            done = aside.git.fetch(aside.path, address, (wanted,), deadline)
            if done.exit_code != 0:
                raise self._unreachable(done)
        return head

    def _place(self, path: Path, deadline: Deadline) -> str:
        if path not in self._places:
            self._places[path] = place_of(self._git, path, deadline)
        return self._places[path]

    def _content(self, aside: Aside, commit: str, deadline: Deadline, path: Path | None = None) -> bytes:
        path = path or self._target.path
        data = OneFile(aside.git, aside.path, self._place(path, deadline)).content(commit, deadline)
        if data is None:
            raise CouldNotLook(f"{self._target.shown} has no {printable(path.name, 80)}", "git pull first.")
        return data

    def _arrived(self, aside: Aside, commit: str, problem: CouldNotLook, deadline: Deadline) -> bool:
        """Whether the branch has a commit although its push failed: the remote may break off once it has taken it.

        Raises:
            CouldNotLook: The remote does not tell.
        """
        try:
            head = self._head(aside, deadline)
        except CouldNotLook as error:
            raise CouldNotLook(
                f"{problem.message}; whether it arrived cannot be seen: {error.message}",
                f"{problem.hint.removesuffix('.')}; the same command looks first whether it arrived.",
            ) from error
        return aside.git(aside.path, ("merge-base", "--is-ancestor", commit, head), deadline).exit_code == 0

    def _unreachable(self, done: Completed) -> CouldNotLook:
        reason, hint = reason_of(done)
        return CouldNotLook(f"the remote {self._target.remote} cannot be asked: {reason}", f"{hint}, then try again.")

    def _not_pushed(self, done: Completed) -> CouldNotLook:
        target = self._target
        if _NO_ROOM.search(done.error_text):
            return CouldNotLook(
                f"there can be no branch {target.shown}: the name of another branch there is a part of it, or longer",
                "Choose another name: --branch; see which there are: git ls-remote --heads.",
            )
        if _NOT_STORED.search(done.error_text):
            return CouldNotLook(
                f"{target.shown} could not store the push; its disk may be full",
                "Ask whoever runs the remote, then try again.",
            )
        if _DECLINED.search(done.error_text):
            return PushDeclined(
                f"{target.shown} refuses the push (a hook, a protected branch, or no right to write)",
                f"Allow this host to push to {target.branch}, or leave out --push and push the line yourself.",
            )
        reason, hint = reason_of(done)
        return CouldNotLook(f"nothing could be pushed to {target.shown}: {reason}", f"{hint}, then try again.")


def _pause(number: int, deadline: Deadline) -> None:
    """Wait a moment of random length, so that those who lost a race do not all come back at the same time."""
    longest = min(_PAUSE_S * 2**number, _MOST_PAUSE_S, deadline.remaining("git push"))
    time.sleep(secrets.randbelow(1000) / 1000 * longest)

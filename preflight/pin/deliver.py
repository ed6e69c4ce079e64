"""Where a changed pin goes: the work tree, a commit in the checkout, or a commit on top of a remote branch."""

import os
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TypeAlias

from preflight.git.command import GitCommand
from preflight.git.commit_here import Changed, Checkout, NotAsCommitted, OperationInProgress
from preflight.git.identity import identity
from preflight.git.one_file import MAX_BYTES, Edit
from preflight.git.publish import MovesTooFast, Publisher, PushDeclined, Target
from preflight.lib.deadline import Deadline
from preflight.lib.files import read_bytes
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.pin.line import Decide, difference, edited, value_of
from preflight.pin.refusal import Refused

TRIES = 20
"""How often a push starts again after somebody else pushed first."""


@frozen
class WorkTree:
    """The file in the work tree changes; nothing is committed."""


@frozen
class Commit:
    """One commit of the file on top of what is checked out.

    Args:
        message: The message of the commit.
    """

    message: str


@frozen
class Push:
    """One commit of the file on top of a remote branch; the checkout is not touched.

    Args:
        message: The message of the commit.
        branch: Name of the branch.
        remote: Name of the remote.
        start: Name of the branch that it starts from, where it is not there yet; empty: it must be there.
    """

    message: str
    branch: str
    remote: str = "origin"
    start: str = ""


Destination: TypeAlias = WorkTree | Commit | Push


@frozen
class Change:
    """What changes.

    Args:
        file: The pin file; absolute.
        decisions: By variable: takes the value that stands there and returns the one that it gets, or refuses. It is
            asked again for each version of the file that is found, e.g. after somebody else pushed first.
        more: Changes of other files of the same repository that go the same way, in the same commit.
    """

    file: Path
    decisions: Mapping[str, Decide]
    more: tuple["Change", ...] = ()

    def apply(self, data: bytes) -> bytes:
        """Return the changed content of a pin file; see ``edited``."""
        return edited(data, self.decisions)


@frozen
class Delivered:
    """How it ended.

    Args:
        changed: False where everything said so already.
        where: Where it went, e.g. "origin/main"; for people.
        commit: Full id of the commit; empty without one.
        diff: The lines that differ, with short digests.
    """

    changed: bool
    where: str
    commit: str = ""
    diff: tuple[str, ...] = ()


def demand_author(file: Path, to: Destination, environ: Mapping[str, str], deadline: Deadline) -> None:
    """Refuse a commit by nobody; ``demand_deliverable`` does so too, but needs the whole change.

    Raises:
        Refused: Git knows no identity to commit with.
    """
    if not isinstance(to, WorkTree):
        _author(file, environ, deadline)


def demand_no_other_changes(
    files: Mapping[Path, Iterable[str]], environ: Mapping[str, str], deadline: Deadline
) -> None:
    """Refuse a pin file whose uncommitted changes are more than other values of its pins; call it before a wait.

    Args:
        files: The variables that each file pins.
        environ: The environment git is called in.
        deadline: When git must have answered.

    Raises:
        Refused: It has other changes, is not tracked, or is a link out of the repository.
        CouldNotLook: Git cannot be asked, or the file cannot be read.
    """

    def with_values_of(path: Path, variables: Iterable[str]) -> Edit:
        def apply(data: bytes) -> bytes:
            here = read_bytes(path, limit=MAX_BYTES, what="the pin file")
            values = {variable: value_of(here, variable) for variable in variables}
            return edited(data, {variable: partial(_instead, value) for variable, value in values.items()})

        return apply

    edits = {_real_path(file, environ, deadline): with_values_of(file, names) for file, names in files.items()}
    _demand_own_changes_only(Checkout(environ, next(iter(edits)).parent), edits, deadline)


def _instead(value: str, _before: str) -> str:
    return value


def demand_deliverable(
    change: Change, to: Destination, environ: Mapping[str, str], deadline: Deadline
) -> tuple[str, ...]:
    """Refuse what ``deliver`` would refuse, as far as that can be seen without a write; call it before publishing.

    Args:
        change: What changes.
        to: Where it goes.
        environ: The environment git is called in.
        deadline: When git must have answered.

    Returns:
        The lines that will differ, with short digests.

    Raises:
        Refused: The pin file is a link out of the repository, is not tracked, or has uncommitted changes; a line cannot
            be replaced; a decision refuses it; git knows no identity to commit with; or a merge or the like is in
            progress where it is to be committed.
        ConfigurationError: The remote or the branch has a name that git does not allow.
        CouldNotLook: Git or the remote cannot be asked.
    """
    edits = _edits(change, environ, deadline)
    path = next(iter(edits))
    checkout = Checkout(environ, path.parent)
    if isinstance(to, Push):
        _demand_own_changes_only(checkout, edits, deadline)
        _author(path, environ, deadline)
        contents = _publisher(path, to, environ).contents(edits, deadline)
        before: Mapping[Path, bytes] = dict(zip(edits, contents, strict=True))
    else:
        before = _demand_as_committed(checkout, edits, deadline)
        if isinstance(to, Commit):
            _author(path, environ, deadline)
            _demand_no_operation(checkout, deadline)
    return tuple(line for path, data in before.items() for line in difference(data, edits[path](data)))


def deliver(change: Change, to: Destination, environ: Mapping[str, str], deadline: Deadline) -> Delivered:
    """Write, commit or push a change.

    Args:
        change: What changes.
        to: Where it goes.
        environ: The environment git is called in.
        deadline: For all of it.

    Raises:
        Refused: See ``demand_deliverable``; nothing was written.
        PushDeclined: The remote refuses the push, or moves too fast; it is as it was.
        CouldNotLook: Git or the remote cannot be asked, or the file cannot be replaced.
    """
    edits = _edits(change, environ, deadline)
    path = next(iter(edits))
    checkout = Checkout(environ, path.parent)
    if isinstance(to, Push):
        _demand_own_changes_only(checkout, edits, deadline)
        return _push(edits, to, environ, deadline)
    name = printable(", ".join(each.name for each in edits), 160)
    try:
        if isinstance(to, WorkTree):
            done = checkout.write(edits, deadline)
            return Delivered(done.written, name, diff=_differences(done))
        author = _author(path, environ, deadline)
        _demand_no_operation(checkout, deadline)
        done = checkout.commit(edits, to.message, author, deadline)
    except NotAsCommitted as error:
        raise Refused(error.message, error.hint) from error
    return Delivered(bool(done.commit), name, done.commit, _differences(done))


def _differences(done: Changed) -> tuple[str, ...]:
    return tuple(line for path, data in done.before.items() for line in difference(data, done.after[path]))


def _edits(change: Change, environ: Mapping[str, str], deadline: Deadline) -> dict[Path, Edit]:
    """Return what changes each file, by the file itself where there is a link."""
    return {_real_path(each.file, environ, deadline): each.apply for each in (change, *change.more)}


def _push(edits: Mapping[Path, Edit], to: Push, environ: Mapping[str, str], deadline: Deadline) -> Delivered:
    seen: dict[Path, tuple[str, ...]] = {}

    def watched(path: Path, edit: Edit) -> Edit:
        def apply(data: bytes) -> bytes:
            after = edit(data)
            seen[path] = difference(data, after)
            return after

        return apply

    path, *others = edits
    _author(path, environ, deadline)
    publisher = _publisher(path, to, environ)
    more = {other: watched(other, edits[other]) for other in others}
    try:
        commit = publisher.publish(watched(path, edits[path]), to.message, deadline, more)
    except PushDeclined as error:
        if not isinstance(error, MovesTooFast):
            error.hint = (
                "Allow this host to push there, or push to a new branch and ask to have it merged: --push --branch NEW."
            )
        raise
    branch = to.branch if commit else to.start or to.branch
    diff = tuple(line for lines in seen.values() for line in lines)
    return Delivered(commit is not None, f"{to.remote}/{branch}", commit or "", diff)


def _publisher(path: Path, to: Push, environ: Mapping[str, str]) -> Publisher:
    return Publisher(environ, Target(path, to.remote, to.branch, to.start), tries=TRIES)


def _demand_own_changes_only(checkout: Checkout, edits: Mapping[Path, Edit], deadline: Deadline) -> None:
    """Refuse a file with other changes than this one; the checkout may be behind, so its line decides nothing."""

    def lenient(edit: Edit) -> Edit:
        def apply(data: bytes) -> bytes:
            try:
                return edit(data)
            except Refused:
                return data

        return apply

    _demand_as_committed(checkout, {path: lenient(edit) for path, edit in edits.items()}, deadline)


def _demand_as_committed(checkout: Checkout, edits: Mapping[Path, Edit], deadline: Deadline) -> Mapping[Path, bytes]:
    try:
        return checkout.demand_as_committed(edits, deadline)
    except NotAsCommitted as error:
        raise Refused(error.message, error.hint) from error


def _demand_no_operation(checkout: Checkout, deadline: Deadline) -> None:
    try:
        checkout.demand_no_operation(deadline)
    except OperationInProgress as error:
        raise Refused(error.message, error.hint) from error


def _author(path: Path, environ: Mapping[str, str], deadline: Deadline) -> Mapping[str, str]:
    author = identity(GitCommand(environ), path.parent, environ, deadline)
    if not author:
        raise Refused(
            "git knows nobody to commit as",
            "git config user.name NAME && git config user.email ADDRESS",
        )
    return author


def _real_path(path: Path, environ: Mapping[str, str], deadline: Deadline) -> Path:
    """Return the file that a link leads to; refuse a link that leads out of the repository."""
    real = Path(os.path.realpath(path))
    if not path.is_symlink():
        return path
    git = GitCommand(environ)
    roots = {git(each.parent, ("rev-parse", "--show-toplevel"), deadline).text for each in (path, real)}
    if len(roots) != 1:
        name = printable(path.name, 80)
        raise Refused(f"{name} is a link that leads out of the repository", "Put the file itself there.")
    return real

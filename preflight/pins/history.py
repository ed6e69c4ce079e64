"""What a pin file said in the past, and since when it says what it says now."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.model import Commit
from preflight.lib.records import frozen
from preflight.pins.value import past_value_in
from preflight.project import Pin

T = TypeVar("T")

_LIMIT = 200
_GIT_RESOLUTION = timedelta(seconds=1)


@frozen
class Past:
    """The past of one pin.

    Args:
        commits: The commits that changed the file, newest first; none where git knows nothing of it.
        values: The pin's value as of each of them, None where there was none.
        changed: When the file got its present content: the last commit, or, where that says something else, the
            modification time.
        complete: No earlier commit changed the file. False where the clone is shallow, where there are more commits
            than are read, and where git does not tell.
        problem: Why git does not tell.
    """

    commits: tuple[Commit, ...]
    values: tuple[str | None, ...]
    changed: datetime
    complete: bool = True
    problem: CouldNotLook | None = None

    def commit_with(self, value: str | None) -> Commit | None:
        """Return the newest commit in which the pin had this value."""
        pairs = zip(self.commits, self.values, strict=True)
        return next((commit for commit, each in pairs if value and each == value), None)

    def set_by(self, value: str) -> Commit | None:
        """Return the commit since which the pin has had this value; None where the newest says something else."""
        since: Commit | None = None
        for commit, each in zip(self.commits, self.values, strict=True):
            if each != value:
                break
            since = commit
        return since

    def had_before(self, value: str, commit: Commit) -> bool:
        """Whether the pin had a value already before a commit."""
        return value in self.values[self.commits.index(commit) + 1 :]

    def value_at(self, moment: datetime) -> str | None:
        """Return the pin's value in the commit that was the newest at that moment."""
        pairs = zip(self.commits, self.values, strict=True)
        return next((each for commit, each in pairs if commit.when <= moment), None)


def read_past(ctx: Context, pin: Pin) -> Past:
    """Read it from git, as far as git can be asked; ``problem`` says why not."""
    changed = _or(lambda: datetime.fromtimestamp(pin.file.stat().st_mtime, UTC), datetime.max.replace(tzinfo=UTC))
    git, deadline = ctx.doors.git, ctx.deadline
    try:
        commits = git.history(git.places(pin.file)[-1], _LIMIT, deadline)
        complete = git.root(deadline) is not None and not git.is_shallow(deadline) and len(commits) < _LIMIT
    except CouldNotLook as problem:
        return Past((), (), changed, complete=False, problem=problem)
    clean = bool(commits) and not _or(lambda: git.is_modified(pin.file, deadline), otherwise=True)
    if clean:
        # A clone or checkout makes the file new, not what it says; but git's times are whole seconds.
        committed = commits[0].when
        changed = changed if committed < changed < committed + _GIT_RESOLUTION else committed
    return Past(commits, tuple(past_value_in(commit.text, pin.variable) for commit in commits), changed, complete)


def demand_past(ctx: Context, pin: Pin) -> Past:
    """Return the same for a judgement that stands on it; without a commit outside of a work tree.

    Raises:
        CouldNotLook: Git cannot be asked.
    """
    past = read_past(ctx, pin)
    if past.problem is not None:
        raise past.problem
    return past


def _or(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except (CouldNotLook, OSError):
        return otherwise

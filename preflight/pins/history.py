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
        commits: That changed the file, newest first; none where git knows nothing of it.
        values: The pin's value as of each of them, None where there was none.
        changed: When the file got its present content: the last commit, or, where that says something else, the
            modification time.
    """

    commits: tuple[Commit, ...]
    values: tuple[str | None, ...]
    changed: datetime

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

    def value_at(self, moment: datetime) -> str | None:
        """Return the pin's value in the commit that was the newest at that moment."""
        pairs = zip(self.commits, self.values, strict=True)
        return next((each for commit, each in pairs if commit.when <= moment), None)


def read_past(ctx: Context, pin: Pin) -> Past:
    """Read it from git, as far as git can be asked; this only helps to say why a container differs."""
    changed = _or(lambda: datetime.fromtimestamp(pin.file.stat().st_mtime, UTC), datetime.max.replace(tzinfo=UTC))
    nothing: tuple[Commit, ...] = ()
    commits = _or(lambda: ctx.doors.git.history(pin.file, _LIMIT, ctx.deadline), nothing)
    clean = bool(commits) and not _or(lambda: ctx.doors.git.is_modified(pin.file, ctx.deadline), otherwise=True)
    if clean:
        # A clone or checkout makes the file new, not what it says; but git's times are whole seconds.
        committed = commits[0].when
        changed = changed if committed < changed < committed + _GIT_RESOLUTION else committed
    return Past(commits, tuple(past_value_in(commit.text, pin.variable) for commit in commits), changed)


def demand_past(ctx: Context, pin: Pin) -> Past:
    """Return the same for a judgement that stands on it; without a commit outside of a work tree.

    Raises:
        CouldNotLook: Git cannot be asked.
    """
    ctx.doors.git.history(pin.file, _LIMIT, ctx.deadline)
    return read_past(ctx, pin)


def _or(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except (CouldNotLook, OSError):
        return otherwise

"""How a pin file and its overrides stand to git: whether others can see what this host would deploy."""

from enum import StrEnum
from pathlib import Path

from preflight.context import Context
from preflight.envfile import read_env_file
from preflight.errors import CouldNotLook
from preflight.git.model import FileState
from preflight.lib.records import frozen
from preflight.pins.sentinel import differs_by_sentinel


class Standing(StrEnum):
    """What git has of a pin file."""

    COMMITTED = "as committed"
    UNTRACKED = "untracked"
    IGNORED = "untracked and ignored"
    DIFFERENT = "different"
    ARMED = "different by the sentinel's line only"
    SUBMODULE = "as committed in a submodule that is not at its recorded commit"
    LINK_OUTSIDE = "a committed link that leads out of the repository"
    OUTSIDE = "in no work tree"


@frozen
class PinInGit:
    """A pin file, or a link on the way to it, as git has it.

    Args:
        standing: What git has of it.
        place: The file or link that was judged.
        state: What git says of that place.
        submodule: The top folder of the submodule that is not at its recorded commit; else None.
    """

    standing: Standing
    place: Path
    state: FileState
    submodule: Path | None = None


def pin_in_git(ctx: Context, path: Path) -> PinInGit:
    """Return how a pin file stands to git: of the links that lead to it and the file itself, the first that is amiss.

    Raises:
        CouldNotLook: Git cannot say.
    """
    *links, file = ctx.doors.git.places(path)
    linked = False
    for place in (*links, file):
        state = ctx.doors.git.state(place, ctx.deadline)
        if state.root is not None:
            found = _judge(ctx, place, state)
            if found.standing is not Standing.COMMITTED or place is file:
                return found
            linked = True
        elif place is file and linked:
            return PinInGit(Standing.LINK_OUTSIDE, file, state)
    return PinInGit(Standing.OUTSIDE, file, FileState(None))


def override_in_git(ctx: Context, path: Path) -> Standing:
    """Return whether an override is committed, ignored, or untracked, so that one `git add` commits it.

    It need not be there. Without a work tree, or a folder that it could lie in, it is outside.

    Raises:
        CouldNotLook: Git cannot say.
    """
    try:
        has_folder = path.parent.is_dir()
    except PermissionError:
        has_folder = False  # nobody can read the override, either
    state = ctx.doors.git.state(path, ctx.deadline) if has_folder else FileState(None)
    if state.root is None:
        return Standing.OUTSIDE
    if state.tracked or state.committed:
        return Standing.COMMITTED
    return Standing.IGNORED if ctx.doors.git.is_ignored(path, ctx.deadline) else Standing.UNTRACKED


def _judge(ctx: Context, place: Path, state: FileState) -> PinInGit:
    if not state.tracked:
        ignored = ctx.doors.git.is_ignored(place, ctx.deadline)
        return PinInGit(Standing.IGNORED if ignored else Standing.UNTRACKED, place, state)
    if not state.modified:
        tree = ctx.doors.git.moved_submodule(place, ctx.deadline)
        return PinInGit(Standing.SUBMODULE if tree else Standing.COMMITTED, place, state, tree.root if tree else None)
    armed = not state.staged and not state.conflict and _is_armed_only(ctx, place)
    return PinInGit(Standing.ARMED if armed else Standing.DIFFERENT, place, state)


def _is_armed_only(ctx: Context, place: Path) -> bool:
    history = ctx.doors.git.history(place, 1, ctx.deadline)
    try:
        return differs_by_sentinel(read_env_file(place), history[0].text if history else "")
    except (CouldNotLook, ValueError):
        return False

"""What a pin is where a change will go: in the last commit here, or on a branch of a remote."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from preflight.context import Context
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.git.remote import RemoteFile, look_at_remote
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.lib.text import printable
from preflight.pin.history import DEFAULT_LIMIT
from preflight.pin.refusal import Refused
from preflight.pin.rollback.target import value_of_change
from preflight.pins.value import past_value_in
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.releases.names import Release, find_releases
from preflight.releases.timeline import PinChange, pin_changes

_TAGS_ASKED = 50


@frozen
class Pinned:
    """One pin in one place.

    Args:
        pin: The pin.
        where: The place, for people: "the last commit", "origin/main".
        changes: The changes of the pin, newest first; at least one, which pins an image by digest.
        is_cut: Older changes are not here.
        seen: The value in the last commit of this checkout; empty where that has none.
    """

    pin: Pin
    where: str
    changes: tuple[PinChange, ...]
    is_cut: bool
    seen: str

    @property
    def present(self) -> PinChange:
        """The change that made it what it is."""
        return self.changes[0]

    @property
    def image(self) -> ImageReference:
        """The image, without a tag."""
        if self.present.image is None:
            raise AssertionError("it pins an image")
        return self.present.image

    @property
    def value(self) -> str:
        """The whole value."""
        return value_of_change(self.present, self.pin.variable)


def pinned_here(ctx: Context, pin: Pin) -> Pinned:
    """Return what the last commit here pins.

    Raises:
        Refused: It pins no image by digest, or no commit has the file.
        CouldNotLook: Git cannot read the history.
    """
    git = ctx.doors.git
    commits = git.history(git.places(pin.file)[-1], DEFAULT_LIMIT, ctx.deadline)
    if not commits:
        name = printable(ctx.show(pin.file), 120)
        raise Refused(f"{name} is not committed to git", f"Commit it first: git add {name} && git commit")
    is_cut = git.is_shallow(ctx.deadline)
    changes = pin_changes(pin.variable, commits, shallow=is_cut, with_cut=True)
    found = _pinned(pin, "the last commit", changes, is_cut=is_cut)
    return replace(found, seen=found.value)


def pinned_on_branch(ctx: Context, pins: Sequence[Pin], remote: str, branch: str) -> tuple[Pinned, ...]:
    """Return what a branch of a remote pins.

    Args:
        ctx: For git.
        pins: In files of the same repository.
        remote: The name of the remote.
        branch: The branch that is there.

    Raises:
        Refused: It pins no image by digest.
        CouldNotLook: The remote cannot be asked, or has no such file.
    """
    where = f"{remote}/{branch}"
    paths = [ctx.doors.git.places(pin.file)[-1] for pin in pins]
    try:
        view = look_at_remote(ctx.environ, paths, remote, branch, ctx.deadline)
    except DoesNotApply as error:
        raise CouldNotLook(error.message, "git remote add origin ADDRESS, or leave out --push.") from error
    return tuple(_on_branch(pin, where, file) for pin, file in zip(pins, view.files, strict=True))


def _on_branch(pin: Pin, where: str, file: RemoteFile) -> Pinned:
    if file.text is None or not file.commits:
        raise CouldNotLook(f"{where} has no {printable(pin.file.name, 80)}", "git pull first.")
    newest = replace(file.commits[0], text=file.text)
    is_cut = file.cut or file.problem is not None
    changes = pin_changes(pin.variable, (newest, *file.commits[1:]), shallow=is_cut, with_cut=True)
    found = _pinned(pin, where, changes, is_cut=is_cut)
    return replace(found, seen=past_value_in(file.committed or "", pin.variable) or "")


def _pinned(pin: Pin, where: str, changes: tuple[PinChange, ...], *, is_cut: bool) -> Pinned:
    if not changes or changes[0].image is None:
        raise Refused(
            f"{where} pins no image by digest for {pin.variable}",
            f"Write {pin.variable}=IMAGE@sha256:… by hand and commit it; updates go on from there.",
        )
    return Pinned(pin, where, changes, is_cut, "")


def release_of(registry: Registry, pinned: Pinned, ctx: Context) -> Release | None:
    """Return the release that is pinned: by the commit that pinned it, else the newest whose tag is the same image.

    Returns:
        None where neither tells.

    Raises:
        CouldNotLook: The registry cannot be asked.
    """
    named = next(iter(find_releases([pinned.present.release])), None)
    if named is not None:
        return named
    image = pinned.image
    releases = find_releases(registry.tags(image.registry, image.repository, ctx.deadline))[:_TAGS_ASKED]
    calls = [
        partial(registry.head_manifest, replace(image, tag=each.tags[0], digest=None), ctx.deadline)
        for each in releases
    ]
    answers = together(calls, ctx.deadline, "the registry")
    for release, answer in zip(releases, answers, strict=True):
        if not isinstance(answer, CouldNotLook) and answer.digest == image.digest:
            return release
    return None

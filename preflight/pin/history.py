"""The history of a pin: what each commit pinned, and what the registry and this host have of it today."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum
from functools import partial
from typing import TypeAlias, TypeGuard

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.parallel import together
from preflight.lib.records import frozen, mutable
from preflight.lib.reference import ImageReference
from preflight.pins.value import PinUnknown, PinValue, read_pin_value
from preflight.project import Pin
from preflight.registry.errors import ManifestUnknown
from preflight.registry.values import Manifest
from preflight.releases.names import Release, find_releases
from preflight.releases.timeline import PinChange, pin_changes
from preflight.running.judge import ACTIVE, our_containers

Head: TypeAlias = Manifest | CouldNotLook
"""What the registry says of one manifest."""

DEFAULT_LIMIT = 500
"""Commits of a pin file that are read."""


class Registry(StrEnum):
    """Whether the registry has a digest; that of another repository than today's is not asked for."""

    THERE = "yes"
    GONE = "gone"
    NOT_ASKED = "not asked"
    UNKNOWN = "unknown"


class TagState(StrEnum):
    """What the tag of a release points at today."""

    SAME = "same"
    MOVED = "moved"
    GONE = "gone"
    NOT_ASKED = "not asked"
    UNKNOWN = "unknown"


@frozen
class HistoryRow:
    """One change of a pin, and what is known of it today.

    Args:
        change: The change.
        registry: Whether the registry still has the digest.
        tag: What the release's tag points at.
        on_host: Whether this host has the image; None where the engine was not asked, or does not answer.
        running: Names of the containers that carry it.
    """

    change: PinChange
    registry: Registry = Registry.NOT_ASKED
    tag: TagState = TagState.NOT_ASKED
    on_host: bool | None = None
    running: tuple[str, ...] = ()


@frozen
class PinHistory:
    """The history of one pin.

    Args:
        pin: The pin.
        present: What its file has now, committed or not; or why that cannot be told.
        rows: Newest first.
        ends: Where the history ends before its beginning; empty where it is whole.
        problems: What could not be asked.
    """

    pin: Pin
    present: PinValue | PinUnknown
    rows: tuple[HistoryRow, ...]
    ends: str = ""
    problems: tuple[CouldNotLook, ...] = ()


def read_history(ctx: Context, pin: Pin, limit: int = DEFAULT_LIMIT) -> PinHistory:
    """Read the history of a pin, and ask registry and engine about it, each thing once and side by side.

    Args:
        ctx: For the doors; with ``options.offline`` no registry is asked.
        pin: The pin.
        limit: How many rows at most.

    Raises:
        CouldNotLook: Git cannot read the history.
    """
    git = ctx.doors.git
    shallow = git.is_shallow(ctx.deadline)
    commits = git.history(git.places(pin.file)[-1], DEFAULT_LIMIT, ctx.deadline)
    changes = pin_changes(pin.variable, commits, shallow=shallow)[:limit]
    told = _Told()
    calls: list[Callable[[], None]] = [partial(_ask_host, ctx, pin, told)]
    if not ctx.options.offline:
        calls += [partial(_ask_digests, ctx, changes, told), partial(_ask_tags, ctx, changes, told)]
    answers = together(calls, ctx.deadline, "the registry, or the Docker engine,")
    problems = [*told.silent.values(), *(each for each in answers if isinstance(each, CouldNotLook))]
    ends = ""
    if shallow and commits:
        ends = f"the history is cut off at commit {commits[-1].hash[:9]} ({commits[-1].when:%Y-%m-%d})"
    elif len(commits) >= DEFAULT_LIMIT:
        ends = f"only the newest {DEFAULT_LIMIT} commits were read"
    return PinHistory(pin, _present(ctx, pin), tuple(told.row(change) for change in changes), ends, tuple(problems))


def _present(ctx: Context, pin: Pin) -> PinValue | PinUnknown:
    try:
        return read_pin_value(pin, ctx.show)
    except PinUnknown as error:
        return error


@mutable
class _Told:
    """What registry and host tell; each part is filled by one thread.

    Args:
        digests: By image; only those of today's repository are asked for.
        silent: Why digests could not be asked for, by message.
        tags: By release, what its tag points at; see ``_ask_tags``.
        stored: Names of the images that this host has; None where the engine did not tell.
        carried: By container, the pin's value in it.
    """

    digests: Mapping[ImageReference, Head] = field(default_factory=dict)
    silent: Mapping[str, CouldNotLook] = field(default_factory=dict)
    tags: Mapping[str, Head | None] = field(default_factory=dict)
    stored: Sequence[str] | None = None
    carried: Mapping[str, str] = field(default_factory=dict)

    def row(self, change: PinChange) -> HistoryRow:
        """Return what is known of one change."""
        is_asked = change.image is not None and change.image in self.digests
        is_seen = self.stored is not None and bool(change.digest)
        tail = f"@{change.digest}"
        return HistoryRow(
            change,
            registry=_state(self.digests[change.image]) if is_asked and change.image else Registry.NOT_ASKED,
            tag=_tag_state(change, self.tags) if is_asked else TagState.NOT_ASKED,
            on_host=any(name.endswith(tail) for name in self.stored or ()) if is_seen else None,
            running=tuple(name for name, value in self.carried.items() if is_seen and value.endswith(tail)),
        )


def _ask_digests(ctx: Context, changes: Sequence[PinChange], told: _Told) -> None:
    named = [change.image for change in changes if change.image is not None]
    images = list(dict.fromkeys(image for image in named if image.name == named[0].name))
    told.digests = dict(zip(images, _heads(ctx, images), strict=True))
    told.silent = {answer.message: answer for answer in told.digests.values() if _could_not_look(answer)}


def _heads(ctx: Context, images: Sequence[ImageReference]) -> Sequence[Head]:
    calls = [partial(ctx.doors.registry.head_manifest, image, ctx.deadline) for image in images]
    return together(calls, ctx.deadline, "the registry")


def _could_not_look(answer: Head) -> TypeGuard[CouldNotLook]:
    return isinstance(answer, CouldNotLook) and not isinstance(answer, ManifestUnknown)


def _state(answer: Head) -> Registry:
    if isinstance(answer, ManifestUnknown):
        return Registry.GONE
    return Registry.UNKNOWN if isinstance(answer, CouldNotLook) else Registry.THERE


def _ask_tags(ctx: Context, changes: Sequence[PinChange], told: _Told) -> None:
    """Ask, by release, what its tag points at: a manifest, a refusal, or nothing where no tag is listed."""
    image = next((change.image for change in changes if change.image is not None), None)
    if image is None:
        return
    listed = find_releases(ctx.doors.registry.tags(image.registry, image.repository, ctx.deadline))
    there: Mapping[str, Release] = {release.name: release for release in listed}
    wanted = list(dict.fromkeys(change.release for change in changes if change.release))
    tagged = [release for release in wanted if release in there]
    images = [replace(image, tag=there[release].tags[0], digest=None) for release in tagged]
    told.tags = {**dict.fromkeys(wanted), **dict(zip(tagged, _heads(ctx, images), strict=True))}


def _tag_state(change: PinChange, tags: Mapping[str, Head | None]) -> TagState:
    if not change.release or change.release not in tags:
        return TagState.UNKNOWN
    answer = tags[change.release]
    if answer is None or isinstance(answer, ManifestUnknown):
        return TagState.GONE
    if isinstance(answer, CouldNotLook):
        return TagState.UNKNOWN
    return TagState.SAME if answer.digest == change.digest else TagState.MOVED


def _ask_host(ctx: Context, pin: Pin, told: _Told) -> None:
    engine = ctx.doors.engine
    stored = [name for image in engine.images(ctx.deadline) for name in image.digests]
    active = [each for each in our_containers(ctx, pin)[0].ours if each.state in ACTIVE]
    told.carried = {each.name: engine.environment(each, ctx.deadline).get(pin.variable, "") for each in active}
    told.stored = stored

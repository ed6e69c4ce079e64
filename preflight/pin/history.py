"""The history of a pin: what each commit pinned, and what the registry and this host have of it today."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TypeAlias, TypeGuard

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
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
        change: It.
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
        pin: It.
        rows: Newest first.
        ends: Where the history ends before its beginning; empty where it is whole.
        problems: What could not be asked.
    """

    pin: Pin
    rows: tuple[HistoryRow, ...]
    ends: str = ""
    problems: tuple[CouldNotLook, ...] = ()


def read_history(ctx: Context, pin: Pin, limit: int = DEFAULT_LIMIT) -> PinHistory:
    """Read the history of a pin, and ask registry and engine about it, each thing once and side by side.

    Args:
        ctx: For the doors; with ``options.offline`` no registry is asked.
        pin: It.
        limit: How many rows at most.

    Raises:
        CouldNotLook: Git cannot read the history.
    """
    git = ctx.doors.git
    shallow = git.is_shallow(ctx.deadline)
    commits = git.history(pin.file, DEFAULT_LIMIT, ctx.deadline)
    rows = [HistoryRow(change) for change in pin_changes(pin.variable, commits, shallow=shallow)[:limit]]
    problems: list[CouldNotLook] = []
    if not ctx.options.offline:
        rows = _with_registry(ctx, rows, problems)
    rows = _with_host(ctx, pin, rows, problems)
    ends = ""
    if shallow and commits:
        ends = f"the history is cut off at commit {commits[-1].hash[:9]} ({commits[-1].when:%Y-%m-%d})"
    elif len(commits) >= DEFAULT_LIMIT:
        ends = f"only the newest {DEFAULT_LIMIT} commits were read"
    return PinHistory(pin, tuple(rows), ends, tuple(problems))


def _with_registry(ctx: Context, rows: Sequence[HistoryRow], problems: list[CouldNotLook]) -> list[HistoryRow]:
    named = [row.change.image for row in rows if row.change.image is not None]
    images = list(dict.fromkeys(image for image in named if image.name == named[0].name))
    digests = dict(zip(images, _heads(ctx, images), strict=True))
    tags = _tags(ctx, rows, problems)
    silent = {answer.message: answer for answer in digests.values() if _could_not_look(answer)}
    problems += silent.values()
    return [
        replace(row, registry=_state(digests[row.change.image]), tag=_tag_state(row.change, tags))
        if row.change.image is not None and row.change.image in digests
        else row
        for row in rows
    ]


def _heads(ctx: Context, images: Sequence[ImageReference]) -> Sequence[Head]:
    calls = [partial(ctx.doors.registry.head_manifest, image, ctx.deadline) for image in images]
    return together(calls, ctx.deadline, "the registry")


def _could_not_look(answer: Head) -> TypeGuard[CouldNotLook]:
    return isinstance(answer, CouldNotLook) and not isinstance(answer, ManifestUnknown)


def _state(answer: Head) -> Registry:
    if isinstance(answer, ManifestUnknown):
        return Registry.GONE
    return Registry.UNKNOWN if isinstance(answer, CouldNotLook) else Registry.THERE


def _tags(ctx: Context, rows: Sequence[HistoryRow], problems: list[CouldNotLook]) -> Mapping[str, Head | None]:
    """Return, by release, what its tag points at: a manifest, a refusal, or nothing where no tag is listed."""
    image = next((row.change.image for row in rows if row.change.image is not None), None)
    if image is None:
        return {}
    try:
        listed = find_releases(ctx.doors.registry.tags(image.registry, image.repository, ctx.deadline))
    except CouldNotLook as error:
        problems.append(error)
        return {}
    there: Mapping[str, Release] = {release.name: release for release in listed}
    wanted = list(dict.fromkeys(row.change.release for row in rows if row.change.release))
    tagged = [release for release in wanted if release in there]
    images = [replace(image, tag=there[release].tags[0], digest=None) for release in tagged]
    return {**dict.fromkeys(wanted), **dict(zip(tagged, _heads(ctx, images), strict=True))}


def _tag_state(change: PinChange, tags: Mapping[str, Head | None]) -> TagState:
    if not change.release or change.release not in tags:
        return TagState.UNKNOWN
    answer = tags[change.release]
    if answer is None or isinstance(answer, ManifestUnknown):
        return TagState.GONE
    if isinstance(answer, CouldNotLook):
        return TagState.UNKNOWN
    return TagState.SAME if answer.digest == change.digest else TagState.MOVED


def _with_host(ctx: Context, pin: Pin, rows: Sequence[HistoryRow], problems: list[CouldNotLook]) -> list[HistoryRow]:
    engine = ctx.doors.engine
    try:
        stored = [name for image in engine.images(ctx.deadline) for name in image.digests]
        containers = our_containers(ctx, pin)[0].ours
        active = [each for each in containers if each.state in ACTIVE]
        carried = {each.name: engine.environment(each, ctx.deadline).get(pin.variable, "") for each in active}
    except CouldNotLook as error:
        problems.append(error)
        return list(rows)
    return [
        replace(
            row,
            on_host=any(name.endswith(f"@{row.change.digest}") for name in stored),
            running=tuple(name for name, value in carried.items() if value.endswith(f"@{row.change.digest}")),
        )
        if row.change.digest
        else row
        for row in rows
    ]

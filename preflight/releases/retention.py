"""What git knows of releases, and which tag of a registry points at a digest."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git import Commit
from preflight.reference import ImageReference
from preflight.registry.door import Manifest
from preflight.registry.errors import ManifestUnknown
from preflight.releases.names import Release, find_releases, named_releases
from preflight.releases.pin_history import RecordedPin, recorded_pins
from preflight.releases.pinned import PinnedImage
from preflight.text import printable
from preflight.together import together

_REMOTE_S = 15.0
_HISTORY = 200
_FIRST_BATCH, _NEXT_BATCH = 2, 8  # two: as many connections are open by then


@dataclass(frozen=True)
class ExpectedReleases:
    """What was released, newest first.

    Args:
        releases: None, if there are none or nobody knows.
        source: Who says so, e.g. "git"; without releases, why there are none.
        incomplete: Some may be missing: the clone is shallow.
    """

    releases: tuple[Release, ...]
    source: str
    incomplete: bool = False

    @property
    def final(self) -> "ExpectedReleases":
        """The same without pre-releases."""
        found = tuple(release for release in self.releases if release.is_final)
        reason = f"{self.source} has pre-releases only" if self.releases and not found else self.source
        return replace(self, releases=found, source=reason)


@dataclass(frozen=True)
class RegistryAnswers:
    """What the registries, and git, said about some images; in the place of an answer stands why there is none.

    Args:
        manifests: By image.
        tags: All tags of a repository, by its name with registry.
        expected: What was released.
        published: The versions that surely had an image once, as commits of the pins name them.
        likely: By image, the versions named by the commits that pinned it.
        recorded: By name of the repository, what the commits of its pins recorded for releases, newest first.
    """

    manifests: Mapping[ImageReference, Manifest | CouldNotLook]
    tags: Mapping[str, tuple[str, ...] | CouldNotLook]
    expected: ExpectedReleases | CouldNotLook
    published: frozenset[str]
    likely: Mapping[ImageReference, frozenset[str]]
    recorded: Mapping[str, tuple[RecordedPin, ...]] | CouldNotLook


def ask_registries(
    ctx: Context, pinned: Sequence[PinnedImage], expect: Callable[[], ExpectedReleases]
) -> RegistryAnswers:
    """Ask for manifests, tags and releases at once.

    Args:
        ctx: For the doors and the deadline.
        pinned: The pins and their images.
        expect: Returns what was released.
    """
    door, deadline = ctx.doors.registry, ctx.deadline
    images = list(dict.fromkeys(each.image for each in pinned))
    what = ", ".join(sorted({image.registry for image in images}))
    names = {image.name: (image.registry, image.repository) for image in images}
    calls: list[Callable[[], Any]] = [partial(door.head_manifest, image, deadline) for image in images]
    calls += [partial(door.tags, *place, deadline) for place in names.values()]
    calls += [expect, partial(_histories, ctx, pinned)]
    *answers, expected, histories = together(calls, deadline, what, at_once=len(calls))
    pasts: tuple[_Past, ...] = () if isinstance(histories, CouldNotLook) else histories
    return RegistryAnswers(
        dict(zip(images, answers, strict=False)),
        dict(zip(names, answers[len(images) :], strict=True)),
        expected,
        named_releases(commit.subject for past in pasts for commit in past.commits),
        {past.pinned.image: _likely(past.pinned.image, past.commits) for past in pasts},
        histories if isinstance(histories, CouldNotLook) else _recorded(pasts),
    )


def expected_releases(ctx: Context, source: str, remote: str, pattern: str) -> ExpectedReleases:
    """Return what git says was released.

    Args:
        ctx: For git and the deadline.
        source: "git" (local tags), "remote" (`git ls-remote`), or "auto": local tags, but the remote's where there
            are none or the clone is shallow, which has only some.
        remote: Name of the remote.
        pattern: See ``find_releases``.

    Raises:
        CouldNotLook: Git cannot say; with "auto", a remote that does not answer is no error.
    """
    git, deadline = ctx.doors.git, ctx.deadline
    if source == "remote":
        return _from_remote(ctx, remote, pattern)
    if git.root(deadline) is None:
        return ExpectedReleases((), "there is no git work tree here")
    local = find_releases(git.tags(deadline), pattern)
    shallow = git.is_shallow(deadline)
    if local and not shallow:
        return ExpectedReleases(local, "git")
    where = "this shallow clone" if shallow else "this clone"
    here = ExpectedReleases(local, "git" if local else f"git has no release tags in {where}", incomplete=shallow)
    if source == "git":
        return here
    try:
        return _from_remote(ctx, remote, pattern)
    except CouldNotLook:
        return here if local else replace(here, source=f"{here.source}, and its remote does not answer")


def _from_remote(ctx: Context, remote: str, pattern: str) -> ExpectedReleases:
    found = find_releases(ctx.doors.git.remote_tags(ctx.deadline.sooner(_REMOTE_S), remote), pattern)
    name = f"git's remote {printable(remote, 60)}"
    return ExpectedReleases(found, name if found else f"{name} has no release tags")


@dataclass(frozen=True)
class _Past:
    """The commits of one pin's file, newest first."""

    pinned: PinnedImage
    commits: tuple[Commit, ...]
    shallow: bool


def _histories(ctx: Context, pinned: Sequence[PinnedImage]) -> tuple[_Past, ...]:
    """Return the commits of the pin files ("Pin the agent image for v1.2.0")."""
    git, deadline = ctx.doors.git, ctx.deadline
    shallow = git.is_shallow(deadline)
    return tuple(
        _Past(each, git.history(git.places(each.pin.file)[-1], _HISTORY, deadline), shallow) for each in pinned
    )


def _recorded(pasts: Sequence[_Past]) -> dict[str, tuple[RecordedPin, ...]]:
    found: dict[str, dict[str, RecordedPin]] = {}
    for past in pasts:
        cut = past.shallow or len(past.commits) == _HISTORY
        for record in recorded_pins(past.pinned, past.commits, shallow=cut):
            releases = found.setdefault(record.image.name, {})
            if record.release not in releases or releases[record.release].commit.when < record.commit.when:
                releases[record.release] = record
    return {
        name: tuple(sorted(records.values(), key=lambda record: record.commit.when, reverse=True))
        for name, records in found.items()
    }


def _likely(image: ImageReference, commits: Sequence[Commit]) -> frozenset[str]:
    return named_releases(commit.subject for commit in commits if image.digest and image.digest in commit.text)


def find_holder(ctx: Context, image: ImageReference, tags: Sequence[str]) -> tuple[str | None, CouldNotLook | None]:
    """Ask, a few at a time, which tag points at a digest.

    Args:
        ctx: For the registry and the deadline.
        image: With the digest.
        tags: In the order in which they are asked.

    Returns:
        The first tag that does, or None; and what kept a tag from being asked, or None.
    """
    place, size = 0, _FIRST_BATCH
    while place < len(tags):
        batch = tags[place : place + size]
        calls = [
            partial(ctx.doors.registry.head_manifest, replace(image, tag=tag, digest=None), ctx.deadline)
            for tag in batch
        ]
        problem: CouldNotLook | None = None
        for tag, answer in zip(batch, together(calls, ctx.deadline, image.registry), strict=True):
            if isinstance(answer, ManifestUnknown):
                continue  # listed, but gone: it points nowhere
            if isinstance(answer, CouldNotLook):
                problem = problem or answer
            elif answer.digest == image.digest:
                return tag, None
        if problem is not None:
            return None, problem
        place, size = place + len(batch), _NEXT_BATCH
    return None, None

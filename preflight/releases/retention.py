"""What registries and git say of pinned images and of releases, asked for all at once."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.model import Commit
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.pins.image import PinnedImage
from preflight.registry.values import Manifest
from preflight.releases.expected import ExpectedReleases, ReleaseSource, expected_releases
from preflight.releases.names import Release, find_releases, named_releases
from preflight.releases.pin_history import PinHistory, RecordedPin, pin_history
from preflight.releases.rollback import Rollback, find_rollback
from preflight.releases.timeline import pin_changes

_HISTORY = 200


@frozen
class RegistryAnswers:
    """What was said; in place of an answer stands why there is none.

    Args:
        manifests: By image.
        tags: All tags of a repository, by its name with registry.
        there: The releases among them, newest first; none where the tags are not known.
        expected: What was released.
        likely: By image, the versions named by the commits that pinned it.
        histories: By name of the repository, what the commits of its pins say.
        rollbacks: The pins that went back to an earlier image, as far as their commits are known.
    """

    manifests: Mapping[ImageReference, Manifest | CouldNotLook]
    tags: Mapping[str, tuple[str, ...] | CouldNotLook]
    there: Mapping[str, tuple[Release, ...]]
    expected: ExpectedReleases | CouldNotLook
    likely: Mapping[ImageReference, frozenset[str]]
    histories: Mapping[str, PinHistory] | CouldNotLook
    rollbacks: Mapping[PinnedImage, Rollback]

    def pinned(self, name: str) -> frozenset[ImageReference]:
        """Return the pinned images of a repository."""
        return frozenset(image for image in self.manifests if image.name == name)


def ask_registries(ctx: Context, pinned: Sequence[PinnedImage], source: ReleaseSource) -> RegistryAnswers:
    """Ask for manifests, tags, releases and the history of pins at once.

    Args:
        ctx: For the doors and the deadline.
        pinned: The pins and their images.
        source: Where the releases stand.
    """
    door, deadline = ctx.doors.registry, ctx.deadline
    images = list(dict.fromkeys(each.image for each in pinned))
    what = ", ".join(sorted({image.registry for image in images}))
    names = {image.name: (image.registry, image.repository) for image in images}
    calls: list[Callable[[], Any]] = [partial(door.head_manifest, image, deadline) for image in images]
    calls += [partial(door.tags, *place, deadline) for place in names.values()]
    calls += [partial(expected_releases, ctx, source), partial(_pasts, ctx, pinned)]
    *answers, expected, pasts = together(calls, deadline, what, at_once=len(calls))
    tags = dict(zip(names, answers[len(images) :], strict=True))
    known: tuple[_Past, ...] = () if isinstance(pasts, CouldNotLook) else pasts
    return RegistryAnswers(
        dict(zip(images, answers, strict=False)),
        tags,
        {name: _releases(found, source.pattern) for name, found in tags.items()},
        expected,
        {image: _likely(image, known) for image in images},
        pasts if isinstance(pasts, CouldNotLook) else _by_repository(pasts),
        {past.pinned: rollback for past in known if (rollback := _rollback(past)) is not None},
    )


def _releases(tags: tuple[str, ...] | CouldNotLook, pattern: str) -> tuple[Release, ...]:
    return () if isinstance(tags, CouldNotLook) else find_releases(tags, pattern)


@frozen
class _Past:
    """The commits of one pin's file, newest first."""

    pinned: PinnedImage
    commits: tuple[Commit, ...]
    shallow: bool

    @property
    def is_cut(self) -> bool:
        """Whether older commits are not known: the oldest of these seems to have made the file."""
        return self.shallow or len(self.commits) == _HISTORY


def _pasts(ctx: Context, pinned: Sequence[PinnedImage]) -> tuple[_Past, ...]:
    """Return the commits of the pin files ("Pin the agent image for v1.2.0")."""
    git, deadline = ctx.doors.git, ctx.deadline
    shallow = git.is_shallow(deadline)
    return tuple(
        _Past(each, git.history(git.places(each.pin.file)[-1], _HISTORY, deadline), shallow) for each in pinned
    )


def _by_repository(pasts: Sequence[_Past]) -> dict[str, PinHistory]:
    """Join what several pins of one repository say: of a release counts the newest commit."""
    found: dict[str, dict[str, RecordedPin]] = {}
    published: dict[str, frozenset[str]] = {}
    for past in pasts:
        name, history = past.pinned.image.name, pin_history(past.pinned, past.commits, shallow=past.is_cut)
        published[name] = published.get(name, frozenset()) | history.published
        releases = found.setdefault(name, {})
        for record in history.records:
            if record.release not in releases or releases[record.release].commit.when < record.commit.when:
                releases[record.release] = record
    return {
        name: PinHistory(
            tuple(sorted(records.values(), key=lambda record: record.commit.when, reverse=True)), published[name]
        )
        for name, records in found.items()
    }


def _rollback(past: _Past) -> Rollback | None:
    changes = pin_changes(past.pinned.pin.variable, past.commits, shallow=past.is_cut)
    return find_rollback(changes, past.pinned.image)


def _likely(image: ImageReference, pasts: Sequence[_Past]) -> frozenset[str]:
    digest = image.digest or ""
    commits = (commit for past in pasts if past.pinned.image == image for commit in past.commits)
    return named_releases(commit.subject for commit in commits if digest in commit.text)

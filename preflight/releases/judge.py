"""What the answers of registries and git mean for the releases of one repository."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from enum import StrEnum

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.model import Json
from preflight.releases.expected import ExpectedReleases
from preflight.releases.moved import MovedTag, find_moved
from preflight.releases.names import Comparison, Release, compare, find_releases
from preflight.releases.pin_history import TagCheck, check_tags
from preflight.releases.retention import RegistryAnswers


@frozen
class RetentionRules:
    """What the operator demands.

    Args:
        since: The first release that had an image; empty: the oldest that is there.
        prereleases: Pre-releases must be there, too.
        history: How many recorded pins are asked for their tags, at most.
    """

    since: str = ""
    prereleases: bool = False
    history: int = 20


class Gap(StrEnum):
    """Why a release has no image."""

    PINNED_PRUNED = "pinned, and pruned"
    PRUNED = "pruned"
    MISSING = "pruned, or never published"
    PENDING = "newer than all images"


@frozen
class RepositoryJudgement:
    """The releases of one repository.

    Args:
        expected: What should be there, with what was pinned once though its tag in git is gone; or why nobody knows.
        tags: How many tags the registry lists.
        there: The releases among them, newest first.
        found: The expected ones, told apart; None where none is known.
        checked: What the tags of recorded pins say.
        moved: Those that do not point at what was pinned.
        unchecked: What kept such a tag from being asked, or the pins' history from being read; None if nothing did.
        pinned: The releases that commits name for what is pinned now, each with its digest.
    """

    expected: ExpectedReleases | CouldNotLook
    tags: int
    there: tuple[Release, ...]
    found: Comparison | None
    checked: tuple[TagCheck, ...]
    moved: tuple[MovedTag, ...]
    unchecked: CouldNotLook | None
    pinned: Mapping[str, str] = field(default_factory=dict)

    @property
    def spelling(self) -> str:
        """How the registry writes versions, in words."""
        with_v = {tag.startswith("v") for release in self.there for tag in release.tags}
        return "with and without v" if len(with_v) > 1 else "with v" if True in with_v else "without v"

    @property
    def gaps(self) -> Mapping[Gap, tuple[Release, ...]]:
        """The releases without an image that should have one, newest first, by the reason."""
        if self.found is None:
            return {}
        pruned = self.found.pruned
        return {
            Gap.PINNED_PRUNED: tuple(release for release in pruned if release.name in self.pinned),
            Gap.PRUNED: tuple(release for release in pruned if release.name not in self.pinned),
            Gap.MISSING: self.found.missing,
            Gap.PENDING: self.found.pending,
        }

    def evidence(self) -> dict[str, Json]:
        """Return it as plain data; the groups only where they were told apart."""
        groups = vars(self.found) if self.found else {}
        return {
            "source": None if isinstance(self.expected, CouldNotLook) else self.expected.source,
            "registry_writes": self.spelling,
            "compared_with_pins": [each.tag for each in self.checked],
            **{group: [release.name for release in members] for group, members in groups.items()},
        }


def judge_repository(ctx: Context, name: str, answers: RegistryAnswers, rules: RetentionRules) -> RepositoryJudgement:
    """Tell the releases of a repository apart, and compare their tags with what was pinned for them.

    Args:
        ctx: For the registry and the deadline.
        name: The name of the repository, with its registry.
        answers: All that was asked.
        rules: What is demanded.

    Raises:
        CouldNotLook: The tags of the repository are not known.
    """
    if isinstance(tags := answers.tags[name], CouldNotLook):
        raise tags
    there, expected = answers.there[name], answers.expected
    checked, unchecked = _check_tags(ctx, name, answers, rules.history)
    pinned = _pinned(name, answers)
    moved = find_moved(ctx, checked, pinned)
    found: Comparison | None = None
    if isinstance(expected, ExpectedReleases) and expected.releases:
        history = None if isinstance(answers.histories, CouldNotLook) else answers.histories.get(name)
        known = history.published if history else frozenset()
        if not expected.is_list:
            expected = _with(expected, known, prereleases=rules.prereleases)
        found = compare(expected.releases, there, known, rules.since, demanded=expected.is_list)
    return RepositoryJudgement(expected, len(tags), there, found, checked, moved, unchecked, pinned)


def _pinned(name: str, answers: RegistryAnswers) -> Mapping[str, str]:
    history = None if isinstance(answers.histories, CouldNotLook) else answers.histories.get(name)
    records, images = history.records if history else (), answers.pinned(name)
    return {record.release: record.image.digest or "" for record in records if record.image in images}


def _with(expected: ExpectedReleases, published: Iterable[str], *, prereleases: bool) -> ExpectedReleases:
    names: Sequence[str] = [*(release.name for release in expected.releases), *published]
    releases = find_releases(dict.fromkeys(names))
    wanted = tuple(release for release in releases if release.is_final or prereleases)
    return replace(expected, releases=wanted)


def _check_tags(
    ctx: Context, name: str, answers: RegistryAnswers, limit: int
) -> tuple[tuple[TagCheck, ...], CouldNotLook | None]:
    """Ask where the tags of recorded pins point: first those of what is pinned now, which may be old."""
    if isinstance(answers.histories, CouldNotLook):
        return (), answers.histories if limit else None
    history, pinned = answers.histories.get(name), answers.pinned(name)
    records = sorted(history.records if history else (), key=lambda record: record.image not in pinned)
    return check_tags(ctx, records, {release.name: release for release in answers.there[name]}, limit)

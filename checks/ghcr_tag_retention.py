"""The registry still answers for the pinned digest and for every release."""

from collections.abc import Iterator, Mapping, Sequence

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Failure,
    Finding,
    Json,
    Need,
    Status,
    Subject,
    could_not_look,
    not_looked_at,
    passed,
    setting,
    skipped,
)
from preflight.github.client import is_repository
from preflight.lib.patterns import demand_pattern
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, short_reference
from preflight.lib.text import plural, printable
from preflight.pins.image import PinnedImage, read_pinned_images
from preflight.registry.errors import ManifestUnknown, RepositoryUnknown, WrongDigest
from preflight.releases.expected import ExpectedReleases, ReleaseSource
from preflight.releases.holding import Holding, find_holding
from preflight.releases.judge import RepositoryJudgement, RetentionRules, judge_repository
from preflight.releases.names import Comparison, Release, find_releases
from preflight.releases.pin_history import TagCheck
from preflight.releases.retention import RegistryAnswers, ask_registries
from preflight.releases.rollback import Rollback
from preflight.releases.wrong_digest import find_parent, is_image_id, parent_of, says_child

_SOURCES = ("auto", "git", "remote", "github", "list")
_SHORT, _SHOWN = 7, 5
_ONE_BY_ONE = 50
"""So many releases have a finding of their own, so that a waiver can name one; the rest have one together."""
_MOST_HISTORY = 200

DIGEST_NOT_FOUND = Failure(
    "digest-not-found",
    "The registry does not have the pinned digest, or these credentials may not read it.",
    "Take the pin back to a release that is there: preflight pin rollback. Or push that image again. If the package is "
    "private: docker login REGISTRY",
)
_NOT_FOUND = frozenset({"ghcr-tag-retention/digest-not-found"})
IMAGE_ID = Failure(
    "image-id",
    "The pin names an image's id, the digest of its configuration, which nobody can pull.",
    "Pin the digest of its manifest or index: docker buildx imagetools inspect IMAGE:TAG",
)
PLATFORM_IMAGE = Failure(
    "platform-image",
    "The pin names the image of one platform in the index of a release: on other platforms it does not run.",
    "Pin the digest of the index.",
    Status.WARN,
    Status.WARN,
)
REPOSITORY_NOT_FOUND = Failure(
    "repository-not-found",
    "The registry has no such repository, or these credentials may not read it.",
    "Correct the name in the pin. If the package is private: docker login REGISTRY",
)
WRONG_BYTES = Failure(
    "wrong-bytes",
    "The registry answers for the pinned digest with other bytes.",
    "Roll nothing out from this registry; find out what stands between it and this host.",
)
NOT_HELD = Failure(
    "not-held",
    "No release tag points at the pinned digest, and clean-ups delete first what has no tag.",
    "Pin the digest of a release, or tag this one.",
)
NOT_ALL_ASKED = Failure(
    "not-all-asked",
    "None of the release tags that were asked points at the pinned digest, and not all were asked.",
    "Set `candidates` for ghcr-tag-retention to the number of release tags.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
OLDER_RELEASE = Failure(
    "older-release",
    "The pinned release is older than the newest, and no commit rolled back to it.",
    "Pin the digest of the newest release.",
    Status.WARN,
    Status.WARN,
)
HELD_BY_PRERELEASE = Failure(
    "held-by-prerelease",
    "Only the tag of a pre-release or variant points at the pinned digest.",
    "Pin the digest of a full release: clean-ups spare those longest.",
    Status.WARN,
    Status.WARN,
)
PINNED_MOVED = Failure(
    "pinned-moved",
    "The tag of the pinned release was moved: it does not point at the digest that was pinned for it.",
    "Find who moved it, or pinned a wrong digest; then tag the pinned digest again.",
)
MOVED = Failure(
    "moved",
    "The tag of another release was moved: it does not point at the digest that was once pinned for it.",
    "Find who moved it, or pinned a wrong digest; then tag that digest again. Use nothing by this tag until then.",
    Status.WARN,
)
PINNED_PRUNED = Failure(
    "pinned-pruned",
    "The tag of the pinned release was pruned: it is gone.",
    "Find the clean-up that deletes release tags and stop it; then tag the pinned digest again.",
    follows=_NOT_FOUND,
)
PRUNED = Failure(
    "pruned",
    "The image of another release was pruned: it was pinned once, and is gone.",
    "Find the clean-up that deletes release tags and stop it; then push the image again.",
    Status.WARN,
)
MISSING = Failure(
    "missing",
    "A release has no image, though releases before and after it have, or the settings demand it: it was pruned, or "
    "never published.",
    "If a clean-up deleted it, stop that and push the image again. If there never was one, waive this release.",
    Status.WARN,
)
NO_IMAGES = Failure(
    "no-images",
    "None of the releases has an image.",
    "Set `pattern` for ghcr-tag-retention if images are tagged otherwise; else find the clean-up that took them.",
    Status.WARN,
)
PENDING = Failure(
    "pending",
    "A release that is newer than all images has none yet.",
    "Wait for its build. If that has ended, find out why it pushed nothing.",
    Status.WARN,
    Status.WARN,
)
SHALLOW_CLONE = Failure(
    "shallow-clone",
    "Git has only some of the tags here, so releases may be missing unseen.",
    "Run git fetch --tags --unshallow, or set `source: remote` for ghcr-tag-retention.",
    Status.WARN,
    Status.WARN,
)


@frozen
class Settings:
    """Settings of `ghcr-tag-retention`."""

    source: str = setting(
        "auto",
        "Where the releases stand: local tags (git), `git ls-remote` (remote), GitHub's releases (github; those of a "
        "private repository with a token in GHCR_TOKEN, GITHUB_TOKEN or GH_TOKEN), or `releases` (list). auto: the "
        "list if there is one, else local tags, and the remote's where the clone has none or is shallow.",
        values=_SOURCES,
    )
    releases: tuple[str, ...] = setting((), "For the source list: versions, with or without v.")
    remote: str = setting("origin", "Name of the remote for `git ls-remote`, and whose repository GitHub is asked for.")
    repository: str = setting("", "For the source github: OWNER/NAME. Empty: that of the remote.")
    pattern: str = setting(
        "",
        "A regular expression (RE2) for tags of releases, in git and in the registry; its first group is the version. "
        "Empty: v1.2.0 or 1.2.0.",
    )
    since: str = setting("", "The first release that had an image. Empty: the oldest that is still there.")
    prereleases: bool = setting(
        default=False, meaning="Pre-releases (by their version, or marked as such at GitHub) must be there too."
    )
    candidates: int = setting(200, "How many release tags are asked, at most, whether they point at the pinned digest.")
    history: int = setting(
        20,
        "Of how many releases that commits of the pin file name (“… for v1.2.0”), newest first, the check asks whether "
        "their tags still point at the digest that was pinned. 0: of none.",
    )

    def __post_init__(self) -> None:
        if self.source not in _SOURCES:
            raise ValueError(f"source: must be one of {', '.join(_SOURCES)}")
        if (self.source == "list") > bool(self.releases):
            raise ValueError("releases: must name versions when source is list")
        if self.repository and not is_repository(self.repository):
            raise ValueError("repository: must be OWNER/NAME")
        if len(find_releases(self.releases)) < len(set(self.releases)):
            raise ValueError("releases: must be versions such as 1.2.0, each named once")
        if self.since and not find_releases([self.since]):
            raise ValueError("since: must be a version such as 1.2.0")
        if self.candidates < 1:
            raise ValueError("candidates: must be at least 1")
        if self.history not in range(_MOST_HISTORY + 1):
            raise ValueError(f"history: must be a number from 0 to {_MOST_HISTORY}")
        if self.pattern:
            demand_pattern("pattern", self.pattern)


class GhcrTagRetention(Check[Settings]):
    """What a rollout or rollback pulls is still in the registry."""

    about = About(
        id="ghcr-tag-retention",
        title="The registry keeps the pinned digest and every release",
        area=Area.REGISTRY,
        tags=frozenset({"registry", "network"}),
        needs=frozenset({Need.PIN, Need.NETWORK}),
        asks=(
            "Does the registry answer for the pinned digest, does a release tag point at it, is that the newest "
            "release (or did a commit roll back to it), is there an image tag for every release, and do the tags of "
            "the releases that commits of the pin file name (“… for v1.2.0”) still point at what those commits pinned?"
        ),
        why=(
            "A clean-up workflow can delete what is pinned: the running host does not notice, the next pull or a "
            "rollback fails. A digest without a release tag is what such workflows delete first. A tag that moved "
            "since it was pinned means that somebody replaced the bytes of a release."
        ),
        failures=(
            DIGEST_NOT_FOUND,
            IMAGE_ID,
            PLATFORM_IMAGE,
            REPOSITORY_NOT_FOUND,
            WRONG_BYTES,
            NOT_HELD,
            NOT_ALL_ASKED,
            OLDER_RELEASE,
            HELD_BY_PRERELEASE,
            PINNED_MOVED,
            MOVED,
            PINNED_PRUNED,
            PRUNED,
            MISSING,
            NO_IMAGES,
            PENDING,
            SHALLOW_CLONE,
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Ask for everything at once, then judge each pin and each repository."""
        own, images = self.settings, read_pinned_images(ctx)
        yield from images.problems
        if not images.pinned:
            return
        source = ReleaseSource(own.source, own.releases, own.remote, own.repository, own.pattern, own.prereleases)
        answers = ask_registries(ctx, images.pinned, source)
        for each in images.pinned:
            yield self._image(ctx, each, answers)
        for name in answers.tags:
            yield from self._repository(ctx, name, answers)

    def _image(self, ctx: Context, each: PinnedImage, answers: RegistryAnswers) -> Finding:
        """Say whether the digest answers, and what holds it."""
        image, subject = each.image, _subject(each.image.name)
        manifest, tags = answers.manifests[image], answers.tags[image.name]
        seen: dict[str, Json] = {
            "image": str(image),
            "digest": image.digest,
            "asked_as": ctx.doors.registry.identity(image.registry),
        }
        if isinstance(manifest, CouldNotLook):
            return _no_answer(ctx, each, manifest, tags, seen)
        seen["media_type"] = manifest.media_type
        if isinstance(tags, CouldNotLook):
            return passed(f"{_short(image)} answers", subject, at=each.at, **seen)
        likely = answers.likely.get(image, frozenset())
        holding = find_holding(ctx, image, answers.there[image.name], likely, self.settings.candidates)
        if holding.release is None and (found := self._platform_image(ctx, each, answers)):
            return found
        return _held(ctx, each, holding, answers.rollbacks.get(each), {**seen, "tags": len(tags)})

    @staticmethod
    def _platform_image(ctx: Context, each: PinnedImage, answers: RegistryAnswers) -> Finding | None:
        """Say so where the index of a release lists the pinned digest."""
        image = each.image
        try:
            likely = answers.likely.get(image, frozenset())
            parent = find_parent(ctx, image, answers.there[image.name], likely)
        except CouldNotLook:
            return None  # that no tag points at the digest is said, and fails
        if parent is None:
            return None
        words, hint = says_child(image, parent)
        evidence: dict[str, Json] = {"digest": image.digest, "index": parent.digest, "platform": parent.platform}
        return ctx.found(
            PLATFORM_IMAGE, f"{_short(image)}: {words}", _subject(image.name), hint=hint, at=each.at, **evidence
        )

    def _repository(self, ctx: Context, name: str, answers: RegistryAnswers) -> Iterator[Finding]:
        """Say which releases are there, and whose tag moved."""
        shown, subject, own = printable(name, 120), _subject(name), self.settings
        try:
            judged = judge_repository(ctx, name, answers, RetentionRules(own.since, own.prereleases, own.history))
        except CouldNotLook as problem:
            if not all(_said(answers.manifests[image]) for image in answers.pinned(name)):
                if failure := _not_found(problem):
                    yield ctx.found(failure, problem.message, subject, hint=problem.hint)
                else:
                    yield could_not_look(problem.message, subject, problem.need, hint=problem.hint)
            return
        expected = judged.expected
        if isinstance(expected, CouldNotLook):
            words = f"{shown}: the releases to compare with are not known: {expected.message}"
            yield could_not_look(words, subject, expected.need, hint=expected.hint, at=None, **judged.evidence())
        elif judged.found is None:
            words = f"{shown}: no releases to compare its {plural(judged.tags, 'tag')} with: {expected.source}"
            hint = "git fetch --tags, or set `source: remote` or `releases: […]` for ghcr-tag-retention."
            say = not_looked_at if expected.unknown else skipped
            yield say(words, subject, hint=hint, at=None, **judged.evidence())
        else:
            yield from _Retention(ctx, name, expected, judged.found, judged).findings(own.since)
        yield from (found for each in judged.checked if each.moved for found in _moved(ctx, each, judged))
        if judged.unchecked is not None:
            words = f"{shown}: not every pinned release's tag could be compared: {judged.unchecked.message}"
            yield could_not_look(words, subject, judged.unchecked.need, hint=judged.unchecked.hint)


def _subject(name: str) -> Subject:
    return Subject("image", printable(name, 120))


def _not_found(problem: CouldNotLook) -> Failure | None:
    """Return what an answer of the registry says is wrong; None where it only says that it cannot be asked."""
    if isinstance(problem, ManifestUnknown):
        return DIGEST_NOT_FOUND
    if isinstance(problem, RepositoryUnknown):
        return REPOSITORY_NOT_FOUND
    return WRONG_BYTES if isinstance(problem, WrongDigest) else None


def _no_answer(
    ctx: Context, each: PinnedImage, problem: CouldNotLook, tags: object, seen: Mapping[str, Json]
) -> Finding:
    """Say why the registry does not answer for the digest; whether it lists the repository's tags tells more."""
    image, subject = each.image, _subject(each.image.name)
    if isinstance(problem, ManifestUnknown) and is_image_id(ctx, image):
        words = f"{_short(image)} is the id of an image (the digest of its configuration), no digest to pull"
        hint = f"Pin what this prints as Digest: docker buildx imagetools inspect {printable(image.name, 120)}:TAG"
        return ctx.found(IMAGE_ID, words, subject, hint=hint, at=each.at, **seen)
    if isinstance(problem, ManifestUnknown) and isinstance(tags, Sequence):
        words, hint = _gone(each, len(tags), str(seen["asked_as"]))
        return ctx.found(DIGEST_NOT_FOUND, words, subject, hint=hint, at=each.at, **seen)
    if failure := _not_found(problem):
        return ctx.found(failure, problem.message, subject, hint=problem.hint, at=each.at, **seen)
    return could_not_look(problem.message, subject, problem.need, hint=problem.hint, at=each.at, **seen)


def _gone(each: PinnedImage, tags: int, asked_as: str) -> tuple[str, str]:
    """Say what it means that a repository, whose tags these credentials may list, does not have the pinned digest."""
    name = printable(each.image.name, 120)
    there = f"{name} answers with {plural(tags, 'tag')}, but does not have the pinned digest"
    again = f"push the image of {_start(each.image.digest)} again"
    back = f"Take the pin back to a release that is there: preflight pin rollback. Or {again}."
    hint = f"{back} And stop the clean-up that took it." if tags else f"{again[0].upper()}{again[1:]}: no tag is there."
    return f"{there}: it was pruned, or never pushed there (asked as {asked_as})", hint


def _said(answer: object) -> bool:
    """Whether the finding about a digest already tells that the registry cannot be asked."""
    return isinstance(answer, CouldNotLook) and not isinstance(answer, ManifestUnknown | WrongDigest)


def _held(
    ctx: Context, each: PinnedImage, found: Holding, rollback: Rollback | None, seen: Mapping[str, Json]
) -> Finding:
    """Say which release tag points at the digest, and whether the pin is as old as that on purpose."""
    short, release, newest = _short(each.image), found.release, found.newest
    if release is None:
        return _held_by_none(ctx, each, found, seen)
    subject, short_hash = Subject("release", release.name), ""
    evidence: dict[str, Json] = {**seen, "tag": found.tag, "release": release.name}
    if rollback is not None:
        short_hash = rollback.commit.hash[:_SHORT]
        evidence["rolled_back_by"] = rollback.commit.hash
    if newest is not None and not (rollback and rollback.explains(newest)):
        back = f" (rolled back by {short_hash})" if short_hash else ""
        message = f"{short} answers, but is release {release.name}{back}; the newest is {newest.name}"
        hint = f"Pin the digest of {newest.name} (its tag: {newest.tags[0]})."
        evidence["newest"] = newest.name
        return ctx.found(OLDER_RELEASE, message, subject, hint=hint, at=each.at, **evidence)
    if not release.is_final:
        words = f"{short} is held only by {found.tag}, a pre-release or variant"
        return ctx.found(HELD_BY_PRERELEASE, words, subject, hint="", at=each.at, **evidence)
    back = f"; rolled back to {release.name} by {short_hash}" if short_hash else ""
    return passed(
        f"release tag {found.tag} points at the digest{back}: {short} answers", subject, at=each.at, **evidence
    )


def _held_by_none(ctx: Context, each: PinnedImage, found: Holding, seen: Mapping[str, Json]) -> Finding:
    short, subject, at = _short(each.image), _subject(each.image.name), each.at
    if found.problem is not None:
        words = f"{short}: not every release tag could be asked: {found.problem.message}"
        return could_not_look(words, subject, found.problem.need, hint=found.problem.hint, at=at, **seen)
    if found.asked < found.total:
        left = found.total - found.asked
        words = f"{short}: none of the {found.asked} release tags asked points at it; {left} more were not asked"
        hint = f"Set `candidates: {found.total}` for ghcr-tag-retention in preflight.yaml."
        return ctx.found(NOT_ALL_ASKED, words, subject, hint=hint, at=at, **seen)
    none = f"none of the {plural(found.total, 'release tag')}" if found.total else "no release tag"
    words = f"{short} answers, but {none} points at it{'' if found.total else ': the repository has none'}"
    hint = NOT_HELD.fix
    if not found.total:
        hint += " If releases are tagged otherwise than 1.2.0, set `pattern` for ghcr-tag-retention."
    return ctx.found(NOT_HELD, words, subject, hint=hint, at=at, **seen, release_tags=found.total)


def _moved(ctx: Context, found: TagCheck, judged: RepositoryJudgement) -> Iterator[Finding]:
    """Say that the tag of a release does not point at what was pinned for it; an index that lists it was not moved."""
    record, seen = found.record, found.evidence()
    name, at, subject = record.image.name, ctx.at(record.pinned.pin.file), Subject("release", record.release)
    is_pinned = record.release in judged.pinned
    pinned = f"commit {record.commit.hash[:12]} pinned {_start(record.image.digest)} for it"
    again = f"docker buildx imagetools create --tag {name}:{found.tag} {name}@{record.image.digest}"
    if not found.digest:
        words = f"tag {found.tag} was pruned: it is listed, but does not answer any more; {pinned}"
        hint = f"Find what deleted it; then {again}"
        yield ctx.found(PINNED_PRUNED if is_pinned else PRUNED, words, subject, hint=hint, at=at, **seen)
        return
    try:
        if parent_of(ctx, record.image, found.tag, found.digest) is not None:
            return
    except CouldNotLook as problem:
        words = f"whether tag {found.tag} was moved or lists what was pinned cannot be told: {problem.message}"
        yield could_not_look(words, subject, problem.need, hint=problem.hint, at=at, **seen)
        return
    words = f"tag {found.tag} was moved: it points at {_start(found.digest)}, but {pinned}"
    hint = f"Use nothing by that tag; find who moved it (or pinned a wrong digest); if it was moved: {again}"
    yield ctx.found(PINNED_MOVED if is_pinned else MOVED, words, subject, hint=hint, at=at, **seen)


class _Retention:
    """Says which releases of a repository are there, pruned, without an image yet, and not judged."""

    def __init__(
        self, ctx: Context, name: str, expected: ExpectedReleases, found: Comparison, judged: RepositoryJudgement
    ) -> None:
        self._ctx, self._expected, self._found, self._judged = ctx, expected, found, judged
        self._name, self._subject = printable(name, 120), _subject(name)

    def findings(self, since: str) -> Iterator[Finding]:
        """Say it; each release that is missing is a finding of its own."""
        found, seen = self._found, self._judged.evidence()
        if not found.present:
            every = f"none of {plural(len(self._expected.releases), 'release')} in {self._expected.source} has an image"
            words = f"{self._name}: {every}: {_list(self._expected.releases)}"
            yield self._ctx.found(NO_IMAGES, words, self._subject, hint="", at=None, **seen)
            return
        first = found.present[-1].name
        there = f"{self._name}: {plural(len(found.present), 'release')} since {first} there"
        if self._expected.incomplete:
            words = f"{there}, but git has only some tags here (shallow clone)"
            yield self._ctx.found(SHALLOW_CLONE, words, self._subject, hint="", at=None, **seen)
        else:
            yield passed(f"{there}, tagged {self._judged.spelling}", self._subject, at=None, **seen)
        pinned = [release for release in found.pruned if release.name in self._judged.pinned]
        others = [release for release in found.pruned if release.name not in self._judged.pinned]
        yield from self._each(PINNED_PRUNED, pinned, "was pruned")
        yield from self._each(PRUNED, others, "was pruned")
        yield from self._each(MISSING, found.missing, "has no image: pruned, or never published")
        yield from self._each(PENDING, found.pending, f"is released in {self._expected.source}, and has no image yet")
        if found.unpublished and not since:
            before = f"{plural(len(found.unpublished), 'release')} before {first} not judged"
            hint = f"If images began with {first}, set `since: {first}` for ghcr-tag-retention; else they were pruned."
            words = f"{self._name}: {before}: never published, it seems"
            yield skipped(words, self._subject, hint=hint, at=None, **seen)

    def _each(self, failure: Failure, releases: Sequence[Release], words: str) -> Iterator[Finding]:
        """Say it of each release; of very many, the rest in one finding."""
        for release in releases[:_ONE_BY_ONE]:
            subject = Subject("release", release.name)
            evidence: dict[str, Json] = {"image": self._name, "release": release.name, "source": self._expected.source}
            if digest := self._judged.pinned.get(release.name):
                evidence["digest"] = digest
            message = f"{self._name}: {printable(release.name, 40)} {words}"
            yield self._ctx.found(failure, message, subject, hint="", at=None, **evidence)
        if rest := releases[_ONE_BY_ONE:]:
            message = f"{self._name}: the same holds for {plural(len(rest), 'more release')}: {_list(rest)}"
            yield self._ctx.found(failure, message, self._subject)


def _short(image: ImageReference) -> str:
    return printable(short_reference(str(image)), 200)


def _start(digest: str | None) -> str:
    return f"{printable(digest or '', 80)[:19]}…"


def _list(releases: Sequence[Release]) -> str:
    shown = ", ".join(printable(release.name, 40) for release in releases[:_SHOWN])
    return shown if len(releases) <= _SHOWN else f"{shown} and {len(releases) - _SHOWN} more"

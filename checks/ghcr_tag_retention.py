"""The registry still answers for the pinned digest and for every release."""

from collections.abc import Iterator, Mapping

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
from preflight.lib.records import frozen
from preflight.lib.text import plural, printable
from preflight.pins.image import PinnedImage, read_pinned_images
from preflight.releases.absent import Absence, explain_absence, judge_absence, tells_of_the_repository
from preflight.releases.expected import SOURCES, ExpectedReleases, ReleaseSource
from preflight.releases.holding import Hold, Holding, find_holding, judge_holding
from preflight.releases.judge import Gap, RepositoryJudgement, RetentionRules, judge_repository
from preflight.releases.moved import MovedTag
from preflight.releases.names import Comparison, find_releases
from preflight.releases.retention import RegistryAnswers, ask_registries
from preflight.releases.rollback import Rollback
from preflight.releases.words import name_releases, say_hold, say_moved, short_image
from preflight.releases.wrong_digest import find_parent, says_child

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

_ABSENCES = {
    Absence.IMAGE_ID: IMAGE_ID,
    Absence.DIGEST: DIGEST_NOT_FOUND,
    Absence.REPOSITORY: REPOSITORY_NOT_FOUND,
    Absence.WRONG_BYTES: WRONG_BYTES,
}
_GAPS = {
    Gap.PINNED_PRUNED: (PINNED_PRUNED, "was pruned"),
    Gap.PRUNED: (PRUNED, "was pruned"),
    Gap.MISSING: (MISSING, "has no image: pruned, or never published"),
    Gap.PENDING: (PENDING, "is released in {source}, and has no image yet"),
}
_HOLDS = {
    Hold.OLDER: OLDER_RELEASE,
    Hold.PRERELEASE: HELD_BY_PRERELEASE,
    Hold.NONE: NOT_HELD,
    Hold.NOT_ALL_ASKED: NOT_ALL_ASKED,
}


@frozen
class Settings:
    """Settings of `ghcr-tag-retention`."""

    source: str = setting(
        "auto",
        "Where the releases stand: local tags (git), `git ls-remote` (remote), GitHub's releases (github; those of a "
        "private repository with a token in GHCR_TOKEN, GITHUB_TOKEN or GH_TOKEN), or `releases` (list). auto: the "
        "list if there is one, else local tags, and the remote's where the clone has none or is shallow.",
        values=SOURCES,
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

    def release_source(self) -> ReleaseSource:
        """Return where the releases stand."""
        return ReleaseSource(self.source, self.releases, self.remote, self.repository, self.pattern, self.prereleases)

    def __post_init__(self) -> None:
        self.release_source()  # refuses what does not go together
        if self.since and not find_releases([self.since]):
            raise ValueError("since: must be a version such as 1.2.0")
        if self.candidates < 1:
            raise ValueError("candidates: must be at least 1")
        if self.history not in range(_MOST_HISTORY + 1):
            raise ValueError(f"history: must be a number from 0 to {_MOST_HISTORY}")


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
        answers = ask_registries(ctx, images.pinned, own.release_source())
        for each in images.pinned:
            yield self._image(ctx, each, answers)
        for name in answers.tags:
            yield from self._repository(ctx, name, answers)

    def _image(self, ctx: Context, each: PinnedImage, answers: RegistryAnswers) -> Finding:
        """Say whether the digest answers, and what holds it."""
        image, subject = each.image, _subject(each.image.name)
        manifest, tags = answers.manifests[image], answers.tags[image.name]
        asked_as = ctx.doors.registry.identity(image.registry)
        seen: dict[str, Json] = {"image": str(image), "digest": image.digest, "asked_as": asked_as}
        if isinstance(manifest, CouldNotLook):
            absent = explain_absence(ctx, image, manifest, tags, asked_as)
            if (failure := _ABSENCES.get(absent.absence)) is not None:
                return ctx.found(failure, absent.message, subject, hint=absent.hint, at=each.at, **seen)
            return could_not_look(absent.message, subject, manifest.need, hint=absent.hint, at=each.at, **seen)
        seen["media_type"] = manifest.media_type
        if isinstance(tags, CouldNotLook):
            return passed(f"{short_image(image)} answers", subject, at=each.at, **seen)
        likely = answers.likely.get(image, frozenset())
        holding = find_holding(ctx, image, answers.there[image.name], likely, self.settings.candidates)
        if holding.release is None and (parent := find_parent(ctx, image, answers.there[image.name], likely)):
            words, hint = says_child(image, parent)
            seen = {"digest": image.digest, "index": parent.digest, "platform": parent.platform}
            message = f"{short_image(image)}: {words}"
            return ctx.found(PLATFORM_IMAGE, message, subject, hint=hint, at=each.at, **seen)
        return _held(ctx, each, holding, answers.rollbacks.get(each), {**seen, "tags": len(tags)})

    def _repository(self, ctx: Context, name: str, answers: RegistryAnswers) -> Iterator[Finding]:
        """Say which releases are there, and whose tag moved."""
        shown, subject, own = printable(name, 120), _subject(name), self.settings
        try:
            judged = judge_repository(ctx, name, answers, RetentionRules(own.since, own.prereleases, own.history))
        except CouldNotLook as problem:
            if all(tells_of_the_repository(answers.manifests[image]) for image in answers.pinned(name)):
                return
            if (failure := _ABSENCES.get(judge_absence(problem))) is not None:
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
            yield from _releases(ctx, name, expected, judged.found, judged)
            if judged.found.present and judged.found.unpublished and not own.since:
                yield _unpublished(name, judged.found, judged)
        yield from (_moved(ctx, each) for each in judged.moved)
        if judged.unchecked is not None:
            words = f"{shown}: not every pinned release's tag could be compared: {judged.unchecked.message}"
            yield could_not_look(words, subject, judged.unchecked.need, hint=judged.unchecked.hint)


def _subject(name: str) -> Subject:
    return Subject("image", printable(name, 120))


def _held(
    ctx: Context, each: PinnedImage, found: Holding, rollback: Rollback | None, seen: Mapping[str, Json]
) -> Finding:
    """Say which release tag points at the digest, and whether the pin is as old as that on purpose."""
    hold = judge_holding(found, rollback)
    words, hint = say_hold(each.image, hold, found, rollback)
    subject, at = _subject(each.image.name), each.at
    if found.release is not None:
        subject = Subject("release", found.release.name)
        seen = {**seen, "tag": found.tag, "release": found.release.name}
        if rollback is not None:
            seen["rolled_back_by"] = rollback.commit.hash
    if hold is Hold.RELEASE:
        return passed(words, subject, at=at, **seen)
    if hold is Hold.UNKNOWN and found.problem is not None:
        return could_not_look(words, subject, found.problem.need, hint=hint, at=at, **seen)
    if hold is Hold.OLDER and found.newest is not None:
        seen = {**seen, "newest": found.newest.name}
    if hold is Hold.NOT_ALL_ASKED:
        hint = f"Set `candidates: {found.total}` for ghcr-tag-retention in preflight.yaml."
    if hold is Hold.NONE:
        other = " If releases are tagged otherwise than 1.2.0, set `pattern` for ghcr-tag-retention."
        hint, seen = NOT_HELD.fix + ("" if found.total else other), {**seen, "release_tags": found.total}
    return ctx.found(_HOLDS[hold], words, subject, hint=hint, at=at, **seen)


def _moved(ctx: Context, moved: MovedTag) -> Finding:
    """Say that the tag of a release does not point at what was pinned for it."""
    record, seen = moved.check.record, moved.check.evidence()
    (words, hint), subject = say_moved(moved), Subject("release", record.release)
    at = ctx.at(record.pinned.pin.file)
    if moved.problem is not None:
        return could_not_look(words, subject, moved.problem.need, hint=hint, at=at, **seen)
    gone, elsewhere = (PINNED_PRUNED, PINNED_MOVED) if moved.is_pinned else (PRUNED, MOVED)
    return ctx.found(gone if moved.is_gone else elsewhere, words, subject, hint=hint, at=at, **seen)


def _releases(
    ctx: Context, name: str, expected: ExpectedReleases, found: Comparison, judged: RepositoryJudgement
) -> Iterator[Finding]:
    """Say which releases of a repository are there; each that is missing is a finding of its own."""
    shown, subject, seen = printable(name, 120), _subject(name), judged.evidence()
    if not found.present:
        every = f"none of {plural(len(expected.releases), 'release')} in {expected.source} has an image"
        yield ctx.found(
            NO_IMAGES, f"{shown}: {every}: {name_releases(expected.releases)}", subject, hint="", at=None, **seen
        )
        return
    first = found.present[-1].name
    there = f"{shown}: {plural(len(found.present), 'release')} since {first} there"
    if expected.incomplete:
        words = f"{there}, but git has only some tags here (shallow clone)"
        yield ctx.found(SHALLOW_CLONE, words, subject, hint="", at=None, **seen)
    else:
        yield passed(f"{there}, tagged {judged.spelling}", subject, at=None, **seen)
    for gap, releases in judged.gaps.items():
        failure, words = _GAPS[gap]
        words = words.format(source=expected.source)
        for release in releases[:_ONE_BY_ONE]:
            evidence: dict[str, Json] = {"image": shown, "release": release.name, "source": expected.source}
            if digest := judged.pinned.get(release.name):
                evidence["digest"] = digest
            message = f"{shown}: {printable(release.name, 40)} {words}"
            yield ctx.found(failure, message, Subject("release", release.name), hint="", at=None, **evidence)
        if rest := releases[_ONE_BY_ONE:]:
            more = f"{shown}: the same holds for {plural(len(rest), 'more release')}: {name_releases(rest)}"
            yield ctx.found(failure, more, subject)


def _unpublished(name: str, found: Comparison, judged: RepositoryJudgement) -> Finding:
    """Say which releases were not judged."""
    first = found.present[-1].name
    before = f"{plural(len(found.unpublished), 'release')} before {first} not judged"
    hint = f"If images began with {first}, set `since: {first}` for ghcr-tag-retention; else they were pruned."
    words = f"{printable(name, 120)}: {before}: never published, it seems"
    return skipped(words, _subject(name), hint=hint, at=None, **judged.evidence())

"""The registry still answers for the pinned digest and for every release."""

import re
from collections.abc import Iterator, Mapping, Sequence

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Finding,
    Json,
    Need,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
)
from preflight.github.client import is_repository
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

_SOURCES = ("auto", "git", "remote", "github", "list")
_SHOWN = 5
_MOST_HISTORY = 200


@frozen
class Settings:
    """Settings of `ghcr-tag-retention`.

    Args:
        source: Where the releases stand: "git" (local tags), "remote" (`git ls-remote`), "github" (its releases; those
            of a private repository with a token in GHCR_TOKEN, GITHUB_TOKEN or GH_TOKEN), "list" (`releases`), or
            "auto": the list if there is one, else local tags, and the remote's where the clone has none or is shallow.
        releases: For "list": versions, with or without v.
        remote: Name of the remote for `git ls-remote`, and whose repository GitHub is asked for.
        repository: For "github": `OWNER/NAME`; empty: that of the remote.
        pattern: A regular expression for the tags of releases, in git and in the registry; its first group is the
            version. Empty: `v1.2.0` or `1.2.0`.
        since: The first release that had an image; empty: the oldest that is still there.
        prereleases: Pre-releases (by their version, or marked as such at GitHub) must be there too.
        candidates: How many release tags are asked, at most, whether they point at the pinned digest.
        history: Of how many releases that commits of the pin file name ("… for v1.2.0"), newest first, it is asked
            whether their tags still point at the digest that was pinned; 0: of none.
    """

    source: str = "auto"
    releases: tuple[str, ...] = ()
    remote: str = "origin"
    repository: str = ""
    pattern: str = ""
    since: str = ""
    prereleases: bool = False
    candidates: int = 200
    history: int = 20

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
        try:
            re.compile(self.pattern)
        except re.error:
            raise ValueError("pattern: is no regular expression") from None


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
            "release, is there an image tag for every release, and do the tags of the releases that commits of the "
            'pin file name ("… for v1.2.0") still point at what those commits pinned?'
        ),
        why=(
            "A clean-up workflow can delete what is pinned: the running host does not notice, the next pull or a "
            "rollback fails. A digest without a release tag is what such workflows delete first. A tag that moved "
            "since it was pinned means that somebody replaced the bytes of a release."
        ),
        failures=(
            ("The digest does not answer (404).", "Pin a digest that is there, or push that image again."),
            ("The registry answers for the digest with other bytes.", "Do not deploy; look at the registry."),
            ("No release tag points at the digest.", "Pin the digest of a release, or tag it."),
            ("Releases between others are gone (pruned).", "Stop the clean-up workflow; push them again."),
            ("A release that the pin's history names is gone (pruned).", "Stop the clean-up; push it again."),
            ("A release's tag points elsewhere than the commit says that pinned it.", "Find who moved it; tag again."),
            ("The pin is older than the newest release, as after a rollback (warning).", "Pin the newest again."),
            ("A release newer than all images has none (warning).", "Wait for its build, or look why it failed."),
            ("Only a pre-release or variant tag points at the digest (warning).", "Pin a full release."),
            ("401, 403: missing or not readable with these credentials.", "docker login as the user of this tool."),
            ("429, 5xx, time-outs, DNS, TLS, proxies: the registry cannot be asked.", "As the finding says."),
            ("Releases older than every image are not judged (skip).", "Set since to the first release with an image."),
            ("Git has no release tags to compare with (skip).", "git fetch --tags, or set source or releases."),
            ("With source: github, GitHub does not tell releases, or has none.", "As the finding says."),
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
        image = each.image
        manifest, tags = answers.manifests[image], answers.tags[image.name]
        seen: dict[str, Json] = {
            "image": str(image),
            "digest": image.digest,
            "asked_as": ctx.doors.registry.identity(image.registry),
        }
        if isinstance(manifest, ManifestUnknown | RepositoryUnknown):
            hint = "Pin a digest that is there, or push that image again; if it is private, docker login."
            return failed(manifest.message, hint=hint, at=each.at, **seen)
        if isinstance(manifest, CouldNotLook):
            verdict = failed if isinstance(manifest, WrongDigest) else could_not_look
            return verdict(manifest.message, hint=manifest.hint, at=each.at, **seen)
        seen["media_type"] = manifest.media_type
        if isinstance(tags, CouldNotLook):
            return passed(f"{_short(image)} answers", at=each.at, **seen)
        likely = answers.likely.get(image, frozenset())
        holding = find_holding(ctx, image, answers.there[image.name], likely, self.settings.candidates)
        return _held(each, holding, {**seen, "tags": len(tags)})

    def _repository(self, ctx: Context, name: str, answers: RegistryAnswers) -> Iterator[Finding]:
        """Say which releases are there, and whose tag moved."""
        shown, own = printable(name, 120), self.settings
        try:
            judged = judge_repository(ctx, name, answers, RetentionRules(own.since, own.prereleases, own.history))
        except CouldNotLook as problem:
            if not all(_said(answers.manifests[image]) for image in answers.pinned(name)):
                verdict = failed if isinstance(problem, RepositoryUnknown) else could_not_look
                yield verdict(problem.message, hint=problem.hint)
            return
        expected = judged.expected
        if isinstance(expected, CouldNotLook):
            words = f"{shown}: the releases to compare with are not known: {expected.message}"
            yield could_not_look(words, hint=expected.hint, at=None, **judged.evidence())
        elif judged.found is None:
            words = f"{shown}: no releases to compare its {plural(judged.tags, 'tag')} with: {expected.source}"
            hint = "git fetch --tags, or set `source: remote` or `releases: […]` for ghcr-tag-retention."
            yield skipped(words, hint=hint, at=None, **judged.evidence())
        else:
            yield from _retention(shown, expected, judged.found, judged, own.since)
        yield from (_moved(ctx, each) for each in judged.checked if each.moved)
        if judged.unchecked is not None:
            words = f"{shown}: not every pinned release's tag could be compared: {judged.unchecked.message}"
            yield could_not_look(words, hint=judged.unchecked.hint)


def _said(answer: object) -> bool:
    """Whether the finding about a digest already tells that the registry cannot be asked."""
    return isinstance(answer, CouldNotLook) and not isinstance(answer, ManifestUnknown | WrongDigest)


def _held(each: PinnedImage, found: Holding, seen: Mapping[str, Json]) -> Finding:
    """Say which release tag points at the digest."""
    short, release, newest = _short(each.image), found.release, found.newest
    if release is None:
        return _held_by_none(each, found, seen)
    seen = {**seen, "tag": found.tag, "release": release.name}
    if newest is not None:
        hint = f"If this is no rollback on purpose, pin the digest of {newest.name} (its tag: {newest.tags[0]})."
        words = f"{short} answers, but is release {release.name}; the newest is {newest.name}"
        return warned(words, hint=hint, at=each.at, **seen, newest=newest.name)
    if release.is_final:
        return passed(f"{short} answers, release tag {found.tag} points at it", at=each.at, **seen)
    words = f"{short} is held only by {found.tag}, a pre-release or variant"
    return warned(words, hint="Pin the digest of a full release: clean-ups spare those longest.", at=each.at, **seen)


def _held_by_none(each: PinnedImage, found: Holding, seen: Mapping[str, Json]) -> Finding:
    short, at = _short(each.image), each.at
    if found.problem is not None:
        words = f"{short}: not every release tag could be asked: {found.problem.message}"
        return could_not_look(words, hint=found.problem.hint, at=at, **seen)
    if found.asked < found.total:
        left = found.total - found.asked
        words = f"{short}: none of the {found.asked} release tags asked points at it; {left} more were not asked"
        hint = f"Set `candidates: {found.total}` for ghcr-tag-retention in preflight.yaml."
        return could_not_look(words, hint=hint, at=at, **seen)
    none = f"none of the {plural(found.total, 'release tag')}" if found.total else "no release tag"
    words = f"{short} answers, but {none} points at it{'' if found.total else ': the repository has none'}"
    hint = "Pin the digest of a release, or tag this one: what has no tag is what clean-ups delete first."
    if not found.total:
        hint += " If releases are tagged otherwise than 1.2.0, set `pattern` for ghcr-tag-retention."
    return failed(words, hint=hint, at=at, **seen, release_tags=found.total)


def _moved(ctx: Context, found: TagCheck) -> Finding:
    record, seen = found.record, found.evidence()
    name, at = record.image.name, ctx.at(record.pinned.pin.file)
    pinned = f"commit {record.commit.hash[:12]} pinned {_start(record.image.digest)} for it"
    again = f"docker buildx imagetools create --tag {name}:{found.tag} {name}@{record.image.digest}"
    if not found.digest:
        words = f"tag {found.tag} is listed, but does not answer any more; {pinned}"
        return failed(words, hint=f"Find what deleted it; then {again}", at=at, **seen)
    words = f"tag {found.tag} was moved: it points at {_start(found.digest)}, but {pinned}"
    hint = f"Deploy nothing by that tag; find who moved it (or pinned a wrong digest); if it was moved: {again}"
    return failed(words, hint=hint, at=at, **seen)


def _retention(
    name: str, expected: ExpectedReleases, found: Comparison, judged: RepositoryJudgement, since: str
) -> Iterator[Finding]:
    """Say what is there, pruned, without image yet, and not judged."""
    seen = judged.evidence()
    if not found.present:
        every = f"none of {plural(len(expected.releases), 'release')} in {expected.source} has an image"
        hint = "Look whether the image is tagged by release (else set `pattern`), or a clean-up took all of them."
        yield failed(f"{name}: {every}: {_list(expected.releases)}", hint=hint, at=None, **seen)
        return
    first = found.present[-1].name
    if found.pruned:
        words = f"{name}: {plural(len(found.pruned), 'release')} pruned: {_list(found.pruned)}"
        hint = "Find the clean-up that deletes release tags and stop it; then push those images again."
        yield failed(words, hint=hint, at=None, **seen)
    if found.pending:
        words = f"{name}: {_list(found.pending)} released in {expected.source}, but without image (yet)"
        hint = "Wait for the release's build; if it is done, look why it pushed nothing, or who deleted it."
        yield warned(words, hint=hint, at=None, **seen)
    if not found.pruned and not found.pending:
        there = f"{name}: {plural(len(found.present), 'release')} since {first} there"
        if expected.incomplete:
            hint = "git fetch --tags --unshallow, or set `source: remote` for ghcr-tag-retention."
            yield warned(f"{there}, but git has only some tags here (shallow clone)", hint=hint, at=None, **seen)
        else:
            yield passed(f"{there}, tagged {judged.spelling}", at=None, **seen)
    if found.unpublished and not since:
        before = f"{plural(len(found.unpublished), 'release')} before {first} not judged"
        hint = f"If images began with {first}, set `since: {first}` for ghcr-tag-retention; else they were pruned."
        yield skipped(f"{name}: {before}: never published, it seems", hint=hint, at=None, **seen)


def _short(image: ImageReference) -> str:
    return printable(short_reference(str(image)), 200)


def _start(digest: str | None) -> str:
    return f"{printable(digest or '', 80)[:19]}…"


def _list(releases: Sequence[Release]) -> str:
    shown = ", ".join(printable(release.name, 40) for release in releases[:_SHOWN])
    return shown if len(releases) <= _SHOWN else f"{shown} and {len(releases) - _SHOWN} more"

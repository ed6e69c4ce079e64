"""The registry still answers for the pinned digest and for every release."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from preflight import (
    About,
    Check,
    Comparison,
    Context,
    CouldNotLook,
    ExpectedReleases,
    Finding,
    ImageReference,
    Json,
    ManifestUnknown,
    Need,
    PinnedImage,
    RegistryAnswers,
    Release,
    RepositoryUnknown,
    TagCheck,
    WrongDigest,
    ask_registries,
    check_tags,
    compare,
    could_not_look,
    expected_releases,
    failed,
    find_holder,
    find_releases,
    passed,
    plural,
    printable,
    read_pinned_image,
    short_reference,
    skipped,
    warned,
)

_LIST = "the settings"
_SOURCES = ("auto", "git", "remote", "list")
_SHOWN = 5
_MOST_HISTORY = 200


@dataclass(frozen=True)
class Settings:
    """Settings of `ghcr-tag-retention`.

    Args:
        source: Where the releases stand: "git" (local tags), "remote" (`git ls-remote`), "list" (`releases`), or
            "auto": the list if there is one, else local tags, and the remote's where the clone has none or is shallow.
        releases: For "list": versions, with or without v.
        remote: Name of the remote for `git ls-remote`.
        pattern: A regular expression for the tags of releases, in git and in the registry; its first group is the
            version. Empty: `v1.2.0` or `1.2.0`.
        since: The first release that had an image; empty: the oldest that is still there.
        prereleases: Pre-releases must be there too.
        candidates: How many release tags are asked, at most, whether they point at the pinned digest.
        history: Of how many releases that commits of the pin file name ("… for v1.2.0"), newest first, it is asked
            whether their tags still point at the digest that was pinned; 0: of none.
    """

    source: str = "auto"
    releases: tuple[str, ...] = ()
    remote: str = "origin"
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
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Ask for everything at once, then judge each pin and each repository."""
        pinned: list[PinnedImage] = []
        for pin in ctx.pins:
            found = read_pinned_image(ctx, pin)
            if isinstance(found, Finding):
                yield found
            else:
                pinned.append(found)
        if pinned:
            yield from self._judge(ctx, pinned)

    def _judge(self, ctx: Context, pinned: Sequence[PinnedImage]) -> Iterator[Finding]:
        found = ask_registries(ctx, pinned, lambda: self._expected(ctx))
        there = {
            name: () if isinstance(tags, CouldNotLook) else find_releases(tags, self.settings.pattern)
            for name, tags in found.tags.items()
        }
        for each in pinned:
            yield from self._digest(ctx, each, found, there[each.image.name])
        for name in found.tags:
            seen = [answer for image, answer in found.manifests.items() if image.name == name]
            compared: list[Json] = []
            moved = list(self._moved(ctx, name, found, there[name], compared))
            yield from self._repository(name, found, seen, there[name], compared)
            yield from moved

    def _expected(self, ctx: Context) -> ExpectedReleases:
        own = self.settings
        if own.source == "list" or (own.source == "auto" and own.releases):
            return ExpectedReleases(find_releases(own.releases), _LIST)
        found = expected_releases(ctx, own.source, own.remote, own.pattern)
        return found if own.prereleases else found.final

    def _digest(
        self, ctx: Context, each: PinnedImage, found: RegistryAnswers, there: Sequence[Release]
    ) -> Iterator[Finding]:
        manifest, tags = found.manifests[each.image], found.tags[each.image.name]
        evidence: dict[str, Json] = {
            "image": str(each.image),
            "digest": each.image.digest,
            "asked_as": ctx.doors.registry.identity(each.image.registry),
        }
        if isinstance(manifest, ManifestUnknown | RepositoryUnknown):
            yield failed(
                manifest.message,
                hint="Pin a digest that is there, or push that image again; if it is private, docker login.",
                at=each.at,
                **evidence,
            )
        elif isinstance(manifest, WrongDigest):
            yield failed(manifest.message, hint=manifest.hint, at=each.at, **evidence)
        elif isinstance(manifest, CouldNotLook):
            yield could_not_look(manifest.message, hint=manifest.hint, at=each.at, **evidence)
        elif isinstance(tags, CouldNotLook):
            yield passed(f"{_short(each.image)} answers", at=each.at, **evidence, media_type=manifest.media_type)
        else:
            yield self._held(
                ctx,
                each,
                there,
                found.likely.get(each.image, frozenset()),
                {**evidence, "media_type": manifest.media_type, "tags": len(tags)},
            )

    def _held(
        self,
        ctx: Context,
        each: PinnedImage,
        there: Sequence[Release],
        likely: frozenset[str],
        evidence: Mapping[str, Json],
    ) -> Finding:
        """Say which release tag points at the digest, asking the likeliest first."""
        image = each.image
        releases = sorted(there, key=lambda release: release.name not in likely)
        releases.sort(key=lambda release: not release.is_final)
        candidates = [tag for release in releases for tag in release.tags]
        if not candidates:
            return failed(
                f"{_short(image)} answers, but no release tag points at it: the repository has none",
                hint="Tag the image with its release, e.g. docker buildx imagetools create; untagged is pruned first.",
                at=each.at,
                **evidence,
            )
        asked = candidates[: self.settings.candidates]
        tag, problem = find_holder(ctx, image, asked)
        if tag is not None:
            release = next(release for release in releases if tag in release.tags)
            newest = next((each for each in there if each.is_final), release)
            newer = newest.order > release.order and not find_holder(ctx, image, newest.tags)[0]
            return _rolled_back(each, release, newest, evidence) if newer else _holder(each, tag, release, evidence)
        if problem is not None:
            return could_not_look(
                f"{_short(image)}: not every release tag could be asked: {problem.message}",
                hint=problem.hint,
                at=each.at,
                **evidence,
            )
        return self._held_by_none(each, len(asked), len(candidates), evidence)

    def _held_by_none(self, each: PinnedImage, asked: int, total: int, evidence: Mapping[str, Json]) -> Finding:
        short = _short(each.image)
        if asked < total:
            return could_not_look(
                f"{short}: none of the {asked} release tags asked points at it; {total - asked} more were not asked",
                hint=f"Set `candidates: {total}` for ghcr-tag-retention in preflight.yaml.",
                at=each.at,
                **evidence,
            )
        return failed(
            f"{short} answers, but none of the {plural(total, 'release tag')} points at it",
            hint="Pin the digest of a release, or tag this one: what has no tag is what clean-ups delete first.",
            at=each.at,
            **evidence,
            release_tags=total,
        )

    def _repository(
        self,
        name: str,
        found: RegistryAnswers,
        seen: Sequence[object],
        there: Sequence[Release],
        compared: list[Json],
    ) -> Iterator[Finding]:
        tags, expected, known = found.tags[name], found.expected, found.published
        recorded = () if isinstance(found.recorded, CouldNotLook) else found.recorded.get(name, ())
        name = printable(name, 120)
        if isinstance(tags, CouldNotLook):
            if not all(_said(answer) for answer in seen):  # else the same trouble stands there for the digest
                verdict = failed if isinstance(tags, RepositoryUnknown) else could_not_look
                yield verdict(tags.message, hint=tags.hint)
        elif isinstance(expected, CouldNotLook):
            yield could_not_look(
                f"{name}: the releases to compare with are not known: {expected.message}", hint=expected.hint
            )
        elif not expected.releases:
            yield skipped(
                f"{name}: no releases to compare its {plural(len(tags), 'tag')} with: {expected.source}",
                hint="git fetch --tags, or set `source: remote` or `releases: […]` for ghcr-tag-retention.",
            )
        else:
            if expected.source == _LIST:
                known = frozenset(release.name for release in expected.releases)
            else:
                expected = self._with(expected, [record.release for record in recorded])
            told_apart = compare(expected.releases, there, known, self.settings.since)
            yield from _retention(name, told_apart, expected, there, self.settings.since, compared=compared)

    def _with(self, expected: ExpectedReleases, recorded: Sequence[str]) -> ExpectedReleases:
        """Add releases that were pinned once, though their tag in git is gone, too."""
        names = [*(release.name for release in expected.releases), *recorded]
        releases = find_releases(dict.fromkeys(names))
        wanted = tuple(release for release in releases if release.is_final or self.settings.prereleases)
        return replace(expected, releases=wanted)

    def _moved(
        self, ctx: Context, name: str, found: RegistryAnswers, there: Sequence[Release], compared: list[Json]
    ) -> Iterator[Finding]:
        """Judge whether the tags of releases still point where the pin's history says; fill `compared`."""
        if isinstance(found.tags[name], CouldNotLook) or not self.settings.history:
            return  # said already
        if isinstance(found.recorded, CouldNotLook):
            if not isinstance(found.expected, CouldNotLook):
                what = f"{printable(name, 120)}: whether release tags moved is not known: {found.recorded.message}"
                yield could_not_look(what, hint=found.recorded.hint)
            return
        by_version = {release.name: release for release in there}
        checked, problem = check_tags(ctx, found.recorded.get(name, ()), by_version, self.settings.history)
        compared += [each.tag for each in checked]
        yield from (_moved_tag(ctx, each) for each in checked if each.moved)
        if problem is not None:
            what = f"{printable(name, 120)}: not every pinned release's tag could be asked: {problem.message}"
            yield could_not_look(what, hint=problem.hint)


def _said(answer: object) -> bool:
    """Whether a finding about a digest already tells that the registry cannot be asked."""
    return isinstance(answer, CouldNotLook) and not isinstance(answer, ManifestUnknown | WrongDigest)


def _short(image: ImageReference) -> str:
    return printable(short_reference(str(image)), 200)


def _rolled_back(each: PinnedImage, release: Release, newest: Release, evidence: Mapping[str, Json]) -> Finding:
    return warned(
        f"{_short(each.image)} answers, but is release {release.name}; the newest is {newest.name}",
        hint=f"If this is no rollback on purpose, pin the digest of {newest.name} (its tag: {newest.tags[0]}).",
        at=each.at,
        **evidence,
        tag=release.tags[0],
        release=release.name,
        newest=newest.name,
    )


def _moved_tag(ctx: Context, found: TagCheck) -> Finding:
    record = found.record
    name, commit = record.image.name, record.commit.hash[:12]
    pinned = f"commit {commit} pinned {_digest(record.image.digest)} for it"
    evidence: dict[str, Json] = {
        "image": name,
        "release": record.release,
        "tag": found.tag,
        "points_at": found.digest or None,
        "digest": record.image.digest,
        "commit": record.commit.hash,
        "subject": record.commit.subject,
    }
    again = f"docker buildx imagetools create --tag {name}:{found.tag} {name}@{record.image.digest}"
    at = ctx.at(record.pinned.pin.file)
    if not found.digest:
        words = f"tag {found.tag} is listed, but does not answer any more; {pinned}"
        return failed(words, hint=f"Find what deleted it; then {again}", at=at, **evidence)
    words = f"tag {found.tag} was moved: it points at {_digest(found.digest)}, but {pinned}"
    return failed(words, hint=f"Deploy nothing by that tag; find who moved it; then {again}", at=at, **evidence)


def _digest(digest: str | None) -> str:
    return f"{printable(digest or '', 80)[:19]}…"


def _holder(each: PinnedImage, tag: str, release: Release, evidence: Mapping[str, Json]) -> Finding:
    if release.is_final:
        return passed(f"{_short(each.image)} answers, release tag {tag} points at it", at=each.at, **evidence, tag=tag)
    return warned(
        f"{_short(each.image)} is held only by {tag}, a pre-release or variant",
        hint="Pin the digest of a full release: clean-ups spare those longest.",
        at=each.at,
        **evidence,
        tag=tag,
    )


def _retention(
    name: str,
    found: Comparison,
    expected: ExpectedReleases,
    there: Sequence[Release],
    since: str,
    *,
    compared: list[Json],
) -> Iterator[Finding]:
    evidence: dict[str, Json] = {
        "source": expected.source,
        "registry_writes": _spelling(there),
        "compared_with_pins": compared,
        **{
            group: [release.name for release in getattr(found, group)]
            for group in ("present", "pruned", "pending", "unpublished")
        },
    }
    total = len(expected.releases)
    if not found.present:
        yield failed(
            f"{name}: none of {plural(total, 'release')} in {expected.source} has an image: {_list(expected.releases)}",
            hint="Look whether the image is tagged by release (else set `pattern`), or a clean-up took all of them.",
            at=None,
            **evidence,
        )
        return
    if found.pruned:
        yield failed(
            f"{name}: {plural(len(found.pruned), 'release')} pruned: {_list(found.pruned)}",
            hint="Find the clean-up that deletes release tags and stop it; then push those images again.",
            at=None,
            **evidence,
        )
    if found.pending:
        yield warned(
            f"{name}: {_list(found.pending)} released in {expected.source}, but without image (yet)",
            hint="Wait for the release's build; if it is done, look why it pushed nothing, or who deleted it.",
            at=None,
            **evidence,
        )
    if not found.pruned and not found.pending:
        yield _all_there(name, found, expected, evidence)
    if found.unpublished and not since:
        first = found.present[-1].name
        yield skipped(
            f"{name}: {plural(len(found.unpublished), 'release')} before {first} not judged: never published, it seems",
            hint=f"If images began with {first}, set `since: {first}` for ghcr-tag-retention; else they were pruned.",
            at=None,
            **evidence,
        )


def _all_there(name: str, found: Comparison, expected: ExpectedReleases, evidence: Mapping[str, Json]) -> Finding:
    there = f"{name}: {plural(len(found.present), 'release')} since {found.present[-1].name} there"
    if expected.incomplete:
        return warned(
            f"{there}, but git has only some tags here (shallow clone)",
            hint="git fetch --tags --unshallow, or set `source: remote` for ghcr-tag-retention.",
            at=None,
            **evidence,
        )
    return passed(f"{there}, tagged {evidence['registry_writes']}", at=None, **evidence)


def _spelling(releases: Sequence[Release]) -> str:
    """Say how the registry writes versions."""
    with_v = {tag.startswith("v") for release in releases for tag in release.tags}
    return "with and without v" if len(with_v) > 1 else "with v" if True in with_v else "without v"


def _list(releases: Sequence[Release]) -> str:
    shown = ", ".join(printable(release.name, 40) for release in releases[:_SHOWN])
    return shown if len(releases) <= _SHOWN else f"{shown} and {len(releases) - _SHOWN} more"

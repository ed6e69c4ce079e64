"""The pinned image would pull on this host: all of it is in the registry, and for this platform."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

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
    passed,
    setting,
)
from preflight.images.pullable import look_at_images
from preflight.lib.records import frozen
from preflight.lib.reference import short_name
from preflight.lib.text import plural, printable
from preflight.pins.image import PinnedImage, read_pinned_images
from preflight.registry.errors import ManifestUnknown, RepositoryUnknown, WrongDigest

if TYPE_CHECKING:
    from preflight.images.pullable import Sighting
    from preflight.registry.manifests import ImageChild

_EATEN = "Stop the clean-up that deletes untagged versions, push the release again, and pin the digest it then has."
_MALFORMED = "Do not deploy: no engine can pull that. Build and push the image again, and pin the digest it then has."
_NAMED = 3
_BAD = (Status.FAIL, Status.ERROR)


@frozen
class Settings:
    """Settings of `image-pullable`."""

    deep: bool = setting(
        default=False,
        meaning="Also ask for every layer that this host would pull; some registries count that.",
    )


def _warning(code: str, says: str, fix: str) -> Failure:
    return Failure(code, says, fix, Status.WARN, Status.WARN)


GONE = Failure(
    "gone",
    "The registry does not have the pinned digest.",
    "Take the pin back to a release that is there: preflight pin rollback. Or push that image again. If it is private: "
    "docker login REGISTRY",
    follows=frozenset({"ghcr-tag-retention/digest-not-found"}),
)
WRONG_BYTES = Failure(
    "wrong-bytes",
    "The registry answers with other bytes than the digest names.",
    "Do not deploy: the registry, or a proxy before it, changes what it hands out. Ask its owner.",
)
CHILDREN_GONE = Failure("children-gone", "Images that the index lists are gone.", _EATEN)
LOGIN_REFUSED = Failure(
    "login-refused",
    "The registry refuses Docker's login for it, but answers without one, so a pull fails here.",
    "Log out: docker logout HOST",
)
MALFORMED = Failure("malformed", "The manifest, or the index, cannot be pulled by any engine.", _MALFORMED)
PARTS_GONE = Failure(
    "parts-gone", "The configuration or layers of the image are gone.", "Push the image again: the registry lost parts."
)
WRONG_PLATFORM = Failure(
    "wrong-platform",
    "The image is not for this host's platform.",
    "Build the image for this platform, push it and pin its digest; or deploy on a host that it is for.",
)
SUBSTITUTE = _warning(
    "substitute-platform",
    "The image has nothing for this host's platform, only for one that it can run in its place.",
    "Build the image for this platform, too.",
)
PLATFORM_UNSAID = _warning(
    "platform-unsaid", "The index does not name the platforms of its images.", "Build it with docker buildx."
)
ATTESTATION_GONE = _warning("attestation-gone", "An attestation that the index lists is gone.", _EATEN)
ATTESTATION_UNSEEN = _warning(
    "attestation-unseen", "An attestation that the index lists cannot be asked for.", "Follow what the message says."
)
NESTED_INDEX = _warning(
    "nested-index",
    "The index lists an index, which not every engine pulls.",
    "Build it as one flat index, e.g. with docker buildx imagetools create.",
)
ODD_ENTRY = _warning(
    "odd-entry", "The index lists an entry that no engine runs.", "Nothing, if it is meant: no engine pulls it."
)


class ImagePullable(Check[Settings]):
    """A pull of the pinned digest on this host finds all it needs."""

    about = About(
        id="image-pullable",
        title="The pinned image can be pulled on this host",
        area=Area.REGISTRY,
        tags=frozenset({"candidate", "registry", "network"}),
        needs=frozenset({Need.PIN, Need.NETWORK, Need.ENGINE}),
        asks=(
            "Does the registry answer for the pinned digest and, where that is an index, for every image it lists; is "
            "one of them for this host's platform (the engine's, else the machine's); is a single image built for it; "
            "and is it on this host already? With `--deep` (or `deep: true` for this check), are all layers there, too?"
        ),
        why=(
            "A clean-up of untagged versions deletes the images of an index and leaves the index and its tags "
            "standing: everything looks well until a host pulls. An engine without the image on disk then cannot start "
            "the service, and neither can a rollback."
        ),
        failures=(
            GONE,
            WRONG_BYTES,
            CHILDREN_GONE,
            LOGIN_REFUSED,
            MALFORMED,
            PARTS_GONE,
            WRONG_PLATFORM,
            SUBSTITUTE,
            PLATFORM_UNSAID,
            ATTESTATION_GONE,
            ATTESTATION_UNSEEN,
            NESTED_INDEX,
            ODD_ENTRY,
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Look at all pinned images at once; one that two pins name is judged once."""
        images = read_pinned_images(ctx)
        yield from images.problems
        if pinned := images.once_each:
            wanted = [each.image for each in pinned]
            sightings = look_at_images(ctx, wanted, deep=self.settings.deep or ctx.options.deep)
            for each, seen in zip(pinned, sightings, strict=True):
                yield from _Judge(ctx, each, seen).findings()


class _Judge:
    """Says what was seen of one image."""

    def __init__(self, ctx: Context, pinned: PinnedImage, seen: "Sighting") -> None:
        self.ctx, self.seen, self.at, self.name = ctx, seen, pinned.at, short_name(pinned.image)
        self.subject = Subject("image", pinned.image.name)
        self.evidence = _evidence(seen, pinned, ctx.doors.registry.identity(pinned.image.registry))
        self.registry = pinned.image.registry
        self.refused_login = ctx.doors.registry.refused_login(self.registry)

    def findings(self) -> Iterator[Finding]:
        """Say what is wrong; where nothing is, that it would pull."""
        wrong = list(self._wrong())
        if not any(finding.status in _BAD for finding in wrong):
            message = f"would pull: {self._good()}; {_presence(self.seen)}: {self.name}"
            yield passed(message, self.subject, at=self.at, **self.evidence)
        yield from wrong

    def _wrong(self) -> Iterator[Finding]:
        manifest, seen = self.seen.manifest, self.seen
        if isinstance(manifest, CouldNotLook):
            yield self._no_answer(manifest)
            return
        if self.refused_login:
            message = f"{self.name}: the registry refuses the login in {self.refused_login}, so a pull fails here"
            hint = f"Log out, for the image can be read without a login: docker logout {self.registry}"
            yield self._found(LOGIN_REFUSED, message, hint, presence=True)
        if seen.malformed is not None:
            yield self._malformed(seen.malformed)
            return
        if seen.is_index:
            yield from self._children()
            yield from self._platform()
        if seen.contents is not None:
            yield from self._contents()

    def _no_answer(self, problem: CouldNotLook) -> Finding:
        if isinstance(problem, ManifestUnknown | RepositoryUnknown):
            return self._found(GONE, problem.message, presence=True)
        if isinstance(problem, WrongDigest):
            return self._found(WRONG_BYTES, problem.message, problem.hint)
        return self._unseen(problem.message, problem.hint)

    def _malformed(self, problem: ValueError) -> Finding:
        from preflight.registry.manifests import TooLong

        if isinstance(problem, TooLong):
            hint = "Pin an image that lists less; whether this one would pull is not known."
            return self._unseen(f"{self.name} {problem}", hint)
        return self._found(MALFORMED, f"{self.name} {problem}")

    def _children(self) -> Iterator[Finding]:
        """Judge whether what the index lists is there."""
        seen, runnable = self.seen, self.seen.runnable
        groups = {
            True: [child for child in seen.children if child.is_attestation and child.digest in seen.answers],
            False: [child for child in (*runnable, *_nested(seen)) if not child.is_attestation],
        }
        for lesser, children in groups.items():
            yield from self._answers(children, lesser=lesser)
        if nested := _nested(seen):
            inner = plural(len(nested), "index", "indexes")
            yield self._found(NESTED_INDEX, f"{self.name} lists {inner} inside it; what those list is not seen")
        odd = [child for child in seen.children if not child.is_image and not child.is_index]
        if odd:
            entries = plural(len(odd), "entry", "entries")
            yield self._found(ODD_ENTRY, f"{self.name} lists {entries} no engine runs: {odd[0].media_type}")

    def _answers(self, children: "list[ImageChild]", *, lesser: bool) -> Iterator[Finding]:
        """Judge the registry's answers for some children; ``lesser`` ones only warn."""
        answers = self.seen.answers
        what = "attestation" if lesser else "platform"
        gone = [each for each in children if isinstance(answers[each.digest], ManifestUnknown | RepositoryUnknown)]
        other = [each for each in children if isinstance(answers[each.digest], WrongDigest)]
        unseen = [
            each
            for each in children
            if isinstance(answers[each.digest], CouldNotLook) and each not in gone and each not in other
        ]
        if gone:
            message = f"{self.name}: {len(gone)} of {plural(len(children), what)} gone: {_list(gone)}"
            mine = "" if lesser or self.seen.chosen not in gone else ", this host's among them"
            failure = ATTESTATION_GONE if lesser else CHILDREN_GONE
            yield self._found(failure, message + mine, presence=not lesser)
        if other:
            yield self._found(WRONG_BYTES, f"{self.name}: the registry answers with other bytes for {_list(other)}")
        if unseen:
            first = answers[unseen[0].digest]
            reason = first.message if isinstance(first, CouldNotLook) else ""
            hint = first.hint if isinstance(first, CouldNotLook) else ""
            message = f"{self.name}: {len(unseen)} of {plural(len(children), what)} not seen: {reason}"
            yield self._found(ATTESTATION_UNSEEN, message, hint) if lesser else self._unseen(message, hint)

    def _platform(self) -> Iterator[Finding]:
        """Judge whether this host's platform is among the children."""
        seen, host, chosen = self.seen, self.seen.host, self.seen.chosen
        build = f"Build the image for {host} too, push it and pin its digest; or deploy on a host that it is for."
        if chosen is not None:
            if chosen.platform != host:
                message = f"{self.name} has nothing for {host}; the engine would take {chosen.platform} in its place"
                yield self._found(SUBSTITUTE, message, build)
        elif any(child.platform is None for child in seen.runnable):
            message = f"{self.name}: whether one of its images is for {host} is not said in the index"
            yield self._found(PLATFORM_UNSAID, message)
        elif _nested(seen):
            message = f"{self.name}: whether it is for {host} is not known: it lists indexes inside it"
            yield self._unseen(message, "Build it as one flat index.")
        elif not seen.runnable:
            yield self._found(MALFORMED, f"{self.name} is an index that lists no image")
        else:
            there = ", ".join(dict.fromkeys(str(child.platform) for child in seen.runnable[:6]))
            message = f"{self.name} is not for this host ({host}), only for {printable(there, 80)}"
            yield self._found(WRONG_PLATFORM, message, build)

    def _contents(self) -> Iterator[Finding]:
        """Judge the configuration and the layers of what this host would pull."""
        found, host = self.seen.contents, self.seen.host
        if found is None:
            return
        if found.malformed is not None:
            yield self._malformed(found.malformed)
        if found.missing:
            more = f" and {len(found.missing) - _NAMED} more" if len(found.missing) > _NAMED else ""
            message = f"{self.name}: parts of it are gone: {', '.join(found.missing[:_NAMED])}{more}"
            yield self._found(PARTS_GONE, message, presence=True)
        if isinstance(found.problem, WrongDigest):
            yield self._found(WRONG_BYTES, found.problem.message, found.problem.hint)
        elif found.problem is not None:
            message = f"{self.name}: not all of its parts could be asked for: {found.problem.message}"
            yield self._unseen(message, found.problem.hint)
        expected = self.seen.chosen.platform if self.seen.chosen is not None else host
        if found.platform is not None and found.platform not in {expected, host}:
            build = f"Build the image for {host}, push it and pin its digest."
            yield self._found(WRONG_PLATFORM, f"{self.name} was built for {found.platform}, this host is {host}", build)

    def _mine(self) -> str:
        return str(self.seen.chosen.platform) if self.seen.chosen else "unnamed"

    def _good(self) -> str:
        seen = self.seen
        contents = seen.contents
        said = "a single image answers" if contents is None else f"a single image answers for {contents.platform}"
        if seen.is_index:
            said = f"{plural(len(seen.runnable), 'platform')} there, {self._mine()}"
        if contents is not None and contents.layers is not None:
            said += f", with {'config and ' if seen.is_index else ''}{plural(contents.layers, 'layer')}"
        return said

    def _found(self, failure: Failure, message: str, hint: str = "", *, presence: bool = False) -> Finding:
        here = f"; {_presence(self.seen)}" if presence else ""
        return self.ctx.found(failure, message + here, self.subject, hint=hint, at=self.at, **self.evidence)

    def _unseen(self, message: str, hint: str) -> Finding:
        return could_not_look(message, self.subject, hint=hint, at=self.at, **self.evidence)


def _nested(seen: "Sighting") -> "list[ImageChild]":
    return [child for child in seen.children if child.is_index]


def _list(children: "Iterable[ImageChild]") -> str:
    """Name the first few, by platform and short digest."""
    names = [f"{child.platform or 'platform unsaid'} {child.digest[:19]}…" for child in children]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _presence(seen: "Sighting") -> str:
    if isinstance(seen.stored, CouldNotLook):
        return "whether this host has it already was not looked at"
    if seen.stored is None:
        return "not on this host yet"
    names = seen.stored.names
    return f"on this host already as {printable(names[0], 80)}" if names else "on this host already, without a name"


def _evidence(seen: "Sighting", pinned: PinnedImage, asked_as: str) -> dict[str, Json]:
    """Return what backs every finding about the image."""
    stored = seen.stored
    evidence: dict[str, Json] = {
        "image": str(pinned.image),
        "asked_as": asked_as,
        "host_platform": str(seen.host),
        "host_platform_from": seen.host_said_by,
        "on_this_host": None if isinstance(stored, CouldNotLook) else stored is not None,
    }
    if isinstance(stored, CouldNotLook):
        evidence["engine"] = stored.message
    elif stored is not None:
        evidence["on_this_host_as"] = [printable(name, 200) for name in stored.names]
    if not isinstance(seen.manifest, CouldNotLook):
        evidence["media_type"] = seen.manifest.media_type
    if seen.children:
        evidence["children"] = [
            {
                "digest": child.digest,
                "platform": str(child.platform) if child.platform else None,
                "attestation": child.is_attestation,
                "answers": not isinstance(seen.answers[child.digest], CouldNotLook)
                if child.digest in seen.answers
                else None,
            }
            for child in seen.children
        ]
    return evidence

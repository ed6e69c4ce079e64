"""The pinned image was built from the project's own source, from the release that the pin names."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from preflight import About, Area, Check, Context, Failure, Finding, Json, Need, Status, could_not_look, passed, setting
from preflight.lib.records import frozen
from preflight.lib.reference import short_name
from preflight.lib.text import printable
from preflight.signed.failures import SHARED
from preflight.signed.settings import (
    ISSUER,
    REF,
    REFRESH_TRUST_ROOT,
    TRUST_ROOT,
    WORKFLOW,
    check_signer_settings,
    signer_demand,
)

if TYPE_CHECKING:
    from preflight.pins.image import PinnedImage
    from preflight.signed.model import Verified
    from preflight.signed.statement import Provenance

_STOP = "Do not deploy: "

REPOSITORY = Failure(
    "repository",
    "It was built from another repository than `repository` demands.",
    "Do not deploy it; or correct `repository`.",
)
CONTRADICTION = Failure(
    "contradiction",
    "It contradicts its own certificate.",
    "Do not deploy it: the build made false statements about itself.",
)
RELEASE = Failure(
    "other-release",
    "Its commit or tag is not of the release that the pin names.",
    "Do not deploy it; pin the image of that release.",
)
SOURCE_UNCHECKED = Failure(
    "source-unchecked",
    "Its source is another repository than that of the workflow that built it, and no `repository` is demanded.",
    "Set `repository`.",
    Status.WARN,
    Status.WARN,
)
RELEASE_UNKNOWN = Failure(
    "release-unknown",
    "Nothing tells whether its commit is of the release that the pin names.",
    "Fetch what is missing: git fetch --tags, in a shallow clone git fetch --unshallow --tags.",
    Status.WARN,
    Status.WARN,
)


@frozen
class Settings:
    """Settings of `image-provenance`."""

    repository: str = setting(
        "",
        "OWNER/NAME of the source: what must have been built, in any case, and whose attestations GitHub is "
        "asked for. Without `identity`, a workflow of that very repository must have signed, compared exactly.",
    )
    workflow: str = setting("", WORKFLOW)
    ref: str = setting("", REF)
    identity: str = setting(
        "",
        "For experts: a regular expression (RE2) for the workflow that built and signed, matched from the start of the "
        "certificate's subject, e.g. `^https://github\\.com/ls1intum/Hephaestus/`; case counts. Without this and "
        "`repository` nothing is verified.",
    )
    issuer: str = setting("https://token.actions.githubusercontent.com", ISSUER)
    required: bool = setting(
        default=False,
        meaning="An image without provenance is a failure, not a warning, and so is a host that cannot verify.",
    )
    trust_root: str = setting("", TRUST_ROOT)
    refresh_trust_root: bool = setting(default=False, meaning=REFRESH_TRUST_ROOT)

    def __post_init__(self) -> None:
        check_signer_settings(self, demands=self.required)


class ImageProvenance(Check[Settings]):
    """A build-provenance attestation of the pinned digest holds, and its commit belongs to the pinned release."""

    about = About(
        id="image-provenance",
        title="The pinned image was built from its own source",
        area=Area.SIGNATURE,
        tags=frozenset({"candidate", "registry", "network", "provenance"}),
        needs=frozenset({Need.PIN, Need.NETWORK, Need.GIT}),
        asks=(
            "Is there a signed build provenance (SLSA) of exactly the pinned digest, in the registry or at GitHub, by "
            "the identity and issuer that the settings demand; from which repository, commit and tag; and does that "
            "commit belong to the release that the pin's history names?"
        ),
        why=(
            "A signature tells who published an image; the provenance tells what it was built from. An image of "
            "another commit under the pin of a release runs code that nobody reviewed for it. Nothing is verified "
            "until `repository` or `identity` is set; the extra `verify` does it, gh on PATH is the "
            "second choice."
        ),
        failures=(*SHARED, REPOSITORY, CONTRADICTION, RELEASE, SOURCE_UNCHECKED, RELEASE_UNKNOWN),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Verify each pinned image. Without an identity it asks nobody."""
        from preflight.lib.reference import ImageReference as Image
        from preflight.signed.attestations import likely_repository
        from preflight.signed.search import VerificationOutcome, verify_provenance
        from preflight.signed.verdicts import SignatureWords, judge_signatures

        given = self.settings
        demand = signer_demand(ctx, given, self.about.id)

        def verify(image: Image) -> VerificationOutcome:
            return verify_provenance(ctx, image, demand, given.repository or likely_repository(image))

        words = SignatureWords(
            "build provenance", "Let the release workflow run actions/attest-build-provenance.", given.required, demand
        )
        yield from judge_signatures(ctx, words, verify, partial(self._accept, ctx))

    def _accept(self, ctx: Context, pinned: "PinnedImage", verified: "Verified") -> Iterator[Finding]:
        """Judge what a provenance that holds says."""
        from preflight.signed.search import verification_evidence
        from preflight.signed.statement import read_provenance
        from preflight.signed.verdicts import image_subject

        image, at, subject = short_name(pinned.image), pinned.at, image_subject(pinned.image)
        provenance = read_provenance(verified.statement or {})
        if provenance is None:
            yield could_not_look(
                f"{image}: the provenance is of a version that is not known here: {verified.predicate_type}",
                subject,
                hint="Update preflight; known are SLSA provenance v1 and v0.2.",
                at=at,
            )
            return
        evidence = {"digest": pinned.image.digest, **verification_evidence(verified), **_facts(provenance, verified)}
        if wrong := self._wrong(provenance, verified):
            failure, what, hint = wrong
            yield ctx.found(failure, f"{image}: {what}", subject, hint=hint, at=at, **evidence)
            return
        yield from _release(ctx, pinned, evidence)
        if not self.settings.repository and not _same_place(verified):
            yield ctx.found(
                SOURCE_UNCHECKED,
                f"{image} was built from {printable(verified.signer.repository)} by a workflow of another repository",
                subject,
                hint="Set `repository: OWNER/NAME` for image-provenance, so that the source is demanded, too.",
                at=at,
            )

    def _wrong(self, provenance: "Provenance", verified: "Verified") -> tuple[Failure, str, str] | None:
        """Return what speaks against the build, and what to do."""
        from preflight.signed.attestations import repository_of

        signer = verified.signer
        pairs = (
            ("repository", repository_of(provenance.repository), repository_of(signer.repository)),
            ("commit", provenance.commit, signer.commit),
            ("ref", provenance.ref, signer.ref),
        )
        for what, claimed, certified in pairs:
            if claimed and certified and claimed != certified:
                return (
                    CONTRADICTION,
                    f"the provenance names another {what} ({printable(claimed, 60)}) than its certificate",
                    f"{_STOP}the build made false statements about itself. Look at the workflow that made it.",
                )
        wanted = self.settings.repository.lower()
        source = repository_of(signer.repository) or repository_of(provenance.repository)
        if wanted and source != wanted:
            return (
                REPOSITORY,
                f"it was built from {printable(source, 100) or 'a source that is not named'}, not from {wanted}",
                f"{_STOP}it is not your source; or correct `repository` of image-provenance.",
            )
        return None


def _same_place(verified: "Verified") -> bool:
    """Whether the workflow that signed lies in the repository that was built."""
    signer = verified.signer
    return not signer.repository or signer.identity.lower().startswith(f"{signer.repository.lower()}/")


def _release(ctx: Context, pinned: "PinnedImage", evidence: dict[str, Json]) -> Iterator[Finding]:
    """Compare the source with the release that the pin names."""
    from preflight.signed.origin import origin_of, release_in_ref
    from preflight.signed.verdicts import image_subject

    image, at, subject = short_name(pinned.image), pinned.at, image_subject(pinned.image)
    commit, ref = str(evidence.get("commit", "")), str(evidence.get("ref", ""))
    origin = origin_of(ctx, pinned, commit, str(evidence.get("repository", "")))
    tag = release_in_ref(ref)
    if origin.release and tag and tag != origin.release:
        message = f"{image} was built from {tag}, but the pin is for release {origin.release}"
        hint = f"{_STOP}pin the image of {origin.release}, or correct the pin's history."
        yield ctx.found(RELEASE, message, subject, hint=hint, at=at, **evidence)
        return
    if origin.belongs is False:
        message = f"{image} was not built from release {origin.release}: {origin.why}"
        hint = f"{_STOP}pin the image that was built from the tag of {origin.release}."
        yield ctx.found(RELEASE, message, subject, hint=hint, at=at, **evidence)
        return
    source = f"{printable(str(evidence.get('repository', 'its source')), 100)} at {commit[:12] or 'an unnamed commit'}"
    if origin.belongs:
        message = f"{image} was built from {source}, of release {origin.release}"
        yield passed(message, subject, at=at, **evidence)
        return
    yield passed(f"{image} was built from {source}; release not compared: {origin.why}", subject, at=at, **evidence)
    if origin.release:
        message = f"{image}: whether its commit is of release {origin.release} cannot be told: {origin.why}"
        yield ctx.found(RELEASE_UNKNOWN, message, subject, at=at)


def _facts(provenance: "Provenance", verified: "Verified") -> dict[str, Json]:
    """Return the facts of the build; what the certificate says counts more than what the build claims."""
    signer = verified.signer
    facts: dict[str, Json] = {
        "builder": provenance.builder,
        "repository": signer.repository or provenance.repository,
        "commit": signer.commit or provenance.commit,
        "ref": signer.ref or provenance.ref,
    }
    return {name: value for name, value in facts.items() if value}

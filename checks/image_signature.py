"""The pinned image is signed by the project's own workflow."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from preflight import About, Area, Check, Context, Finding, Need, passed, setting
from preflight.lib.records import frozen
from preflight.lib.reference import short_name
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


@frozen
class Settings:
    """Settings of `image-signature`."""

    repository: str = setting(
        "",
        "OWNER/NAME whose workflow on GitHub must have signed, compared exactly. Empty, and no `identity`: "
        "nothing is verified. Signatures by keys that somebody manages are not supported.",
    )
    workflow: str = setting("", WORKFLOW)
    ref: str = setting("", REF)
    identity: str = setting(
        "",
        "For experts, in place of those three: a regular expression (RE2) for the signer, matched from the "
        "start of the certificate's subject, e.g. `^https://github\\.com/ls1intum/Hephaestus/`; case counts.",
    )
    issuer: str = setting("https://token.actions.githubusercontent.com", ISSUER)
    required: bool = setting(
        default=False,
        meaning="An image without a signature is a failure, not a warning, and so is a host that cannot verify.",
    )
    trust_root: str = setting("", TRUST_ROOT)
    refresh_trust_root: bool = setting(default=False, meaning=REFRESH_TRUST_ROOT)

    def __post_init__(self) -> None:
        check_signer_settings(self, demands=self.required)


class ImageSignature(Check[Settings]):
    """A keyless signature of the pinned digest holds: by cosign 2 (`.sig` tag) or as a Sigstore bundle (referrers)."""

    about = About(
        id="image-signature",
        title="The pinned image is signed by its own project",
        area=Area.SIGNATURE,
        tags=frozenset({"candidate", "registry", "network", "provenance"}),
        needs=frozenset({Need.PIN, Need.NETWORK}),
        asks=(
            "Is there a keyless signature of exactly the pinned digest, by the identity and issuer that the settings "
            "demand, with a certificate that the trust root vouches for, and recorded in the transparency log?"
        ),
        why=(
            "A digest says which bytes run, not whose they are. Whoever can change the pin, or push to the registry, "
            "cannot sign in the name of the release workflow. Nothing is verified until `repository` or `identity` is "
            "set. The extra `verify` verifies, and asks nobody but the registry; cosign on PATH is "
            "second choice."
        ),
        failures=SHARED,
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Verify each pinned image. Without an identity it asks nobody."""
        from preflight.signed.search import verify_signatures
        from preflight.signed.verdicts import SignatureWords, judge_signatures

        given = self.settings
        demand = signer_demand(ctx, given, self.about.id)
        words = SignatureWords(
            "signature", "Let the release workflow sign it: cosign sign --yes IMAGE@DIGEST.", given.required, demand
        )
        yield from judge_signatures(ctx, words, lambda image: verify_signatures(ctx, image, demand), _accept)


def _accept(pinned: "PinnedImage", verified: "Verified") -> Iterator[Finding]:
    from preflight.lib.text import printable
    from preflight.signed.search import verification_evidence
    from preflight.signed.verdicts import image_subject

    signer = printable(verified.signer.identity, 120) or "the identity demanded"
    yield passed(
        f"{short_name(pinned.image)} is signed by {signer}",
        image_subject(pinned.image),
        at=pinned.at,
        digest=pinned.image.digest,
        **verification_evidence(verified),
    )

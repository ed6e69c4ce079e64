"""The pinned image is signed by the project's own workflow."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from preflight import About, Area, Check, Context, Finding, Need, passed
from preflight.lib.records import frozen

if TYPE_CHECKING:
    from preflight.pins.image import PinnedImage
    from preflight.signed.model import Verified


@frozen
class Settings:
    r"""Settings of `image-signature`.

    Args:
        identity: Regular expression for the signer, matched from the start of the certificate's subject, e.g.
            `^https://github\.com/ls1intum/Hephaestus/`; case counts. Empty: nothing is verified.
        issuer: Of the signer's identity token, exactly.
        required: An image without signature is a failure, not a warning, and so is a host that cannot verify.
        trust_root: File with a ClientTrustConfig or trusted root (JSON); empty: `registry.trust_root`, else Sigstore's
            public one.
        refresh_trust_root: Fetch the public one anew, instead of believing the one installed with the extra.
    """

    identity: str = ""
    issuer: str = "https://token.actions.githubusercontent.com"
    required: bool = False
    trust_root: str = ""
    refresh_trust_root: bool = False

    def __post_init__(self) -> None:
        if self.identity:
            from preflight.signed.identity import check_identity_pattern

            check_identity_pattern(self.identity)
        elif self.required or self.trust_root or self.refresh_trust_root:
            raise ValueError("identity: must be set, or nothing is verified")
        if self.trust_root and self.refresh_trust_root:
            raise ValueError("refresh_trust_root: only the public root can be fetched; leave trust_root out")
        if not self.issuer:
            raise ValueError("issuer: must not be empty")


class ImageSignature(Check[Settings]):
    """A keyless signature of the pinned digest holds: by cosign 2 (`.sig` tag) or as a Sigstore bundle (referrers)."""

    about = About(
        id="image-signature",
        title="The pinned image is signed by its own project",
        area=Area.SIGNATURE,
        tags=frozenset({"registry", "network", "provenance"}),
        needs=frozenset({Need.PIN, Need.NETWORK}),
        asks=(
            "Is there a keyless signature of exactly the pinned digest, by the identity and issuer that the settings "
            "demand, with a certificate that the trust root vouches for, and recorded in the transparency log?"
        ),
        why=(
            "A digest says which bytes run, not whose they are. Whoever can change the pin, or push to the registry, "
            "cannot sign in the name of the release workflow. Nothing is verified until `identity` is set. The extra "
            "`deploy-preflight[verify]` verifies, and asks nobody but the registry; cosign on PATH is second choice."
        ),
        failures=(
            (
                "No identity is configured (skipped).",
                "Set `identity` for image-signature, or leave it out: skip: [image-signature].",
            ),
            ("There is no signature (warning; failure with `required: true`).", "Let the release run `cosign sign`."),
            ("The signer is somebody else, or differs in upper and lower case.", "Compare; correct `identity`."),
            ("The issuer is another.", "Do not deploy unless you trust it; correct `issuer`."),
            ("The signature is about another digest.", "Do not deploy: it was copied from another image."),
            ("The signed bytes were changed.", "Do not deploy: ask who publishes the image."),
            ("The certificate was not valid when it signed.", "Sign the image anew."),
            ("The transparency log has not, or not provably, recorded it.", "Sign anew, with the log."),
            ("The certificate is of an unknown authority.", "Check `trust_root`; refresh the public root."),
            ("It was made with a key, or cannot be read.", "Sign keyless, with cosign 2 or later."),
            (
                "Nothing here can verify (skipped; an error with `required: true`).",
                "pip install 'deploy-preflight[verify]'.",
            ),
            ("The registry, or the trust root, cannot be read (error).", "Follow the line's own words."),
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Verify each pinned image; without an identity nothing is loaded and nobody asked."""
        from preflight.signed.search import verify_signatures
        from preflight.signed.verdicts import SignatureWords, judge_signatures, signer_demand

        given = self.settings
        demand = signer_demand(ctx, given, self.about.id)
        words = SignatureWords(
            "signature", "Let the release workflow sign it: cosign sign --yes IMAGE@DIGEST.", given.required
        )
        yield from judge_signatures(ctx, words, lambda image: verify_signatures(ctx, image, demand), _accept)


def _accept(pinned: "PinnedImage", verified: "Verified") -> Iterator[Finding]:
    from preflight.lib.text import printable
    from preflight.signed.search import verification_evidence
    from preflight.signed.verdicts import short_name

    signer = printable(verified.signer.identity, 120) or "the identity demanded"
    yield passed(
        f"{short_name(pinned.image)} is signed by {signer}",
        at=pinned.at,
        digest=pinned.image.digest,
        **verification_evidence(verified),
    )

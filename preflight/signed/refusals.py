"""What `sigstore` has against a signature, in our words: its own quote the material, and change."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from preflight.signed.model import Reason, Refused

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_STOP = "Do not deploy: "
_CHANGED = "does not fit what it covers: the signed bytes, or the signature, were changed"
_ASK = "somebody, or something, altered them. Ask who publishes the image."
# What `sigstore` 4 says, in lower case; the first that fits counts. Anything else is refused too, in general words.
_MEANINGS = (
    (
        ("unknown authority",),
        Reason.UNTRUSTED,
        "is by a certificate of an authority that the trust root does not know",
        "check `trust_root`; an old public root is renewed with refresh_trust_root: true.",
    ),
    (
        ("sct", "certificate timestamp"),
        Reason.UNTRUSTED,
        "is by a certificate that the certificate log does not vouch for",
        "check `trust_root`; without that proof, the authority may have been abused.",
    ),
    (
        ("invalid log entry",),
        Reason.LOG,
        "has a proof of inclusion in the transparency log that does not hold",
        "the entry is forged, damaged, or from a log that the trust root does not know.",
    ),
    (
        ("digest mismatch",),
        Reason.DIGEST,
        "is about another digest than the pinned one",
        "somebody attached the signature of another image to this one.",
    ),
    (
        (
            "invalid signature",
            "signature is invalid",
            "payload hash does not match",
            "signatures do not match",
            "inconsistent with other materials",
        ),
        Reason.TAMPERED,
        _CHANGED,
        _ASK,
    ),
    (
        ("unsupported dsse log entry", "expected entry type", "unsupported hashedrekord"),
        Reason.MALFORMED,
        "has a transparency-log entry of a kind that sigstore cannot verify",
        "nothing is proven. Sign it again with a current cosign or actions/attest.",
    ),
    (
        ("sources of verified time", "timestamp"),
        Reason.NOT_LOGGED,
        "has no trusted time of signing",
        "nothing proves when it was made. Sign it again.",
    ),
)


@contextmanager
def refusals(source: str) -> Iterator[None]:
    """Say in every refusal of the block which signature it is about."""
    try:
        yield
    except Refused as refused:
        refused.source = source
        raise


def explain(error: Exception, certificate: "Certificate", logged: datetime | None) -> Refused:
    """Return our refusal for what `sigstore` raised.

    Args:
        error: An error of any kind: a damaged signature may provoke anything in the libraries below.
        certificate: The signer's.
        logged: When the log claims to have taken the signature in.
    """
    text = str(error).lower()
    if "expired at time of signing" in text or _outside(certificate, logged):
        return Refused(
            Reason.EXPIRED,
            "was made when its certificate was not valid",
            f"{_STOP}a keyless certificate lives ten minutes; this one was used before or after. Sign it again.",
        )
    if type(error).__name__ == "CertValidationError":
        text = "unknown authority"
    for words, reason, message, hint in _MEANINGS:
        if any(each in text for each in words):
            return Refused(reason, message, f"{_STOP}{hint}")
    return Refused(
        Reason.OTHER,
        f"does not verify ({type(error).__name__})",
        f"{_STOP}look closer: python -m sigstore verify identity --help, or cosign verify.",
    )


def tampered() -> Refused:
    """Return the refusal of bytes that are not those signed."""
    return Refused(Reason.TAMPERED, _CHANGED, f"{_STOP}{_ASK}")


def malformed(error: Exception) -> Refused:
    """Return the refusal of what cannot even be read."""
    return Refused(
        Reason.MALFORMED,
        f"cannot be read ({type(error).__name__})",
        "Sign the image again; what is there is damaged, or of a version that sigstore does not know.",
    )


def _outside(certificate: "Certificate", logged: datetime | None) -> bool:
    if logged is None:
        return False
    return not certificate.not_valid_before_utc <= logged <= certificate.not_valid_after_utc

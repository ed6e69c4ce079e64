"""What can be wrong with a signature or a provenance: the failures that both checks declare."""

from preflight.model import Failure, Status
from preflight.signed.model import Reason

_STOP = "Do not deploy. "

MISSING = Failure("missing", "The image has none.", "Let the release workflow make one.", Status.WARN, Status.WARN)
MISSING_REQUIRED = Failure(
    "missing-required", "The image has none, and `required: true` demands one.", "Let the release workflow make one."
)
SIGNER = Failure(
    "signer",
    "Somebody else made it than the settings demand, or the names differ in upper and lower case.",
    "Compare the two; correct `repository` or `identity`, or do not deploy.",
)
LOOSE_IDENTITY = Failure(
    "loose-identity",
    "`identity` also fits an owner or a repository whose name only begins like the demanded one.",
    "Write `repository: OWNER/NAME` in place of `identity`, or a slash behind the name of the repository.",
    Status.WARN,
    Status.WARN,
)
ISSUER = Failure(
    "issuer",
    "Another service than `issuer` vouches for who made it.",
    f"{_STOP}If you trust that service, correct `issuer`.",
)
DIGEST = Failure(
    "other-digest", "It is about another digest than the pinned one.", f"{_STOP}It was copied from another image."
)
TAMPERED = Failure(
    "tampered", "The signed bytes, or the signature, were changed.", f"{_STOP}Ask who publishes the image."
)
EXPIRED = Failure(
    "certificate-expired", "Its certificate was not valid when it was made.", f"{_STOP}Sign the image again."
)
NOT_LOGGED = Failure(
    "not-logged",
    "The transparency log has no entry for it, or the entry does not hold.",
    f"{_STOP}Sign the image again, with the log.",
)
UNTRUSTED = Failure(
    "unknown-authority",
    "The trust root does not know the authority that issued its certificate.",
    "Check `trust_root`; fetch a new public root with `refresh_trust_root: true`.",
)
UNREADABLE = Failure(
    "unreadable",
    "It cannot be verified: it was made with a self-managed key, which is not supported, or is of an unknown kind.",
    "Sign the image again without a key, with cosign 2 or later or actions/attest-build-provenance.",
)

SHARED = (
    MISSING,
    MISSING_REQUIRED,
    SIGNER,
    LOOSE_IDENTITY,
    ISSUER,
    DIGEST,
    TAMPERED,
    EXPIRED,
    NOT_LOGGED,
    UNTRUSTED,
    UNREADABLE,
)
"""The failures of both checks, for `about.failures`."""


_OF_REASON = {
    Reason.CASE: SIGNER,
    Reason.TAMPERED: TAMPERED,
    Reason.NOT_LOGGED: NOT_LOGGED,
    Reason.LOG: NOT_LOGGED,
    Reason.EXPIRED: EXPIRED,
    Reason.DIGEST: DIGEST,
    Reason.ISSUER: ISSUER,
    Reason.UNTRUSTED: UNTRUSTED,
    Reason.IDENTITY: SIGNER,
    Reason.KEY: UNREADABLE,
    Reason.MALFORMED: UNREADABLE,
    Reason.OTHER: UNREADABLE,
}


def failure_of(reason: Reason) -> Failure:
    """Return the failure for the reason why a signature does not hold."""
    return _OF_REASON[reason]

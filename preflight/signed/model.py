"""The words of verification: what is demanded, what was found, what came of it."""

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from typing import Any

from preflight.lib.records import frozen

SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json"
ENVELOPE = "application/vnd.dsse.envelope.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle"
"""Start of the media types of all bundle versions (`….v0.3+json`, `…+json;version=0.2`)."""

IN_TOTO = "application/vnd.in-toto+json"
COSIGN_SIGNATURE = "https://sigstore.dev/cosign/sign/v1"
"""Predicate type of what `cosign sign` 3 makes; it has no predicate (sigstore/cosign#4634)."""

GITHUB_ISSUER = "https://token.actions.githubusercontent.com"


@frozen
class SignerDemand:
    """Who must have signed, and which authorities are believed.

    Args:
        identity: Regular expression that must match the certificate's subject alternative name from its start.
        issuer: The issuer of the signer's identity token, exactly.
        trust_root: A ClientTrustConfig or trusted root (JSON); ``None``: the public one that ships with `sigstore`.
        refresh: The public one may be fetched again (TUF).
        setting: Which setting demands the identity: "identity", or "repository" where the pattern is made of fields.
    """

    identity: str
    issuer: str = GITHUB_ISSUER
    trust_root: Path | None = None
    refresh: bool = False
    setting: str = "identity"


@frozen
class SimpleSigning:
    """A signature as cosign up to 2 stores it: a layer of the manifest tagged `sha256-<hex>.sig`, with annotations.

    Args:
        source: Where it lies, fit to show.
        payload: The signed bytes.
        annotations: The annotations of the layer; names as cosign writes them.
    """

    source: str
    payload: bytes = field(repr=False)
    annotations: Mapping[str, str] = field(repr=False)


@frozen
class Enveloped:
    """An attestation as cosign 2 stores it: a layer of the manifest tagged `sha256-<hex>.att`, with annotations.

    Args:
        source: Where it lies, fit to show.
        data: A DSSE envelope, JSON.
        annotations: The annotations of the layer; names as cosign writes them.
    """

    source: str
    data: bytes = field(repr=False)
    annotations: Mapping[str, str] = field(repr=False)


@frozen
class Bundle:
    """A Sigstore bundle.

    Args:
        source: Where it lies, fit to show.
        data: JSON.
    """

    source: str
    data: bytes = field(repr=False)


Material = SimpleSigning | Enveloped | Bundle


@frozen
class Signer:
    """What the authority says of the signer, in the certificate; empty where it says nothing.

    Args:
        identity: Subject alternative name, e.g. the workflow with its ref.
        issuer: The issuer of the identity token.
        repository: URL of the source repository.
        commit: Full id of the commit the workflow ran on.
        ref: E.g. `refs/tags/v1.2.0`.
    """

    identity: str
    issuer: str
    repository: str = ""
    commit: str = ""
    ref: str = ""


@frozen
class Verified:
    """A signature that holds in every respect.

    Args:
        source: Where it lies.
        signer: Who signed.
        logged: When the transparency log took it in; ``None`` if a timestamp authority or another program vouches.
        program: What verified it, with version.
        statement: The signed in-toto statement; ``None`` for a signature over the digest alone.
    """

    source: str
    signer: Signer
    logged: datetime | None
    program: str
    statement: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def predicate_type(self) -> str:
        """What kind of statement it is; empty for none."""
        kind = (self.statement or {}).get("predicateType")
        return kind if isinstance(kind, str) else ""


class Reason(IntEnum):
    """Why a signature does not hold. Where several do not, the first of these is what the operator hears of."""

    CASE = 1
    TAMPERED = 2
    NOT_LOGGED = 3
    LOG = 4
    EXPIRED = 5
    DIGEST = 6
    ISSUER = 7
    UNTRUSTED = 8
    IDENTITY = 9
    KEY = 10
    MALFORMED = 11
    OTHER = 12


class Refused(Exception):
    """A signature that does not hold: never verified, whatever else is right with it.

    Args:
        reason: For code.
        message: For people: what is wrong; continues "the signature …".
        hint: What to do.
        source: Where it lies.
    """

    def __init__(self, reason: Reason, message: str, hint: str, source: str = "") -> None:
        super().__init__(message)
        self.reason, self.message, self.hint, self.source = reason, message, hint, source

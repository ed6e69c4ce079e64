"""Signatures taken apart before anything is verified, so that what is missing gets its own words."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from preflight.signed.model import Reason, Refused
from preflight.signed.statement import read_object

_ANNOTATION = "dev.cosignproject.cosign/signature"
_CERTIFICATE = "dev.sigstore.cosign/certificate"
_PROMISE = "dev.sigstore.cosign/bundle"
_HEX = re.compile(r"[0-9a-f]+")
_LAST_YEAR = 253_402_300_799  # the last second of the year 9999
_DAMAGED = "Sign the image anew; what is there is damaged."


@dataclass(frozen=True)
class BundleParts:
    """What is looked for in a bundle before `sigstore` reads it.

    Args:
        is_envelope: It holds a DSSE envelope, not a bare signature.
        logged: When the transparency log says it took it in; None without such a claim.
    """

    is_envelope: bool
    logged: datetime | None


def read_bundle(data: bytes) -> BundleParts:
    """Look whether all that verification needs is in a bundle.

    Raises:
        Refused: Something is missing, in words of its own.
    """
    bundle = read_object(data, "is no JSON object")
    material = bundle.get("verificationMaterial")
    if not isinstance(material, dict):
        raise _incomplete("has no verification material")
    if "certificate" not in material and "x509CertificateChain" not in material:
        raise no_certificate()
    entries = material.get("tlogEntries")
    entry = entries[0] if isinstance(entries, list) and entries else None
    if not isinstance(entry, dict):
        raise not_logged("has no transparency-log entry")
    proof = entry.get("inclusionProof")
    if not isinstance(proof, dict) or not proof.get("checkpoint"):
        raise not_logged("has no proof that the transparency log included it")
    stamps = material.get("timestampVerificationData")
    if not entry.get("inclusionPromise") and not (isinstance(stamps, dict) and stamps.get("rfc3161Timestamps")):
        raise not_logged("has no trusted time of signing")
    if "dsseEnvelope" not in bundle and "messageSignature" not in bundle:
        raise _incomplete("holds no signature")
    # Without the log's promise the time is nobody's word; `sigstore` then demands a timestamp authority's.
    logged = _time(entry.get("integratedTime")) if entry.get("inclusionPromise") else None
    return BundleParts("dsseEnvelope" in bundle, logged)


@dataclass(frozen=True)
class LogBody:
    """What the log recorded (Rekor's `hashedrekord` 0.0.1)."""

    digest: str
    signature: bytes
    certificate: str


@dataclass(frozen=True)
class RekorPromise:
    """The annotations of a signature by cosign up to 2.

    Args:
        signature: Over the payload.
        certificate: Of the signer, PEM.
        entry: What the log signed.
        timestamp: The log's signature ("signed entry timestamp").
        log_id: Name of the log's key, hexadecimal.
        logged: When.
        body: What the entry is about.
    """

    signature: bytes
    certificate: str
    entry: Mapping[str, Any] = field(repr=False)
    timestamp: bytes
    log_id: str
    logged: datetime
    body: LogBody


def read_promise(annotations: Mapping[str, str]) -> RekorPromise:
    """Look whether all that verification needs is in the annotations of cosign's signature layer.

    Raises:
        Refused: Something is missing, in words of its own.
    """
    if not annotations.get(_ANNOTATION):
        raise _incomplete("holds no signature")
    if not annotations.get(_CERTIFICATE):
        raise no_certificate()
    if not annotations.get(_PROMISE):
        raise not_logged("has no proof that the transparency log included it")
    promise = read_object(annotations[_PROMISE].encode(), "has a transparency-log entry that is no JSON object")
    entry = promise.get("Payload")
    if not isinstance(entry, dict) or entry.keys() != {"body", "integratedTime", "logID", "logIndex"}:
        raise _incomplete("has an incomplete transparency-log entry")
    log_id, logged, index = entry["logID"], _time(entry["integratedTime"]), entry["logIndex"]
    if not isinstance(log_id, str) or not _HEX.fullmatch(log_id) or len(log_id) % 2 or logged is None:
        raise _incomplete("has an incomplete transparency-log entry")
    if type(index) is not int or type(entry["integratedTime"]) is not int:
        raise _incomplete("has an incomplete transparency-log entry")
    return RekorPromise(
        signature=_bytes(annotations[_ANNOTATION]),
        certificate=annotations[_CERTIFICATE],
        entry=entry,
        timestamp=_bytes(promise.get("SignedEntryTimestamp")),
        log_id=log_id,
        logged=logged,
        body=_body(_bytes(entry["body"])),
    )


def _body(data: bytes) -> LogBody:
    body = read_object(data, "has a transparency-log entry that is no JSON object")
    try:
        if (body["kind"], body["apiVersion"]) != ("hashedrekord", "0.0.1"):
            raise _incomplete("has a transparency-log entry of an unknown kind")
        spec = body["spec"]
        digest, signature = spec["data"]["hash"], spec["signature"]
        if digest["algorithm"] != "sha256":
            raise _incomplete("has a transparency-log entry of an unknown kind")
        certificate = _bytes(signature["publicKey"]["content"]).decode()
        return LogBody(str(digest["value"]), _bytes(signature["content"]), certificate)
    except (KeyError, TypeError, ValueError):
        raise _incomplete("has an incomplete transparency-log entry") from None


def simple_digest(payload: bytes) -> str:
    """Return the digest that a simple-signing payload names (containers/image `docs/containers-signature.5`).

    Raises:
        Refused: It is no such payload.
    """
    critical = read_object(payload, "covers something that is no simple-signing payload").get("critical")
    image = critical.get("image") if isinstance(critical, dict) else None
    digest = image.get("docker-manifest-digest") if isinstance(image, dict) else None
    if not isinstance(digest, str):
        raise _incomplete("covers something that is no simple-signing payload")
    return digest


def no_certificate() -> Refused:
    """Return the refusal of a signature by a plain key."""
    return Refused(
        Reason.KEY,
        "was made with a key, not keyless: there is no certificate that names an identity",
        "Sign keyless in the release workflow: `cosign sign` with `permissions: id-token: write`.",
    )


def not_logged(message: str) -> Refused:
    """Return the refusal of a signature without transparency log."""
    return Refused(
        Reason.NOT_LOGGED, message, "Sign it anew without --tlog-upload=false; nothing proves when it was made."
    )


def _incomplete(message: str) -> Refused:
    return Refused(Reason.MALFORMED, message, _DAMAGED)


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text if isinstance(text, str) else "", validate=True)
    except (binascii.Error, ValueError):
        raise _incomplete("is not base64 where it must be") from None


def _time(seconds: object) -> datetime | None:
    """Return seconds since 1970, a number or (Protobuf's JSON) digits, as a time."""
    text = str(seconds) if type(seconds) in {int, str} else ""
    if not text.isascii() or not text.isdigit() or not 0 < int(text[:12]) <= _LAST_YEAR:
        return None
    return datetime.fromtimestamp(int(text[:12]), UTC)

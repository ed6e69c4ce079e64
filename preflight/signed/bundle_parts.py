"""Signatures taken apart before anything is verified, so that what is missing gets its own words."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.signed.model import Reason, Refused
from preflight.signed.statement import read_object

_ANNOTATION = "dev.cosignproject.cosign/signature"
_CERTIFICATE = "dev.sigstore.cosign/certificate"
_PROMISE = "dev.sigstore.cosign/bundle"
_HEX = regex(r"[0-9a-f]+")
_LAST_YEAR = 253_402_300_799  # the last second of the year 9999
_DIGITS = len(str(_LAST_YEAR))
_DAMAGED = "Sign the image again; what is there is damaged."


@frozen
class BundleParts:
    """What is looked for in a bundle before `sigstore` reads it.

    Args:
        is_envelope: Whether it holds a DSSE envelope, not a bare signature.
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


@frozen
class LogBody:
    """What the log recorded (Rekor's `hashedrekord`, `dsse` and `intoto`, all 0.0.1).

    Args:
        digest: SHA-256 of the signed bytes, hexadecimal.
        certificate: The certificate of the signer, PEM.
        signature: Over them; empty where the log recorded a digest of the whole envelope instead.
        envelope: The digest of the envelope, hexadecimal; empty where the log recorded the signature.
    """

    digest: str
    certificate: str
    signature: bytes = b""
    envelope: str = ""


@frozen
class RekorPromise:
    """The annotations of a signature by cosign up to 2.

    Args:
        certificate: The certificate of the signer, PEM.
        entry: What the log signed.
        timestamp: The log's signature ("signed entry timestamp").
        log_id: Name of the log's key, hexadecimal.
        logged: When.
        body: What the entry is about.
    """

    certificate: str
    entry: Mapping[str, Any] = field(repr=False)
    timestamp: bytes
    log_id: str
    logged: datetime
    body: LogBody


@frozen
class Envelope:
    """A DSSE envelope with one signature (secure-systems-lab/dsse, protocol 1.0).

    Args:
        payload_type: What the payload is.
        payload: The signed statement.
        signature: Over ``signed``.
    """

    payload_type: str
    payload: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    @property
    def signed(self) -> bytes:
        """The bytes that are signed: the "pre-authentication encoding"."""
        kind = self.payload_type.encode()
        return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(self.payload), self.payload)


def read_envelope(data: bytes) -> Envelope:
    """Take a DSSE envelope apart.

    Raises:
        Refused: It is none, or has not exactly one signature.
    """
    envelope = read_object(data, "is no JSON object")
    kind, signatures = envelope.get("payloadType"), envelope.get("signatures")
    if not isinstance(kind, str) or not isinstance(signatures, list) or not signatures:
        raise _incomplete("holds no signature")
    if len(signatures) > 1 or not isinstance(signatures[0], dict):
        raise _incomplete("is in an envelope with more than one signature, or none that can be read")
    signature = _bytes(signatures[0].get("sig"))
    if not signature:
        raise _incomplete("holds no signature")
    return Envelope(kind, _bytes(envelope.get("payload")), signature)


def read_signature(annotations: Mapping[str, str]) -> bytes:
    """Return the signature that cosign writes into the annotations of its signature layer.

    Raises:
        Refused: There is none.
    """
    if not annotations.get(_ANNOTATION):
        raise _incomplete("holds no signature")
    return _bytes(annotations[_ANNOTATION])


def read_promise(annotations: Mapping[str, str], *, is_envelope: bool) -> RekorPromise:
    """Look whether all that verification needs is in the annotations of a layer of cosign's.

    Raises:
        Refused: Something is missing, in words of its own.
    """
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
        certificate=annotations[_CERTIFICATE],
        entry=entry,
        timestamp=_bytes(promise.get("SignedEntryTimestamp")),
        log_id=log_id,
        logged=logged,
        body=_body(_bytes(entry["body"]), is_envelope=is_envelope),
    )


def _body(data: bytes, *, is_envelope: bool) -> LogBody:
    body = read_object(data, "has a transparency-log entry that is no JSON object")
    readers = {"dsse": _dsse, "intoto": _intoto} if is_envelope else {"hashedrekord": _hashedrekord}
    try:
        if body["kind"] not in readers or body["apiVersion"] != "0.0.1":
            raise _unknown_kind()
        return readers[body["kind"]](body["spec"])
    except (KeyError, TypeError, ValueError):
        raise _incomplete("has an incomplete transparency-log entry") from None


def _hashedrekord(spec: Mapping[str, Any]) -> LogBody:
    signature = spec["signature"]
    certificate = _bytes(signature["publicKey"]["content"]).decode()
    return LogBody(_sha256(spec["data"]["hash"]), certificate, _bytes(signature["content"]))


def _dsse(spec: Mapping[str, Any]) -> LogBody:
    """What `cosign attest` since 2.2 has recorded."""
    [signature] = spec["signatures"]
    certificate = _bytes(signature["verifier"]).decode()
    return LogBody(_sha256(spec["payloadHash"]), certificate, _bytes(signature["signature"]))


def _intoto(spec: Mapping[str, Any]) -> LogBody:
    """What it had recorded before: no signature, but the digest of the envelope that holds it."""
    content = spec["content"]
    certificate = _bytes(spec["publicKey"]).decode()
    return LogBody(_sha256(content["payloadHash"]), certificate, envelope=_sha256(content["hash"]))


def _sha256(digest: Mapping[str, Any]) -> str:
    if digest["algorithm"] != "sha256":
        raise _unknown_kind()
    return str(digest["value"])


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
        "was made with a key, not keyless: there is no certificate that names an identity; keys are not supported",
        "Sign keyless in the release workflow: `cosign sign` with `permissions: id-token: write`.",
    )


def not_logged(message: str) -> Refused:
    """Return the refusal of a signature without transparency log."""
    return Refused(
        Reason.NOT_LOGGED, message, "Sign it again without --tlog-upload=false; nothing proves when it was made."
    )


def _unknown_kind() -> Refused:
    return _incomplete("has a transparency-log entry of an unknown kind")


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
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or not 0 < int(text) <= _LAST_YEAR:
        return None
    return datetime.fromtimestamp(int(text), UTC)

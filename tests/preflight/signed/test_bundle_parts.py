"""preflight/signed/bundle_parts.py"""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from preflight.signed.bundle_parts import read_bundle, read_envelope, read_promise, read_signature, simple_digest
from preflight.signed.model import Reason, Refused

ENTRY = {
    "inclusionProof": {"checkpoint": {"envelope": "x"}},
    "inclusionPromise": {"x": ""},
    "integratedTime": "1700000000",
}
MATERIAL = {"certificate": {}, "tlogEntries": [ENTRY]}
WHEN = datetime.fromtimestamp(1700000000, UTC)


def encoded(value: object) -> str:
    """Return JSON in base64, as the log has it."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def bundle(**changes: Any) -> bytes:
    """Return a bundle with some keys changed; None takes one away."""
    document = {"verificationMaterial": MATERIAL, "dsseEnvelope": {}, **changes}
    return json.dumps({name: value for name, value in document.items() if value is not None}).encode()


def test_a_whole_bundle() -> None:
    """What it holds, and when the log took it in."""
    assert (read_bundle(bundle()).is_envelope, read_bundle(bundle()).logged) == (True, WHEN)
    bare = read_bundle(bundle(dsseEnvelope=None, messageSignature={}))
    assert not bare.is_envelope


def test_a_time_without_the_logs_promise_is_nobodys_word() -> None:
    """A timestamp authority has to vouch for it then."""
    entry = {**ENTRY, "inclusionPromise": None}
    material = {**MATERIAL, "tlogEntries": [entry], "timestampVerificationData": {"rfc3161Timestamps": [{}]}}

    assert read_bundle(bundle(verificationMaterial=material)).logged is None


@pytest.mark.parametrize(
    ("data", "reason", "words"),
    [
        (b"<html>", Reason.MALFORMED, "is no JSON object"),
        (b"[]", Reason.MALFORMED, "is no JSON object"),
        (bundle(verificationMaterial=None), Reason.MALFORMED, "no verification material"),
        (bundle(verificationMaterial={"publicKey": {}}), Reason.KEY, "made with a key"),
        (bundle(verificationMaterial={**MATERIAL, "tlogEntries": []}), Reason.NOT_LOGGED, "no transparency-log entry"),
        (
            bundle(verificationMaterial={**MATERIAL, "tlogEntries": [{"inclusionPromise": {}}]}),
            Reason.NOT_LOGGED,
            "no proof that the transparency log included it",
        ),
        (
            bundle(verificationMaterial={**MATERIAL, "tlogEntries": [{**ENTRY, "inclusionPromise": None}]}),
            Reason.NOT_LOGGED,
            "no trusted time of signing",
        ),
        (bundle(dsseEnvelope=None), Reason.MALFORMED, "holds no signature"),
    ],
)
def test_what_is_missing_has_words_of_its_own(data: bytes, reason: Reason, words: str) -> None:
    """Before anything is verified."""
    with pytest.raises(Refused, match=words) as caught:
        read_bundle(data)
    assert caught.value.reason is reason
    assert caught.value.hint


def test_an_envelope() -> None:
    """The bytes that are signed are DSSE's encoding of kind and payload."""
    signature = base64.b64encode(b"sig").decode()
    data = {"payloadType": "t", "payload": base64.b64encode(b"hello").decode(), "signatures": [{"sig": signature}]}

    found = read_envelope(json.dumps(data).encode())

    assert (found.payload, found.signature, found.signed) == (b"hello", b"sig", b"DSSEv1 1 t 5 hello")


@pytest.mark.parametrize(
    "changes",
    [{"signatures": []}, {"signatures": [{}, {}]}, {"signatures": [{"sig": ""}]}, {"payload": "%"}, {"payloadType": 1}],
)
def test_an_envelope_that_is_none(changes: dict[str, Any]) -> None:
    """One signature, and nothing that is no base64."""
    data = {"payloadType": "t", "payload": "", "signatures": [{"sig": "YQ=="}], **changes}
    with pytest.raises(Refused):
        read_envelope(json.dumps(data).encode())


BODY = {
    "kind": "hashedrekord",
    "apiVersion": "0.0.1",
    "spec": {
        "data": {"hash": {"algorithm": "sha256", "value": "ab"}},
        "signature": {"content": "c2ln", "publicKey": {"content": base64.b64encode(b"PEM").decode()}},
    },
}


def annotations(body: object = BODY, **changes: Any) -> dict[str, str]:
    """Return what cosign writes beside a signature."""
    payload = {"body": encoded(body), "integratedTime": 1700000000, "logID": "abcd", "logIndex": 1, **changes}
    promise = {"SignedEntryTimestamp": "c2V0", "Payload": payload}
    return {"dev.sigstore.cosign/certificate": "PEM", "dev.sigstore.cosign/bundle": json.dumps(promise)}


def test_a_promise_of_the_log() -> None:
    """What cosign up to 2 keeps of it."""
    found = read_promise(annotations(), is_envelope=False)

    assert (found.certificate, found.timestamp, found.log_id, found.logged) == ("PEM", b"set", "abcd", WHEN)
    assert (found.body.digest, found.body.certificate, found.body.signature) == ("ab", "PEM", b"sig")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, Reason.KEY),
        ({"dev.sigstore.cosign/certificate": "PEM"}, Reason.NOT_LOGGED),
        (annotations(logID="xyz"), Reason.MALFORMED),
        (annotations(logID="abc"), Reason.MALFORMED),
        (annotations(logIndex="1"), Reason.MALFORMED),
        (annotations(integratedTime=-1), Reason.MALFORMED),
        (annotations(integratedTime=10**13), Reason.MALFORMED),
        (annotations(more=1), Reason.MALFORMED),
        (annotations({**BODY, "apiVersion": "0.0.2"}), Reason.MALFORMED),
        (annotations({**BODY, "kind": "dsse"}), Reason.MALFORMED),
        (annotations({**BODY, "spec": {}}), Reason.MALFORMED),
        (annotations([]), Reason.MALFORMED),
    ],
)
def test_a_promise_that_is_incomplete(given: dict[str, str], reason: Reason) -> None:
    """Each lack is told, none is guessed away."""
    with pytest.raises(Refused) as caught:
        read_promise(given, is_envelope=False)
    assert caught.value.reason is reason


def test_signatures_and_digests_beside_a_layer() -> None:
    """As cosign writes them."""
    assert read_signature({"dev.cosignproject.cosign/signature": "c2ln"}) == b"sig"
    with pytest.raises(Refused, match="holds no signature"):
        read_signature({})
    payload = {"critical": {"image": {"docker-manifest-digest": "sha256:ab"}}}
    assert simple_digest(json.dumps(payload).encode()) == "sha256:ab"
    others: tuple[dict[str, Any], ...] = ({}, {"critical": 1}, {"critical": {"image": {}}})
    for other in others:
        with pytest.raises(Refused, match="no simple-signing payload"):
            simple_digest(json.dumps(other).encode())

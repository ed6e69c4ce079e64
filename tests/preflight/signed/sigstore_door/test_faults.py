"""preflight/signed/sigstore_door.py: exactly one thing of a signature is broken."""

import base64
import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from preflight.signed.bundle_parts import simple_digest
from preflight.signed.model import Bundle, Reason, Refused, SimpleSigning
from preflight.signed.sigstore_door import Sigstore
from tests.preflight.signed.sigstore_door.material import DIGEST, OTHER, Tamper, refused
from tests.real.signing import Signed, SigningWorld, as_bundle, simple_signing, statement


def _payload(bundle: dict[str, Any]) -> None:
    bundle["dsseEnvelope"]["payload"] = base64.b64encode(statement(OTHER)).decode()


def _signature(bundle: dict[str, Any]) -> None:
    raw = bytearray(base64.b64decode(bundle["dsseEnvelope"]["signatures"][0]["sig"]))
    raw[-1] ^= 1
    bundle["dsseEnvelope"]["signatures"][0]["sig"] = base64.b64encode(raw).decode()


def _entry(bundle: dict[str, Any]) -> dict[str, Any]:
    entry: dict[str, Any] = bundle["verificationMaterial"]["tlogEntries"][0]
    return entry


def _proof_hash(bundle: dict[str, Any]) -> None:
    _entry(bundle)["inclusionProof"]["rootHash"] = base64.b64encode(bytes(32)).decode()


def _promise(bundle: dict[str, Any]) -> None:
    raw = bytearray(base64.b64decode(_entry(bundle)["inclusionPromise"]["signedEntryTimestamp"]))
    raw[-1] ^= 1
    _entry(bundle)["inclusionPromise"]["signedEntryTimestamp"] = base64.b64encode(raw).decode()


def _certificate(bundle: dict[str, Any]) -> None:
    bundle["verificationMaterial"]["certificate"]["rawBytes"] = base64.b64encode(b"no certificate").decode()


def _key(bundle: dict[str, Any]) -> None:
    del bundle["verificationMaterial"]["certificate"]
    bundle["verificationMaterial"]["publicKey"] = {"hint": "a key"}


BROKEN_BUNDLES: dict[str, tuple[Tamper, Reason, str]] = {
    "tampered payload": (_payload, Reason.TAMPERED, "bytes, or the signature, were changed"),
    "tampered signature": (_signature, Reason.TAMPERED, "bytes, or the signature, were changed"),
    "no inclusion proof": (
        lambda bundle: _entry(bundle).pop("inclusionProof"),
        Reason.NOT_LOGGED,
        "no proof that the transparency log included it",
    ),
    "no checkpoint": (
        lambda bundle: _entry(bundle)["inclusionProof"].pop("checkpoint"),
        Reason.NOT_LOGGED,
        "no proof that the transparency log included it",
    ),
    "no log entry": (
        lambda bundle: bundle["verificationMaterial"].update(tlogEntries=[]),
        Reason.NOT_LOGGED,
        "no transparency-log entry",
    ),
    "no trusted time": (
        lambda bundle: _entry(bundle).pop("inclusionPromise"),
        Reason.NOT_LOGGED,
        "no trusted time of signing",
    ),
    "wrong proof": (_proof_hash, Reason.LOG, "proof of inclusion in the transparency log that does not hold"),
    "wrong promise": (_promise, Reason.LOG, "proof of inclusion in the transparency log that does not hold"),
    "no certificate": (_key, Reason.KEY, "made with a key, not keyless"),
    "damaged certificate": (_certificate, Reason.MALFORMED, "cannot be read"),
    "no material": (lambda bundle: bundle.pop("verificationMaterial"), Reason.MALFORMED, "no verification material"),
    "no signature": (lambda bundle: bundle.pop("dsseEnvelope"), Reason.MALFORMED, "holds no signature"),
    "unknown version": (lambda bundle: bundle.update(mediaType="x"), Reason.MALFORMED, "cannot be read"),
    "another kind of payload": (
        lambda bundle: bundle["dsseEnvelope"].update(payloadType="text/plain"),
        Reason.TAMPERED,
        "were changed",
    ),
}


@pytest.mark.parametrize("name", BROKEN_BUNDLES)
def test_each_single_fault_of_a_bundle_has_its_own_words(sigstore: Sigstore, bundle: dict[str, Any], name: str) -> None:
    """A sound bundle in which exactly one thing is broken is refused for that reason."""
    tamper, reason, words = BROKEN_BUNDLES[name]
    sigstore.verify(as_bundle(bundle), DIGEST)
    broken = deepcopy(bundle)
    tamper(broken)

    refusal = refused(sigstore, as_bundle(broken))

    assert refusal.reason is reason
    assert words in refusal.message


def _changed(signed: Signed, **annotations: str | None) -> SimpleSigning:
    names = {"signature": "dev.cosignproject.cosign/signature"}
    given = signed.annotations()
    for name, value in annotations.items():
        key = names.get(name, f"dev.sigstore.cosign/{name}")
        given = {each: text for each, text in given.items() if each != key}
        given |= {} if value is None else {key: value}
    return SimpleSigning("the tag", signed.order.payload, given)


def _with_promise(signed: Signed, change: Tamper) -> SimpleSigning:
    promise = json.loads(signed.annotations()["dev.sigstore.cosign/bundle"])
    change(promise)
    return _changed(signed, bundle=json.dumps(promise))


def _body(change: Tamper) -> Tamper:
    def apply(promise: dict[str, Any]) -> None:
        body = json.loads(base64.b64decode(promise["Payload"]["body"]))
        change(body)
        promise["Payload"]["body"] = base64.b64encode(json.dumps(body).encode()).decode()

    return apply


BROKEN_SIGNATURES: dict[str, tuple[Callable[[Signed], SimpleSigning], Reason, str]] = {
    "tampered payload": (
        lambda signed: SimpleSigning("the tag", simple_signing(OTHER), signed.annotations()),
        Reason.TAMPERED,
        "were changed",
    ),
    "tampered signature": (
        lambda signed: _changed(signed, signature=base64.b64encode(b"another").decode()),
        Reason.TAMPERED,
        "were changed",
    ),
    "no signature": (lambda signed: _changed(signed, signature=None), Reason.MALFORMED, "holds no signature"),
    "no certificate": (lambda signed: _changed(signed, certificate=None), Reason.KEY, "not keyless"),
    "damaged certificate": (lambda signed: _changed(signed, certificate="x"), Reason.MALFORMED, "cannot be read"),
    "no promise": (
        lambda signed: _changed(signed, bundle=None),
        Reason.NOT_LOGGED,
        "no proof that the transparency log included it",
    ),
    "promise is no JSON": (lambda signed: _changed(signed, bundle="{"), Reason.MALFORMED, "no JSON object"),
    "promise without payload": (lambda signed: _changed(signed, bundle="{}"), Reason.MALFORMED, "incomplete"),
    "another time": (
        lambda signed: _with_promise(signed, lambda it: it["Payload"].update(integratedTime=1_700_000_000)),
        Reason.EXPIRED,
        "when its certificate was not valid",
    ),
    "another index": (
        lambda signed: _with_promise(signed, lambda it: it["Payload"].update(logIndex=1)),
        Reason.LOG,
        "the log did not sign",
    ),
    "an unknown log": (
        lambda signed: _with_promise(signed, lambda it: it["Payload"].update(logID="00" * 32)),
        Reason.LOG,
        "the log did not sign",
    ),
    "no time": (
        lambda signed: _with_promise(signed, lambda it: it["Payload"].update(integratedTime="soon")),
        Reason.MALFORMED,
        "incomplete",
    ),
    "no index": (
        lambda signed: _with_promise(signed, lambda it: it["Payload"].update(logIndex="1")),
        Reason.MALFORMED,
        "incomplete",
    ),
    "another body": (
        lambda signed: _with_promise(signed, _body(lambda it: it["spec"]["data"]["hash"].update(value="00"))),
        Reason.LOG,
        "the log did not sign",
    ),
    "a body of another kind": (
        lambda signed: _with_promise(signed, _body(lambda it: it.update(kind="intoto"))),
        Reason.MALFORMED,
        "unknown kind",
    ),
    "a body with another hash": (
        lambda signed: _with_promise(signed, _body(lambda it: it["spec"]["data"]["hash"].update(algorithm="md5"))),
        Reason.MALFORMED,
        "unknown kind",
    ),
    "a body without signature": (
        lambda signed: _with_promise(signed, _body(lambda it: it["spec"].pop("signature"))),
        Reason.MALFORMED,
        "incomplete",
    ),
    "no base64": (
        lambda signed: _with_promise(signed, lambda it: it.update(SignedEntryTimestamp="*")),
        Reason.MALFORMED,
        "not base64",
    ),
}


@pytest.mark.parametrize("name", BROKEN_SIGNATURES)
def test_each_single_fault_of_a_signature_has_its_own_words(sigstore: Sigstore, simple: Signed, name: str) -> None:
    """A sound signature in which exactly one thing is broken is refused for that reason."""
    tamper, reason, words = BROKEN_SIGNATURES[name]
    sigstore.verify(simple.as_simple_signing(), DIGEST)

    refusal = refused(sigstore, tamper(simple))

    assert refusal.reason is reason
    assert words in refusal.message


@pytest.mark.parametrize("payload", [b"{}", b'{"critical": 1}', b'{"critical": {"image": []}}', b"[]", b"\xff"])
def test_a_payload_that_names_no_digest_is_refused(payload: bytes) -> None:
    """No shape of it makes a traceback."""
    with pytest.raises(Refused) as caught:
        simple_digest(payload)
    assert caught.value.reason is Reason.MALFORMED


def test_an_entry_about_another_signature_is_refused(sigstore: Sigstore, world: SigningWorld) -> None:
    """The log's word for one signature cannot be lent to another (CVE-2022-36056)."""
    ours, theirs = world.signed[1], world.signed[6]
    lent = _changed(ours, bundle=theirs.annotations()["dev.sigstore.cosign/bundle"])

    assert refused(sigstore, lent).reason is Reason.TAMPERED


def test_a_payload_about_another_digest_is_refused(sigstore: Sigstore, world: SigningWorld) -> None:
    """A signature that holds, copied from another image, is refused."""
    refusal = refused(sigstore, world.signed[6].as_simple_signing())

    assert refusal.reason is Reason.DIGEST
    assert "about another digest than the pinned one" in refusal.message


@pytest.mark.parametrize("number", [7, 8])
def test_a_signed_payload_that_says_nothing_is_refused(sigstore: Sigstore, world: SigningWorld, number: int) -> None:
    """The right signer signed something, but nothing about an image."""
    signed = world.signed[number]
    material = signed.as_bundle() if signed.order.envelope else signed.as_simple_signing()

    assert refused(sigstore, material).reason is Reason.MALFORMED


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b"{}", b"[" * 100_000, b'{"verificationMaterial": 1}'])
def test_no_bundle_makes_a_traceback(sigstore: Sigstore, data: bytes) -> None:
    """Whatever lies there, the answer is a refusal."""
    assert refused(sigstore, Bundle("the referrer", data)).reason is Reason.MALFORMED

"""preflight/signed/sigstore_door.py: attestations of `cosign attest` 2, and every single thing that breaks one."""

import base64
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from preflight.signed.bundle_parts import read_envelope
from preflight.signed.model import GITHUB_ISSUER, Enveloped, Reason, Refused, SignerDemand
from preflight.signed.sigstore_door import Sigstore
from tests.real.signing import (
    IDENTITY,
    PATTERN,
    Order,
    Signed,
    SigningWorld,
    provenance,
    sign,
)

DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
DSSE, INTOTO, OTHERS, EXPIRED, UNLISTED, STRANGER = range(6)
PROMISE = "dev.sigstore.cosign/bundle"

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def world() -> SigningWorld:
    """All that this module needs signed, under one trust root."""
    payload = provenance(DIGEST)
    return sign(
        [
            Order(payload),
            Order(payload, record="intoto"),
            Order(provenance(OTHER)),
            Order(payload, age=7200),
            Order(payload, unlisted=True),
            Order(payload, identity="https://github.com/stranger/x/.github/workflows/y.yml@refs/heads/z"),
        ]
    )


@pytest.fixture(scope="module")
def root(world: SigningWorld, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trust root of that world."""
    return world.write_root(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def sigstore(root: Path) -> Sigstore:
    """Demands our release workflow, believes that world."""
    return Sigstore(SignerDemand(PATTERN, trust_root=root))


def refused(sigstore: Sigstore, material: Enveloped, digest: str = DIGEST) -> Refused:
    """Return why an attestation is refused, after seeing that the words can be shown."""
    with pytest.raises(Refused) as caught:
        sigstore.verify(material, digest)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    assert caught.value.source == material.source
    return caught.value


@pytest.mark.parametrize("number", [DSSE, INTOTO])
def test_an_attestation_of_cosign_2_verifies(sigstore: Sigstore, world: SigningWorld, number: int) -> None:
    """Envelope, certificate and the log's promise hold, in both forms in which the log has recorded them."""
    verified = sigstore.verify(world.signed[number].as_enveloped(), DIGEST)

    assert (verified.signer.identity, verified.signer.issuer) == (IDENTITY, GITHUB_ISSUER)
    assert verified.predicate_type == "https://slsa.dev/provenance/v1"
    assert verified.logged is not None


def _envelope(change: Change) -> Callable[[Signed], Enveloped]:
    def apply(signed: Signed) -> Enveloped:
        envelope = json.loads(signed.envelope)
        change(envelope)
        return Enveloped("the tag", json.dumps(envelope, separators=(",", ":")).encode(), signed.annotations())

    return apply


def _promise(change: Change) -> Callable[[Signed], Enveloped]:
    def apply(signed: Signed) -> Enveloped:
        annotations = signed.annotations()
        promise = json.loads(annotations[PROMISE])
        change(promise)
        return Enveloped("the tag", signed.envelope.encode(), {**annotations, PROMISE: json.dumps(promise)})

    return apply


def _body(change: Change) -> Callable[[Signed], Enveloped]:
    def apply(promise: dict[str, Any]) -> None:
        body = json.loads(base64.b64decode(promise["Payload"]["body"]))
        change(body)
        promise["Payload"]["body"] = base64.b64encode(json.dumps(body).encode()).decode()

    return _promise(apply)


def _without(name: str) -> Callable[[Signed], Enveloped]:
    def apply(signed: Signed) -> Enveloped:
        annotations = {key: text for key, text in signed.annotations().items() if key != name}
        return Enveloped("the tag", signed.envelope.encode(), annotations)

    return apply


def _flip(envelope: dict[str, Any]) -> None:
    raw = bytearray(base64.b64decode(envelope["signatures"][0]["sig"]))
    raw[-1] ^= 1
    envelope["signatures"][0]["sig"] = base64.b64encode(raw).decode()


BROKEN: dict[str, tuple[Callable[[Signed], Enveloped], Reason, str]] = {
    "tampered payload": (
        _envelope(lambda it: it.update(payload=base64.b64encode(provenance(DIGEST, "2" * 40)).decode())),
        Reason.TAMPERED,
        "bytes, or the signature, were changed",
    ),
    "tampered signature": (_envelope(_flip), Reason.TAMPERED, "bytes, or the signature, were changed"),
    "another kind of payload": (
        _envelope(lambda it: it.update(payloadType="text/plain")),
        Reason.TAMPERED,
        "bytes, or the signature, were changed",
    ),
    "no signature": (_envelope(lambda it: it.update(signatures=[])), Reason.MALFORMED, "holds no signature"),
    "an empty signature": (
        _envelope(lambda it: it["signatures"][0].update(sig="")),
        Reason.MALFORMED,
        "holds no signature",
    ),
    "two signatures": (
        _envelope(lambda it: it["signatures"].append(it["signatures"][0])),
        Reason.MALFORMED,
        "more than one signature",
    ),
    "no certificate": (_without("dev.sigstore.cosign/certificate"), Reason.KEY, "made with a key, not keyless"),
    "no promise": (_without(PROMISE), Reason.NOT_LOGGED, "no proof that the transparency log included it"),
    "another time": (
        _promise(lambda it: it["Payload"].update(integratedTime=1_700_000_000)),
        Reason.EXPIRED,
        "when its certificate was not valid",
    ),
    "another index": (_promise(lambda it: it["Payload"].update(logIndex=1)), Reason.LOG, "the log did not sign"),
    "another body": (
        _body(lambda it: _hash_of_payload(it).update(value="00")),
        Reason.LOG,
        "the log did not sign",
    ),
    "a body of another kind": (_body(lambda it: it.update(kind="hashedrekord")), Reason.MALFORMED, "unknown kind"),
    "a body of another version": (_body(lambda it: it.update(apiVersion="0.0.9")), Reason.MALFORMED, "unknown kind"),
    "a body with another hash": (
        _body(lambda it: _hash_of_payload(it).update(algorithm="md5")),
        Reason.MALFORMED,
        "unknown kind",
    ),
    "a body without content": (_body(lambda it: it["spec"].clear()), Reason.MALFORMED, "incomplete"),
}


def _hash_of_payload(body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = body["spec"].get("content", body["spec"])["payloadHash"]
    return found


@pytest.mark.parametrize("number", [DSSE, INTOTO])
@pytest.mark.parametrize("name", BROKEN)
def test_each_single_fault_has_its_own_words(sigstore: Sigstore, world: SigningWorld, name: str, number: int) -> None:
    """A sound attestation in which exactly one thing is broken is refused for that reason."""
    tamper, reason, words = BROKEN[name]
    sound = world.signed[number]
    sigstore.verify(sound.as_enveloped(), DIGEST)

    refusal = refused(sigstore, tamper(sound))

    assert refusal.reason is reason
    assert words in refusal.message


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (OTHERS, Reason.DIGEST),
        (EXPIRED, Reason.EXPIRED),
        (UNLISTED, Reason.UNTRUSTED),
        (STRANGER, Reason.IDENTITY),
    ],
)
def test_another_image_time_authority_or_signer_is_refused(
    sigstore: Sigstore, world: SigningWorld, number: int, reason: Reason
) -> None:
    """Whatever is sound otherwise."""
    assert refused(sigstore, world.signed[number].as_enveloped()).reason is reason


def test_a_wrong_trust_root_is_refused(world: SigningWorld) -> None:
    """The public root does not know our authority."""
    refusal = refused(Sigstore(SignerDemand(PATTERN)), world.signed[DSSE].as_enveloped())

    assert refusal.reason is Reason.UNTRUSTED


@pytest.mark.parametrize("pair", [(DSSE, OTHERS), (INTOTO, DSSE), (DSSE, INTOTO)])
def test_an_entry_about_another_envelope_is_refused(
    sigstore: Sigstore, world: SigningWorld, pair: Sequence[int]
) -> None:
    """The log's word for one attestation cannot be lent to another, even of the same statement."""
    ours, theirs = (world.signed[number] for number in pair)
    lent = {**ours.annotations(), PROMISE: theirs.annotations()[PROMISE]}

    assert refused(sigstore, Enveloped("the tag", ours.envelope.encode(), lent)).reason is Reason.TAMPERED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"\xff",
        b"{}",
        b"[" * 100_000,
        b'{"payloadType": 1, "signatures": [{"sig": "eA=="}]}',
        b'{"payloadType": "x", "signatures": [1]}',
        b'{"payloadType": "x", "signatures": [{"sig": 1}]}',
        b'{"payloadType": "x", "signatures": [{"sig": "eA=="}], "payload": "*"}',
    ],
)
def test_no_envelope_makes_a_traceback(data: bytes) -> None:
    """Whatever lies there, the answer is a refusal."""
    with pytest.raises(Refused) as caught:
        read_envelope(data)
    assert caught.value.reason is Reason.MALFORMED

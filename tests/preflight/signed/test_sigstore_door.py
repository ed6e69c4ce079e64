"""preflight/signed/sigstore_door.py: what verifies, and every single thing that makes it not verify."""

import base64
import hashlib
import json
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.signed import sigstore_door
from preflight.signed.bundle_parts import simple_digest
from preflight.signed.model import GITHUB_ISSUER, Bundle, Material, Reason, Refused, SignerDemand, SimpleSigning
from preflight.signed.refusals import explain
from preflight.signed.sigstore_door import Sigstore
from tests.real.signing import (
    COMMIT,
    IDENTITY,
    PATTERN,
    REAL_COMMIT,
    REAL_DIGEST,
    REAL_PATTERN,
    TAG,
    Order,
    Signed,
    SigningWorld,
    as_bundle,
    real_provenance,
    require_sigstore,
    sign,
    simple_signing,
    statement,
)

DIGEST = "sha256:" + "ab" * 32
OTHER = "sha256:" + "cd" * 32
MANIFEST = b"a manifest"
MANIFEST_DIGEST = "sha256:" + hashlib.sha256(MANIFEST).hexdigest()

Tamper = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def world() -> SigningWorld:
    """All that this module needs signed, under one trust root."""
    return sign(
        [
            Order(statement(DIGEST)),
            Order(simple_signing(DIGEST), envelope=False),
            Order(MANIFEST, envelope=False),
            Order(statement(DIGEST), age=7200),
            Order(simple_signing(DIGEST), envelope=False, age=7200),
            Order(statement(DIGEST), identity="somebody@example.org", claims={"iss": "https://accounts.example.org"}),
            Order(simple_signing(OTHER), envelope=False),
            Order(b"not json", envelope=False),
            Order(b"[]"),
            Order(statement(DIGEST), unlisted=True),
            Order(simple_signing(DIGEST), envelope=False, unlisted=True),
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


@pytest.fixture
def bundle(world: SigningWorld) -> dict[str, Any]:
    """A sound bundle, as `cosign sign` 3 makes it."""
    return world.signed[0].bundle()


@pytest.fixture
def simple(world: SigningWorld) -> Signed:
    """A sound signature, as `cosign sign` 2 makes it."""
    return world.signed[1]


def refused(sigstore: Sigstore, material: Material, digest: str = DIGEST) -> Refused:
    """Return why a signature is refused, after seeing that the words can be shown."""
    with pytest.raises(Refused) as caught:
        sigstore.verify(material, digest)
    assert caught.value.hint
    assert "\n" not in caught.value.message
    assert caught.value.source == material.source
    return caught.value


def test_a_real_public_attestation_verifies_offline() -> None:
    """GitHub's own attestation of a published file holds against the root that `sigstore` ships."""
    bundle = Bundle("PyPI", real_provenance())
    verified = Sigstore(SignerDemand(REAL_PATTERN)).verify(bundle, REAL_DIGEST)

    assert verified.predicate_type == "https://slsa.dev/provenance/v1"
    assert verified.signer.identity.startswith("https://github.com/trailofbits/pypi-attestations/.github/workflows/")
    assert verified.signer.issuer == GITHUB_ISSUER
    assert verified.signer.commit == REAL_COMMIT
    assert verified.signer.ref == "refs/tags/v0.0.19"
    assert verified.logged is not None
    assert verified.logged.year == 2024


def test_a_real_attestation_of_another_file_is_refused() -> None:
    """What holds for one digest holds for no other."""
    bundle = Bundle("PyPI", real_provenance())
    refusal = refused(Sigstore(SignerDemand(REAL_PATTERN)), bundle, DIGEST)

    assert refusal.reason is Reason.DIGEST
    assert "another digest" in refusal.message


def test_a_real_attestation_with_one_changed_letter_is_refused() -> None:
    """The payload is what was signed, to the byte."""
    real = json.loads(real_provenance())
    payload = base64.b64decode(real["dsseEnvelope"]["payload"]).replace(b"v0.0.19", b"v0.0.18", 1)
    real["dsseEnvelope"]["payload"] = base64.b64encode(payload).decode()

    assert refused(Sigstore(SignerDemand(REAL_PATTERN)), as_bundle(real), REAL_DIGEST).reason is Reason.TAMPERED


def test_the_signature_of_cosign_3_verifies(sigstore: Sigstore, bundle: dict[str, Any]) -> None:
    """A bundle with a statement about the digest holds, and says who signed."""
    verified = sigstore.verify(as_bundle(bundle), DIGEST)

    assert (verified.signer.identity, verified.signer.issuer) == (IDENTITY, GITHUB_ISSUER)
    assert (verified.signer.commit, verified.signer.ref) == (COMMIT, TAG)
    assert verified.signer.repository == "https://github.com/ls1intum/Hephaestus"
    assert verified.program.startswith("sigstore 4.")


def test_the_signature_of_cosign_2_verifies(sigstore: Sigstore, simple: Signed) -> None:
    """Payload, certificate and the log's promise, as they stand in annotations, hold."""
    verified = sigstore.verify(simple.as_simple_signing(), DIGEST)

    assert (verified.signer.identity, verified.signer.issuer) == (IDENTITY, GITHUB_ISSUER)
    assert verified.logged is not None
    assert verified.statement is None


def test_a_signature_over_the_manifest_itself_verifies(sigstore: Sigstore, world: SigningWorld) -> None:
    """A bundle that signs the manifest's bytes signs the digest; for another digest it is refused."""
    material = world.signed[2].as_bundle()

    assert sigstore.verify(material, MANIFEST_DIGEST).signer.identity == IDENTITY
    assert refused(sigstore, material).reason is Reason.DIGEST


def test_a_client_trust_config_is_a_trust_root_too(world: SigningWorld, tmp_path: Path) -> None:
    """Both forms in which a trust root is handed out are read."""
    path = tmp_path / "config.json"
    kind = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
    path.write_text(json.dumps({"mediaType": kind, "trustedRoot": world.trusted_root, "signingConfig": {}}))

    verified = Sigstore(SignerDemand(PATTERN, trust_root=path)).verify(world.signed[0].as_bundle(), DIGEST)

    assert verified.signer.identity == IDENTITY


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


@pytest.mark.parametrize("number", [3, 4])
def test_a_certificate_that_had_expired_is_refused(sigstore: Sigstore, world: SigningWorld, number: int) -> None:
    """What was logged two hours after a ten-minute certificate is worth nothing."""
    signed = world.signed[number]
    refusal = refused(sigstore, signed.as_bundle() if signed.order.envelope else signed.as_simple_signing())

    assert refusal.reason is Reason.EXPIRED
    assert "when its certificate was not valid" in refusal.message


@pytest.mark.parametrize("number", [9, 10])
def test_a_certificate_that_no_log_knows_is_refused(sigstore: Sigstore, world: SigningWorld, number: int) -> None:
    """An authority that was broken into could issue certificates in secret."""
    signed = world.signed[number]
    refusal = refused(sigstore, signed.as_bundle() if signed.order.envelope else signed.as_simple_signing())

    assert refusal.reason is Reason.UNTRUSTED
    assert "certificate log does not vouch for" in refusal.message


@pytest.mark.parametrize("number", [0, 1])
def test_a_wrong_trust_root_is_refused(world: SigningWorld, number: int) -> None:
    """The public root does not know our authority."""
    signed = world.signed[number]
    material = signed.as_bundle() if signed.order.envelope else signed.as_simple_signing()

    refusal = refused(Sigstore(SignerDemand(PATTERN)), material)

    assert refusal.reason is Reason.UNTRUSTED
    assert "authority that the trust root does not know" in refusal.message


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    "case",
    [
        (r"^https://github\.com/ls1intum/other/", GITHUB_ISSUER, Reason.IDENTITY, "not by who `identity` demands"),
        (r"^https://github.com/ls1intum/hephaestus/", GITHUB_ISSUER, Reason.CASE, "upper and lower case only"),
        (r"ls1intum/Hephaestus/", GITHUB_ISSUER, Reason.IDENTITY, "not by who `identity` demands"),
        (PATTERN, "https://gitlab.com", Reason.ISSUER, f"issuer {GITHUB_ISSUER}, not https://gitlab.com"),
    ],
)
def test_another_signer_is_refused(
    world: SigningWorld, root: Path, number: int, case: tuple[str, str, Reason, str]
) -> None:
    """Identity and issuer must both be those demanded; a difference in case only is told apart."""
    pattern, issuer, reason, words = case
    signed = world.signed[number]
    material = signed.as_bundle() if signed.order.envelope else signed.as_simple_signing()

    refusal = refused(Sigstore(SignerDemand(pattern, issuer, root)), material)

    assert refusal.reason is reason
    assert words in refusal.message


def test_the_hint_for_a_difference_in_case_can_be_copied(world: SigningWorld, root: Path) -> None:
    """The document's pattern is lower-case, GitHub's certificate is not: the hint has the pattern that fits."""
    demand = SignerDemand("^https://github.com/ls1intum/hephaestus/", trust_root=root)

    refusal = refused(Sigstore(demand), world.signed[0].as_bundle())

    assert refusal.hint.endswith(PATTERN)


def test_a_person_with_a_mail_address_can_be_demanded(world: SigningWorld, root: Path) -> None:
    """Not every signer is a workflow."""
    demand = SignerDemand(r"somebody@example\.org$", "https://accounts.example.org", root)

    assert Sigstore(demand).verify(world.signed[5].as_bundle(), DIGEST).signer.identity == "somebody@example.org"


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


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"mediaType": "x"}', "[" * 100_000])
def test_a_file_that_is_no_trust_root_is_an_error(tmp_path: Path, text: str) -> None:
    """A wrong file is said to be wrong; nothing is verified against it."""
    path = tmp_path / "root.json"
    path.write_text(text)

    with pytest.raises(CouldNotLook, match="neither a ClientTrustConfig nor a trusted root"):
        Sigstore(SignerDemand(PATTERN, trust_root=path))


def test_an_empty_trust_root_is_an_error(tmp_path: Path) -> None:
    """A root without authorities trusts nobody."""
    require_sigstore()
    path = tmp_path / "root.json"
    path.write_text(json.dumps({"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}))

    with pytest.raises(CouldNotLook, match="cannot be used"):
        Sigstore(SignerDemand(PATTERN, trust_root=path))


def test_a_missing_trust_root_is_an_error(tmp_path: Path) -> None:
    """The path is in the message."""
    with pytest.raises(CouldNotLook, match=r"gone\.json"):
        Sigstore(SignerDemand(PATTERN, trust_root=tmp_path / "gone.json"))


def certificate(*, names: tuple[str, ...] = (IDENTITY,), purpose: str = "CODE_SIGNING", rsa_key: bool = False) -> Any:
    """Return a self-signed certificate, for what no authority would issue."""
    from datetime import timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key = rsa.generate_private_key(65537, 2048) if rsa_key else ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
        False,
    )
    alternatives = [x509.UniformResourceIdentifier(name) for name in names]
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(minutes=10))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.ExtendedKeyUsage([getattr(x509.oid.ExtendedKeyUsageOID, purpose)]), critical=False)
        .add_extension(
            x509.KeyUsage(digital_signature=True, encipher_only=False, decipher_only=False, **usage), critical=True
        )
    )
    return builder.sign(key, hashes.SHA256())


@pytest.mark.parametrize("names", [(), (IDENTITY, "https://github.com/another")])
def test_a_certificate_that_names_not_one_identity_is_refused(names: tuple[str, ...]) -> None:
    """With two, it would be open which one counts."""
    require_sigstore()
    with pytest.raises(Refused, match="does not name one identity"):
        sigstore_door.read_signer(certificate(names=names))


def test_a_certificate_without_issuer_has_none() -> None:
    """And so it is nobody's that could be demanded."""
    require_sigstore()
    assert sigstore_door.read_signer(certificate()).issuer == ""


def test_a_certificate_for_servers_does_not_sign_images(sigstore: Sigstore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even of the right authority."""
    monkeypatch.setattr(sigstore._inside, "chain_at", lambda *_: [])
    monkeypatch.setattr(sigstore._inside, "verify_sct", lambda *_: None)
    with pytest.raises(Refused, match="not for signing code"):
        sigstore._certified(certificate(purpose="SERVER_AUTH"), datetime.now(UTC))


def test_a_key_of_another_kind_is_refused(sigstore: Sigstore) -> None:
    """Sigstore's authority issues certificates for elliptic curves."""
    with pytest.raises(Refused, match="not of an elliptic curve"):
        sigstore._signs(certificate(rsa_key=True), b"", b"")


def test_a_signature_of_another_key_is_refused(sigstore: Sigstore, simple: Signed) -> None:
    """What the log recorded must also be true."""
    with pytest.raises(Refused) as caught:
        sigstore._signs(certificate(), base64.b64decode(simple.signature), simple.order.payload)
    assert caught.value.reason is Reason.TAMPERED


def test_a_verifier_that_does_not_ask_for_the_identity_is_not_believed() -> None:
    """Should `sigstore` ever leave that out, nothing is verified."""
    with pytest.raises(CouldNotLook, match="did not ask for the signer's identity"):
        sigstore_door._Policy(SignerDemand(PATTERN)).accepted()


@pytest.mark.parametrize(
    ("der", "text"),
    [
        (b"\x0c\x02ab", "ab"),
        (b"\x0c\x81\x80" + b"a" * 128, "a" * 128),
        (b"\x0c\x82\x01\x00" + b"a" * 256, "a" * 256),
        (b"\x0c\x03ab", None),
        (b"\x0c\x01ab", None),
        (b"\x04\x02ab", None),
        (b"\x0c", None),
        (b"", None),
        (b"\x0c\x01\xff", None),
    ],
)
def test_texts_in_certificates_are_read_to_the_letter(der: bytes, text: str | None) -> None:
    """DER's UTF8String; anything else is no text."""
    if text is not None:
        assert sigstore_door._utf8(der) == text
        return
    with pytest.raises(ValueError, match=r"UTF8String|decode"):
        sigstore_door._utf8(der)


def test_whatever_sigstore_has_against_a_signature_it_is_refused() -> None:
    """An objection that is not known is one in general words."""
    require_sigstore()
    refusal = explain(RuntimeError("TOKEN=hunter2"), certificate(), None)

    assert refusal.reason is Reason.OTHER
    assert refusal.message == "does not verify (RuntimeError)"
    assert explain(ValueError("not enough sources of verified time"), certificate(), None).reason is Reason.NOT_LOGGED
    unsupported = explain(ValueError("Unsupported DSSE log entry type: intoto/0.0.2"), certificate(), None)
    assert unsupported.message == "has a transparency-log entry of a kind that sigstore cannot verify"

"""preflight/signed/sigstore_door.py: certificates, keys and trust roots."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.signed import sigstore_door
from preflight.signed.model import Reason, Refused, SignerDemand
from preflight.signed.sigstore_door import Sigstore
from tests.preflight.signed.sigstore_door.material import refused
from tests.real.signing import IDENTITY, PATTERN, Signed, SigningWorld, require_sigstore


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

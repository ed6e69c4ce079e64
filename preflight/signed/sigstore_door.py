"""The one door to `sigstore` and `cryptography`, the optional extra `verify`: imported when something is verified.

A bundle goes through `sigstore`'s own verifier as a whole. What cosign up to 2 signs carries no inclusion proof but the
log's signed promise (the "Rekor bundle" in its annotations), which that verifier does not take; here the
same steps are made one by one (cosign's own "offline" verification): chain at the time of logging, certificate
log, key usage, signer, promise, body of the entry, signature over the payload (`.sig`) or the envelope (`.att`).
"""

import json
import re
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from preflight.errors import CouldNotLook
from preflight.lib.installing import how_to_install
from preflight.lib.text import printable
from preflight.signed import sigstore_api as insides
from preflight.signed.bundle_parts import (
    RekorPromise,
    read_bundle,
    read_envelope,
    read_promise,
    read_signature,
    simple_digest,
)
from preflight.signed.identity import judge_signer
from preflight.signed.model import (
    Bundle,
    Enveloped,
    Material,
    Reason,
    Refused,
    Signer,
    SignerDemand,
    SimpleSigning,
    Verified,
)
from preflight.signed.refusals import explain, malformed, refusals, tampered
from preflight.signed.statement import read_statement
from preflight.signed.trust import read_trust_root

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_FULCIO = "1.3.6.1.4.1.57264.1."
_UTF8_TAG = 0x0C


def is_installed() -> bool:
    """Whether the extra is there; imports nothing."""
    return find_spec("sigstore") is not None


class Sigstore:
    """Verifies against one trust root. Made once a run: loading takes 0.4 s.

    Args:
        demand: Names the trust root.

    Raises:
        CouldNotLook: The extra is missing or broken, or the trust root cannot be had.
    """

    def __init__(self, demand: SignerDemand) -> None:
        self._demand = demand
        root = read_trust_root(demand)
        self._inside = insides.load()
        self._verifier = self._inside.verifier(root, demand)
        self.program = f"sigstore {printable(self._inside.version, 40)}"

    def verify(self, material: Material, digest: str) -> Verified:
        """Verify one signature of `sha256:<hex>` in every respect.

        Raises:
            Refused: It does not hold.
        """
        with refusals(material.source):
            if isinstance(material, SimpleSigning):
                return self._simple(material, digest)
            if isinstance(material, Enveloped):
                return self._enveloped(material, digest)
            return self._bundle(material, digest)

    def _bundle(self, material: Bundle, digest: str) -> Verified:
        parts = read_bundle(material.data)
        policy = _Policy(self._demand)
        try:
            bundle = self._inside.models.Bundle.from_json(material.data)
        except Exception as error:  # whatever a stranger's file may provoke
            raise malformed(error) from error
        try:
            if parts.is_envelope:
                payload_type, payload = self._verifier.verify_dsse(bundle, policy)
            else:
                payload_type, payload = "", b""
                self._verifier.verify_artifact(self._inside.hashed(digest), bundle, policy)
        except Refused:
            raise
        except Exception as error:  # whatever `sigstore` has against it, it is refused
            raise explain(error, bundle.signing_certificate, parts.logged) from error
        statement = read_statement(payload_type, payload, digest) if parts.is_envelope else None
        return Verified(material.source, policy.accepted(), parts.logged, self.program, statement)

    def _simple(self, material: SimpleSigning, digest: str) -> Verified:
        signature = read_signature(material.annotations)
        promise = read_promise(material.annotations, is_envelope=False)
        certificate, signer = self._vouched(promise)
        _entry_fits(promise, certificate, material.payload, signature)
        self._signs(certificate, signature, material.payload)
        if simple_digest(material.payload) != digest:
            raise Refused(
                Reason.DIGEST,
                "is about another digest than the pinned one",
                "Do not deploy: somebody attached the signature of another image to this one.",
            )
        return Verified(material.source, signer, promise.logged, self.program)

    def _enveloped(self, material: Enveloped, digest: str) -> Verified:
        envelope = read_envelope(material.data)
        promise = read_promise(material.annotations, is_envelope=True)
        certificate, signer = self._vouched(promise)
        _entry_fits(promise, certificate, envelope.payload, envelope.signature, material.data)
        self._signs(certificate, envelope.signature, envelope.signed)
        statement = read_statement(envelope.payload_type, envelope.payload, digest)
        return Verified(material.source, signer, promise.logged, self.program, statement)

    def _vouched(self, promise: RekorPromise) -> "tuple[Certificate, Signer]":
        """Return the certificate and the signer it names, once authority, policy and log vouch for them."""
        certificate = _certificate(promise.certificate)
        policy = _Policy(self._demand)
        try:
            self._certified(certificate, promise.logged)
            policy.verify(certificate)
            self._promised(promise)
        except Refused:
            raise
        except Exception as error:  # whatever `sigstore` has against it, it is refused
            raise explain(error, certificate, promise.logged) from error
        return certificate, policy.accepted()

    def _certified(self, certificate: "Certificate", moment: datetime) -> None:
        """Certificate chain, certificate log, and what the key may be used for."""
        chain = self._inside.chain_at(self._verifier, certificate, moment)
        self._inside.verify_sct(certificate, chain, self._inside.ct_keys())
        x509 = import_module("cryptography.x509")
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        extended = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if not usage.digital_signature or x509.oid.ExtendedKeyUsageOID.CODE_SIGNING not in extended:
            raise Refused(Reason.UNTRUSTED, "is by a certificate that is not for signing code", "Sign it with cosign.")

    def _promised(self, promise: RekorPromise) -> None:
        """The log's signature over the canonical JSON of the entry (RFC 8785; here integers and ASCII text only)."""
        canonical = json.dumps(promise.entry, sort_keys=True, separators=(",", ":")).encode()
        key_id = self._inside.key_id(bytes.fromhex(promise.log_id))
        try:
            self._inside.log_keys().verify(key_id=key_id, signature=promise.timestamp, data=canonical)
        except Exception as error:  # whatever `sigstore` has against it, it is refused
            raise Refused(
                Reason.LOG,
                "has a transparency-log entry that the log did not sign",
                "Do not deploy: the entry is forged, damaged, or from a log that the trust root does not know.",
            ) from error

    def _signs(self, certificate: "Certificate", signature: bytes, payload: bytes) -> None:
        ec = import_module("cryptography.hazmat.primitives.asymmetric.ec")
        hashes = import_module("cryptography.hazmat.primitives.hashes")
        key = certificate.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise Refused(Reason.MALFORMED, "is by a key that is not of an elliptic curve", "Sign it with cosign.")
        try:
            key.verify(signature, payload, ec.ECDSA(hashes.SHA256()))
        except Exception as error:  # whatever `cryptography` has against it, it is refused
            raise tampered() from error


class _Policy:
    """`sigstore` asks this for its opinion on the certificate."""

    def __init__(self, demand: SignerDemand) -> None:
        self._demand = demand
        self._signer: Signer | None = None

    def verify(self, cert: "Certificate") -> None:
        """Accept the certificate's signer, or raise ``Refused``."""
        signer = read_signer(cert)
        judge_signer(signer, self._demand)
        self._signer = signer

    def accepted(self) -> Signer:
        """Return the signer; a verifier that never asked us has verified nothing."""
        if self._signer is None:
            raise CouldNotLook("sigstore did not ask for the signer's identity", how_to_install("verify"))
        return self._signer


def read_signer(certificate: "Certificate") -> Signer:
    """Return who a certificate is for (Fulcio's extensions, sigstore/fulcio `docs/oid-info.md`)."""
    x509 = import_module("cryptography.x509")
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    kinds = (x509.UniformResourceIdentifier, x509.RFC822Name)
    identities = [name for kind in kinds for name in names.get_values_for_type(kind)]
    if len(identities) != 1 or len(list(names)) != 1:
        raise Refused(Reason.MALFORMED, "is by a certificate that does not name one identity", "Sign it with cosign.")
    raw = {item.oid.dotted_string: item.value for item in certificate.extensions}

    def text(number: int) -> str:
        extension = raw.get(f"{_FULCIO}{number}")
        return "" if extension is None else _utf8(extension.value)

    old_issuer = raw.get(f"{_FULCIO}1")
    issuer = text(8) or ("" if old_issuer is None else old_issuer.value.decode())
    return Signer(identities[0], issuer, repository=text(12), commit=text(13), ref=text(14))


def _utf8(value: bytes) -> str:
    """Return the text in a DER UTF8String shorter than 64 KiB; nothing Fulcio writes is longer."""
    match = re.match(rb"\x0c(?:([\x00-\x7f])|\x81(.)|\x82(..))", value, re.DOTALL)
    if match is None or value[0] != _UTF8_TAG:
        raise ValueError("no UTF8String")
    length = int.from_bytes(match[1] or match[2] or match[3])
    if len(value) != match.end() + length:
        raise ValueError("an UTF8String of another length")
    return value[match.end() :].decode()


def _certificate(pem: str) -> "Certificate":
    x509 = import_module("cryptography.x509")
    try:
        certificate: Certificate = x509.load_pem_x509_certificate(pem.encode())
    except Exception as error:  # whatever a stranger's text may provoke
        raise malformed(error) from error
    return certificate


def _entry_fits(
    promise: RekorPromise, certificate: "Certificate", payload: bytes, signature: bytes, envelope: bytes = b""
) -> None:
    """The entry in the log is about these very bytes, this signature and this certificate."""
    import hashlib

    body = promise.body
    logged = _certificate(body.certificate)
    signed = body.signature == signature if not body.envelope else body.envelope == hashlib.sha256(envelope).hexdigest()
    if body.digest != hashlib.sha256(payload).hexdigest() or not signed or logged != certificate:
        raise tampered()

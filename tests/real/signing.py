"""Signatures as Sigstore makes them: real public ones, and our own by npm's ``@sigstore/mock``."""

import base64
import hashlib
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from provision import signatures
from provision.errors import ProvisionError
from provision.registry import RegistryClient

from preflight.signed.model import ENVELOPE, GITHUB_ISSUER, IN_TOTO, SIMPLE_SIGNING, Bundle, Enveloped, SimpleSigning
from tests.real.missing import missing

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
EMPTY = "application/vnd.oci.empty.v1+json"
BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIGNER = Path(__file__).with_name("sigstore_mock.mjs")
REPOSITORY = "ls1intum/Hephaestus"
COMMIT = "1" * 40
TAG = "refs/tags/v1.4.1"
WORKFLOW = f"{REPOSITORY}/.github/workflows/release.yml@{TAG}"
IDENTITY = f"https://github.com/{WORKFLOW}"
PATTERN = r"^https://github\.com/ls1intum/Hephaestus/"

REAL_DIGEST = "sha256:9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3"
REAL_PATTERN = r"^https://github\.com/trailofbits/pypi-attestations/"
REAL_COMMIT = "08802efe1f8e5fec4ad842d6b8ce97656092ee72"


def require_sigstore() -> None:
    """Skip the test (fail it in CI) where the extra is not installed."""
    try:
        import_module("sigstore")
    except ImportError as error:
        missing("no sigstore", ProvisionError(str(error), "pip install -e '.[dev,verify]'"))


@lru_cache
def real_provenance() -> bytes:
    """Return a real bundle, of a file whose digest is ``REAL_DIGEST``: converted from PEP 740, which is no bundle."""
    require_sigstore()
    try:
        folder = signatures.attestations()
    except ProvisionError as error:
        missing("no real attestations", error)
    given = json.loads((folder / "pypi_attestations-0.0.19.tar.gz.slsa.attestation").read_bytes())
    bundle = {
        "mediaType": BUNDLE_TYPE,
        "verificationMaterial": {
            "certificate": {"rawBytes": given["verification_material"]["certificate"]},
            "tlogEntries": given["verification_material"]["transparency_entries"],
        },
        "dsseEnvelope": {
            "payload": given["envelope"]["statement"],
            "payloadType": IN_TOTO,
            "signatures": [{"sig": given["envelope"]["signature"]}],
        },
    }
    return json.dumps(bundle).encode()


@dataclass(frozen=True)
class Order:
    """Something to be signed.

    Args:
        payload: The bytes.
        envelope: As DSSE (an in-toto statement), else a bare signature.
        identity: Subject alternative name of the certificate.
        claims: Of the signer's token, over those of our release workflow; an empty one is left out.
        age: Seconds by which the certificate is older than the log entry.
        unlisted: No certificate log knows the certificate.
        record: What the log makes of an envelope: "dsse", or "intoto" as for cosign before 2.2.
    """

    payload: bytes
    envelope: bool = True
    identity: str = IDENTITY
    claims: Mapping[str, str] = field(default_factory=dict)
    age: int = 0
    unlisted: bool = False
    record: str = "dsse"

    def as_json(self) -> dict[str, Any]:
        """Return what the signer reads."""
        claims = {"iss": GITHUB_ISSUER, "sha": COMMIT, "repository": REPOSITORY, "ref": TAG}
        claims = {**claims, "job_workflow_ref": WORKFLOW, **self.claims}
        return {
            "payload": base64.b64encode(self.payload).decode(),
            "type": IN_TOTO if self.envelope else "",
            "identity": self.identity,
            "claims": {name: value for name, value in claims.items() if value},
            "age": self.age,
            "unlisted": self.unlisted,
            "record": self.record,
        }


@dataclass(frozen=True)
class Signed:
    """What came back for an order."""

    order: Order
    certificate: str
    chain: str
    signature: str
    entry: Mapping[str, Any]
    envelope: str

    def bundle(self) -> dict[str, Any]:
        """Return it as a Sigstore bundle."""
        payload = base64.b64encode(self.order.payload).decode()
        content: dict[str, Any]
        if self.order.envelope:
            signatures_ = [{"sig": self.signature}]
            content = {"dsseEnvelope": {"payload": payload, "payloadType": IN_TOTO, "signatures": signatures_}}
        else:
            digest = base64.b64encode(hashlib.sha256(self.order.payload).digest()).decode()
            message = {"messageDigest": {"algorithm": "SHA2_256", "digest": digest}, "signature": self.signature}
            content = {"messageSignature": message}
        der = "".join(line for line in self.certificate.splitlines() if not line.startswith("-"))
        material = {"certificate": {"rawBytes": der}, "tlogEntries": [self._logged()]}
        return {"mediaType": BUNDLE_TYPE, "verificationMaterial": material, **content}

    def as_bundle(self) -> Bundle:
        """Return it as the product finds it."""
        return as_bundle(self.bundle())

    def annotations(self) -> dict[str, str]:
        """Return what cosign 2 writes beside the payload, or beside an envelope, which has its signature inside."""
        payload = {name: self.entry[name] for name in ("body", "integratedTime", "logIndex", "logID")}
        promise = {
            "SignedEntryTimestamp": self.entry["verification"]["signedEntryTimestamp"],
            "Payload": payload,
        }
        return {
            "dev.cosignproject.cosign/signature": "" if self.order.envelope else self.signature,
            "dev.sigstore.cosign/certificate": self.certificate,
            "dev.sigstore.cosign/chain": self.chain,
            "dev.sigstore.cosign/bundle": json.dumps(promise),
        }

    def as_simple_signing(self) -> SimpleSigning:
        """Return it as the product finds it under cosign's tag."""
        return SimpleSigning("the tag", self.order.payload, self.annotations())

    def as_enveloped(self) -> Enveloped:
        """Return it as the product finds it under cosign's tag for attestations."""
        return Enveloped("the tag", self.envelope.encode(), self.annotations())

    def _logged(self) -> dict[str, Any]:
        proof = self.entry["verification"]["inclusionProof"]
        body = json.loads(base64.b64decode(self.entry["body"]))
        return {
            "logIndex": str(self.entry["logIndex"]),
            "logId": {"keyId": _recoded(self.entry["logID"])},
            "kindVersion": {"kind": body["kind"], "version": body["apiVersion"]},
            "integratedTime": str(self.entry["integratedTime"]),
            "inclusionPromise": {"signedEntryTimestamp": self.entry["verification"]["signedEntryTimestamp"]},
            "inclusionProof": {
                "logIndex": str(proof["logIndex"]),
                "rootHash": _recoded(proof["rootHash"]),
                "treeSize": str(proof["treeSize"]),
                "hashes": [],
                "checkpoint": {"envelope": proof["checkpoint"]},
            },
            "canonicalizedBody": self.entry["body"],
        }


def _recoded(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def as_bundle(bundle: Mapping[str, Any]) -> Bundle:
    """Return JSON as the product finds it."""
    return Bundle("the referrer", json.dumps(bundle).encode())


@dataclass(frozen=True)
class SigningWorld:
    """Things signed under one trust root.

    Args:
        trusted_root: JSON.
        signed: In the order of what was asked for.
    """

    trusted_root: Mapping[str, Any]
    signed: tuple[Signed, ...]

    def write_root(self, folder: Path) -> Path:
        """Write the trusted root into a folder."""
        path = folder / "trusted_root.json"
        path.write_text(json.dumps(self.trusted_root))
        return path


def sign(orders: Sequence[Order]) -> SigningWorld:
    """Sign under a new trust root; about a second."""
    require_sigstore()
    try:
        folder = signatures.mock_folder()
    except ProvisionError as error:
        missing("no @sigstore/mock", error)
    done = subprocess.run(
        ["node", SIGNER, folder],
        input=json.dumps([order.as_json() for order in orders]),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    answer = json.loads(done.stdout)
    signed = (Signed(order, **each) for order, each in zip(orders, _entries(answer["signed"]), strict=True))
    return SigningWorld(answer["trustedRoot"], tuple(signed))


def _entries(signed: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**each, "entry": next(iter(each["entry"].values()))} for each in signed]


def simple_signing(digest: str, name: str = "ghcr.io/ls1intum/hephaestus/agent") -> bytes:
    """Return the payload that cosign 2 signs for a digest."""
    critical = {
        "identity": {"docker-reference": name},
        "image": {"docker-manifest-digest": digest},
        "type": "cosign container image signature",
    }
    return json.dumps({"critical": critical, "optional": None}).encode()


def statement(digest: str, kind: str = "https://sigstore.dev/cosign/sign/v1", predicate: object = None) -> bytes:
    """Return an in-toto statement about a digest; like cosign's, without predicate unless one is given."""
    subject = [{"name": "agent", "digest": {"sha256": digest.removeprefix("sha256:")}}]
    made: dict[str, Any] = {"_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": kind}
    return json.dumps(made if predicate is None else {**made, "predicate": predicate}).encode()


def provenance(digest: str, commit: str = COMMIT, ref: str = TAG, repository: str = REPOSITORY) -> bytes:
    """Return what actions/attest-build-provenance signs for a digest."""
    url = f"https://github.com/{repository}"
    workflow = {"ref": ref, "repository": url, "path": ".github/workflows/release.yml"}
    source = {"uri": f"git+{url}@{ref}", "digest": {"gitCommit": commit}}
    predicate = {
        "buildDefinition": {
            "buildType": "https://actions.github.io/buildtypes/workflow/v1",
            "externalParameters": {"workflow": workflow},
            "resolvedDependencies": [source],
        },
        "runDetails": {"builder": {"id": f"{url}/.github/workflows/release.yml@{ref}"}},
    }
    return statement(digest, "https://slsa.dev/provenance/v1", predicate)


def attach_signatures(registry: RegistryClient, repository: str, digest: str, *signed: Signed) -> None:
    """Push signatures as cosign 2 does: one manifest under the tag `sha256-<hex>.sig`, one layer each."""
    layers = [
        {
            "mediaType": SIMPLE_SIGNING,
            **registry._push_blob(repository, each.order.payload),
            "annotations": each.annotations(),
        }
        for each in signed
    ]
    _push(registry, repository, (digest.replace(":", "-") + ".sig",), layers)


def attach_attestations(registry: RegistryClient, repository: str, digest: str, *signed: Signed) -> None:
    """Push attestations as cosign 2 does: one manifest under the tag `sha256-<hex>.att`, an envelope a layer."""
    layers = []
    for each in signed:
        kind = json.loads(each.order.payload)["predicateType"]
        blob = registry._push_blob(repository, each.envelope.encode())
        layers.append({"mediaType": ENVELOPE, **blob, "annotations": {**each.annotations(), "predicateType": kind}})
    _push(registry, repository, (digest.replace(":", "-") + ".att",), layers)


def attach_bundles(registry: RegistryClient, repository: str, digest: str, *bundles: Mapping[str, Any]) -> None:
    """Push bundles as cosign 3 does where there is no referrers API: a manifest each, listed under `sha256-<hex>`."""
    subject = {"mediaType": MANIFEST, "digest": digest, "size": 1}
    listed = []
    for bundle in bundles:
        layer = {"mediaType": BUNDLE_TYPE, **registry._push_blob(repository, json.dumps(bundle).encode())}
        pushed = _push(registry, repository, (), [layer], artifactType=BUNDLE_TYPE, subject=subject)
        # cosign's library lists its bundles with the type of their empty config (sigstore/cosign#4641)
        listed.append({"mediaType": MANIFEST, "digest": pushed, "size": 1, "artifactType": EMPTY})
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}
    registry._push_manifest(repository, (digest.replace(":", "-"),), INDEX, index)


def _push(registry: RegistryClient, repository: str, tags: tuple[str, ...], layers: list[Any], **more: Any) -> str:
    config = {"mediaType": EMPTY, **registry._push_blob(repository, b"{}")}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers, **more}
    return registry._push_manifest(repository, tags, MANIFEST, manifest)


def push_unsigned(registry: RegistryClient, repository: str) -> str:
    """Push an image that is the same in every repository, so that one signature serves all; return its digest."""
    config = {"mediaType": EMPTY, **registry._push_blob(repository, b"{}")}
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar", **registry._push_blob(repository, b"agent")}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer]}
    return registry._push_manifest(repository, ("1.4.1",), MANIFEST, manifest)

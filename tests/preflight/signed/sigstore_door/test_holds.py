"""preflight/signed/sigstore_door.py: what holds, and whose signature it must be."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.signed import sigstore_door
from preflight.signed.model import GITHUB_ISSUER, Bundle, Reason, SignerDemand
from preflight.signed.refusals import explain
from preflight.signed.sigstore_door import Sigstore
from tests.preflight.signed.sigstore_door.material import DIGEST, MANIFEST_DIGEST, refused
from tests.preflight.signed.sigstore_door.test_certificates import certificate
from tests.real.signing import (
    COMMIT,
    IDENTITY,
    PATTERN,
    REAL_COMMIT,
    REAL_DIGEST,
    REAL_PATTERN,
    TAG,
    Signed,
    SigningWorld,
    as_bundle,
    real_provenance,
    require_sigstore,
)


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


def test_a_verifier_that_does_not_ask_for_the_identity_is_not_believed() -> None:
    """Should `sigstore` ever leave that out, nothing is verified."""
    with pytest.raises(CouldNotLook, match="did not ask for the signer's identity"):
        sigstore_door._Policy(SignerDemand(PATTERN)).accepted()


def test_whatever_sigstore_has_against_a_signature_it_is_refused() -> None:
    """An objection that is not known is one in general words."""
    require_sigstore()
    refusal = explain(RuntimeError("TOKEN=hunter2"), certificate(), None)

    assert refusal.reason is Reason.OTHER
    assert refusal.message == "does not verify (RuntimeError)"
    assert explain(ValueError("not enough sources of verified time"), certificate(), None).reason is Reason.NOT_LOGGED
    unsupported = explain(ValueError("Unsupported DSSE log entry type: intoto/0.0.2"), certificate(), None)
    assert unsupported.message == "has a transparency-log entry of a kind that sigstore cannot verify"

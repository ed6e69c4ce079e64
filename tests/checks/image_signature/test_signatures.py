"""checks/image_signature.py: which signatures pass."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from provision.sample import Sample

from checks.image_signature import ImageSignature, Settings
from preflight.model import Status
from preflight.testing import run_check
from tests.checks.image_signature.stage import BUILT, COPIED, COSIGN_2, COSIGN_3, NAME, STRANGER, Stage
from tests.real.cli import PreflightCli
from tests.real.registry import RealRegistry
from tests.real.signing import IDENTITY, PATTERN, SigningWorld, attach_bundles, attach_signatures

pytestmark = pytest.mark.registry


def test_the_signature_of_cosign_2_passes(stage: Stage, world: SigningWorld) -> None:
    """Under the tag `.sig`; one finding for an image that two services run, with evidence."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])

    finding = stage.verdict()

    assert finding.status is Status.PASS
    assert finding.message == f"{stage.shown} is signed by {IDENTITY}"
    assert finding.evidence["identity"] == IDENTITY
    assert finding.evidence["issuer"] == "https://token.actions.githubusercontent.com"
    assert finding.evidence["digest"] == stage.digest
    assert str(finding.evidence["found_in"]).startswith("the tag sha256-")
    assert str(finding.evidence["verified_by"]).startswith("sigstore 4.")


def test_the_signature_of_cosign_3_passes(stage: Stage, world: SigningWorld) -> None:
    """A bundle that the fallback tag lists, with the type that cosign wrongly lists."""
    attach_bundles(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_3].bundle())

    finding = stage.verdict()

    assert finding.status is Status.PASS
    assert finding.evidence["predicate_type"] == "https://sigstore.dev/cosign/sign/v1"
    assert str(finding.evidence["found_in"]).startswith("the referrer sha256:")


def test_one_good_signature_among_others_is_enough(stage: Stage, world: SigningWorld) -> None:
    """A second signer takes nothing away, whatever the order."""
    signed = [world.signed[number] for number in (STRANGER, COPIED, COSIGN_2)]
    attach_signatures(stage.registry, stage.repository, stage.digest, *signed)

    assert stage.verdict().status is Status.PASS


def test_the_whole_tool_verifies_then_refuses(stage: Stage, world: SigningWorld, preflight_cli: PreflightCli) -> None:
    """From a configuration to exit codes and JSON: signed passes, one changed letter in the demand fails."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])
    stage.context()
    (stage.folder / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")

    def run(identity: str) -> tuple[int, Any]:
        configuration = {
            "pins": [{"variable": NAME, "service": "app", "file": "pin.env"}],
            "compose": {"files": ["compose.yaml"]},
            "registry": {"insecure": [stage.registry.host], "trust_root": "trusted_root.json"},
            "checks": {"image-signature": {"identity": identity}},
        }
        (stage.folder / "preflight.yaml").write_text(json.dumps(configuration))
        done = preflight_cli("run", "--only", "image-signature", "--format", "json", cwd=stage.folder)
        assert "Traceback" not in done.stderr
        [check] = json.loads(done.stdout)["checks"]
        return done.returncode, check

    code, check = run(PATTERN)
    assert (code, check["status"]) == (0, "pass")
    assert check["findings"][0]["evidence"]["identity"] == IDENTITY

    code, check = run(PATTERN.replace("Hephaestus", "hephaestus"))
    assert (code, check["status"]) == (1, "fail")
    assert "upper and lower case only" in check["findings"][0]["message"]


def test_only_a_verification_imports_sigstore(
    stage: Stage, world: SigningWorld, preflight_cli: PreflightCli, sample: Sample
) -> None:
    """A whole run without an identity does without it, both checks included; one that verifies needs it."""

    def imported(folder: Path, *words: str) -> set[str]:
        environ = {"PYTHONPROFILEIMPORTTIME": "1", "DOCKER_HOST": "unix:///nowhere.sock"}
        done = preflight_cli("run", "--registry-insecure", stage.registry.host, *words, cwd=folder, env=environ)
        assert "identity" in done.stdout or "image-signature" in done.stdout
        lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
        return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}

    without = imported(sample.path)
    assert "urllib3" in without
    assert not without & {"sigstore", "cryptography", "pydantic"}

    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])
    stage.context()
    (stage.folder / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
    settings = {"identity": PATTERN, "trust_root": "trusted_root.json"}
    (stage.folder / "preflight.yaml").write_text(json.dumps({"checks": {"image-signature": settings}}))
    assert {"sigstore", "cryptography"} <= imported(stage.folder, "--only", "image-signature")


@pytest.mark.parametrize(("required", "status"), [(False, Status.WARN), (True, Status.FAIL)])
def test_no_signature(stage: Stage, required: bool, status: Status) -> None:
    """An identity is demanded and nobody signed: a warning, or a failure where a signature is required."""
    finding = stage.verdict(required=required)

    assert finding.status is status
    assert finding.message == f"{stage.shown}: there is no signature"


def test_a_provenance_is_no_signature(stage: Stage, world: SigningWorld) -> None:
    """What was attested about the build is not counted as a signature, but mentioned."""
    attach_bundles(stage.registry, stage.repository, stage.digest, world.signed[BUILT].bundle())

    finding = stage.verdict(required=True)

    assert finding.status is Status.FAIL
    assert finding.message.endswith("there is no signature, only 1 other statement")
    assert finding.evidence["other_statements"] == ["https://slsa.dev/provenance/v1"]


def test_the_signature_of_another_image_fails(stage: Stage, world: SigningWorld) -> None:
    """Copied from one image to another it proves nothing, required or not."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COPIED])

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert finding.message == f"{stage.shown}: the signature is about another digest than the pinned one"
    assert finding.hint.startswith("Do not deploy")


def test_several_bad_signatures_fail_with_the_most_telling_reason(stage: Stage, world: SigningWorld) -> None:
    """All reasons stand in the evidence."""
    signed = [world.signed[number] for number in (STRANGER, COPIED)]
    attach_signatures(stage.registry, stage.repository, stage.digest, *signed)

    finding = stage.verdict()

    assert finding.message.startswith(f"{stage.shown}: none of 2 signatures holds; the first is about another digest")
    refused = finding.evidence["refused"]
    assert isinstance(refused, list)
    assert len(refused) == 2


def test_a_signature_that_the_registry_has_lost_is_an_error(stage: Stage, world: SigningWorld) -> None:
    """The manifest of the signature is there, its payload is not: that is not "no signature"."""
    signed = world.signed[COSIGN_2]
    attach_signatures(stage.registry, stage.repository, stage.digest, signed)
    payload = f"sha256:{hashlib.sha256(signed.order.payload).hexdigest()}"
    stage.registry._call("DELETE", f"/v2/{stage.repository}/blobs/{payload}")

    finding = stage.verdict()

    assert finding.status is Status.ERROR
    assert "missing or not readable" in finding.message


def test_a_registry_that_does_not_answer_is_an_error(stage: Stage) -> None:
    """Whether there is a signature cannot be said."""
    stage.registry = RealRegistry("127.0.0.1:9")

    finding = stage.verdict()

    assert finding.status is Status.ERROR
    assert "127.0.0.1:9 could not be reached" in finding.message


def test_a_pin_without_digest_is_an_error(stage: Stage) -> None:
    """A tag can be anything; there is nothing to verify."""
    ctx = stage.context()
    ctx.pins[0].file.write_text(f"{NAME}={stage.registry.host}/{stage.repository}:1.4.1\n")

    findings = run_check(ImageSignature(Settings(identity=PATTERN)), ctx)

    assert {finding.status for finding in findings} == {Status.ERROR}
    assert findings[0].message == f"{NAME} has no digest to ask for"

"""Tests of checks/image_signature.py: a real registry, and signatures as cosign 2 and 3 make them."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from provision.sample import Sample

from checks.image_signature import ImageSignature, Settings
from preflight.context import Context, Options
from preflight.model import Finding, Location, Status
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.signed import sigstore_door
from preflight.testing import fake_context, run_check
from tests.real.cli import PreflightCli
from tests.real.git import GitRepository
from tests.real.registry import RealRegistry
from tests.real.signing import (
    IDENTITY,
    PATTERN,
    Order,
    SigningWorld,
    attach_bundles,
    attach_signatures,
    provenance,
    push_unsigned,
    sign,
    simple_signing,
    statement,
)

NAME = "AGENT_IMAGE"
COSIGN_2, COSIGN_3, COPIED, BUILT, STRANGER = range(5)

pytestmark = pytest.mark.registry


@pytest.fixture(scope="module")
def world(registry: RealRegistry) -> SigningWorld:
    """What is signed about the image that every test pushes, by our release workflow and a stranger."""
    digest = push_unsigned(registry, "signature/first")
    stranger = "https://github.com/stranger/thing/.github/workflows/x.yml@refs/heads/main"
    return sign(
        [
            Order(simple_signing(digest), envelope=False),
            Order(statement(digest)),
            Order(simple_signing("sha256:" + "cd" * 32), envelope=False),
            Order(provenance(digest)),
            Order(simple_signing(digest), envelope=False, identity=stranger),
        ]
    )


@dataclass
class Stage:
    """A pinned image in a repository of its own."""

    registry: RealRegistry
    folder: Path
    repository: str
    digest: str
    environ: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 30
    options: Options = field(default_factory=Options)

    @property
    def shown(self) -> str:
        return f"{self.registry.host}/{self.repository}@{self.digest[:19]}…"

    def context(self) -> Context:
        pin = self.folder / "pin.env"
        pin.write_text(f"# the pin\n{NAME}={self.registry.host}/{self.repository}@{self.digest}\n")
        environ = {"DOCKER_CONFIG": str(self.folder / "none"), "PATH": os.environ["PATH"], **self.environ}
        return fake_context(
            self.folder,
            pins=(Pin(NAME, "app", pin), Pin(NAME, "worker", pin)),
            environ=environ,
            options=self.options,
            registry=Registry(environ, frozenset({self.registry.host})),
            seconds=self.seconds,
        )

    def look(self, **settings: Any) -> list[Finding]:
        """Run the check; demand our release workflow unless the test says otherwise."""
        given = {"identity": PATTERN, "trust_root": str(self.folder / "trusted_root.json"), **settings}
        return run_check(ImageSignature(Settings(**given)), self.context())

    def verdict(self, **settings: Any) -> Finding:
        """Return the only finding, after seeing that it can be shown."""
        [finding] = self.look(**settings)
        assert finding.hint or finding.status is Status.PASS
        assert "\n" not in finding.message + finding.hint
        assert finding.location == Location("pin.env", 2)
        return finding


@pytest.fixture
def stage(registry: RealRegistry, world: SigningWorld, tmp_path: Path) -> Stage:
    """The image, with nothing attached yet."""
    world.write_root(tmp_path)
    repository = "signature/" + tmp_path.name.lower().strip("_").replace("_", "-")
    return Stage(registry, tmp_path, repository, push_unsigned(registry, repository))


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


def test_strict_says_how_to_go_without_signatures(stage: Stage, preflight_cli: PreflightCli) -> None:
    """What is not configured fails a strict run, which names both ways out; the way without signatures works."""
    stage.context()
    (stage.folder / "compose.yaml").write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
    words = ("run", "--only", "pin-file", "--only", "image-signature", "--registry-insecure", stage.registry.host)
    GitRepository.create(stage.folder).commit()
    environ = {"DOCKER_HOST": "unix:///nowhere.sock"}
    config = stage.folder / "preflight.yaml"

    config.write_text("strict: true\n")
    strict = preflight_cli(*words, cwd=stage.folder, env=environ)
    assert strict.returncode == 1
    hint = " ".join(strict.stdout.split())
    assert "checks: {image-signature: {repository: OWNER/NAME}}" in hint
    assert "if nothing is signed: skip: [image-signature]" in hint

    config.write_text("strict: true\nskip: [image-signature]\n")
    done = preflight_cli(*words, cwd=stage.folder, env=environ)
    assert done.returncode == 0, done.stdout


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


def test_a_wrong_identity_fails(stage: Stage, world: SigningWorld) -> None:
    """Signed, but by somebody else."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[STRANGER])

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert "the signature is by https://github.com/stranger/thing/" in finding.message
    assert finding.message.endswith("not by who `identity` demands")


def test_a_pattern_that_fits_others_too_warns(stage: Stage, world: SigningWorld) -> None:
    """It is ours, but a name that only begins like ours would pass as well."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])
    found = stage.look(identity=r"^https://github\.com/ls1intum/Heph.*")

    assert [(each.status, each.code) for each in found] == [(Status.PASS, ""), (Status.WARN, "loose-identity")]
    assert "`repository: ls1intum/Hephaestus`" in found[1].hint


def test_an_identity_in_other_letters_fails_and_says_so(stage: Stage, world: SigningWorld) -> None:
    """The runbook's pattern is lower-case, GitHub's certificate is not."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])

    finding = stage.verdict(identity="^https://github.com/ls1intum/hephaestus/")

    assert finding.status is Status.FAIL
    assert finding.message.endswith("which differs from `identity` in upper and lower case only")
    assert finding.hint == rf"Write `identity` as the certificate has it: {PATTERN}"


def test_a_wrong_issuer_fails(stage: Stage, world: SigningWorld) -> None:
    """The same workflow path at another forge is another signer."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])

    finding = stage.verdict(issuer="https://gitlab.example")

    assert finding.status is Status.FAIL
    assert "not https://gitlab.example" in finding.message


def test_a_wrong_trust_root_fails(stage: Stage, world: SigningWorld) -> None:
    """Without `trust_root` it is Sigstore's public one, which does not know this authority."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])

    finding = stage.verdict(trust_root="")

    assert finding.status is Status.FAIL
    assert "an authority that the trust root does not know" in finding.message


def test_an_unusable_trust_root_is_an_error(stage: Stage) -> None:
    """Also when there is nothing to verify: the next signature would not be, either."""
    (stage.folder / "wrong.json").write_text("{}")

    finding = stage.verdict(trust_root="wrong.json")

    assert finding.status is Status.ERROR
    assert "neither a ClientTrustConfig nor a trusted root" in finding.message


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


def test_without_identity_nothing_is_done(stage: Stage) -> None:
    """A verification without identity proves nothing: the check does not apply, and says how to configure it."""
    [skip] = run_check(ImageSignature(Settings()), stage.context())

    assert skip.status is Status.SKIP
    assert "no identity is configured" in skip.message
    assert "checks: {image-signature: {repository: OWNER/NAME}}" in skip.hint
    assert skip.hint.endswith("skip: [image-signature]")


def test_a_trust_root_for_all_checks_is_believed(stage: Stage, world: SigningWorld) -> None:
    """`registry.trust_root` serves a check that names none; one that is to fetch the public one cannot have both."""
    attach_signatures(stage.registry, stage.repository, stage.digest, world.signed[COSIGN_2])
    stage.options = Options(trust_root=stage.folder / "trusted_root.json")

    assert stage.verdict(trust_root="").status is Status.PASS
    [refused] = stage.look(trust_root="", refresh_trust_root=True)
    assert refused.status is Status.ERROR
    assert "but registry.trust_root names another" in refused.message

    (stage.folder / "wrong.json").write_text("{}")
    stage.options = Options(trust_root=stage.folder / "wrong.json")
    assert stage.verdict().status is Status.PASS
    assert stage.verdict(trust_root="").status is Status.ERROR


@pytest.mark.parametrize(("required", "status"), [(False, Status.SKIP), (True, Status.ERROR)])
def test_nothing_that_can_verify(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    required: bool,
    status: Status,
) -> None:
    """Neither the extra nor cosign: skipped with the way to install it, or an error where it is required."""
    monkeypatch.setattr(sigstore_door, "is_installed", lambda: False)
    stage.environ = {"PATH": str(stage.folder)}

    finding = stage.verdict(required=required)

    assert finding.status is status
    assert "neither the extra `verify` nor cosign is installed" in finding.message
    assert "pipx install --force '.[verify]'" in finding.hint


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"identity": ".*"}, "identity: matches anybody"),
        ({"identity": "^https://github.com/"}, "identity: matches anybody"),
        ({"identity": "("}, "identity: is no regular expression"),
        ({"required": True}, "identity: must be set"),
        ({"trust_root": "x"}, "identity: must be set"),
        ({"identity": PATTERN, "issuer": ""}, "issuer: must not be empty"),
        ({"identity": PATTERN, "trust_root": "x", "refresh_trust_root": True}, "refresh_trust_root: only"),
    ],
)
def test_settings_that_prove_nothing_are_refused(settings: dict[str, Any], words: str) -> None:
    """What would let anybody pass, or contradicts itself, is a configuration error."""
    with pytest.raises(ValueError, match=words):
        Settings(**settings)

"""checks/image_provenance.py: where a provenance is looked for."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from checks.image_provenance import ImageProvenance, Settings
from preflight.model import Status
from preflight.signed import sigstore_door
from preflight.testing import run_check
from tests.checks.image_provenance.stage import REPOSITORY, SLSA, Stage, order
from tests.fakes.github import FakeGitHub
from tests.real.registry import RealRegistry
from tests.real.signing import (
    PATTERN,
    REAL_COMMIT,
    REAL_DIGEST,
    REAL_PATTERN,
    TAG,
    Order,
    attach_attestations,
    provenance,
    real_provenance,
    sign,
    statement,
)

pytestmark = pytest.mark.registry


def test_a_build_of_the_pinned_release_passes(stage: Stage) -> None:
    """In the registry, from the commit that the release's tag is on; with all facts as evidence."""
    made = order(stage)
    stage.attach(made)

    finding = stage.verdict()

    commit = stage.git.git("rev-parse", "v1.4.1")
    source = f"https://github.com/{REPOSITORY} at {commit[:12]}"
    assert finding.message == f"{stage.shown} was built from {source}, of release 1.4.1"
    assert finding.status is Status.PASS
    expected = {
        "digest": stage.digest,
        "predicate_type": SLSA,
        "builder": f"https://github.com/{REPOSITORY}/.github/workflows/release.yml@{TAG}",
        "repository": f"https://github.com/{REPOSITORY}",
        "commit": commit,
        "ref": TAG,
    }
    assert expected.items() <= dict(finding.evidence).items()


def test_a_real_attestation_of_github_passes(stage: Stage, github: FakeGitHub) -> None:
    """A real provenance that GitHub's API hands out, verified with the root that `sigstore` ships."""
    stage.digest = REAL_DIGEST
    stage.pin("chore: pin something")
    github.attestations[REAL_DIGEST] = [{"bundle": json.loads(real_provenance()), "repository_id": 1}]

    finding = stage.verdict(identity=REAL_PATTERN, repository="TrailOfBits/pypi-attestations")

    assert finding.status is Status.PASS
    assert f"https://github.com/trailofbits/pypi-attestations at {REAL_COMMIT[:12]}" in finding.message
    assert finding.message.endswith("release not compared: the pin's history names no release")
    assert finding.evidence["found_in"] == "GitHub's attestations of TrailOfBits/pypi-attestations"
    [(path, authorization)] = github.questions
    assert path == f"/repos/TrailOfBits/pypi-attestations/attestations/{REAL_DIGEST}?per_page=100"
    assert authorization == ""


def test_github_is_not_asked_when_the_registry_has_it(stage: Stage, github: FakeGitHub) -> None:
    """The registry first: it is asked anyway, and has no hourly limit."""
    stage.attach(order(stage))

    assert stage.verdict(repository=REPOSITORY).status is Status.PASS
    assert github.questions == []


@pytest.mark.parametrize("record", ["dsse", "intoto"])
def test_an_attestation_of_cosign_2_passes_until_it_is_of_another_image(stage: Stage, record: str) -> None:
    """It lies under the tag `sha256-<hex>.att`, which is read when neither referrers nor GitHub have a provenance."""
    made = replace(order(stage), record=record)
    stage.world = sign([made, replace(made, payload=provenance("sha256:" + "cd" * 32))])
    stage.world.write_root(stage.git.path)
    sound, strange = stage.world.signed
    attach_attestations(stage.registry, stage.repository, stage.digest, sound)

    good = stage.verdict(repository=REPOSITORY)
    attach_attestations(stage.registry, stage.repository, stage.digest, strange)
    bad = stage.verdict(repository=REPOSITORY)

    assert good.status is Status.PASS
    assert good.evidence["found_in"] == f"the tag {stage.digest[:19].replace(':', '-')}….att"
    assert len(stage.github.questions) == 2
    assert bad.status is Status.FAIL
    assert bad.message.endswith("the build provenance is about another digest than the pinned one")


def test_another_attestation_of_cosign_2_is_no_provenance(stage: Stage) -> None:
    """A vulnerability scan, say, is mentioned, and does not count."""
    stage.world = sign([Order(statement(stage.digest, "https://cosign.sigstore.dev/attestation/vuln/v1", {}))])
    stage.world.write_root(stage.git.path)
    attach_attestations(stage.registry, stage.repository, stage.digest, *stage.world.signed)

    finding = stage.verdict(required=True)

    assert finding.status is Status.FAIL
    assert finding.message.endswith("there is no build provenance, only 1 other statement")


def test_an_attestation_that_is_listed_and_gone_is_an_error(stage: Stage) -> None:
    """What could not be looked at may be the provenance: it is not said that there is none."""
    stage.world = sign([order(stage)])
    stage.world.write_root(stage.git.path)
    attach_attestations(stage.registry, stage.repository, stage.digest, *stage.world.signed)
    assert stage.verdict().status is Status.PASS
    lost = "sha256:" + hashlib.sha256(stage.world.signed[0].envelope.encode()).hexdigest()
    stage.registry.delete_blob(stage.repository, lost)

    finding = stage.verdict(required=True)

    assert finding.status is Status.ERROR
    assert "missing or not readable" in finding.message


@pytest.mark.parametrize(("required", "status"), [(False, Status.WARN), (True, Status.FAIL)])
def test_no_provenance(stage: Stage, required: bool, status: Status) -> None:
    """Neither the registry nor GitHub has one: a warning, or a failure where it is required."""
    finding = stage.verdict(required=required, repository=REPOSITORY)

    assert finding.status is status
    assert finding.message == f"{stage.shown}: there is no build provenance"
    assert finding.evidence == {"digest": stage.digest}
    assert len(stage.github.questions) == 1


def test_a_signature_is_no_provenance(stage: Stage) -> None:
    """Another kind of statement does not count, but is mentioned."""
    stage.attach(Order(statement(stage.digest)))

    finding = stage.verdict(required=True)

    assert finding.message.endswith("there is no build provenance, only 1 other statement")


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "does not show the attestations of ls1intum/Hephaestus without a token (403)"), (418, "answers with 418")],
)
def test_a_github_that_does_not_answer_is_an_error(stage: Stage, github: FakeGitHub, status: int, words: str) -> None:
    """Whether there is a provenance cannot be said."""
    github.status = status

    finding = stage.verdict(repository=REPOSITORY)

    assert finding.status is Status.ERROR
    assert words in finding.message


def test_a_registry_that_does_not_answer_is_no_matter_if_github_does(stage: Stage, github: FakeGitHub) -> None:
    """A provenance that holds, holds wherever it lies."""
    [bundle] = stage.sign(order(stage))
    github.attestations[stage.digest] = [{"bundle": bundle}]
    stage.registry = RealRegistry("127.0.0.1:9")
    stage.pin()

    assert stage.verdict(repository=REPOSITORY).status is Status.PASS

    github.attestations.clear()
    finding = stage.verdict(repository=REPOSITORY)
    assert finding.status is Status.ERROR
    assert "127.0.0.1:9 could not be reached" in finding.message


def test_without_identity_nothing_is_done(stage: Stage) -> None:
    """A verification without identity proves nothing: the check does not apply, and says how to configure it."""
    [skip] = run_check(ImageProvenance(Settings()), stage.context())

    assert skip.status is Status.SKIP
    assert "no identity is configured" in skip.message


@pytest.mark.parametrize(("required", "status"), [(False, Status.SKIP), (True, Status.ERROR)])
def test_nothing_that_can_verify(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    required: bool,
    status: Status,
) -> None:
    """Neither the extra nor gh: skipped with the way to install it, or an error where it is required."""
    monkeypatch.setattr(sigstore_door, "is_installed", lambda: False)
    stage.environ = {"PATH": str(stage.git.path)}

    finding = stage.verdict(required=required)

    assert finding.status is status
    assert "neither the extra `verify` nor gh is installed" in finding.message


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"identity": ".*"}, "identity: matches anybody"),
        ({"required": True}, "identity: must be set"),
        ({"workflow": "a.yml"}, "workflow: says nothing without repository"),
        ({"identity": PATTERN, "issuer": ""}, "issuer: must not be empty"),
        ({"identity": PATTERN, "repository": "https://github.com/a/b"}, "repository: must be OWNER/NAME"),
        ({"identity": PATTERN, "trust_root": "x", "refresh_trust_root": True}, "refresh_trust_root: only"),
    ],
)
def test_settings_that_prove_nothing_are_refused(settings: dict[str, Any], words: str) -> None:
    """What would let anybody pass, or contradicts itself, is a configuration error."""
    with pytest.raises(ValueError, match=words):
        Settings(**settings)

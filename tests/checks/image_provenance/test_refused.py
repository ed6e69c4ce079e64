"""checks/image_provenance.py: a provenance that does not hold."""

import pytest

from preflight.model import Status
from tests.checks.image_provenance.stage import REPOSITORY, Stage, order
from tests.fakes.github import FakeGitHub
from tests.real.signing import Order, provenance, statement

pytestmark = pytest.mark.registry


def test_a_provenance_of_another_image_fails(stage: Stage) -> None:
    """Copied from one image to another it proves nothing."""
    stage.attach(Order(provenance("sha256:" + "cd" * 32)))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert finding.message.endswith("the build provenance is about another digest than the pinned one")


def test_a_tampered_provenance_fails(stage: Stage, github: FakeGitHub) -> None:
    """What GitHub hands out is not believed, either."""
    [bundle, other] = stage.sign(order(stage), order(stage, "v1.4.0"))
    bundle["dsseEnvelope"]["payload"] = other["dsseEnvelope"]["payload"]
    github.attestations[stage.digest] = [{"bundle": bundle}]

    finding = stage.verdict(repository=REPOSITORY)

    assert finding.status is Status.FAIL
    assert "the signed bytes, or the signature, were changed" in finding.message


def test_a_wrong_identity_fails(stage: Stage) -> None:
    """Attested, but by somebody else."""
    made = order(stage)
    stage.attach(Order(made.payload, identity="https://github.com/stranger/x/.github/workflows/y.yml@refs/heads/z"))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert "not by who `identity` demands" in finding.message


@pytest.mark.parametrize(
    ("claims", "what"),
    [
        ({"sha": "2" * 40}, "commit"),
        ({"ref": "refs/heads/main"}, "ref"),
        ({"repository": "ls1intum/other"}, "repository"),
    ],
)
def test_a_provenance_that_contradicts_its_certificate_fails(stage: Stage, claims: dict[str, str], what: str) -> None:
    """A workflow can write anything into its statement, but not into its certificate."""
    made = order(stage)
    stage.attach(Order(made.payload, claims={**made.claims, **claims}))

    finding = stage.verdict()

    assert finding.status is Status.FAIL
    assert f"the provenance names another {what} (" in finding.message


def test_another_repository_than_demanded_fails(stage: Stage) -> None:
    """The identity may be a workflow shared by many; the source is then demanded by `repository`."""
    stage.attach(order(stage, repository="ls1intum/other"))

    finding = stage.verdict(repository=REPOSITORY)

    assert finding.status is Status.FAIL
    assert finding.message.endswith("was built from ls1intum/other, not from ls1intum/hephaestus")


def test_a_shared_workflow_without_demanded_repository_warns(stage: Stage) -> None:
    """Anybody may call a shared workflow: the identity alone says nothing of the source."""
    stage.attach(order(stage, repository="ls1intum/other"))

    verified, warning = stage.look()

    assert (verified.status, warning.status) == (Status.PASS, Status.WARN)
    assert "from https://github.com/ls1intum/other by a workflow of another repository" in warning.message


def test_an_unknown_version_of_provenance_is_an_error(stage: Stage) -> None:
    """What cannot be understood is not passed."""
    stage.attach(Order(statement(stage.digest, "https://slsa.dev/provenance/v9", {})))

    finding = stage.verdict()

    assert finding.status is Status.ERROR
    assert "of a version that is not known here: https://slsa.dev/provenance/v9" in finding.message

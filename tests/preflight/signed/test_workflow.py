"""preflight/signed/workflow.py: fields that are compared exactly."""

import pytest

from preflight.signed.identity import judge_signer
from preflight.signed.model import GITHUB_ISSUER, Reason, Refused, Signer, SignerDemand
from preflight.signed.workflow import check_workflow, workflow_identity

HOST = "https://github.com"
OURS = f"{HOST}/ls1intum/Hephaestus/.github/workflows/release.yml"


def judge(identity: str, workflow: str = "", ref: str = "", repository: str = "ls1intum/Hephaestus") -> None:
    """Judge a signer by fields."""
    pattern = workflow_identity(repository, workflow, ref)
    judge_signer(Signer(identity, GITHUB_ISSUER), SignerDemand(pattern, setting="repository"))


@pytest.mark.parametrize("workflow", ["", "release.yml", ".github/workflows/release.yml"])
@pytest.mark.parametrize("ref", ["refs/tags/v1.4.1", "refs/heads/main", "refs/heads/feature/x"])
def test_ours(workflow: str, ref: str) -> None:
    """Any workflow and any ref, or the very one."""
    judge(f"{OURS}@{ref}", workflow)
    judge(f"{OURS}@{ref}", workflow, ref)


@pytest.mark.parametrize(
    "identity",
    [
        f"{HOST}/ls1intum/Hephaestus-of-mallory/.github/workflows/release.yml@refs/heads/main",
        f"{HOST}/ls1intum-of-mallory/Hephaestus/.github/workflows/release.yml@refs/heads/main",
        f"{HOST}/ls1intum/Hephaestus/.github/workflows/release.yml-x@refs/heads/main",
        f"{HOST}/ls1intum/Hephaestus/.github/workflows/other.yml@refs/heads/main",
        f"{HOST}/ls1intum/Hephaestus/.github/workflows/releaseXyml@refs/heads/main",
        f"{HOST}/ls1intum/Hephaestus/x/.github/workflows/release.yml@refs/heads/main",
        f"{OURS}@refs/heads/main2",
        f"{OURS}@refs/heads/main\n",
        f"{OURS}@refs/tags/main",
        f"{OURS}@refs/pull/7/merge",
        f"https://evil.example/{OURS}@refs/heads/main",
        OURS,
        "",
    ],
)
def test_others(identity: str) -> None:
    """Everything is compared to its end."""
    with pytest.raises(Refused) as caught:
        judge(identity, "release.yml", "refs/heads/main")
    assert caught.value.reason is Reason.IDENTITY


def test_upper_and_lower_case() -> None:
    """GitHub takes them for the same, certificates do not: the remedy has the right spelling."""
    with pytest.raises(Refused) as caught:
        judge(f"{OURS}@refs/heads/main", repository="LS1Intum/hephaestus")
    assert caught.value.reason is Reason.CASE
    assert caught.value.hint == "Write `repository` as the certificate has it: ls1intum/Hephaestus"


@pytest.mark.parametrize(
    "pattern", [r"^https://github\.com/ls1intum/Hephaestus/", workflow_identity("ls1intum/Hephaestus", "", "")]
)
def test_a_pull_request_is_refused(pattern: str) -> None:
    """Anybody can open one; only a pattern that names such refs lets them in."""
    signer = Signer(f"{OURS}@refs/pull/7/merge", GITHUB_ISSUER)
    with pytest.raises(Refused):
        judge_signer(signer, SignerDemand(pattern))
    judge_signer(signer, SignerDemand(r"^https://github\.com/ls1intum/Hephaestus/.*@refs/pull/7/merge$"))


@pytest.mark.parametrize("workflow", ["release", "a/b.yml", ".github/release.yml", "release.yml@main"])
def test_what_is_no_workflow_is_refused(workflow: str) -> None:
    """A file of the one folder."""
    with pytest.raises(ValueError, match=r"^workflow: "):
        check_workflow(workflow, "")

"""preflight/signed/settings.py"""

from pathlib import Path

import pytest

from preflight.context import Options
from preflight.errors import CouldNotLook, NotLookedAt
from preflight.lib.records import frozen
from preflight.project import ComposeProject
from preflight.signed.identity import judge_signer
from preflight.signed.model import GITHUB_ISSUER, Signer, SignerDemand
from preflight.signed.settings import check_signer_settings, signer_demand
from preflight.testing import fake_context

PATTERN = r"^https://github\.com/owner/name/"


@frozen
class Given:
    """Settings of a check."""

    identity: str = PATTERN
    repository: str = ""
    workflow: str = ""
    ref: str = ""
    issuer: str = "https://issuer.example"
    trust_root: str = ""
    refresh_trust_root: bool = False


@pytest.mark.parametrize(
    ("given", "demands", "words"),
    [
        (Given(identity=".*"), False, "identity: matches anybody"),
        (Given(identity=""), True, "identity: must be set"),
        (Given(identity="", trust_root="x"), False, "identity: must be set"),
        (Given(identity="", refresh_trust_root=True), False, "identity: must be set"),
        (Given(trust_root="x", refresh_trust_root=True), False, "refresh_trust_root: only"),
        (Given(issuer=""), False, "issuer: must not be empty"),
        (Given(repository="owner"), False, "repository: must be OWNER/NAME"),
        (Given(workflow="release.yml"), False, "workflow: goes with repository"),
        (Given(ref="refs/heads/main"), False, "ref: goes with repository"),
        (Given(identity="", workflow="release.yml"), False, "workflow: says nothing without repository"),
        (Given(identity="", repository="o/n", workflow="../x.yml"), False, "workflow: must be a file"),
        (Given(identity="", repository="o/n", ref="main"), False, "ref: must be whole"),
        (Given(identity="", repository="o/n", ref="refs/tags/v*"), False, "ref: must be whole"),
        (
            Given(identity="", repository="o/n", ref="refs/pull/7/merge"),
            False,
            "ref: must not be one of a pull request",
        ),
        (Given(identity="", repository="o/n"), False, "repository: is compared with GitHub's certificates"),
    ],
)
def test_settings_that_prove_nothing_are_refused(given: Given, words: str, *, demands: bool) -> None:
    """What would let anybody pass, or contradicts itself."""
    with pytest.raises(ValueError, match=words):
        check_signer_settings(given, demands=demands)


@pytest.mark.parametrize("given", [Given(), Given(identity=""), Given(trust_root="x"), Given(refresh_trust_root=True)])
def test_settings_that_are_sound(given: Given) -> None:
    """Nothing at all is sound, too: the check then does not apply."""
    check_signer_settings(given, demands=bool(given.identity))


def test_the_demand(tmp_path: Path) -> None:
    """A relative path counts from the project; the check's own root overrides the one for all."""
    project = ComposeProject(tmp_path)
    ctx = fake_context(tmp_path, project=project, options=Options(trust_root=Path("/common")))

    assert signer_demand(ctx, Given(trust_root="own.json"), "x") == SignerDemand(
        PATTERN, "https://issuer.example", tmp_path / "own.json"
    )
    assert signer_demand(ctx, Given(), "x").trust_root == Path("/common")
    with pytest.raises(CouldNotLook, match=r"but registry\.trust_root names another"):
        signer_demand(ctx, Given(refresh_trust_root=True), "x")
    with pytest.raises(NotLookedAt, match="no identity is configured") as caught:
        signer_demand(ctx, Given(identity=""), "the-check")
    assert "skip: [the-check]" in caught.value.hint


def test_the_demand_of_fields(tmp_path: Path) -> None:
    """They become one pattern, which says that it came from them."""
    given = Given(identity="", repository="o/n", workflow="release.yml", ref="refs/heads/main", issuer=GITHUB_ISSUER)
    check_signer_settings(given, demands=True)

    demand = signer_demand(fake_context(tmp_path), given, "x")

    assert demand.setting == "repository"
    judge_signer(Signer("https://github.com/o/n/.github/workflows/release.yml@refs/heads/main", GITHUB_ISSUER), demand)

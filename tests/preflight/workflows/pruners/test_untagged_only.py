"""Tests of preflight/workflows/pruners/untagged_only.py."""

import pytest

from preflight.workflows.judge import Risk
from preflight.workflows.package import Package
from preflight.workflows.repository import ThisRepository
from tests.preflight.workflows.judging import CERTAIN, NONE, POSSIBLE, REPOSITORY, judged

CAMARGO, TWEEDEGOLF = "camargo/delete-untagged-action@v1", "tweedegolf/cleanup-untagged-images-action@main"


@pytest.mark.parametrize(
    ("inputs", "risk"),
    [
        ("package-name: agent/runner", CERTAIN),
        ("package-name: agent/runner, repository: other/x", NONE),
        ("package-name: web", NONE),
        ("", NONE),
    ],
)
def test_camargo_deletes_all_that_bears_no_tag(inputs: str, risk: Risk) -> None:
    """Children as well."""
    found = judged(CAMARGO, inputs, repository=REPOSITORY)

    assert found.risk is risk
    assert found.targets == (("untagged children",) if risk else ())


def test_camargo_takes_the_name_of_the_repository() -> None:
    """Where no package is named."""
    ours = Package("acme", "agent")

    assert judged(CAMARGO, package=ours, repository=REPOSITORY).risk is CERTAIN
    assert judged(CAMARGO, "repository: acme/agent", package=ours).risk is CERTAIN
    unknown = judged(CAMARGO, package=ours)
    assert unknown.risk is POSSIBLE
    assert unknown.unknown


@pytest.mark.parametrize(
    ("inputs", "risk"),
    [
        ("package: agent/runner", POSSIBLE),
        ("package: agent/runner, untagged_timestamp_tolerance: 60000", POSSIBLE),
        ("package: agent/runner, untagged_timestamp_tolerance: 0", CERTAIN),
        ("package: agent/runner, untagged_timestamp_tolerance: -1", CERTAIN),
        ("package: agent/runner, untagged_timestamp_tolerance: x", POSSIBLE),
        ("package: agent/runner, untagged_timestamp_tolerance: '${{ vars.T }}'", POSSIBLE),
        ("package: web", NONE),
    ],
)
def test_tweedegolf_compares_times(inputs: str, risk: Risk) -> None:
    """Whether a child was created close enough to its index, nobody can tell from the workflow."""
    found = judged(TWEEDEGOLF, inputs)

    assert found.risk is risk
    assert any("untagged_timestamp_tolerance" in note for note in found.notes)


def test_tweedegolf_deletes_where_it_runs() -> None:
    """The owner is that of the repository."""
    assert judged(TWEEDEGOLF, "package: agent/runner", repository=ThisRepository.named("jane/x")).risk is NONE

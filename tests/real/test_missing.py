"""A real thing that is not to be had is told plainly, or fails in CI."""

import pytest
from provision.errors import ProvisionError

from tests.real.missing import SKIPPED, missing, summary

ERROR = ProvisionError("dockerd is not installed", "run: apt-get install docker.io")


def test_on_a_persons_machine_the_test_is_skipped_with_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason names what is missing and how to get it."""
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(SKIPPED, match=r"no Docker engine: .*apt-get install docker\.io"):
        missing("no Docker engine", ERROR)


def test_in_ci_the_test_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """CI must never be green because something was missing."""
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Docker engine"):
        missing("no Docker engine", ERROR)


def test_the_summary_counts_the_tests_of_each_missing_thing() -> None:
    """Other skips are not counted."""
    reasons = [
        "Skipped: COULD NOT RUN: no Docker engine: why",
        "Skipped: COULD NOT RUN: no Docker engine: why",
        "other",
    ]
    assert summary(reasons) == ["2 tests could not run: no Docker engine: why"]

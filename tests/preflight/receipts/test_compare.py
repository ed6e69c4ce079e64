"""preflight/receipts/compare.py"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.engine.container import Container, Details, ExecResult, Sight
from preflight.engine.process_environ import read_environ
from preflight.errors import CouldNotLook
from preflight.project import ComposeProject, Pin
from preflight.receipts.compare import Approval, approved_values, compare_with_receipts, is_under_way
from preflight.receipts.receipt import ApprovedPin, Receipt
from preflight.testing import fake_context

NEW, OLD, EVIL = (f"ghcr.io/a/b@sha256:{digit * 64}" for digit in "123")
NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
PIN = Pin("IMAGE", "app", Path("/srv/app/pin.env"))
COMMIT = "c" * 40


def receipt(reference: str, *, commit: str = COMMIT, minutes: int = 0) -> Receipt:
    """Return a receipt that approves of one value."""
    pins = (ApprovedPin("IMAGE", "app", "pin.env", reference), ApprovedPin("IMAGE", "other", "pin.env", EVIL))
    at = NOW + timedelta(minutes=minutes)
    return Receipt(at, "pass", (), "r", "main", commit, "", {}, pins, "0.1.0")


RECEIPTS = (receipt(NEW), receipt(OLD, minutes=-60))


class Engine:
    """Has one container."""

    def __init__(self, sight: Sight | CouldNotLook, state: str = "running") -> None:
        self._sight, self._state = sight, state

    def containers(self, _labels: Mapping[str, str], _deadline: Any) -> tuple[Container, ...]:
        """Return it."""
        return (Container("id", "app-1", "image", self._state, "", NOW, {"com.docker.compose.project": "app"}),)

    def look_at_all(self, containers: Any, _deadline: Any) -> tuple[Sight | CouldNotLook, ...]:
        """Say what is in it."""
        return tuple(self._sight for _ in containers)


def compared(environment: Mapping[str, str] | CouldNotLook, state: str = "running") -> list[tuple[Approval, str]]:
    """Compare one container."""
    given = environment
    sight = given if isinstance(given, CouldNotLook) else Sight(Details(state, NOW, given))
    ctx = fake_context(project=ComposeProject(Path("/srv/app"), project_name="app"), engine=Engine(sight, state))
    return [(each.approval, each.commit) for each in compare_with_receipts(ctx, PIN, RECEIPTS)]


@pytest.mark.parametrize(
    ("environment", "approval", "commit"),
    [
        ({"IMAGE": NEW}, Approval.APPROVED, ""),
        ({"IMAGE": NEW, "SOURCE_COMMIT": COMMIT}, Approval.APPROVED, COMMIT),
        ({"IMAGE": NEW, "SOURCE_COMMIT": "HEAD"}, Approval.APPROVED, ""),
        ({"IMAGE": NEW, "SOURCE_COMMIT": "d" * 40}, Approval.OTHER_COMMIT, "d" * 40),
        ({"IMAGE": OLD}, Approval.EARLIER, ""),
        ({"IMAGE": EVIL}, Approval.NEVER, ""),
        ({"IMAGE": ""}, Approval.ABSENT, ""),
        ({}, Approval.ABSENT, ""),
    ],
)
def test_how_a_container_stands_to_the_receipts(
    environment: Mapping[str, str], approval: Approval, commit: str
) -> None:
    """By the value it was made with; what another service may have does not count."""
    assert compared(environment) == [(approval, commit)]


@pytest.mark.parametrize(
    ("main", "approval"),
    [(NEW, Approval.APPROVED), (EVIL, Approval.NEVER), (OLD, Approval.EARLIER), ("", Approval.ABSENT)],
)
def test_what_a_process_began_with_counts(main: str, approval: Approval) -> None:
    """A command that changes the variable runs something else than what was approved."""
    executed = ExecResult({"IMAGE": NEW}, "exec env", read_environ(f"IMAGE={main}\0".encode()))
    engine = Engine(Sight(Details("running", NOW, {"IMAGE": NEW}), executed))
    ctx = fake_context(project=ComposeProject(Path("/srv/app"), project_name="app"), engine=engine)

    [found] = compare_with_receipts(ctx, PIN, RECEIPTS)

    assert found.approval is approval


def test_what_was_not_seen_is_not_approved() -> None:
    """And one that does not run is not compared."""
    assert compared(CouldNotLook("no answer", "Try again.")) == [(Approval.UNSEEN, "")]
    assert compared({"IMAGE": NEW}, state="exited") == []


def test_values_of_a_pin() -> None:
    """Of this variable in this service."""
    assert approved_values(RECEIPTS[0], PIN) == {NEW}


@pytest.mark.parametrize(("minutes", "is_so"), [(0, True), (5, True), (6, False), (-1, False)])
def test_a_rollout_under_way(minutes: int, *, is_so: bool) -> None:
    """For a while after its receipt; one from the future is none."""
    assert is_under_way(RECEIPTS[0], NOW + timedelta(minutes=minutes), 5) is is_so

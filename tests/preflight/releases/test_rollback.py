"""preflight/releases/rollback.py"""

from datetime import UTC, datetime, timedelta

from preflight.git.model import Commit
from preflight.lib.reference import parse_reference
from preflight.releases.names import find_releases
from preflight.releases.rollback import Rollback, find_rollback
from preflight.releases.timeline import pin_changes

A, B, C = (f"ghcr.io/acme/agent@sha256:{digit * 64}" for digit in "abc")


def found(now: str, *history: tuple[str, str]) -> Rollback | None:
    """Look for a rollback in a history of subject and value, oldest first."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    commits = [
        Commit(f"{place:040x}", start + timedelta(days=place), subject, f"PIN={value}\n")
        for place, (subject, value) in enumerate(history)
    ]
    return find_rollback(pin_changes("PIN", commits[::-1]), parse_reference(now))


def test_a_pin_that_went_back() -> None:
    """Its commit, and from which release it came."""
    rollback = found(A, ("for v1.0.0", A), ("for v1.1.0", B), ("for v1.2.0", C), ("Revert", B), ("Revert", A))

    assert rollback is not None
    assert rollback.commit.hash == f"{4:040x}"
    assert [rollback.explains(each) for each in find_releases(["1.3.0", "1.2.0", "1.1.0"])] == [False, True, True]


def test_a_pin_that_did_not_go_back() -> None:
    """It is new, went forward again, or is not what the last commit says."""
    assert found(B, ("for v1.0.0", A), ("for v1.1.0", B)) is None
    assert found(B, ("for v1.0.0", A), ("for v1.1.0", B), ("Revert", A), ("Reapply", B)) is None
    assert found(C, ("for v1.0.0", A), ("for v1.1.0", B), ("Revert", A)) is None
    assert found(A) is None


def test_without_names_a_rollback_explains_every_release() -> None:
    """Nobody can tell from which release the pin came."""
    rollback = found(A, ("Pin", A), ("Pin", B), ("Pin", A))

    assert rollback is not None
    assert rollback.newest is None
    assert rollback.explains(find_releases(["9.9.9"])[0])


def test_another_repository_is_another_image() -> None:
    """The same bytes elsewhere are not what the commit brought back."""
    history = (("for v1.0.0", A), ("for v1.1.0", B), ("Revert", A))

    assert found(A, *history) is not None
    assert found(A.replace("acme", "other"), *history) is None

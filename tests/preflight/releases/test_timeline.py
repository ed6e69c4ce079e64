"""preflight/releases/timeline.py"""

from datetime import UTC, datetime, timedelta

from preflight.git.model import Commit
from preflight.releases.timeline import pin_changes

NAME = "AGENT_IMAGE"
A, B, C = (f"ghcr.io/acme/agent@sha256:{digit * 64}" for digit in "abc")
START = datetime(2026, 1, 1, tzinfo=UTC)


def commits(*changes: tuple[str, str]) -> list[Commit]:
    """Return commits, newest first, from pairs of subject and value, oldest first."""
    made = [
        Commit(f"{place:040x}", START + timedelta(days=place), subject, f"{NAME}={value}\n" if value else "")
        for place, (subject, value) in enumerate(changes)
    ]
    return list(reversed(made))


def test_each_change_has_its_release_and_digest() -> None:
    """Newest first; a commit that leaves the pin alone is no change."""
    changes = pin_changes(NAME, commits(("pin for v1.0.0", A), ("tidy up", A), ("pin for v1.1.0", B)))

    assert [(each.release, each.digest[-1:]) for each in changes] == [("1.1.0", "b"), ("1.0.0", "a")]
    assert [each.returns_to for each in changes] == [None, None]


def test_a_rollback_is_recognised_by_its_content() -> None:
    """Whatever its subject says, also when that names the release it takes back."""
    first, *_ = pin_changes(NAME, commits(("pin for v1.0.0", A), ("pin for v1.1.0", B), ('Revert "pin for v1.1.0"', A)))

    assert first.release == "1.0.0"
    assert first.returns_to is not None
    assert first.returns_to.subject == "pin for v1.0.0"
    assert first.is_rollback


def test_a_revert_of_a_revert_returns_to_the_newer_release() -> None:
    """Forward again is a return, too: the digest was pinned before."""
    newest, *_ = pin_changes(NAME, commits(("for v1.0.0", A), ("for v1.1.0", B), ("Revert", A), ('Revert "Revert"', B)))

    assert (newest.release, newest.returns_to is not None) == ("1.1.0", True)
    assert not newest.is_rollback


def test_a_pin_that_comes_back_after_a_gap_is_no_rollback() -> None:
    """It was removed, or a tag, in between: nothing newer was replaced."""
    for gap in ("", "ghcr.io/acme/agent:1.0.0"):
        newest, *_ = pin_changes(NAME, commits(("for v1.0.0", A), ("Oops", gap), ("Restore", A)))

        assert (newest.release, newest.is_rollback) == ("1.0.0", False)


def test_what_is_no_digest_is_a_change_without_one() -> None:
    """A tag, a removed line, a file that Compose would refuse."""
    tagged, removed, broken = (
        pin_changes(NAME, commits(("v1.0.0", A), ("x", value)))[0] for value in ("ghcr.io/acme/agent:1", "", '"')
    )

    assert [each.digest for each in (tagged, removed, broken)] == ["", "", ""]


def test_a_cut_history_does_not_invent_its_oldest_change() -> None:
    """The oldest commit of a shallow clone seems to have made the whole file."""
    changes = pin_changes(NAME, commits(("for v1.0.0", A), ("for v1.1.0", B)), shallow=True)

    assert [each.release for each in changes] == ["1.1.0"]


def test_a_rollback_to_where_the_history_is_cut_off_names_no_release() -> None:
    """The digest was pinned before, but by nobody knows which commit."""
    newest, _ = pin_changes(NAME, commits(("for v9.0.0", A), ("for v1.1.0", B), ("Revert", A)), shallow=True)

    assert (newest.release, newest.is_rollback) == ("", True)


def test_a_subject_with_two_releases_names_none() -> None:
    """Nobody can tell which is meant."""
    [change] = pin_changes(NAME, commits(("pin for v1.0.0, not for v0.9.0", A)))

    assert change.release == ""

"""preflight/pin/rollback/target.py, on histories written down."""

from datetime import UTC, datetime, timedelta

import pytest

from preflight.git.model import Commit
from preflight.pin.refusal import Refused
from preflight.pin.rollback.target import choose_step, earlier_pins, releases_left, value_of_change
from preflight.releases.timeline import PinChange, pin_changes

VARIABLE = "AGENT_IMAGE"
NAME = "ghcr.io/ls1intum/hephaestus/agent-pi"
START = datetime(2026, 1, 1, tzinfo=UTC)


def digest(release: str) -> str:
    """A digest of a release's own."""
    return "sha256:" + release.replace(".", "").ljust(64, "0")


def history(*releases: str, shallow: bool = False) -> tuple[PinChange, ...]:
    """What commits that pinned these releases, oldest first, make of the pin."""
    commits = [
        Commit(
            f"abcd{place:02x}".ljust(40, "0"),
            START + timedelta(days=place),
            f"chore(release): pin agent-pi to {digest(release)} for v{release} [skip ci]",
            f"{VARIABLE}={NAME}@{digest(release)}\n",
        )
        for place, release in enumerate(releases, 1)
    ]
    return pin_changes(VARIABLE, list(reversed(commits)), shallow=shallow, with_cut=True)


DEFAULTS = {
    "the one before": (("1.0.0", "1.0.1", "1.0.2"), "1.0.1"),
    "a second rollback goes on": (("1.0.0", "1.0.1", "1.0.2", "1.0.1"), "1.0.0"),
    "never to what was rolled back from": (("1.0.0", "1.0.1", "1.0.2", "1.0.1", "1.0.3"), "1.0.1"),
    "never to either of two": (("1.0.0", "1.0.1", "1.0.2", "1.0.1", "1.0.0", "1.0.3"), "1.0.0"),
    "a revert of the revert counts": (("1.0.0", "1.0.1", "1.0.2", "1.0.1", "1.0.2", "1.0.3"), "1.0.2"),
    "over one in between": (("1.0.0", "1.0.1", "1.0.2", "1.0.0", "1.0.3"), "1.0.1"),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_release_before(name: str) -> None:
    """Without --to."""
    releases, wanted = DEFAULTS[name]
    changes = history(*releases)
    step = choose_step(VARIABLE, changes)
    assert (step.target.release, step.target.digest) == (wanted, digest(wanted))
    assert step.present == changes[0]
    assert step.is_needed
    assert not step.left


@pytest.mark.parametrize("to", ["1.0.0", "v1.0.0", "abcd01", "ABCD01"])
def test_a_named_target(to: str) -> None:
    """By version, with or without v, or by the first digits of a commit."""
    changes = history("1.0.0", "1.0.1", "1.0.2")
    assert choose_step(VARIABLE, changes, to).target.digest == digest("1.0.0")


def test_forward_again() -> None:
    """To go where a rollback came from must be said, and is marked."""
    changes = history("1.0.0", "1.0.1", "1.0.2", "1.0.1")
    step = choose_step(VARIABLE, changes, "1.0.2")
    assert step.target.digest == digest("1.0.2")
    assert step.left
    assert releases_left(changes) == {digest("1.0.2")}


def test_the_present_one_is_no_step() -> None:
    """Nothing to do."""
    assert not choose_step(VARIABLE, history("1.0.0", "1.0.1"), "1.0.1").is_needed


def test_candidates_older_than_the_target() -> None:
    """For a target that is gone: nearest first."""
    changes = history("1.0.0", "1.0.1", "1.0.2", "1.0.3")
    assert [each.release for each in earlier_pins(changes, changes[1])] == ["1.0.1", "1.0.0"]


def test_the_edge_of_a_shallow_clone_can_be_gone_back_to() -> None:
    """That commit pinned an image, but its release is unknown."""
    changes = history("1.0.1", "1.0.2", shallow=True)
    step = choose_step(VARIABLE, changes)
    assert (step.target.digest, step.target.release) == (digest("1.0.1"), "")
    assert value_of_change(step.target, VARIABLE) == f"{NAME}@{digest('1.0.1')}"


REFUSALS = {
    "no history": ((), "", "no commit pinned AGENT_IMAGE"),
    "nothing before": (("1.0.0",), "", "nothing was pinned before 1.0.0"),
    "unknown version": (("1.0.0", "1.0.1"), "9.9.9", "no release 9.9.9; it knows 1.0.1, 1.0.0"),
    "unknown commit": (("1.0.0", "1.0.1"), "abcdef0", "no commit abcdef0 that changed the pin"),
    "ambiguous": (("1.0.0", "1.0.1"), "abcd", "--to abcd could be 2 commits"),
    "no target at all": (("1.0.0", "1.0.1"), "latest", "neither a version such as 1.4.1 nor a commit"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_is_no_target(name: str) -> None:
    """Refused with what to do."""
    releases, to, words = REFUSALS[name]
    with pytest.raises(Refused, match=words) as caught:
        choose_step(VARIABLE, history(*releases), to)
    assert caught.value.hint

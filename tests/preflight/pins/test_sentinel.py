"""preflight/pins/sentinel.py"""

from pathlib import Path

import pytest

from preflight.envfile import EnvFile, EnvFileSyntaxError, parse_env
from preflight.pins.sentinel import differs_by_sentinel

ARMED = f"PREFLIGHT_SENTINEL={'a' * 32}\n"
PIN = "AGENT_IMAGE=x\n"


@pytest.mark.parametrize(
    ("now", "committed", "only"),
    [
        (ARMED + PIN, PIN, True),
        (PIN + ARMED, f"# a comment\n{PIN}", True),
        (ARMED, "", True),
        (PIN, PIN, False),
        (ARMED + PIN, ARMED + PIN, False),
        (ARMED + PIN + "MORE=1\n", PIN, False),
        (ARMED, PIN, False),
        (ARMED + "AGENT_IMAGE=y\n", PIN, False),
        (ARMED + PIN + PIN, PIN, False),
    ],
)
def test_only_the_sentinel_may_differ(now: str, committed: str, *, only: bool) -> None:
    """Comments do not count; a second line for the same variable does."""
    assert differs_by_sentinel(EnvFile(Path("pin.env"), parse_env(now)), committed) is only


def test_a_commit_that_compose_would_refuse_says_nothing() -> None:
    """The caller decides what that means."""
    with pytest.raises(EnvFileSyntaxError):
        differs_by_sentinel(EnvFile(Path("pin.env"), parse_env(ARMED)), "A='never closed\n")

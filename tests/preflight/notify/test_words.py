"""preflight/notify/words.py"""

import pytest

from preflight.notify.deliver import Outcome
from preflight.notify.words import outcome_lines
from tests.preflight.notify.messages import NOW

NEW = Outcome("ops", kept=1, problem="host answers with status 500", hint="Check it.", is_new=True)
OLD = Outcome("ops", kept=12, problem="host answers with status 500", since=NOW)
LOST = Outcome("ops", sent=1, lost=1, problem="host answers with status 422", since=NOW)
FAILED = "preflight: notify ops: not delivered: host answers with status"
BACK = Outcome("ops", sent=13, late=12, since=NOW)


@pytest.mark.parametrize(
    ("outcome", "sparing", "lines"),
    [
        (Outcome("ops", sent=1), False, []),
        (
            NEW,
            True,
            [
                f"{FAILED} 500; 1 message kept for the next run",
                "  Check it.",
            ],
        ),
        (OLD, True, []),
        (
            OLD,
            False,
            [
                f"{FAILED} 500; 12 messages kept for the next run since 2026-11-29 10:00 UTC",
            ],
        ),
        (LOST, True, [f"{FAILED} 422; 1 message dropped"]),
        (
            BACK,
            True,
            ["preflight: notify ops: works again; delivered 12 messages that waited since 2026-11-29 10:00 UTC"],
        ),
    ],
)
def test_what_is_said(outcome: Outcome, sparing: bool, lines: list[str]) -> None:
    """From cron a monitor that is down is told once, and that it is back once."""
    assert list(outcome_lines(outcome, sparing=sparing)) == lines

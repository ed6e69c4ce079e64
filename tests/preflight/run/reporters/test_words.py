"""preflight/run/reporters/words.py"""

from dataclasses import replace

import pytest

from preflight.check import passed
from preflight.model import Failure, Finding, Stage, Status, Subject
from preflight.run.reporters.words import meaning, narrowed, totals_in_words, verdict
from tests.fakes.reports import EVERYTHING, report, result

WELL = report(result("a", passed("well")), code=0)
GONE = Failure("gone", "It is gone.", "Bring it back.")


def test_totals_name_only_what_there_is() -> None:
    """Worst first, waived findings last."""
    assert totals_in_words(EVERYTHING) == (
        "5 checks: 1 failed, 1 could not look, 1 with warnings, 1 skipped, 1 passed, 1 finding waived"
    )
    assert totals_in_words(WELL) == "1 check: 1 passed"


@pytest.mark.parametrize(
    ("stage", "code", "words"),
    [
        (Stage.BEFORE, 0, "clear to roll out"),
        (Stage.BEFORE, 1, "do not roll out"),
        (Stage.BEFORE, 3, "could not tell; do not roll out"),
        (Stage.AFTER, 0, "the rollout arrived"),
        (Stage.AFTER, 1, "the rollout is not as pinned"),
        (Stage.AFTER, 3, "could not tell"),
        (Stage.AFTER, 2, "a report could not be written"),
        (Stage.BEFORE, 130, "interrupted"),
    ],
)
def test_the_verdict_answers_the_question_of_the_stage(stage: Stage, code: int, words: str) -> None:
    """In words, beside the exit code."""
    asked = replace(WELL, exit_code=code, stage=stage)

    assert meaning(asked) == words
    assert verdict(asked) == f"Exit {code}: {words}"


def test_the_verdict_names_what_narrowed_the_run() -> None:
    """Whoever reads "clear" reads how far that goes; who reads "interrupted" has no answer to narrow."""
    let = replace(Finding(Status.WARN, "x", "y", failure=GONE, subject=Subject("release", "1")), allowed=True)
    narrow = replace(report(result("a", passed("well"), let), code=0), limits=("offline (by --offline)",))

    assert narrowed(narrow) == ("offline (by --offline)", "allowed: a/gone")
    assert verdict(narrow) == "Exit 0: clear to roll out, as far as looked: offline (by --offline); allowed: a/gone"
    assert verdict(replace(narrow, exit_code=130)) == "Exit 130: interrupted"

"""preflight/run/reporters/html/sections.py"""

from dataclasses import replace
from datetime import date

from preflight.check import could_not_look, not_looked_at, passed
from preflight.model import Failure, Finding, Status, Waiver
from preflight.run.reporters.html.sections import CheckView, sections, waivers
from tests.fakes.health import FAILING, WAIVER
from tests.fakes.reports import EVERYTHING, report, result

GONE = Failure("gone", "It is gone.", "Bring it back.")
ERROR = could_not_look("silence", hint="Ask again.")
FAIL = Finding(Status.FAIL, "gone", "Bring it back.", failure=GONE)


def ids(views: tuple[CheckView, ...]) -> list[str]:
    """Return the ids of checks."""
    return [view.result.about.id for view in views]


def test_each_check_is_in_one_section() -> None:
    """What is wrong, what follows from it, what may become wrong, what is well, what was skipped."""
    found = sections(FAILING)

    assert ids(found.wrong) == ["running-image", "ghcr-tag-retention-digests"]
    assert ids(found.followers) == ["image-pull-later"]
    assert ids(found.warnings) == ["pin-freshness", "image-provenance"]
    assert ids(found.skipped) == ["coolify-ui-shadowing", "coolify-image-cleanup"]
    assert sum(len(views) for _, views in found.named()) == len(FAILING.results)


def test_failures_come_before_errors() -> None:
    """And each kind in the order of cause and effect."""
    found = sections(report(result("c", ERROR), result("b", FAIL), result("a", FAIL)))

    assert ids(found.wrong) == ["b", "a", "c"]


def test_findings_are_worst_first_and_passes_apart() -> None:
    """What is well in a failing check does not stand in the way."""
    [view] = sections(report(result("a", passed("well"), ERROR, FAIL))).wrong

    assert [finding.status for finding in view.findings] == [Status.FAIL, Status.ERROR]
    assert [finding.message for finding in view.passes] == ["well"]


def test_strict_makes_wrong_what_made_the_run_fail() -> None:
    """A warning, and what was not looked at."""
    strict = replace(EVERYTHING, strict=True, results=(result("a", not_looked_at("offline", hint="Go online.")),))

    assert ids(sections(strict).wrong) == ["a"]
    assert ids(sections(replace(strict, strict=False)).skipped) == ["a"]


def test_what_follows_from_something_let_through_is_what_is_wrong() -> None:
    """Nothing that blocks is folded away when nothing else blocks."""
    found = sections(report(result("a", replace(ERROR, caused_by="b/gone")), code=3))

    assert (ids(found.wrong), ids(found.followers)) == (["a"], [])


def test_quiet_leaves_out_what_is_well() -> None:
    """And what was skipped."""
    found = sections(FAILING, quiet=True)

    assert (found.passed, found.skipped) == ((), ())
    assert found.wrong


def test_waivers_in_use_end_soonest_first() -> None:
    """Each once, however many findings it covers."""
    late = Waiver("a", "gone", date(2027, 3, 1), "later")
    soon = replace(late, until=date(2027, 2, 1), subject="web")
    covered = [replace(FAIL, status=Status.WARN, waived=each) for each in (late, late, soon)]

    assert [*waivers(report(result("a", *covered)))] == [("a", soon), ("a", late)]
    assert [*waivers(FAILING)] == [("image-provenance", WAIVER)]

"""preflight/history/changes.py"""

import pytest

from preflight.check import could_not_look, passed, skipped
from preflight.history.changes import Key, Standing, change_data, changes_of, kind, seconds_between, wrong_in
from preflight.model import CheckResult, Finding, Status
from preflight.report import Change
from preflight.run.setup import SETUP
from tests.fakes.runs import at, check, run, well, wrong

WEB = Key("tag", "moved", "container web")
BEFORE = {WEB: Standing(Status.FAIL, at(0))}


def test_the_worst_finding_of_a_code_and_subject_counts() -> None:
    """A pass about the same subject changes nothing."""
    found = wrong_in([check("tag", wrong(status=Status.WARN), wrong(), wrong(name="db", status=Status.WARN), well())])

    assert found == {WEB: Status.FAIL, Key("tag", "moved", "container db"): Status.WARN}


@pytest.mark.parametrize(
    ("findings", "named", "before", "after"),
    [
        ((wrong(),), None, None, None),
        ((well(),), "recovered", Status.FAIL, None),
        ((skipped("nothing here"),), "recovered", Status.FAIL, None),
        ((wrong(status=Status.WARN),), "better", Status.FAIL, Status.WARN),
    ],
)
def test_a_state_that_ends_or_changes(
    findings: tuple[Finding, ...], named: str | None, before: Status | None, after: Status | None
) -> None:
    """Each difference has its name; no difference is no change."""
    changes = changes_of(run(7, check("tag", *findings)), BEFORE)

    assert [kind(change) for change in changes] == ([named] if named else [])
    assert [(change.before, change.after, change.lasted_s) for change in changes] == (
        [(before, after, 420.0)] if named else []
    )


def test_worse_comes_before_what_is_well_again() -> None:
    """A person reads the first lines."""
    before = {WEB: Standing(Status.WARN, at(0)), Key("pin", "stale", ""): Standing(Status.FAIL, at(1))}

    changes = changes_of(run(5, check("pin"), check("tag", wrong(), wrong("new"))), before)

    assert [(change.check, change.code, kind(change)) for change in changes] == [
        ("tag", "moved", "worse"), ("tag", "new", "new"), ("pin", "stale", "recovered"),
    ]  # fmt: skip


def test_an_error_recovers_nothing() -> None:
    """Nobody looked, so what was wrong is not known to be well."""
    [change] = changes_of(run(5, check("tag", could_not_look("no answer", hint="Look."))), BEFORE)

    assert (change.code, kind(change), change.after) == ("could-not-look", "new", Status.ERROR)


def test_beside_an_error_a_pass_recovers_its_own_subject() -> None:
    """The check looked at that one."""
    report = run(5, check("tag", could_not_look("no answer", hint="Look."), well("web")))

    assert {kind(change) for change in changes_of(report, BEFORE)} == {"new", "recovered"}


def test_an_earlier_error_gives_way_to_another() -> None:
    """Only what was found wrong stands, not that nobody could look."""
    before = {Key("tag", "timed-out", ""): Standing(Status.ERROR, at(0))}
    report = run(5, check("tag", could_not_look("no answer", hint="Look.")))

    assert [(each.code, kind(each)) for each in changes_of(report, before)] == [
        ("could-not-look", "new"),
        ("timed-out", "recovered"),
    ]


def test_a_check_that_does_not_load_recovers_nothing() -> None:
    """Its states stand, and the broken module is new."""
    broken = CheckResult(SETUP, (wrong("broken-module", status=Status.ERROR),), 0.0)

    assert [kind(each) for each in changes_of(run(5, broken), BEFORE)] == ["new"]


def test_a_check_that_is_gone_takes_its_states_with_it() -> None:
    """An update removed it; its failures would stand for ever."""
    assert [kind(each) for each in changes_of(run(5, check("other", passed("well"))), BEFORE)] == ["recovered"]


def test_a_clock_set_back_gives_no_duration() -> None:
    """A negative duration would be a lie, and so would zero."""
    assert seconds_between(at(5), at(4)) is None
    [change] = changes_of(run(-60, check("tag")), BEFORE)
    assert change == Change(at(-60), "tag", "moved", "container web", Status.FAIL, None, None)


def test_a_change_as_documents_have_it() -> None:
    """Null stands for what there is not: a code, a subject, a status."""
    assert change_data(Change(at(0), "tag", "moved", "container web", Status.FAIL, None)) == {
        "check": "tag",
        "code": "moved",
        "subject": "container web",
        "change": "recovered",
        "before": Status.FAIL,
        "after": None,
    }
    bare = change_data(Change(at(0), "tag", "", "", None, Status.WARN))
    assert (bare["code"], bare["subject"], bare["change"]) == (None, None, "new")

"""preflight/run/causes.py"""

from dataclasses import replace

from preflight.check import could_not_look, passed
from preflight.model import CheckResult, Failure, Finding, Need, Status
from preflight.run.causes import WAIT, trace_causes, withhold_deployments
from tests.fakes.checks import about

NO_DIGEST = Failure("no-digest", "No digest.", "Write one.", explains=frozenset({Need.PIN}))
STALE = Failure("stale", "It is stale.", "Deploy.", deploy_fixes=True)
BAD = Failure("bad", "It is bad.", "Fix it.")


def result(check_id: str, *findings: Finding) -> CheckResult:
    """Return a result."""
    return CheckResult(about(check_id), findings, 0.1)


def fail(failure: Failure, status: Status = Status.FAIL) -> Finding:
    """Return a finding of a declared failure."""
    return Finding(status, failure.says, failure.fix, failure=failure)


def test_an_error_follows_from_what_explains_it() -> None:
    """The pin has no digest, so nobody can ask for it: the second finding points to the first."""
    blind = could_not_look("no digest to ask for", None, Need.PIN, hint="Write one.")

    first, second = trace_causes([result("pin", fail(NO_DIGEST)), result("image", blind)])

    assert first.findings[0].caused_by == ""
    assert second.findings[0].caused_by == "pin/no-digest"
    assert second.status is Status.ERROR


def test_an_error_without_explanation_stands_for_itself() -> None:
    """Another need, or a failure that is none at this stage, explains nothing."""
    blind = could_not_look("no digest to ask for", None, Need.PIN, hint="Write one.")
    silent = could_not_look("the engine does not answer", None, Need.ENGINE, hint="Start it.")

    _, one, other = trace_causes(
        [result("pin", fail(NO_DIGEST, Status.WARN)), result("image", blind), result("run", silent)]
    )

    assert [one.findings[0].caused_by, other.findings[0].caused_by] == ["", ""]


def test_the_same_error_is_told_once() -> None:
    """Seventeen checks that miss the same thing are one thing to fix; other words, or a failure, are not folded."""
    same = could_not_look("no pin was found", hint="Name it.")
    other = could_not_look("git is not installed", hint="Install it.")

    traced = trace_causes([result("a", same), result("b", same, other), result("c", same, passed("x"))])

    assert [[each.caused_by for each in one.findings] for one in traced] == [
        [""],
        ["a/could-not-look", ""],
        ["a/could-not-look", ""],
    ]


GONE = Failure("gone", "It is gone.", "Push it again.")
PRUNED = Failure("pruned", "Its tag is gone.", "Tag it again.", follows=frozenset({"registry/gone"}))


def test_a_failure_follows_from_one_about_the_same_digest() -> None:
    """It still fails, but sends to the first; one about another digest, or without the first, stands for itself."""
    gone = replace(fail(GONE), evidence={"digest": "sha256:1"})
    same = replace(fail(PRUNED), evidence={"image": "ghcr.io/a/b@sha256:1"})
    other = replace(fail(PRUNED), evidence={"digest": "sha256:2"})

    first, second = trace_causes([result("pull", same, other, fail(PRUNED)), result("registry", gone)])

    assert [each.caused_by for each in first.findings] == ["registry/gone", "", ""]
    assert first.findings[0].status is Status.FAIL
    assert first.findings[0].hint == "Fix registry/gone; this follows from it."
    assert second.findings[0].caused_by == ""
    [alone] = trace_causes([result("pull", same)])
    assert alone.findings[0].caused_by == ""


def test_nobody_is_told_to_deploy_while_something_else_blocks() -> None:
    """A paste-ready command that deploys a bad pin is the worst remedy there is."""
    held = withhold_deployments([result("pin", fail(BAD)), result("run", fail(STALE))], strict=False)

    assert [one.findings[0].hint for one in held] == ["Fix it.", WAIT]


def test_who_only_has_to_deploy_is_told_so() -> None:
    """Also beside a warning that blocks nothing."""
    results = (result("pin", fail(BAD, Status.WARN)), result("run", fail(STALE)))

    assert withhold_deployments(results, strict=False) == results
    assert withhold_deployments(results, strict=True)[1].findings[0].hint == WAIT

"""Tests of preflight/workflows/judge.py."""

from pathlib import Path

import pytest

from preflight import Deadline, DeadlineExceeded
from preflight.workflows.judge import Concern, PackageReleases, Risk, judge_steps, judge_unseen
from preflight.workflows.model import Job, Place, Step, Unseen, UnseenKind
from tests.preflight.workflows.judging import CERTAIN, NONE, PACKAGE, POSSIBLE, judged, script, step

DELETES = "gh api -X DELETE /orgs/acme/packages/container/{}/versions/1"


def unseen(what: str, kind: UnseenKind, *, writes: bool | None = None, job: str = "j", line: int = 1) -> Unseen:
    """Return something that cannot be seen."""
    return Unseen(Place(Path("w.yml"), line), what, "not here", Job(job, writes), kind)


@pytest.mark.parametrize(
    ("package", "risk", "unknown"),
    [("agent%2Frunner", CERTAIN, ()), ("web", NONE, ()), ("$PKG", POSSIBLE, ("the name of the package",))],
)
def test_scripts_that_delete(package: str, risk: Risk, unknown: tuple[str, ...]) -> None:
    """Ours, another package, or one that only shows when it runs."""
    here = script(DELETES.format(package))
    [found] = judge_steps([Step(here.place, Job("j"), script=here)], PACKAGE, PackageReleases(), Deadline.after(9))

    assert (found.risk, found.unknown, found.concern) == (risk, unknown, Concern.SCRIPT)
    assert found.what == "a script's -X DELETE"
    assert found.opaque


def test_each_line_is_judged_once_by_the_worst_way_to_run_it() -> None:
    """A matrix runs a step for several packages, of which one is ours."""
    uses = "actions/delete-package-versions@v5"
    steps = [step(uses, f"package-name: {name}, package-type: container") for name in ("web", "agent/runner", "x")]

    [found] = judge_steps(steps, PACKAGE, PackageReleases(), Deadline.after(9))

    assert found.risk is CERTAIN


def test_unknown_action_may_prune() -> None:
    """Where its name says so; others are nothing to judge."""
    found = judged("jane/ghcr-image-pruner@v2")

    assert (found.risk, found.concern, found.opaque) == (POSSIBLE, Concern.UNKNOWN_ACTION, True)
    assert judge_steps([step("jane/lint@v2")], PACKAGE, PackageReleases(), Deadline.after(9)) == ()


def test_time_is_kept() -> None:
    """Between two steps."""
    with pytest.raises(DeadlineExceeded):
        judge_steps([step("jane/lint@v2")], PACKAGE, PackageReleases(), Deadline.after(-1))


def test_version_that_is_not_known_is_the_reason() -> None:
    """Where versions differ, the worst is only possible, and the reason names it."""
    found = judged(f"Chizkiyahu/delete-untagged-ghcr-action@{'0' * 40}", "package_name: agent/runner")

    assert found.risk is POSSIBLE
    assert found.doubts[-1] == "which version 0000000 is (up to 1.0.0 it can; a comment such as # v1.0.0 tells)"


@pytest.mark.parametrize(
    ("what", "kind", "writes", "plausible"),
    [
        ("acme/ci/.github/workflows/build.yml@main", UnseenKind.WORKFLOW, True, False),
        ("acme/ci/.github/workflows/docker-publish.yml@main", UnseenKind.WORKFLOW, True, False),
        ("acme/ci/.github/workflows/ci.yml@main", UnseenKind.WORKFLOW, True, False),
        ("acme/ci/.github/workflows/main.yml@main", UnseenKind.WORKFLOW, True, True),
        ("acme/ci/.github/workflows/main.yml@main", UnseenKind.WORKFLOW, None, False),
        ("acme/ci/.github/workflows/cleanup.yml@main", UnseenKind.WORKFLOW, None, True),
        ("acme/ci/.github/workflows/cleanup.yml@main", UnseenKind.WORKFLOW, False, False),
        ("acme/ci/.github/workflows/prune-images.yml@main", UnseenKind.WORKFLOW, False, True),
        ("acme/ci/.github/workflows/build-and-prune.yml@main", UnseenKind.WORKFLOW, True, True),
        ("./a", UnseenKind.ACTION, True, True),
        ("./a", UnseenKind.ACTION, None, False),
        ("./prune", UnseenKind.ACTION, None, True),
        ("./a", UnseenKind.ACTION, False, False),
        ("make build", UnseenKind.TASK, True, True),
        ("make clean", UnseenKind.TASK, None, False),
        ("make prune-images", UnseenKind.TASK, None, True),
        ("./x.sh", UnseenKind.SCRIPT, True, True),
        ("./x.sh", UnseenKind.SCRIPT, False, False),
    ],
)
def test_what_cannot_be_seen_may_prune(what: str, kind: UnseenKind, writes: bool | None, plausible: bool) -> None:
    """By its name, and by what its job may do; a workflow that only builds does not."""
    assert bool(judge_unseen([unseen(what, kind, writes=writes)])) is plausible


def test_name_of_the_job_speaks_for_a_workflow() -> None:
    """`cleanup:` that calls something of a neutral name, and `build:` likewise."""
    neutral = "acme/ci/.github/workflows/shared.yml@main"

    assert judge_unseen([unseen(neutral, UnseenKind.WORKFLOW, job="cleanup")])
    assert not judge_unseen([unseen(neutral, UnseenKind.WORKFLOW, writes=True, job="build")])


def test_tasks_and_scripts_of_a_job_are_one_step() -> None:
    """At the first of them; those of another job are another one."""
    found = judge_unseen([
        unseen("make a", UnseenKind.TASK, writes=True, line=3),
        unseen("./b.sh", UnseenKind.SCRIPT, writes=True, line=5),
        unseen("make a", UnseenKind.TASK, writes=True, line=7),
        unseen("make c", UnseenKind.TASK, writes=True, job="other", line=9),
    ])  # fmt: skip

    assert [(each.what, each.place.line, each.not_read) for each in found] == [
        ("make a, ./b.sh", 3, True),
        ("make c", 9, True),
    ]
    assert all(each.concern is Concern.NOT_READ and each.doubts for each in found)


def test_what_is_called_twice_is_one_step() -> None:
    """At the first place; another version of it is another one."""
    called, other = "acme/ci/.github/workflows/prune.yml@v1", "acme/ci/.github/workflows/prune.yml@v2"

    found = judge_unseen([
        unseen(called, UnseenKind.WORKFLOW, job="a", line=3),
        unseen(called, UnseenKind.WORKFLOW, job="b", line=5),
        unseen(other, UnseenKind.WORKFLOW, line=7),
    ])  # fmt: skip

    assert [(each.what, each.place.line) for each in found] == [(called, 3), (other, 7)]

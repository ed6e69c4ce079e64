"""preflight/run/reporters/rows.py"""

from dataclasses import replace

import pytest

from preflight.failures import NOT_LOOKED_AT
from preflight.model import Finding, Status
from preflight.report import JudgedProject
from preflight.run.reporters.rows import apart_from_followers, path_in_repository, problems, rows
from tests.fakes.reports import EVERYTHING, WEAK, report, result


def test_rows_have_the_name_that_allow_takes() -> None:
    """A pass has no code."""
    assert [row.name for row in rows(EVERYTHING)] == [
        "a-pass",
        "b-fail",
        "b-fail",
        "c-warn/weak",
        "d-skip/not-applicable",
        "e-error/could-not-look",
    ]


def test_problems_come_worst_first() -> None:
    """What blocks, causes before what follows from them; then warnings, then what was accepted."""
    found = report(
        result("a", Finding(Status.WARN, "accepted", "x", failure=WEAK, allowed=True)),
        result("b", Finding(Status.WARN, "warning", "x", failure=WEAK), Finding(Status.PASS, "fine")),
        result("c", Finding(Status.ERROR, "follows", "x", caused_by="d/weak")),
        result("d", Finding(Status.ERROR, "cause", "x", failure=WEAK)),
        result("e", Finding(Status.FAIL, "failure", "x", failure=WEAK)),
        result("f", Finding(Status.SKIP, "not asked", "x", failure=NOT_LOOKED_AT)),
    )

    assert [row.finding.message for row in problems(found)] == ["failure", "cause", "follows", "warning", "accepted"]
    assert [row.finding.message for row in problems(replace(found, strict=True))] == [
        "failure",
        "cause",
        "follows",
        "warning",
        "not asked",
        "accepted",
    ]


def test_what_only_follows_is_told_once_a_cause() -> None:
    """An error is; a failure that follows from another tells something of its own."""
    follows = Finding(Status.ERROR, "no pin", "x", caused_by="pin-file/missing")
    failure = Finding(Status.FAIL, "stale", "x", failure=WEAK, caused_by="pin-file/missing")
    what = report(result("a", follows, follows), result("b", failure), result("c", follows))
    own, followers = apart_from_followers(problems(what))

    assert [row.finding for row in own] == [failure]
    assert followers == {"pin-file/missing": ("a", "c")}


@pytest.mark.parametrize(
    ("path", "folder", "root", "shown"),
    [
        ("compose.yaml", "", "", "compose.yaml"),
        ("compose.yaml", "/srv/app", "/srv/app", "compose.yaml"),
        ("compose.yaml", "/srv/app/docker", "/srv/app", "docker/compose.yaml"),
        ("../pin.env", "/srv/app/docker", "/srv/app", "pin.env"),
        ("/srv/app/pin.env", "/srv/app/docker", "/srv/app", "pin.env"),
        ("app/pin.env", "/srv", "/srv/app", "pin.env"),
        ("..x/pin.env", "/srv/app", "/srv/app", "..x/pin.env"),
        ("/etc/environment", "/srv/app", "/srv/app", None),
        ("/etc/environment", "", "", None),
        ("../other", "/srv/app", "/srv/app", None),
        ("/srv/app/pin.env", "/srv/app", "", None),
    ],
)
def test_paths_in_the_repository(path: str, folder: str, root: str, shown: str | None) -> None:
    """Relative to its root, as GitHub and SARIF take them; what lies elsewhere has none."""
    assert path_in_repository(path, JudgedProject(folder=folder, root=root)) == shown

"""checks/ghcr_prune_config.py: what workflows can delete."""

import re
import shutil
from pathlib import Path

import pytest

from preflight.model import Location, Stage, Status, Subject
from tests.checks.ghcr_prune_config.place import CASES, IMAGE, INDEX, FakeRegistry, Place

_EXPECT = re.compile(r"(?P<status>\w+)(?: (?:(?P<file>\S+):)?(?P<line>\d+) (?P<words>[^;]*)(?:; hint: (?P<hint>.*))?)?")


def expectations(case: Path) -> list[dict[str, str]]:
    """Return what a case says must come out."""
    if case.is_dir():
        lines = (case / "expect").read_text(encoding="utf-8").splitlines()
    else:
        text = case.read_text(encoding="utf-8").splitlines()
        lines = [line.removeprefix("# expect: ") for line in text if line.startswith("# expect: ")]
    matches = [_EXPECT.fullmatch(line) for line in lines]
    return [
        {"file": f".github/workflows/{case.name}", **{k: v for k, v in match.groupdict().items() if v}}
        for match in matches
        if match
    ]


@pytest.mark.parametrize("case", sorted(CASES.glob("[!R]*")), ids=lambda case: case.name)
def test_workflows_are_judged_rightly(place: Place, case: Path) -> None:
    """Each workflow of the collection gets its verdict, at its line, in the right words."""
    if case.is_dir():
        shutil.copytree(case, place.repository.path, dirs_exist_ok=True)
    else:
        folder = place.repository.path / ".github" / "workflows"
        folder.mkdir(parents=True)
        shutil.copy(case, folder)
    expected = expectations(case)

    found = place.look()

    assert [finding.status for finding in found] == [one["status"] for one in expected], found
    for finding, one in zip(found, expected, strict=True):
        if "line" in one:
            assert finding.location == Location(one["file"], int(one["line"])), finding
            assert one["words"] in finding.message
            assert one.get("hint", "") in finding.hint


@pytest.mark.parametrize(
    ("case", "code", "after"),
    [
        ("dpv-keep-ten.yml", "action-deletes-releases", Status.FAIL),
        ("dpv-vars.yml", "action-may-delete", Status.WARN),
        ("script-gh.yml", "script-deletes-versions", Status.FAIL),
        ("script-unknown-package.yml", "script-may-delete", Status.WARN),
        ("unknown-action.yml", "unknown-action", Status.WARN),
        ("remote-reusable.yml", "out-of-view", Status.WARN),
        ("job-runs-make.yml", "not-read", Status.WARN),
    ],
)
def test_each_risk_has_a_code_and_blocks_no_rollout(place: Place, case: str, code: str, after: Status) -> None:
    """What a workflow may delete later is no reason against this rollout; after it, it decides."""
    name = f".github/workflows/{case}"
    files = {name: (CASES / case).read_text(encoding="utf-8")}
    for stage, status in ((Stage.BEFORE, Status.WARN), (Stage.AFTER, after)):
        [finding] = place.look(files, stage=stage)
        assert (finding.status, finding.code, finding.subject) == (status, code, Subject("workflow", name))


def test_the_collection_is_large_and_half_guilty() -> None:
    """At least forty workflows, at least twenty of which can delete something."""
    statuses = [one["status"] for case in CASES.glob("[!R]*") for one in expectations(case)]

    assert len(statuses) >= 40
    assert sum(status == "fail" for status in statuses) >= 20


def test_all_of_them_together_are_judged_one_by_one(place: Place) -> None:
    """In one repository, each workflow keeps its own verdict."""
    cases = [case for case in sorted(CASES.glob("*.yml")) if expectations(case)[0]["status"] != "pass"]
    folder = place.repository.path / ".github" / "workflows"
    folder.mkdir(parents=True)
    for case in CASES.glob("*.yml"):
        shutil.copy(case, folder)

    found = place.look()

    at = sorted(str(finding.location) for finding in found)
    assert at == sorted(f".github/workflows/{case.name}:{expectations(case)[0]['line']}" for case in cases)


def test_failure_carries_its_evidence(place: Place) -> None:
    """The finding says in which job, what goes, and through which call it is reached."""
    shutil.copytree(CASES / "composite", place.repository.path, dirs_exist_ok=True)

    [finding] = place.look()

    assert finding.evidence["job"] == "prune"
    assert finding.evidence["deletes"] == ["release tags", "untagged children"]
    assert finding.evidence["called_from"] == [".github/workflows/nightly.yml:8"]
    assert "\n" not in finding.message
    assert len(finding.message) < 140


def test_pass_lists_what_was_read(place: Place) -> None:
    """A pass names the files, and the steps that prune but spare releases."""
    finding = place.one("dataaxiom/ghcr-cleanup-action@v1", "package: agent/runner")

    assert finding.status is Status.PASS
    assert finding.message == f"nothing in 1 workflow file here can delete releases of {IMAGE}"
    assert finding.evidence["files"] == [".github/workflows/w.yml"]
    assert finding.evidence["harmless"] == [".github/workflows/w.yml:6: dataaxiom/ghcr-cleanup-action@v1"]


def test_broken_file_does_not_hide_behind_a_pass(place: Place) -> None:
    """Where the others are harmless, the error stands beside the pass."""
    found = place.look({".github/workflows/a.yml": "{", ".github/workflows/b.yml": "on: push\njobs: {}\n"})

    assert [finding.status for finding in found] == [Status.ERROR, Status.PASS]


@pytest.mark.parametrize(
    ("tags", "status"),
    [
        (("v1.2.0", "v1.3.0", "latest"), Status.PASS),
        (("1.2.0", "1.3.0"), Status.FAIL),
        (("v1.2.0", "1.3.0"), Status.FAIL),
        (("latest",), Status.WARN),
        (None, Status.WARN),
    ],
)
def test_tags_of_the_registry_decide(place: Place, tags: tuple[str, ...] | None, status: Status) -> None:
    """Whether `!v*` spares releases depends on how the images are tagged; nobody knows better than the registry."""
    inputs = 'account: acme, image-names: agent/runner, image-tags: "!v*", tag-selection: tagged, cut-off: 1w'

    finding = place.one("snok/container-retention-policy@v3", inputs, registry=FakeRegistry(tags, INDEX))

    assert finding.status is status


def test_tags_of_the_settings_decide_first(place: Place) -> None:
    """What the operator says of release tags counts without a registry."""
    inputs = 'account: acme, image-names: agent/runner, image-tags: "!v*", tag-selection: tagged, cut-off: 1w'

    finding = place.one("snok/container-retention-policy@v3", inputs, release_tags=("v1.0.0",))

    assert finding.status is Status.PASS


@pytest.mark.parametrize("case", ["script-gh.yml", "unknown-action.yml", "remote-reusable.yml"])
def test_reviewed_files_are_trusted(place: Place, case: str) -> None:
    """What only a person can judge passes once a person has."""
    text = (CASES / case).read_text(encoding="utf-8")

    [finding] = place.look({f".github/workflows/{case}": text}, reviewed=(f"./.github/workflows/{case}",))

    assert finding.status is Status.PASS


def test_review_does_not_cover_known_actions(place: Place) -> None:
    """What the inputs say plainly cannot be reviewed away."""
    finding = place.one(
        "actions/delete-package-versions@v5", "package-name: agent/runner", reviewed=(".github/workflows/w.yml",)
    )

    assert finding.status is Status.FAIL


def test_pass_names_what_was_not_seen(place: Place) -> None:
    """A reusable workflow of another repository that nothing speaks against stands in the evidence of the pass."""
    text = "on: push\njobs:\n  j:\n    uses: acme/ci/.github/workflows/nightly.yml@main\n    secrets: inherit\n"

    [finding] = place.look({".github/workflows/w.yml": text})

    assert finding.status is Status.PASS
    assert finding.evidence["not_seen"] == [
        ".github/workflows/w.yml:4: acme/ci/.github/workflows/nightly.yml@main (another repository's workflow)"
    ]


def test_missing_reusable_workflow_cannot_run(place: Place) -> None:
    """GitHub refuses a workflow that calls one that is not there; the evidence of the pass says so."""
    text = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/gone.yml\n"

    [finding] = place.look({".github/workflows/w.yml": text})

    assert finding.status is Status.PASS
    assert finding.evidence["cannot_run"] == [
        ".github/workflows/w.yml:4: there is no ./.github/workflows/gone.yml: GitHub refuses to run the workflow"
    ]


def test_nothing_secret_or_steering_is_shown(place: Place) -> None:
    """What a workflow says is shown without control characters, and secrets by name only at most."""
    finding = place.one('"jane/ghcr-prune\\u202e\\u001b[31m@v1"', "token: '${{ secrets.PAT }}', password: hunter2")

    assert "hunter2" not in repr(finding)
    assert "\x1b" not in finding.message
    assert "\u202e" not in finding.message


def test_time_is_kept(place: Place) -> None:
    """A run that is out of time ends with the error that says so."""
    text = (CASES / "gca-keep-n.yml").read_text(encoding="utf-8")

    [finding] = place.look({".github/workflows/w.yml": text}, seconds=0.0001)

    assert finding.status is Status.ERROR
    assert "no time left" in finding.message


def test_job_that_runs_what_was_not_read_warns_once(place: Place) -> None:
    """With the job and all that it runs; the file can be named as reviewed."""
    text = (CASES / "job-runs-make.yml").read_text(encoding="utf-8")
    files = {".github/workflows/w.yml": text}

    [finding] = place.look(files)

    assert finding.message == "job images may prune packages: make login, make images was not looked into"
    assert finding.hint.endswith("then name .github/workflows/w.yml under reviewed: for ghcr-prune-config.")
    assert [found.status for found in place.look(files, reviewed=(".github/workflows/w.yml",))] == [Status.PASS]

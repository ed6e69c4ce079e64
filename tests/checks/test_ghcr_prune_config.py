"""Tests of checks/ghcr_prune_config.py: workflows as one meets them, real git, a stand-in for the registry."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checks.ghcr_prune_config import GhcrPruneConfig, Settings
from preflight.context import Options
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Location, Stage, Status, Subject
from preflight.project import Pin
from preflight.registry.values import Manifest
from preflight.testing import fake_context, run_check
from tests.fakes.package_api import PackageApi, version
from tests.real.git import GIT_ENVIRON, GitRepository

CASES = Path(__file__).resolve().parents[1] / "cases-workflows"
HEX = "0123456789abcdef" * 4
IMAGE = "ghcr.io/acme/agent/runner"
PINNED = f"{IMAGE}@sha256:{HEX}"
ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}
INDEX = "application/vnd.oci.image.index.v1+json"
SINGLE = "application/vnd.oci.image.manifest.v1+json"
_EXPECT = re.compile(r"(?P<status>\w+)(?: (?:(?P<file>\S+):)?(?P<line>\d+) (?P<words>[^;]*)(?:; hint: (?P<hint>.*))?)?")
_PRUNE = """on: push
jobs:
  prune:
    runs-on: ubuntu-latest
    steps:
      - uses: {uses}
        with: {{{inputs}}}
"""


class FakeRegistry:
    """Answers with given tags and a given kind of manifest, or not at all."""

    def __init__(self, tags: tuple[str, ...] | None = None, media_type: str = "") -> None:
        self._tags, self._media_type = tags, media_type

    def tags(self, _registry: str, _repository: str, _deadline: Deadline) -> tuple[str, ...]:
        """Return them."""
        if self._tags is None:
            raise CouldNotLook("no answer", "Try again.")
        return self._tags

    def head_manifest(self, image: Any, _deadline: Deadline) -> Manifest:
        """Return one of that kind."""
        if not self._media_type:
            raise CouldNotLook("no answer", "Try again.")
        return Manifest(image.digest, self._media_type, None)


@dataclass
class Place:
    """A repository with a pin."""

    repository: GitRepository

    def look(
        self,
        files: Mapping[str, str] | None = None,
        *,
        pinned: str = f"AGENT={PINNED}\n",
        registry: FakeRegistry | None = None,
        seconds: float = 30,
        environ: Mapping[str, str] | None = None,
        stage: Stage = Stage.AFTER,
        **settings: Any,
    ) -> list[Finding]:
        """Write files, run the check as an operator in the root would."""
        self.repository.write({"pin.env": pinned, **(files or {})})
        path = self.repository.path
        ctx = fake_context(
            path,
            pins=(Pin("AGENT", "app", path / "pin.env"),),
            environ=environ,
            options=Options(offline=registry is None, stage=stage),
            git=Git(path, ENVIRON),
            registry=registry,
            seconds=seconds,
        )
        return run_check(GhcrPruneConfig(Settings(**settings)), ctx)

    def one(self, uses: str, inputs: str, **more: Any) -> Finding:
        """Run the check on a workflow with one step, and return its only finding."""
        [finding] = self.look({".github/workflows/w.yml": _PRUNE.format(uses=uses, inputs=inputs)}, **more)
        return finding


@pytest.fixture
def place(git_repository: GitRepository) -> Place:
    """A repository with a pin and nothing else."""
    return Place(git_repository)


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


def test_folder_of_workflows_that_cannot_be_listed_is_an_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without permission nothing was looked at (told by a stand-in: root may list everything)."""

    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (place.repository.path / ".github" / "workflows").mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", refuse)

    [finding] = place.look()

    assert finding.status is Status.ERROR
    assert "permission denied" in finding.message


def test_no_workflows_skips(place: Place) -> None:
    """Where nothing can prune, nothing passes either: another repository may."""
    [finding] = place.look({".github/CODEOWNERS": "* @acme/ops\n"})

    assert finding.status is Status.SKIP
    assert finding.message == "no workflows in this repository: nothing here is configured to prune"
    assert "Look in the repository that builds ghcr.io/acme/agent/runner" in finding.hint


def test_no_git_skips(tmp_path: Path) -> None:
    """A folder that Coolify deploys to has no .git, and no workflows to look at."""
    (tmp_path / "pin.env").write_text(f"AGENT={PINNED}\n", encoding="utf-8")
    ctx = fake_context(
        tmp_path, pins=(Pin("AGENT", "app", tmp_path / "pin.env"),), git=Git(tmp_path, ENVIRON), seconds=10
    )

    [finding] = run_check(GhcrPruneConfig(Settings()), ctx)

    assert finding.status is Status.SKIP
    assert "not in a git work tree" in finding.message


def test_other_registry_skips(place: Place) -> None:
    """An image elsewhere is pruned by other rules."""
    [finding] = place.look(pinned=f"AGENT=quay.io/acme/agent@sha256:{HEX}\n")

    assert finding.status is Status.SKIP
    assert finding.message == "AGENT names an image in quay.io, not ghcr.io"


@pytest.mark.parametrize(
    ("text", "words"),
    [("X=1\n", "pin.env gives AGENT no value"), ("AGENT=a b\n", "AGENT names no image"), ("A'\n", "pin.env")],
)
def test_pin_without_an_image_is_an_error(place: Place, text: str, words: str) -> None:
    """Without a package there is nothing to judge, and that is no pass."""
    [finding] = place.look(pinned=text)

    assert finding.status is Status.ERROR
    assert words in finding.message


def test_two_pins_of_one_package_are_one_row(place: Place) -> None:
    """What concerns a package is said once."""
    place.repository.write({"pin.env": f"AGENT={PINNED}\nOTHER={IMAGE}:v1\n"})
    path = place.repository.path
    shutil.copytree(CASES / "composite", path, dirs_exist_ok=True)
    pins = (Pin("AGENT", "app", path / "pin.env"), Pin("OTHER", "app", path / "pin.env"))
    ctx = fake_context(pins=pins, options=Options(offline=True), git=Git(path, ENVIRON), seconds=10)

    assert len(run_check(GhcrPruneConfig(Settings()), ctx)) == 1


def test_single_manifest_has_no_children_to_lose(place: Place) -> None:
    """Where the registry says that the pinned image is no index, deleting untagged versions takes nothing of it."""
    uses = "actions/delete-package-versions@v5"
    inputs = "package-name: agent/runner, package-type: container, delete-only-untagged-versions: true"

    assert place.one(uses, inputs, registry=FakeRegistry((), SINGLE)).status is Status.PASS
    assert place.one(uses, inputs, registry=FakeRegistry((), INDEX)).status is Status.FAIL
    assert place.one(uses, inputs, registry=FakeRegistry()).status is Status.FAIL
    assert place.one(uses, inputs, multi_platform=False).status is Status.PASS


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


def test_git_that_fails_is_an_error(place: Place) -> None:
    """Without git nobody knows where the workflows are."""
    path = place.repository.path
    (path / "pin.env").write_text(f"AGENT={PINNED}\n", encoding="utf-8")
    pins = (Pin("AGENT", "app", path / "pin.env"),)
    git = Git(path, {"PATH": "/nowhere"})
    ctx = fake_context(pins=pins, options=Options(offline=True), git=git, seconds=10)

    [finding] = run_check(GhcrPruneConfig(Settings()), ctx)

    assert finding.status is Status.ERROR


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


@pytest.fixture
def api() -> Iterator[PackageApi]:
    """A server of GitHub's API."""
    with PackageApi() as fake:
        yield fake


@pytest.mark.parametrize(
    ("deleted", "status", "code", "words", "hint"),
    [
        (
            (),
            Status.PASS,
            "",
            "nothing was deleted from ghcr.io/acme/agent/runner in the last 30 days; 2 of 3 versions",
            "",
        ),
        (
            (version(7), version(8, "1.2.0", "1.2"), version(9, "v1.3.0")),
            Status.FAIL,
            "releases-deleted",
            "releases were deleted from ghcr.io/acme/agent/runner in the last 30 days: 1.2.0, v1.3.0",
            "gh api -X POST /orgs/acme/packages/container/agent%2Frunner/versions/8/restore",
        ),
        (
            (version(8, "1.2.0"), {**version(5), "name": f"sha256:{HEX}"}),
            Status.FAIL,
            "pinned-deleted",
            "the pinned image was deleted from ghcr.io/acme/agent/runner (2026-11-20",
            "versions/5/restore",
        ),
        (
            (version(1),),
            Status.WARN,
            "versions-deleted",
            f"1 version of {IMAGE} deleted in the last 30 days, no release tag among them, all untagged",
            "Find what deletes them, here or in another repository; 2 of 3 versions untagged are left.",
        ),
        (
            (version(1, "pr-1"), version(2)),
            Status.WARN,
            "versions-deleted",
            "2 versions of ghcr.io/acme/agent/runner deleted",
            "",
        ),
    ],
)
def test_what_github_says_was_deleted(  # noqa: PLR0917 -- a row of a table
    place: Place, api: PackageApi, deleted: tuple[dict[str, Any], ...], status: Status, code: str, words: str, hint: str
) -> None:
    """With a token GitHub tells what went lately: a release, the pinned image or others; the hint restores it."""
    api.active, api.deleted = (version(1, "v1.0.0"), version(2), version(3)), deleted

    skip, finding = place.look(registry=FakeRegistry(), environ=api.environ)

    assert skip.status is Status.SKIP
    assert (finding.status, finding.code, finding.subject) == (status, code, Subject("image", IMAGE))
    assert words in finding.message
    assert hint in finding.hint
    assert finding.evidence["untagged"] == 2
    before = place.look(registry=FakeRegistry(), environ=api.environ, stage=Stage.BEFORE)[-1].status
    assert before is (Status.WARN if code == "releases-deleted" else status)


@pytest.mark.parametrize(
    ("kind", "status", "expected", "words"),
    [
        ("users/acme", 200, Status.SKIP, "what was deleted from ghcr.io/acme/agent/runner is not told to this token"),
        ("orgs/acme", 403, Status.SKIP, "the token may not list the versions of the package at GitHub (403)"),
        ("orgs/acme", 418, Status.ERROR, "GitHub's API answers with 418"),
    ],
)
def test_what_github_does_not_say(  # noqa: PLR0917 -- a row of a table
    place: Place, api: PackageApi, kind: str, status: int, expected: Status, words: str
) -> None:
    """A token without the right is no fault of the release; an API in trouble was not looked at."""
    api.kind, api.status = kind, status

    finding = place.look(registry=FakeRegistry(), environ=api.environ)[-1]

    assert finding.status is expected
    assert words in finding.message
    assert finding.hint
    assert "hunter2" not in repr(finding)


def test_github_is_not_asked_without_a_token_or_offline(place: Place, api: PackageApi) -> None:
    """Without a token, and with --offline, only the workflows are judged."""
    assert len(place.look(registry=FakeRegistry(), environ={"GITHUB_API_URL": api.url})) == 1
    assert len(place.look(environ=api.environ)) == 1
    assert not api.asked


@pytest.mark.parametrize(
    ("remote", "settings", "status", "words"),
    [
        ("https://github.com/acme/agent.git", {}, Status.FAIL, "can delete release tags of ghcr.io/acme/agent"),
        ("git@github.com:acme/other.git", {}, Status.PASS, "nothing in 1 workflow file"),
        ("git@github.com:acme/other.git", {"repository": "acme/agent"}, Status.FAIL, "can delete release tags"),
        ("", {}, Status.WARN, "git has no remote origin"),
        ("https://git.example.org/acme/agent", {}, Status.WARN, "is no repository at github.com"),
    ],
)
@pytest.mark.parametrize(
    ("uses", "inputs"),
    [
        ("dataaxiom/ghcr-cleanup-action@v1", "keep-n-tagged: 3"),
        ("dataaxiom/ghcr-cleanup-action@v1", "package: '${{ github.event.repository.name }}', keep-n-tagged: 3"),
        ("vlaurin/action-ghcr-prune@v0.6.0", "container: '${{ github.event.repository.name }}', prune-tags-regexes: ."),
    ],
)
def test_remote_says_which_package_this_repository_has(  # noqa: PLR0917 -- a row of a table
    place: Place, remote: str, settings: dict[str, str], status: Status, words: str, uses: str, inputs: str
) -> None:
    """A step that names the repository is judged like one that writes the package out, or the reason is told."""
    if remote:
        place.repository.git("remote", "add", "origin", remote)

    finding = place.one(uses, inputs, pinned=f"AGENT=ghcr.io/acme/agent@sha256:{HEX}\n", **settings)

    assert finding.status is status
    assert words in finding.message


def test_repository_must_be_owner_and_name() -> None:
    """Anything else is a mistake of the configuration."""
    with pytest.raises(ValueError, match="OWNER/NAME"):
        Settings(repository="https://github.com/acme/agent")


def test_job_that_runs_what_was_not_read_warns_once(place: Place) -> None:
    """With the job and all that it runs; the file can be named as reviewed."""
    text = (CASES / "job-runs-make.yml").read_text(encoding="utf-8")
    files = {".github/workflows/w.yml": text}

    [finding] = place.look(files)

    assert finding.message == "job images may prune packages: make login, make images was not looked into"
    assert finding.hint.endswith("then name .github/workflows/w.yml under reviewed: for ghcr-prune-config.")
    assert [found.status for found in place.look(files, reviewed=(".github/workflows/w.yml",))] == [Status.PASS]


def test_nothing_is_loaded_without_workflows(place: Place) -> None:
    """What reads workflows takes as long to load as a quick run."""
    code = "import sys, checks.ghcr_prune_config; print([name for name in sys.modules if 'workflows.' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "[]\n"
    assert place.look()[0].status is Status.SKIP

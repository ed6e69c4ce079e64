"""Tests of checks/ghcr_prune_config.py: workflows as one meets them, real git, a stand-in for the registry."""

import json
import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from checks.ghcr_prune_config import GhcrPruneConfig, Settings
from preflight.context import Options
from preflight.errors import CouldNotLook
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Location, Status
from preflight.project import Pin
from preflight.registry.values import Manifest
from preflight.testing import fake_context, run_check
from tests.limits import cpu_at_most
from tests.real.git import GIT_ENVIRON, GitRepository

CASES = Path(__file__).resolve().parents[1] / "cases-workflows"
HEX = "0123456789abcdef" * 4
IMAGE = "ghcr.io/acme/agent/runner"
PINNED = f"{IMAGE}@sha256:{HEX}"
ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}
INDEX = "application/vnd.oci.image.index.v1+json"
SINGLE = "application/vnd.oci.image.manifest.v1+json"
ACTIONS = {
    "agp": "vlaurin/action-ghcr-prune",
    "crp": "snok/container-retention-policy",
    "dpv": "actions/delete-package-versions",
    "dug": "Chizkiyahu/delete-untagged-ghcr-action",
    "gca": "dataaxiom/ghcr-cleanup-action",
}
_EXPECT = re.compile(r"(?P<status>\w+)(?: (?:(?P<file>\S+):)?(?P<line>\d+) (?P<words>[^;]*)(?:; hint: (?P<hint>.*))?)?")
SCRIPT = "on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - run: {run}\n"
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
        **settings: Any,
    ) -> list[Finding]:
        """Write files, run the check as an operator in the root would."""
        self.repository.write({"pin.env": pinned, **(files or {})})
        path = self.repository.path
        ctx = fake_context(
            path,
            pins=(Pin("AGENT", "app", path / "pin.env"),),
            environ=environ,
            options=Options(offline=registry is None),
            git=Git(path, ENVIRON),
            registry=registry,
            seconds=seconds,
        )
        return run_check(GhcrPruneConfig(Settings(**settings)), ctx)

    def one(self, uses: str, inputs: str, **more: Any) -> Finding:
        """Run the check on a workflow with one step, and return its only finding."""
        [finding] = self.look({".github/workflows/w.yml": _PRUNE.format(uses=uses, inputs=inputs)}, **more)
        return finding


@dataclass
class Api:
    """GitHub's API for the package, as far as the tool asks it."""

    url: str = ""
    active: tuple[dict[str, Any], ...] = ()
    deleted: tuple[dict[str, Any], ...] = ()
    kind: str = "orgs/acme"
    login: str = "jane"
    status: int = 200
    body: bytes | None = None
    limit: str = "59"
    page: int = 100
    asked: list[tuple[str, str]] = field(default_factory=list)

    def look(self, place: Place, **more: Any) -> list[Finding]:
        """Run the check with a token for this API."""
        environ = {"GITHUB_TOKEN": "ghp_hunter2", "GITHUB_API_URL": self.url, **more.pop("environ", {})}
        return place.look(registry=FakeRegistry(), environ=environ, **more)

    def answer(self, path: str) -> tuple[int, bytes]:
        """Return status and body for a path."""
        if self.body is not None or self.status != 200:
            return self.status, self.body or b"{}"
        parts = urlsplit(path)
        if parts.path == "/user":
            return 200, json.dumps({"login": self.login}).encode()
        mine = self.login == "acme" and parts.path.startswith("/user/")
        if not mine and not parts.path.startswith(f"/{self.kind}/packages/container/agent%2Frunner/versions"):
            return 404, b"{}"
        query = parse_qs(parts.query)
        rows, page = getattr(self, query["state"][0]), int(query["page"][0])
        return 200, json.dumps(rows[(page - 1) * self.page : page * self.page]).encode()

    def link(self, path: str) -> str:
        """Return the header that names the next page, where pages are shorter than was asked for."""
        query = parse_qs(urlsplit(path).query)
        more = "page" in query and int(query["page"][0]) * self.page < len(getattr(self, query["state"][0]))
        if not (self.page < 100 and more):
            return '<x>; rel="first"'
        return f'<{self.url}/next?state={query["state"][0]}&page={int(query["page"][0]) + 1}>; rel="next"'


def version(number: int, *tags: str) -> dict[str, Any]:
    """Return a version as GitHub writes it."""
    return {
        "id": number,
        "name": f"sha256:{number:064x}",
        "updated_at": "2026-11-20T00:00:00Z",
        "metadata": {"package_type": "container", "container": {"tags": list(tags)}},
    }


@pytest.fixture
def api() -> Iterator[Api]:
    """A server of GitHub's API."""
    fake = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append((self.path, self.headers.get("Authorization", "")))
            status, body = fake.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("X-RateLimit-Remaining", fake.limit)
            if fake.page < 100:
                self.send_header("Link", fake.link(self.path))
            if status in range(300, 400):
                self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield fake
    server.shutdown()
    server.server_close()
    thread.join()


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


PKG = "package-name: agent/runner, package-type: container"
DPV, CRP2, CRP3 = (
    "actions/delete-package-versions@v5",
    "snok/container-retention-policy@v2.2.1",
    "snok/container-retention-policy@v3.0.0",
)
GCA, AGP, DUG = (
    "dataaxiom/ghcr-cleanup-action@v1",
    "vlaurin/action-ghcr-prune@v0.6.0",
    "Chizkiyahu/delete-untagged-ghcr-action@v5",
)
CRP2_INPUTS = "image-names: agent/runner, cut-off: A week ago UTC, account-type: org, org-name: acme"
CRP3_INPUTS = "image-names: agent/runner, cut-off: 4w, account: acme"
AGP_INPUTS = "organization: acme, container: agent/runner"
RELEASES = r"'^v?\d+\.\d+\.\d+$'"


@pytest.mark.parametrize(
    ("uses", "sound", "guilty", "goes", "names"),
    [
        (
            DPV,
            "package-name: web, package-type: container",
            PKG,
            "release tags and untagged children",
            "this action cannot spare a tag",
        ),
        (
            DPV,
            "package-name: web, package-type: container, delete-only-untagged-versions: true",
            f"{PKG}, delete-only-untagged-versions: true",
            "untagged children",
            "multi-platform",
        ),
        (
            DPV,
            f"{PKG}, ignore-versions: '^sha256:'",
            f"{PKG}, ignore-versions: '^v'",
            "release tags",
            "ignore-versions is compared with digests",
        ),
        (
            CRP2,
            f"{CRP2_INPUTS}, skip-tags: 'v*, *.*.*', untagged-only: false, filter-include-untagged: false",
            f"{CRP2_INPUTS}, untagged-only: false, filter-include-untagged: false",
            "release tags",
            "skip-tags",
        ),
        (
            CRP3,
            f"{CRP3_INPUTS}, tag-selection: tagged, image-tags: '!v* !*.*.*'",
            f"{CRP3_INPUTS}, tag-selection: tagged",
            "release tags",
            "image-tags",
        ),
        (
            CRP3,
            f"{CRP3_INPUTS}, tag-selection: tagged, image-tags: 'pr-*'",
            f"{CRP3_INPUTS}, tag-selection: both, image-tags: 'pr-*'",
            "untagged children",
            "tag-selection: tagged",
        ),
        (
            GCA,
            "package: agent/runner, keep-n-tagged: 9, use-regex: true, exclude-tags: " + RELEASES,
            "package: agent/runner, keep-n-tagged: 9",
            "release tags",
            "exclude-tags",
        ),
        (
            GCA,
            "package: agent/runner, delete-tags: '*', older-than: 1 year, use-regex: false, exclude-tags: 'v*,*.*.*'",
            "package: agent/runner, delete-tags: '*', older-than: 1 year",
            "release tags",
            "exclude-tags",
        ),
        (
            AGP,
            f"{AGP_INPUTS}, prune-tags-regexes: '.', keep-tags-regexes: {RELEASES}",
            f"{AGP_INPUTS}, prune-tags-regexes: '.'",
            "release tags",
            "keep-tags-regexes",
        ),
        (
            AGP,
            f"{AGP_INPUTS}, prune-tags-regexes: '^pr-'",
            f"{AGP_INPUTS}, prune-tags-regexes: '^pr-', prune-untagged: true",
            "untagged children",
            "prune-untagged",
        ),
        (
            DUG,
            "repository_owner: acme, owner_type: org, except_untagged_multiplatform: true",
            "repository_owner: acme, owner_type: org, except_untagged_multiplatform: false",
            "untagged children",
            "except_untagged_multiplatform",
        ),
        (
            DUG,
            "repository_owner: acme, owner_type: org, untagged_only: true",
            "repository_owner: acme, owner_type: org, untagged_only: false",
            "release tags",
            "untagged_only",
        ),
    ],
)  # fmt: skip
def test_each_action_spares_releases_until_one_input_changes(  # noqa: PLR0917 -- a row of a table
    place: Place, uses: str, sound: str, guilty: str, goes: str, names: str
) -> None:
    """What protects, protects; without it the step fails, says what goes, and names the input that would help."""
    assert place.one(uses, sound).status is Status.PASS

    finding = place.one(uses, guilty)

    assert finding.status is Status.FAIL
    assert f"can delete {goes}" in finding.message
    assert names in finding.hint, finding.hint
    assert finding.location == Location(".github/workflows/w.yml", 6)


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
    assert finding.message == (
        f"nothing in 1 workflow file of this repository can delete releases of {IMAGE}; other repositories were not "
        "looked at"
    )
    assert finding.evidence["files"] == [".github/workflows/w.yml"]
    assert finding.evidence["harmless"] == [".github/workflows/w.yml:6: dataaxiom/ghcr-cleanup-action@v1"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [\n", "not valid YAML"),
        (b"a: 1\na: 2\n", "the key a stands here again"),
        (b"", "the file is empty"),
        (b"just text\n", "the top level must be a mapping"),
        (b"on: push\n", "no jobs: this is no workflow"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"on: push\njobs: {\0}", "a NUL byte"),
        (b"#" * (5 << 20), "is larger than 1024 KiB"),
        (
            b"a: &a [x, x, x, x, x, x, x, x, x]\n"
            + b"".join(
                b"%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n" % ((n, n) + (n - 1,) * 9) for n in range(98, 108)
            ),
            "YAML bomb",
        ),
        (b"{" * 5000, "nested deeper than 100 levels"),
    ],
    ids=["syntax", "twice", "empty", "text", "no-jobs", "latin", "nul", "large", "bomb", "deep"],
)
def test_workflow_that_cannot_be_judged_is_an_error(place: Place, content: bytes, words: str) -> None:
    """A broken file is one error of one line; the others are judged all the same."""
    folder = place.repository.path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "broken.yml").write_bytes(content)
    shutil.copy(CASES / "gca-keep-n.yml", folder)

    error, failure = place.look()

    assert error.status is Status.ERROR
    assert words in error.message
    assert "compose" not in error.message + error.hint
    assert error.location is not None
    assert error.location.path == ".github/workflows/broken.yml"
    assert failure.status is Status.FAIL


def test_broken_file_does_not_hide_behind_a_pass(place: Place) -> None:
    """Where the others are harmless, the error stands beside the pass."""
    found = place.look({".github/workflows/a.yml": "{", ".github/workflows/b.yml": "on: push\njobs: {}\n"})

    assert [finding.status for finding in found] == [Status.ERROR, Status.PASS]


def test_folder_in_the_place_of_a_workflow_is_an_error(place: Place) -> None:
    """A folder called like a workflow, a FIFO and a loop of links are one error each, at once."""
    folder = place.repository.path / ".github" / "workflows"
    (folder / "folder.yml").mkdir(parents=True)
    os.mkfifo(folder / "pipe.yml")
    (folder / "loop.yml").symlink_to("loop.yml")
    (folder / "dangling.yml").symlink_to("nowhere.yml")

    found = place.look()

    assert [finding.status for finding in found] == [*[Status.ERROR] * 4, Status.PASS]
    assert "is a directory" in found[1].message


def test_folder_of_workflows_that_cannot_be_listed_is_an_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without permission nothing was looked at (told by a stand-in: root may list everything)."""

    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (place.repository.path / ".github" / "workflows").mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", refuse)

    [finding] = place.look()

    assert finding.status is Status.ERROR
    assert "permission denied" in finding.message


def test_too_many_workflows_are_an_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of thousands of files is not read."""
    monkeypatch.setattr("preflight.workflows.source.MAX_FILES", 1)

    [finding] = place.look({f".github/workflows/{n}.yml": "x" for n in range(2)})

    assert finding.status is Status.ERROR
    assert "more than 1 workflows" in finding.message


def test_too_many_steps_are_an_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """A matrix of matrices ends; that the rest was not looked at is said."""
    monkeypatch.setattr("preflight.workflows.collect.MAX_STEPS", 3)

    found = place.look({".github/workflows/w.yml": (CASES / "dpv-matrix.yml").read_text(encoding="utf-8")})

    assert found[0].status is Status.ERROR
    assert "more than 3 steps" in found[0].message


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


@pytest.mark.parametrize(
    ("uses", "inputs", "status"),
    [
        ("gca@v1", "package: agent/runner, keep-n-tagged: 3, exclude-tags: 'v*'", "warn"),
        ("gca@v1", "owner: other, package: agent/runner, keep-n-tagged: 3", "pass"),
        ("gca@v1", "keep-n-tagged: 3", "pass"),
        ("gca@v1", "package: agent/runner, delete-partial-images: true", "warn"),
        ("gca@v1", "package: 'agent/.*', expand-packages: true, use-regex: true, tags: '.'", "fail"),
        ("gca@v1", "owner: x, packages: 'agent/*', expand-packages: true, tags: '*'", "pass"),
        ("gca@v1", "package: agent/runner, tags: '*', use-regex: '${{ vars.RE }}'", "warn"),
        ("gca@v1", "package: agent/runner, tags: '(', use-regex: true", "warn"),
        ("gca@v1", "package: agent/runner, tags: '${{ vars.T }}'", "warn"),
        ("crp@v3", "account: other, image-names: agent/runner", "pass"),
        ("crp@v3", "account: user, image-names: '!agent/runner'", "pass"),
        ("crp@v3", "account: acme, image-names: '${{ vars.N }}'", "warn"),
        ("crp@v3", "account: acme, image-names: agent/runner, image-tags: 'pr-*', tag-selection: tagged", "pass"),
        ("crp@v2", "image-names: agent/runner, account-type: org, untagged-only: true", "fail"),
        ("crp@v2", "image-names: agent/runner, org-name: acme, image-tags: '!v*'", "fail"),
        ("crp@SHA", "image-names: agent/runner, account: acme, tag-selection: tagged, image-tags: '!v* !*.*'", "pass"),
        ("crp@SHA", "image-names: agent/runner", "fail"),
        ("agp@main", "container: agent/runner", "pass"),
        ("agp@v0.3.0", "user: acme, container: agent/runner, tag-regex: '^pr-', older-than: 7, keep-last: 2", "pass"),
        ("agp@v0.6.0", "container: agent/runner, prune-tags-unkept: true", "pass"),
        ("agp@v0.6.0", "container: agent/runner, prune-untagged: true, dry-run: true", "pass"),
        ("agp@v0.6.0", "container: agent/runner, prune-untagged: true, dry-run: '${{ vars.DRY }}'", "warn"),
        ("dug@v5", "untagged_only: false, owner_type: org", "fail"),
        ("dug@v5", "untagged_only: '${{ vars.U }}', package_name: agent/runner", "warn"),
        ("dug@v5", "untagged_only: false, repository: acme/agent", "warn"),
        ("dug@v2", "package_name: agent/runner", "fail"),
        ("dug@v2", "package_name: agent/runner, except_untagged_multiplatform: true", "pass"),
        ("dpv@v5", "package-name: agent/runner, num-old-versions-to-delete: 0", "pass"),
        ("dpv@v5", "package-name: agent/runner, package-type: '${{ vars.T }}'", "fail"),
        ("dpv@v5", "package-name: agent/runner, delete-only-untagged-versions: '${{ vars.U }}'", "fail"),
        ("dpv@v5", "package-name: 'acme/agent/runner'", "fail"),
        ("dpv@v5", "package-name: agent%2Frunner", "fail"),
        ("dpv@feature", "package-name: agent/runner", "fail"),
        ("dpv@v5", "package-name: agent/runner, ignore-versions: '(.)\\1'", "warn"),
        ("docker/build-push-action@v6", "tags: ghcr.io/acme/agent/runner:latest", "pass"),
        ("actions/cache/restore@v4", "key: x", "pass"),
        ("geekyeggo/delete-artifact@v5", "name: images", "pass"),
    ],
)  # fmt: skip
def test_inputs_are_judged(place: Place, uses: str, inputs: str, status: str) -> None:
    """Each input that protects or exposes releases counts as the action reads it."""
    name, _, reference = uses.partition("@")
    action = f"{ACTIONS.get(name, name)}@{reference.replace('SHA', '0' * 40)}"

    assert place.one(action, inputs).status == status


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("curl --request DELETE https://api.github.com/user/packages/container/agent%2Frunner/versions/1", "fail"),
        ("curl -X DELETE https://api.github.com/users/acme/packages/container/agent%2Frunner", "fail"),
        ("curl -X DELETE https://api.github.com/orgs/other/packages/container/agent%2Frunner/versions/1", "pass"),
        ("gh api --method=DELETE orgs/acme/packages/container/${{ vars.P }}/versions/1", "warn"),
        ("P=agent%2Frunner\ngh api -X DELETE /orgs/acme/packages/container/$P/versions/1", "fail"),
        ("P=web\ngh api -X DELETE /orgs/acme/packages/container/$P/versions/1", "pass"),
        ("P=web\nP=$1\ngh api -X DELETE /orgs/acme/packages/container/$P/versions/1", "warn"),
        ("U=/orgs/acme/packages/container/agent%2Frunner/versions\ngh api -X DELETE $U/1", "fail"),
        ("gh api /repos/acme/agent -X DELETE", "pass"),
        ("requests.delete(f'https://api.github.com/orgs/acme/packages/container/agent%2Frunner/versions/{v}')", "fail"),
        ("gh api graphql -f query='mutation { deletePackageVersion(input: {packageVersionId: 1}) }'", "warn"),
        ("docker run ghcr.io/snok/container-retention-policy:v3.0.0 --account acme", "warn"),
        ("echo $IDS | xargs -I{} gh api -X DELETE /orgs/acme/packages/container/agent%2Frunner/versions/{}", "fail"),
        ("L=orgs/acme/packages/container/agent%2Frunner/versions\nlist $L |\n  xargs -n1 gh api -X DELETE", "fail"),
        ("list | xargs -n1 gh api -X DELETE", "pass"),
        ("U=https://x/packages/container/web/versions\nfetch(U, {\n  method: 'DELETE',\n})", "pass"),
        ("U=https://x/packages/container/agent%2Frunner\nfetch(U, {\n  method: 'DELETE',\n})", "fail"),
        ("gh api -X DELETE /orgs/acme/packages/container/agent%2Frunner/versions/1 \\", "fail"),
        ("docker image prune -af", "pass"),
        ("gh release delete v1", "pass"),
    ],
)  # fmt: skip
def test_scripts_are_judged(place: Place, script: str, status: str) -> None:
    """A script that deletes versions is seen in the forms in which people write it."""
    indented = script.replace("\n", "\n          ")

    [finding] = place.look({".github/workflows/w.yml": SCRIPT.format(run=f"|\n          {indented}")})

    assert finding.status == status


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("github.rest.packages.deletePackageVersionForUser({username: 'acme', package_name: 'agent/runner'})", "fail"),
        ("github.rest.packages.deletePackageVersionForOrg({org: 'acme', package_name: 'web'})", "pass"),
        ("github.rest.packages.deletePackageVersionForOrg({package_type: 'npm', package_name: n})", "pass"),
        ("github.rest.packages.deletePackageForAuthenticatedUser({package_name: pick()})", "warn"),
        ("github.request('DELETE /orgs/acme/packages/container/agent%2Frunner/versions/1')", "fail"),
        ("const f = github.rest.packages.deletePackageVersionForOrg; f({package_name: 'agent/runner'})", "fail"),
        ("github.rest.actions.deleteArtifact({artifact_id: 1})", "pass"),
    ],
)
def test_javascript_is_judged(place: Place, script: str, status: str) -> None:
    """So is JavaScript in actions/github-script."""
    assert place.one("actions/github-script@v7", f'script: "{script}"').status == status


@pytest.mark.parametrize(
    ("uses", "status"),
    [
        ("jane/delete-untagged-action@v1", "warn"),
        ("acme/delete-ghcr-images-of-branches@v1", "warn"),
        ("acme/delete-branches@v1", "pass"),
        ("acme/delete-artifact-versions@v1", "pass"),
    ],
)
def test_name_of_an_unknown_action_tells_whether_it_may_prune(place: Place, uses: str, status: str) -> None:
    """It warns where the name speaks of packages, or of what is untagged, whatever else it speaks of."""
    assert place.one(uses, "x: y").status == status


def test_pass_names_what_was_not_seen(place: Place) -> None:
    """A reusable workflow of another repository that nothing speaks against stands in the evidence of the pass."""
    text = "on: push\njobs:\n  j:\n    uses: acme/ci/.github/workflows/nightly.yml@main\n    secrets: inherit\n"

    [finding] = place.look({".github/workflows/w.yml": text})

    assert finding.status is Status.PASS
    assert finding.evidence["not_seen"] == [
        ".github/workflows/w.yml:4: acme/ci/.github/workflows/nightly.yml@main (another repository's workflow)"
    ]


def test_too_many_deletions_are_not_passed_over(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is beyond the limit may be ours, and the warning says so."""
    monkeypatch.setattr("preflight.workflows.scripts.deletions.MAX_HITS", 2)
    lines = "\n".join(f"gh api -X DELETE /orgs/acme/packages/container/web/versions/{n}" for n in range(3))

    found = place.look({"p.sh": lines, ".github/workflows/w.yml": SCRIPT.format(run="./p.sh")})

    assert [finding.status for finding in found] == [Status.WARN]
    assert "more than 2 of them" in found[0].message


def test_script_in_a_working_directory_is_read(place: Place) -> None:
    """A script is looked for where the step stands."""
    text = SCRIPT.format(run="./prune.sh") + "        working-directory: ci/tools\n"
    script = "gh api -X DELETE /user/packages/container/agent%2Frunner/versions/1\n"

    [finding] = place.look({"ci/tools/prune.sh": script, ".github/workflows/w.yml": text})

    assert finding.location == Location("ci/tools/prune.sh", 1)


def test_oddities_of_workflows_are_no_trouble(place: Place) -> None:
    """Jobs without steps, steps without anything, lists where text is due, triggers of every form."""
    text = """on: [push, workflow_dispatch]
jobs:
  a: text
  b: {steps: text}
  c: {steps: [text, {}, {uses: [x]}, {run: null}]}
  d: {uses: ./../../elsewhere.yml}
  e: {steps: [{uses: dataaxiom/ghcr-cleanup-action@v1, with: {package: [agent/runner], tags: !x '*'}}]}
"""

    found = place.look({".github/workflows/w.yml": text})

    assert [finding.status for finding in found] == [Status.WARN]
    assert "before it runs: a list or mapping" in found[0].message


def test_git_that_fails_is_an_error(place: Place) -> None:
    """Without git nobody knows where the workflows are."""
    path = place.repository.path
    (path / "pin.env").write_text(f"AGENT={PINNED}\n", encoding="utf-8")
    pins = (Pin("AGENT", "app", path / "pin.env"),)
    git = Git(path, {"PATH": "/nowhere"})
    ctx = fake_context(pins=pins, options=Options(offline=True), git=git, seconds=10)

    [finding] = run_check(GhcrPruneConfig(Settings()), ctx)

    assert finding.status is Status.ERROR


def test_program_of_a_local_action_is_read(place: Place) -> None:
    """An action of this repository that runs JavaScript is judged by its program."""
    action = "name: x\nruns: {using: node20, main: index.js}\n"
    program = (
        "async function run() {\n  await o.rest.packages.deletePackageVersionForOrg({package_name: 'agent/runner'});\n}"
    )

    [finding] = place.look(
        {
            "a/action.yaml": action,
            "a/index.js": program,
            ".github/workflows/w.yml": _PRUNE.format(uses="./a", inputs=""),
        }
    )

    assert finding.status is Status.FAIL
    assert finding.location == Location("a/index.js", 2)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "./a may prune packages, but cannot be seen from here: not in this repository"),
        ({"a/action.yml": "runs: {using: docker, image: Dockerfile}\n"}, "an action that runs a container"),
        (
            {"a/action.yml": "runs: {using: node20, main: i.js}\n", "a/i.js": "x" * 300_000},
            "a program that is too long",
        ),
    ],
)
def test_local_action_that_cannot_be_seen_warns_where_it_may_write(
    place: Place, files: Mapping[str, str], words: str
) -> None:
    """What cannot be read is a warning in a job that may write packages, and nothing elsewhere."""
    text = _PRUNE.format(uses="./a", inputs="")
    allowed = text.replace("    runs-on", "    permissions: write-all\n    runs-on")

    assert place.look({**files, ".github/workflows/w.yml": text})[0].status is Status.PASS
    [finding] = place.look({".github/workflows/w.yml": allowed})

    assert finding.status is Status.WARN
    assert words in finding.message


def test_call_out_of_the_repository_is_not_followed(place: Place) -> None:
    """A path that leads out of the repository is not read."""
    outside = place.repository.path.parent / "prune"
    outside.mkdir()
    (outside / "action.yml").write_text("runs: {using: composite, steps: []}\n", encoding="utf-8")

    [finding] = place.look({".github/workflows/w.yml": _PRUNE.format(uses="./../prune", inputs="")})

    assert finding.status is Status.WARN
    assert "not in this repository" in finding.message


def test_action_that_is_broken_is_an_error(place: Place) -> None:
    """A local action without `runs`, or that is no YAML, was not judged."""
    calls = _PRUNE.format(uses="./a", inputs="") + "      - uses: ./b\n"

    found = place.look({"a/action.yml": "name: x\n", "b/action.yml": "[", ".github/workflows/w.yml": calls})

    assert [finding.status for finding in found] == [Status.ERROR, Status.ERROR, Status.PASS]
    assert "no runs: this is no action" in found[0].message


def test_calls_in_a_circle_end(place: Place) -> None:
    """A workflow that calls itself, and an action that uses itself, end."""
    workflow = "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/w.yml\n"
    action = "runs:\n  using: composite\n  steps:\n    - uses: ./a\n"
    caller = _PRUNE.format(uses="./a", inputs="")

    found = place.look({".github/workflows/w.yml": workflow, ".github/workflows/x.yml": caller, "a/action.yml": action})

    assert [finding.status for finding in found] == [Status.PASS]


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


def test_hostile_text_costs_little(place: Place) -> None:
    """Scripts and patterns made to keep a regular expression busy are done at once."""
    evil = "gh api -X DELETE " + "packages/" * 5_000 + "$A" * 5_000 + "a/" * 5_000 + "{" * 5_000
    text = _PRUNE.format(
        uses="vlaurin/action-ghcr-prune@v0.6.0",
        inputs=f"container: agent/runner, keep-tags-regexes: '{'(a*)*' * 60}b', prune-tags-regexes: '.'",
    )
    files = {
        ".github/workflows/w.yml": f"{text}      - run: '{evil}'\n",
        ".github/workflows/x.yml": "on: push\njobs: {}\n",
    }
    with cpu_at_most(5):
        assert place.look(files)

    assert sys.getrecursionlimit() >= 1000


def test_nothing_deleted_passes(place: Place, api: Api) -> None:
    """With a token GitHub says that nothing went lately, and how many versions have no tag."""
    api.active = tuple(version(number, *(["v1.0.0"] if number == 1 else [])) for number in range(1, 251))

    skip, finding = api.look(place)

    assert skip.status is Status.SKIP
    assert finding.status is Status.PASS
    assert finding.message == (
        "nothing was deleted from ghcr.io/acme/agent/runner in the last 30 days; 249 of 250 versions untagged"
    )
    assert finding.evidence["untagged"] == 249
    assert {header for _, header in api.asked} == {"Bearer ghp_hunter2"}


def test_deleted_release_fails(place: Place, api: Api) -> None:
    """A release among the deleted is direct evidence; the hint restores it."""
    api.deleted = (version(7), version(8, "1.2.0", "1.2"), version(9, "v1.3.0"))

    finding = api.look(place)[-1]

    assert finding.status is Status.FAIL
    assert finding.message == "releases were deleted from ghcr.io/acme/agent/runner in the last 30 days: 1.2.0, v1.3.0"
    assert "gh api -X POST /orgs/acme/packages/container/agent%2Frunner/versions/8/restore" in finding.hint


def test_deleted_pin_fails(place: Place, api: Api) -> None:
    """The pinned image itself is gone, tagged or not."""
    api.deleted = ({**version(5), "name": f"sha256:{HEX}"},)

    finding = api.look(place)[-1]

    assert finding.status is Status.FAIL
    assert finding.message.startswith("the pinned image was deleted from ghcr.io/acme/agent/runner (2026-11-20")


@pytest.mark.parametrize(
    ("deleted", "words"),
    [
        ((version(1),), "1 version of ghcr.io/acme/agent/runner deleted in the last 30 days, no release tag among"),
        ((version(1, "pr-1"), version(2)), "2 versions of ghcr.io/acme/agent/runner deleted in the last 30 days"),
    ],
)  # fmt: skip
def test_other_deletions_warn(place: Place, api: Api, deleted: tuple[dict[str, Any], ...], words: str) -> None:
    """Something prunes, here or elsewhere; untagged versions may be children of releases."""
    api.deleted = deleted

    finding = api.look(place)[-1]

    assert finding.status is Status.WARN
    assert words in finding.message


def test_package_of_a_user(place: Place, api: Api) -> None:
    """What was deleted from a user's package GitHub tells that user only."""
    api.kind, api.active = "users/acme", (version(1, "v1.0.0"),)
    other = api.look(place)[-1]
    api.login = "acme"
    own = api.look(place)[-1]

    assert other.status is Status.SKIP
    assert "is not told to this token; 0 of 1 version untagged" in other.message
    assert own.status is Status.PASS


@pytest.mark.parametrize(
    ("answer", "expected", "words"),
    [
        ((401, "59"), Status.SKIP, "the token may not list the versions of the package at GitHub (401)"),
        ((403, "59"), Status.SKIP, "(403)"),
        ((404, "59"), Status.SKIP, "GitHub has no package agent/runner that this token may list"),
        ((403, "0"), Status.ERROR, "the limit of requests is reached"),
        ((302, "59"), Status.ERROR, "GitHub's API redirects; the token is not sent elsewhere"),
        ((418, "59"), Status.ERROR, "GitHub's API answers with 418"),
    ],
)
def test_api_that_refuses(place: Place, api: Api, answer: tuple[int, str], expected: Status, words: str) -> None:
    """A token without the right is no error of the release; an API in trouble was not looked at."""
    api.status, api.limit = answer

    finding = api.look(place)[-1]

    assert finding.status is expected
    assert words in finding.message
    assert finding.hint
    assert "hunter2" not in repr(finding)


@pytest.mark.parametrize("body", [b"{}", b"<html>", b"[[[", b"null"])
def test_api_that_answers_nonsense_is_an_error(place: Place, api: Api, body: bytes) -> None:
    """What is no list of versions was not judged."""
    api.body = body

    assert api.look(place)[-1].status is Status.ERROR


def test_rows_that_are_no_versions_are_left_out(place: Place, api: Api) -> None:
    """Names, ids and tags of other kinds neither count nor are shown."""
    rows = [version(1, "../x", "ok"), {"id": "x"}, {"id": 2, "name": "1.0"}, 3, {**version(4), "metadata": None}]
    api.body = json.dumps(rows).encode()

    finding = api.look(place)[-1]

    assert finding.status is Status.WARN
    assert finding.evidence["deleted"] == [
        {"digest": f"sha256:{1:064x}", "changed": "2026-11-20T00:00:00Z", "tags": ["ok"]},
        {"digest": f"sha256:{4:064x}", "changed": "2026-11-20T00:00:00Z", "tags": []},
    ]


def test_short_page_is_not_the_last(place: Place, api: Api) -> None:
    """GitHub may send fewer versions than asked for, and more on the next page: what is deleted there is seen."""
    api.page = 1
    api.deleted = (version(1), version(2, "1.2.0"))

    assert "releases were deleted" in api.look(place)[-1].message


def test_endless_pages_end(place: Place, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some thousand versions it is enough, and the evidence says that there are more."""
    monkeypatch.setattr("preflight.workflows.package_versions.MAX_PAGES", 2)
    api.active = tuple(version(number) for number in range(300))

    finding = api.look(place)[-1]

    assert finding.evidence["versions"] == 200
    assert finding.evidence["complete"] is False


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"GITHUB_API_URL": "http://api.example.org"}, "GITHUB_API_URL is no https:// address"),
        ({"GITHUB_API_URL": "https://a@b/"}, "GITHUB_API_URL is no https:// address"),
        ({"GITHUB_API_URL": "https://[x"}, "GITHUB_API_URL is no https:// address"),
        ({"GHCR_TOKEN": "hunter2\nX-Evil: 1"}, "GHCR_TOKEN holds no token"),
    ],
)
def test_token_is_sent_to_safe_places_only(place: Place, api: Api, environ: dict[str, str], words: str) -> None:
    """Neither in plain text over the network, nor with a header smuggled in."""
    finding = api.look(place, environ=environ)[-1]

    assert finding.status is Status.ERROR
    assert words in finding.message
    assert "hunter2" not in repr(finding)
    assert not api.asked


def test_github_is_not_asked_without_a_token_or_offline(place: Place, api: Api) -> None:
    """Without a token, and with --offline, only the workflows are judged."""
    assert len(place.look(registry=FakeRegistry(), environ={"GITHUB_API_URL": api.url})) == 1
    assert len(place.look(environ={"GITHUB_API_URL": api.url, "GITHUB_TOKEN": "x"})) == 1
    assert not api.asked

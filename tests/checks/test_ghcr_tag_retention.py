"""Tests of checks/ghcr_tag_retention.py: a fake GHCR and a real registry, a fake of GitHub's API, real git."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from checks.ghcr_tag_retention import GhcrTagRetention, Settings
from preflight.context import Options
from preflight.errors import CouldNotLook, ExitCode
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.model import CheckResult, Finding, Location, Stage, Status, Waiver
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.registry.values import Manifest
from preflight.run.verdict import apply_waivers, exit_code
from preflight.testing import fake_context, run_check
from tests.fakes.ghcr import FakeGhcr, Handler
from tests.fakes.github import FakeGitHub, release
from tests.fakes.http_server import answering, silent
from tests.limits import cpu_at_most
from tests.real.git import GIT_ENVIRON, GitRepository
from tests.real.registry import RealRegistry

NAME = "AGENT_IMAGE"
REPOSITORY = "acme/agent"
FILE = "docker/pin.env"
HEX = "0123456789abcdef" * 4


@dataclass
class Scene:
    """A git repository with a pin, and a registry."""

    git: GitRepository
    host: str
    environ: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    seconds: float = 30
    repository: str = REPOSITORY
    stage: Stage = Stage.AFTER

    def pin(self, digest: str, message: str = "Pin", *, variable: str = NAME, file: str = FILE) -> None:
        self.git.commit({file: f"{variable}={self.host}/{self.repository}@{digest}\n"}, message)

    def look(self, *pins: Pin, base: Path | None = None) -> list[Finding]:
        base = base or self.git.path
        ctx = fake_context(
            base,
            pins=pins or (Pin(NAME, "app", base / FILE),),
            environ=self.environ,
            git=Git(base, {"PATH": os.environ["PATH"], **GIT_ENVIRON}),
            registry=Registry(self.environ, frozenset({self.host})),
            options=Options(stage=self.stage),
            seconds=self.seconds,
        )
        return run_check(GhcrTagRetention(Settings(**self.settings)), ctx)


@pytest.fixture
def ghcr() -> Iterator[FakeGhcr]:
    """A fake GHCR."""
    with FakeGhcr() as fake:
        yield fake


@pytest.fixture
def stage(git_repository: GitRepository, ghcr: FakeGhcr, tmp_path: Path) -> Scene:
    """A repository whose releases v1.0.0 … v1.3.0 all have an image, and whose pin is that of the newest."""
    stage = Scene(git_repository, ghcr.host, {"DOCKER_CONFIG": str(tmp_path / "none"), "PATH": os.environ["PATH"]})
    for minor in range(4):
        digest = ghcr.push(REPOSITORY, f"1.{minor}.0", "latest", content=str(minor))
        stage.pin(digest, f"chore: pin agent image for v1.{minor}.0")
        git_repository.tag(f"v1.{minor}.0")
    return stage


def remove(ghcr: FakeGhcr, *tags: str) -> None:
    """Delete tags as a clean-up does."""
    for tag in tags:
        ghcr.repositories[REPOSITORY].remove(tag)
        del ghcr.manifests[REPOSITORY, tag]


def words(findings: list[Finding], status: Status) -> str:
    """Return the only message with a status; a bad one has a hint."""
    [finding] = [finding for finding in findings if finding.status is status]
    assert finding.hint or status is Status.PASS
    return finding.message


def statuses(findings: list[Finding]) -> list[Status]:
    """Return all statuses, in order."""
    return [finding.status for finding in findings]


def wrong(findings: list[Finding]) -> list[tuple[str, str, str]]:
    """Return status, code and subject of what is not a pass; each has a hint that does not say deploy."""
    found = [finding for finding in findings if finding.status is not Status.PASS]
    assert all(finding.hint and "deploy" not in finding.hint.lower() for finding in found)
    return [(finding.status.value, finding.code, str(finding.subject)) for finding in found]


def test_all_is_well(stage: Scene, ghcr: FakeGhcr) -> None:
    """A digest that answers and is held by a release, and a tag for every release: two passes, with evidence."""
    held, kept = stage.look()

    assert (held.status, kept.status) == (Status.PASS, Status.PASS)
    assert held.message.startswith("release tag 1.3.0 points at the digest: ")
    assert held.location == Location(FILE, 1)
    assert held.evidence["tag"] == "1.3.0"
    assert held.evidence["asked_as"] == "anonymous"
    assert kept.message == f"{ghcr.host}/{REPOSITORY}: 4 releases since 1.0.0 there, tagged without v"
    assert kept.evidence["present"] == ["1.3.0", "1.2.0", "1.1.0", "1.0.0"]


def test_everything_is_asked_at_most_once(stage: Scene, ghcr: FakeGhcr) -> None:
    """One token, one list of tags, and no more than a few manifests."""
    stage.look()

    assert len(ghcr.asked("/token")) == 1
    assert len([request for request in ghcr.asked("/tags/list") if request.authorization]) == 1
    assert len(ghcr.requests) <= 9


def test_tags_with_v(stage: Scene, ghcr: FakeGhcr) -> None:
    """Images tagged with v are found too, and it is said how they are written."""
    for minor in range(4):
        ghcr.push(REPOSITORY, f"v1.{minor}.0", content=str(minor))
    assert "tagged with and without v" in stage.look()[1].message

    remove(ghcr, *(f"1.{minor}.0" for minor in range(4)))
    held, kept = stage.look()

    assert kept.message.endswith("tagged with v")
    assert held.evidence["tag"] == "v1.3.0"


def test_pin_of_an_older_release(stage: Scene, ghcr: FakeGhcr) -> None:
    """A pin that stayed behind the newest release, and was never ahead: a warning that names both."""
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]
    stage.git.tag("v1.4.0")
    ghcr.push(REPOSITORY, "1.4.0", content="4")

    findings = stage.look()

    assert wrong(findings) == [("warn", "older-release", "release 1.3.0")]
    assert words(findings, Status.WARN).endswith("answers, but is release 1.3.0; the newest is 1.4.0")
    assert (findings[0].evidence["release"], findings[0].evidence["newest"]) == ("1.3.0", "1.4.0")


@pytest.mark.parametrize("subject", ["Roll back, for v1.3.0 is broken", "Pin", "chore: pin agent image for v1.3.0"])
def test_rollback_is_no_warning(stage: Scene, ghcr: FakeGhcr, subject: str) -> None:
    """A commit that brings back an earlier image is a rollback by what it holds, whatever it says."""
    stage.pin(ghcr.push(REPOSITORY, content="0"), subject)
    commit = stage.git.git("rev-parse", "HEAD")
    for stage.stage in Stage:
        held, kept = stage.look()

        assert (held.status, kept.status) == (Status.PASS, Status.PASS)
        assert held.message.startswith(
            f"release tag 1.0.0 points at the digest; rolled back to 1.0.0 by {commit[:7]}: "
        )
        assert held.evidence["rolled_back_by"] == commit


def test_rollback_by_git_revert(stage: Scene) -> None:
    """As an operator does it."""
    stage.git.git("revert", "--no-edit", "HEAD")

    held, _ = stage.look()

    assert held.status is Status.PASS
    assert "; rolled back to 1.2.0 by " in held.message


def test_release_after_a_rollback_is_missed(stage: Scene, ghcr: FakeGhcr) -> None:
    """The pin went back from 1.3.0; that 1.4.0 came since is another thing."""
    stage.git.git("revert", "--no-edit", "HEAD")
    stage.git.tag("v1.4.0")
    ghcr.push(REPOSITORY, "1.4.0", content="4")

    findings = stage.look()

    assert wrong(findings) == [("warn", "older-release", "release 1.2.0")]
    assert ", but is release 1.2.0 (rolled back by " in findings[0].message
    assert findings[0].message.endswith("; the newest is 1.4.0")


def test_forward_again_is_no_rollback(stage: Scene) -> None:
    """A revert of a revert."""
    stage.git.git("revert", "--no-edit", "HEAD")
    stage.git.git("revert", "--no-edit", "HEAD")

    held, _ = stage.look()

    assert held.status is Status.PASS
    assert held.message.startswith("release tag 1.3.0 points at the digest: ")


def test_edit_that_nobody_committed_is_no_rollback(stage: Scene, ghcr: FakeGhcr) -> None:
    """No commit took the pin back."""
    digest = ghcr.push(REPOSITORY, content="0")
    (stage.git.path / FILE).write_text(f"{NAME}={stage.host}/{REPOSITORY}@{digest}\n")

    assert wrong(stage.look()) == [("warn", "older-release", "release 1.0.0")]


def test_only_what_the_next_rollout_uses_blocks_it(stage: Scene, ghcr: FakeGhcr) -> None:
    """Other releases warn before a rollout, and fail after it."""
    stage.git.tag("v1.2.5")
    ghcr.push(REPOSITORY, "1.2.0", content="moved")
    remove(ghcr, "1.0.0")
    others = [("pruned", "1.0.0"), ("missing", "1.2.5"), ("moved", "1.2.0")]
    assert wrong(stage.look()) == [("fail", code, f"release {name}") for code, name in others]
    stage.stage = Stage.BEFORE
    assert wrong(stage.look()) == [("warn", code, f"release {name}") for code, name in others]


def test_pinned_release_whose_tag_went_blocks_though_another_holds_the_digest(stage: Scene, ghcr: FakeGhcr) -> None:
    """The next rollout uses this release."""
    stage.stage = Stage.BEFORE
    ghcr.push(REPOSITORY, "1.3.1", content="3")
    ghcr.push(REPOSITORY, "1.3.0", content="moved")
    assert wrong(stage.look()) == [("fail", "pinned-moved", "release 1.3.0")]

    del ghcr.manifests[REPOSITORY, "1.3.0"]
    assert wrong(stage.look()) == [("fail", "pinned-pruned", "release 1.3.0")]

    ghcr.repositories[REPOSITORY].remove("1.3.0")
    assert wrong(stage.look()) == [("fail", "pinned-pruned", "release 1.3.0")]


@pytest.mark.parametrize("subject", ["1.1.0", ""])
def test_a_waiver_for_a_pruned_release_does_not_hide_a_moved_tag(stage: Scene, ghcr: FakeGhcr, subject: str) -> None:
    """An operator accepted that 1.1.0 was pruned; that the tag of 1.2.0 was moved later is another failure."""
    waiver = Waiver("ghcr-tag-retention", "pruned", date(2026, 12, 31), "1.1.0 was pruned", subject)

    def judged() -> tuple[CheckResult, ...]:
        result = CheckResult(GhcrTagRetention.about, tuple(stage.look()), 0.0)
        return apply_waivers([result], [waiver], date(2026, 12, 1))

    remove(ghcr, "1.1.0")
    assert exit_code(judged(), strict=False) is ExitCode.OK
    ghcr.push(REPOSITORY, "1.2.0", content="moved")

    results = judged()

    assert wrong(list(results[0].findings)) == [
        ("warn", "pruned", "release 1.1.0"),
        ("fail", "moved", "release 1.2.0"),
    ]
    assert exit_code(results, strict=False) is ExitCode.FAILED


def test_a_waiver_names_one_release(stage: Scene, ghcr: FakeGhcr) -> None:
    """A release that is pruned later is not covered by the waiver for another."""
    waiver = Waiver("ghcr-tag-retention", "pruned", date(2026, 12, 31), "known", "1.1.0")
    remove(ghcr, "1.1.0", "1.0.0")

    [result] = apply_waivers(
        [CheckResult(GhcrTagRetention.about, tuple(stage.look()), 0.0)], [waiver], date(2026, 12, 1)
    )

    assert wrong(list(result.findings)) == [("warn", "pruned", "release 1.1.0"), ("fail", "pruned", "release 1.0.0")]


def test_very_many_releases_that_are_gone_have_one_finding_for_the_rest(stage: Scene) -> None:
    """Each of the first is named, for a waiver; a report of thousands helps nobody."""
    stage.git.tag(*(f"v1.0.{patch}" for patch in range(1, 61)))

    found = stage.look()[2:]

    assert [str(finding.subject) for finding in found[:50]] == [f"release 1.0.{patch}" for patch in range(60, 10, -1)]
    assert found[50].message.endswith(
        ": the same holds for 10 more releases: 1.0.10, 1.0.9, 1.0.8, 1.0.7, 1.0.6 and 5 more"
    )
    assert {finding.code for finding in found} == {"missing"}
    assert len(found) == 51


def test_newest_release_has_the_same_bytes(stage: Scene, ghcr: FakeGhcr) -> None:
    """A pin that the newest release holds, too, is not older than it."""
    ghcr.push(REPOSITORY, "1.4.0", content="3")

    assert stage.look()[0].status is Status.PASS


def test_digest_is_gone(stage: Scene) -> None:
    """A digest that does not answer fails, and nobody claims that it was deleted."""
    stage.pin(f"sha256:{HEX}")

    findings = stage.look()

    assert wrong(findings) == [("fail", "digest-not-found", f"image {stage.host}/{REPOSITORY}")]
    message = words(findings, Status.FAIL)
    assert "does not have the pinned digest: it was pruned, or never pushed there (asked as anonymous" in message
    [finding] = [each for each in findings if each.status is Status.FAIL]
    assert finding.hint.startswith("Take the pin back to a release that is there: preflight pin rollback.")
    assert "docker login" not in finding.hint


def test_digest_is_gone_where_the_tags_may_not_be_listed(stage: Scene, ghcr: FakeGhcr) -> None:
    """Then nobody knows whether it is private: the login is named."""
    stage.pin(f"sha256:{HEX}")
    ghcr.always("/tags/list", answering(403, b'{"errors":[{"code":"DENIED"}]}'))

    finding = next(each for each in stage.look() if each.code == "digest-not-found")

    assert "docker login" in finding.hint


def test_wrong_bytes(stage: Scene, ghcr: FakeGhcr) -> None:
    """A registry that answers for the digest with another one fails."""
    body = b'{"other": 1}'
    ghcr.always("/manifests/sha256:", answering(200, body, Content_Type="application/vnd.oci.image.index.v1+json"))

    findings = stage.look()

    assert findings[0].code == "wrong-bytes"
    assert words(findings, Status.FAIL).endswith("with other bytes")


def test_untagged_digest(stage: Scene, ghcr: FakeGhcr) -> None:
    """A digest at which no release tag points fails, even if `latest` does."""
    stage.pin(ghcr.push(REPOSITORY, "latest", "main", "sha-1a2b3c4", content="untagged"))

    findings = stage.look()

    assert wrong(findings) == [("fail", "not-held", f"image {stage.host}/{REPOSITORY}")]
    assert words(findings, Status.FAIL).endswith("answers, but none of the 4 release tags points at it")
    stage.stage = Stage.BEFORE
    assert stage.look()[0].status is Status.FAIL


def test_repository_without_release_tags(stage: Scene, ghcr: FakeGhcr) -> None:
    """Signatures, commits and `latest` are no releases."""
    remove(ghcr, *(f"1.{minor}.0" for minor in range(4)))
    ghcr.push(REPOSITORY, f"sha256-{HEX}.sig", f"sha256-{HEX}.att", "a" * 40, content="3")

    held, kept = stage.look()

    assert "no release tag points at it: the repository has none" in held.message
    assert "none of 4 releases in git has an image: 1.3.0, 1.2.0, 1.1.0, 1.0.0" in kept.message
    assert (held.status, held.code, kept.status, kept.code) == (Status.FAIL, "not-held", Status.FAIL, "no-images")
    stage.stage = Stage.BEFORE
    assert statuses(stage.look()) == [Status.FAIL, Status.WARN]


def test_moved_tag_does_not_hold(stage: Scene, ghcr: FakeGhcr) -> None:
    """A release tag that was moved away from the pinned digest no longer holds it."""
    ghcr.push(REPOSITORY, "1.3.0", content="moved")

    held, kept, moved = stage.look()
    assert (held.code, kept.status, moved.code) == ("not-held", Status.PASS, "pinned-moved")
    assert (held.status, moved.status) == (Status.FAIL, Status.FAIL)
    assert "none of the 4 release tags points at it" in held.message
    assert "tag 1.3.0 was moved" in moved.message


def test_moved_tag_of_an_older_release(stage: Scene, ghcr: FakeGhcr) -> None:
    """A tag that points elsewhere than its release's commit pinned fails with both digests and the commit."""
    assert stage.look()[1].evidence["compared_with_pins"] == ["1.3.0", "1.2.0", "1.1.0", "1.0.0"]
    before = ghcr.manifests[REPOSITORY, "1.1.0"].digest
    after = ghcr.push(REPOSITORY, "1.1.0", content="moved")
    commit = stage.git.git("log", "--format=%H", "--grep=for v1.1.0")

    findings = stage.look()
    message = words(findings, Status.FAIL)

    assert wrong(findings) == [("fail", "moved", "release 1.1.0")]
    pinned = f"commit {commit[:12]} pinned {before[:19]}… for it"
    assert message == f"tag 1.1.0 was moved: it points at {after[:19]}…, but {pinned}"
    stage.settings = {"history": 2}
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]
    stage.settings = {"history": 0}
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]


def test_release_pinned_anew(stage: Scene, ghcr: FakeGhcr) -> None:
    """A release that was built again counts as its newest commit pinned it."""
    stage.pin(ghcr.push(REPOSITORY, "1.3.0", content="again"), "Pin the second build for v1.3.0")

    assert statuses(stage.look()) == [Status.PASS, Status.PASS]


def test_commits_that_pin_nothing_new(stage: Scene, ghcr: FakeGhcr) -> None:
    """A commit that changes only a comment, or returns to what another release had, records nothing."""
    text = (stage.git.path / FILE).read_text()
    stage.git.commit({FILE: f"# prepared for v1.0.0\n{text}"}, "Explain the pin for v1.0.0")
    stage.pin(ghcr.manifests[REPOSITORY, "1.0.0"].digest, "Use what we had, for v1.2.0")

    assert Status.FAIL not in statuses(stage.look())


def test_pinned_release_whose_tag_in_git_is_gone(stage: Scene, ghcr: FakeGhcr) -> None:
    """A release that the pin's history names is missed even if git's tag went with the image."""
    stage.git.git("tag", "--delete", "v1.1.0")
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]
    remove(ghcr, "1.1.0")

    assert wrong(stage.look()) == [("fail", "pruned", "release 1.1.0")]


def test_held_by_a_prerelease_only(stage: Scene, ghcr: FakeGhcr) -> None:
    """A digest held by a pre-release alone is a warning."""
    stage.pin(ghcr.push(REPOSITORY, "1.4.0-rc.1", content="rc"))

    findings = stage.look()

    assert wrong(findings) == [("warn", "held-by-prerelease", "release 1.4.0-rc.1")]
    assert words(findings, Status.WARN).endswith("is held only by 1.4.0-rc.1, a pre-release or variant")


def test_listed_tag_that_is_gone(stage: Scene, ghcr: FakeGhcr) -> None:
    """A tag that is listed, but does not answer, holds nothing."""
    for tag in ("1.1.0", "1.3.0"):
        del ghcr.manifests[REPOSITORY, tag]

    findings = stage.look()

    assert wrong(findings) == [
        ("fail", "not-held", f"image {stage.host}/{REPOSITORY}"),
        ("fail", "pinned-pruned", "release 1.3.0"),
        ("fail", "pruned", "release 1.1.0"),
    ]
    assert "none of the 4 release tags points at it" in findings[0].message
    assert "tag 1.3.0 was pruned: it is listed, but does not answer any more" in findings[2].message


def test_too_many_candidates(stage: Scene, ghcr: FakeGhcr) -> None:
    """What was not asked is not claimed: the finding says how to ask all."""
    stage.pin(ghcr.push(REPOSITORY, content="untagged"))
    stage.settings = {"candidates": 3}

    findings = stage.look()

    assert wrong(findings) == [("error", "not-all-asked", f"image {stage.host}/{REPOSITORY}")]
    assert "none of the 3 release tags asked points at it; 1 more were not asked" in words(findings, Status.ERROR)
    assert "candidates: 4" in findings[0].hint


def test_candidates_are_asked_newest_first_and_no_longer_than_needed(stage: Scene, ghcr: FakeGhcr) -> None:
    """Of many releases only the first few are asked."""
    digests = [ghcr.push(REPOSITORY, f"1.{minor}.0", content=str(minor)) for minor in range(4, 60)]
    stage.pin(digests[-1])

    assert "release tag 1.59.0" in stage.look()[0].message
    assert len(ghcr.asked("/manifests/1.")) <= 8


def test_release_that_the_commit_names_is_asked_first(stage: Scene, ghcr: FakeGhcr) -> None:
    """A pin of an old release is found at once if its commit names it, however many are newer."""
    for minor in range(4, 60):
        ghcr.push(REPOSITORY, f"1.{minor}.0", content=str(minor))
    stage.settings = {"candidates": 1}

    assert "is release 1.3.0; the newest is 1.59.0" in stage.look()[0].message


def test_candidate_that_cannot_be_asked(stage: Scene, ghcr: FakeGhcr) -> None:
    """If a tag cannot be asked, it is not claimed that none holds the digest."""
    stage.pin(ghcr.push(REPOSITORY, content="untagged"))
    ghcr.always("/manifests/1.2.0", answering(403, b"{}"))

    findings = stage.look()

    assert statuses(findings) == [Status.ERROR, Status.PASS, Status.ERROR]
    assert "not every release tag could be asked" in findings[0].message
    assert "not every pinned release's tag could be compared" in findings[2].message


def test_history_that_cannot_be_read(stage: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was pinned for releases is not known then: an error beside what can be judged, unless it is not wanted."""

    def broken(*_: object) -> tuple[()]:
        raise CouldNotLook("git could not look at it", "Look why.")

    monkeypatch.setattr(Git, "history", broken)

    findings = stage.look()

    assert statuses(findings) == [Status.PASS, Status.PASS, Status.ERROR]
    message = words(findings, Status.ERROR)
    assert message.endswith("not every pinned release's tag could be compared: git could not look at it")
    stage.settings = {"history": 0}
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]


def test_pruned_release(stage: Scene, ghcr: FakeGhcr) -> None:
    """What commits pinned was there: what is gone of it was pruned, each a finding of its own."""
    stage.git.git("tag", "v1.2.1")
    remove(ghcr, "1.1.0", "1.2.0")
    ghcr.push(REPOSITORY, "1.2.1", content="2.1")

    findings = stage.look()

    assert wrong(findings) == [("fail", "pruned", "release 1.2.0"), ("fail", "pruned", "release 1.1.0")]
    assert findings[2].message == f"{stage.host}/{REPOSITORY}: 1.2.0 was pruned"
    assert findings[2].evidence == {"image": f"{stage.host}/{REPOSITORY}", "release": "1.2.0", "source": "git"}


def test_release_that_nobody_saw_is_not_called_pruned(stage: Scene) -> None:
    """A gap between releases that are there: its image may have been deleted, or its build may have failed."""
    stage.git.tag("v1.2.1")

    findings = stage.look()

    assert wrong(findings) == [("fail", "missing", "release 1.2.1")]
    assert words(findings, Status.FAIL).endswith(": 1.2.1 has no image: pruned, or never published")


@pytest.mark.parametrize("tag", ["1.0.0", "1.1.0"])
def test_oldest_release_that_the_pin_once_named(stage: Scene, ghcr: FakeGhcr, tag: str) -> None:
    """A clean-up eats the oldest first: the history of the pin says that they were there."""
    remove(ghcr, *(old for old in ("1.0.0", "1.1.0") if old <= tag))

    gone = [old for old in ("1.1.0", "1.0.0") if old <= tag]
    assert wrong(stage.look()) == [("fail", "pruned", f"release {old}") for old in gone]


def test_never_published(stage: Scene) -> None:
    """Releases from before the first image are not called pruned, but told."""
    stage.git.tag("v0.1.0", "v0.2.0")

    findings = stage.look()

    assert statuses(findings) == [Status.PASS, Status.PASS, Status.SKIP]
    assert words(findings, Status.SKIP).endswith("2 releases before 1.0.0 not judged: never published, it seems")
    assert "since: 1.0.0" in findings[2].hint
    assert findings[2].evidence["unpublished"] == ["0.2.0", "0.1.0"]


def test_since(stage: Scene) -> None:
    """The operator can say from when on there must be images."""
    stage.git.tag("v0.1.0", "v0.2.0")
    stage.settings = {"since": "1.0.0"}
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]

    stage.settings = {"since": "0.2.0"}

    assert wrong(stage.look()) == [("fail", "missing", "release 0.2.0")]


def test_release_without_image_yet(stage: Scene) -> None:
    """A release newer than all images is a warning: its build may still run."""
    stage.git.tag("v1.4.0")

    for stage.stage in Stage:
        findings = stage.look()

        assert wrong(findings) == [("warn", "pending", "release 1.4.0")]
        assert words(findings, Status.WARN).endswith("1.4.0 is released in git, and has no image yet")


def test_prereleases(stage: Scene) -> None:
    """Pre-releases need no image, unless the settings say so."""
    stage.git.tag("v1.2.0-rc.1")
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]

    stage.settings = {"prereleases": True}
    assert wrong(stage.look()) == [("fail", "missing", "release 1.2.0-rc.1")]


def test_list_of_releases(stage: Scene) -> None:
    """Releases that the settings list must all be there, the newest and oldest too."""
    stage.settings = {"releases": ("v1.0.0", "1.3.0")}
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]

    stage.settings = {"source": "list", "releases": ("0.9.0", "1.3.0", "2.0.0")}
    assert wrong(stage.look()) == [("fail", "missing", "release 2.0.0"), ("fail", "missing", "release 0.9.0")]


def test_pattern(stage: Scene) -> None:
    """A pattern picks the releases of one of several products."""
    stage.settings = {"pattern": "(?:agent-)?(.*)"}
    stage.git.tag("agent-1.1.5")

    assert wrong(stage.look()) == [("fail", "missing", "release 1.1.5")]


@pytest.mark.parametrize(("older", "newer"), [("2024.01.05", "2024.02.01"), ("2024.9", "2024.10")])
def test_releases_named_by_date(stage: Scene, ghcr: FakeGhcr, older: str, newer: str) -> None:
    """Dates are no versions, and a pattern is asked for; with one, they are compared as numbers."""
    stage.repository = "acme/dated"
    digests = [ghcr.push(stage.repository, tag, content=tag) for tag in (older, newer)]
    stage.git.tag(older)
    stage.git.tag(newer)
    stage.pin(digests[1])

    assert "set `pattern`" in (stage.look()[0].hint or "")

    stage.settings["pattern"] = r"20\d\d\.\d+(?:\.\d+)?"
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]
    stage.pin(digests[0])
    assert f"the newest is {newer.replace('.0', '.')}" in words(stage.look(), Status.WARN)


def test_no_git(stage: Scene, tmp_path: Path) -> None:
    """Outside git the releases are not known: a skip that says what to do, not a pass."""
    base = tmp_path / "plain"
    (base / "docker").mkdir(parents=True)
    (base / FILE).write_bytes((stage.git.path / FILE).read_bytes())

    findings = stage.look(base=base)

    assert statuses(findings) == [Status.PASS, Status.SKIP]
    assert findings[1].code == "not-looked-at"
    assert findings[1].message.endswith("no releases to compare its 5 tags with: there is no git work tree here")
    assert "releases: […]" in findings[1].hint


def test_no_release_tags_in_git(stage: Scene) -> None:
    """A clone without tags, whose remote does not answer, is a skip too."""
    stage.git.git("tag", "--delete", *(f"v1.{minor}.0" for minor in range(4)))
    findings = stage.look()
    message = words(findings, Status.SKIP)
    assert findings[1].code == "not-looked-at"
    assert message.endswith("git has no release tags in this clone, and its remote does not answer")

    stage.settings = {"source": "git"}
    assert words(stage.look(), Status.SKIP).endswith("git has no release tags in this clone")


def test_shallow_clone(stage: Scene, tmp_path: Path) -> None:
    """A shallow clone has few tags: its remote is asked, and if that does not answer it is only a warning."""
    clone = GitRepository(tmp_path / "clone")
    url = f"file://{stage.git.path}"
    stage.git.git("clone", "--quiet", "--depth=1", "--branch=v1.3.0", url, str(clone.path))
    stage.git, origin = clone, stage.git
    assert "4 releases since 1.0.0 there" in words(stage.look()[1:], Status.PASS)

    origin.path.rename(tmp_path / "away")
    findings = stage.look()
    message = words(findings, Status.WARN)
    assert wrong(findings)[0] == ("warn", "shallow-clone", f"image {stage.host}/{REPOSITORY}")
    assert "1 release since 1.3.0 there, but git has only some tags here (shallow clone)" in message

    stage.settings = {"source": "remote"}
    assert "the releases to compare with are not known" in words(stage.look(), Status.ERROR)


def test_remote_tags(stage: Scene) -> None:
    """`git ls-remote` is asked where the settings say so."""
    stage.git.git("remote", "add", "upstream", f"file://{stage.git.path}")
    stage.settings = {"source": "remote", "remote": "upstream"}
    assert stage.look()[1].evidence["source"] == "git's remote upstream"

    stage.git.git("tag", "--delete", *(f"v1.{minor}.0" for minor in range(4)))
    findings = stage.look()
    assert findings[1].code == "not-applicable"
    assert words(findings, Status.SKIP).endswith("git's remote upstream has no release tags")
    stage.git.tag("v1.0.0-rc.1")
    assert words(stage.look(), Status.SKIP).endswith("git's remote upstream has pre-releases only")


@pytest.fixture
def github(stage: Scene) -> Iterator[FakeGitHub]:
    """A fake of GitHub's API with the same releases, which the check is told to ask."""
    releases = [release(f"v1.{minor}.0") for minor in (3, 2, 1, 0)]
    with FakeGitHub(releases={REPOSITORY: releases}) as fake:
        stage.environ["GITHUB_API_URL"] = fake.url
        stage.settings = {"source": "github", "repository": REPOSITORY}
        yield fake


def test_releases_at_github(stage: Scene, ghcr: FakeGhcr, github: FakeGitHub) -> None:
    """GitHub's releases are what must be there; git's tags are not asked."""
    stage.git.git("tag", "--delete", *(f"v1.{minor}.0" for minor in range(4)))
    kept = stage.look()[1]
    assert kept.status is Status.PASS
    assert kept.message == f"{ghcr.host}/{REPOSITORY}: 4 releases since 1.0.0 there, tagged without v"
    assert kept.evidence["source"] == f"GitHub ({REPOSITORY})"

    github.releases[REPOSITORY].insert(2, release("v1.1.5"))

    assert wrong(stage.look()) == [("fail", "missing", "release 1.1.5")]


def test_drafts_and_prereleases_at_github(stage: Scene, github: FakeGitHub) -> None:
    """A draft is not released, and a pre-release needs no image unless the settings say so."""
    stage.environ["GITHUB_TOKEN"] = "may-push"
    github.pushers = frozenset({"may-push"})
    new = [release("v1.2.7", draft=True), release("v1.2.5", prerelease=True), release("v1.2.1-rc.1")]
    github.releases[REPOSITORY] += new
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]

    stage.settings["prereleases"] = True

    assert wrong(stage.look()) == [("fail", "missing", "release 1.2.5"), ("fail", "missing", "release 1.2.1-rc.1")]


def test_release_at_github_without_image_yet(stage: Scene, github: FakeGitHub) -> None:
    """It is said where the release stands."""
    github.releases[REPOSITORY].insert(0, release("v1.4.0"))

    message = words(stage.look(), Status.WARN)

    assert message.endswith(f"1.4.0 is released in GitHub ({REPOSITORY}), and has no image yet")


def test_repository_of_the_remote(stage: Scene, github: FakeGitHub) -> None:
    """Without a setting it is that of git's remote, which must be where GitHub is asked."""
    stage.settings.pop("repository")
    message = words(stage.look(), Status.ERROR)
    assert message.endswith("no repository to ask GitHub for: git has no remote origin")

    stage.git.git("remote", "add", "origin", f"https://jane:hunter2@gitlab.com/{REPOSITORY}.git")
    message = words(stage.look(), Status.ERROR)
    assert "git's remote origin is no repository at 127.0.0.1" in message
    assert "hunter2" not in message
    assert not github.questions

    stage.git.git("remote", "set-url", "origin", f"http://127.0.0.1/{REPOSITORY}.git")
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        ((404, {}), f"GitHub has no repository {REPOSITORY} that can be read without a token (404)"),
        ((403, {"X-RateLimit-Remaining": "0"}), "GitHub's API: the limit of requests is reached"),
        ((301, {}), "GitHub's API redirects, and that is not followed"),
    ],
)
def test_github_that_refuses(
    stage: Scene, ghcr: FakeGhcr, github: FakeGitHub, answer: tuple[int, dict[str, str]], what: str
) -> None:
    """Releases that are not known are an error; what can be judged without them is."""
    github.status, github.headers = answer
    held, unknown = stage.look()
    assert (held.status, unknown.status) == (Status.PASS, Status.ERROR)
    assert unknown.message.endswith(f"the releases to compare with are not known: {what}")
    assert unknown.hint

    ghcr.push(REPOSITORY, "1.1.0", content="moved")

    assert "tag 1.1.0 was moved" in words(stage.look(), Status.FAIL)


def test_no_release_at_github(stage: Scene, github: FakeGitHub) -> None:
    """Whoever asks GitHub expects releases: none at all is an error."""
    github.releases[REPOSITORY] = [release("v1.3.0", draft=True)]

    message = words(stage.look(), Status.ERROR)

    assert message.endswith(f"are not known: GitHub has no published release of {REPOSITORY}")


def test_github_that_is_silent_costs_nobody_else_his_time(stage: Scene, github: FakeGitHub) -> None:
    """The digest and its holder are judged in the time that is left."""
    stage.settings["candidates"] = 1
    stage.seconds = 4

    def slow(_handler: Handler) -> bool:
        time.sleep(3)
        return False

    github.always("", slow)

    held, unknown = stage.look()

    assert held.status is Status.PASS
    assert unknown.status is Status.ERROR
    assert "did not answer in time" in unknown.message


@pytest.mark.parametrize("status", [401, 403])
def test_private_package(stage: Scene, ghcr: FakeGhcr, status: int) -> None:
    """401 and 403 are one error that names both possibilities, not a failure and not a pass."""
    ghcr.always("/v2/", answering(status, b"{}"))

    [finding] = stage.look()

    assert finding.status is Status.ERROR
    assert finding.message.endswith(f"missing or not readable with these credentials (anonymous, {status})")
    assert "docker login" in finding.hint


def test_private_at_the_token_service(stage: Scene, ghcr: FakeGhcr) -> None:
    """So is GHCR's own way of refusing."""
    ghcr.anonymous = False

    assert words(stage.look(), Status.ERROR).endswith("(anonymous, 403)")


def test_repository_that_is_not_there(stage: Scene, ghcr: FakeGhcr) -> None:
    """A repository that does not answer fails, once."""
    ghcr.repositories.clear()
    ghcr.manifests.clear()

    [finding] = stage.look()

    assert (finding.status, finding.code) == (Status.FAIL, "repository-not-found")
    assert finding.message.endswith("missing or not readable with these credentials (anonymous, 404 NAME_UNKNOWN)")


@pytest.mark.parametrize(
    ("script", "what"),
    [
        (answering(429, b"", Retry_After="3600"), "allows no more requests for now (429) and asks to wait 3600 s"),
        (answering(503), "has trouble of its own (503)"),
        (silent, "did not answer in time"),
        (answering(200, b"<html>", Content_Type="text/html"), "does not answer as a container registry does"),
    ],
)
def test_registry_in_trouble(stage: Scene, ghcr: FakeGhcr, script: Any, what: str) -> None:
    """429, 5xx, silence and web pages are each an error of their own, within the time."""
    ghcr.always("/v2/", script)
    stage.seconds = 2

    findings = stage.look()

    assert set(statuses(findings)) == {Status.ERROR}
    assert what in findings[0].message


def test_tags_that_cannot_be_listed(stage: Scene, ghcr: FakeGhcr) -> None:
    """If only the list of tags fails, the digest is judged and the rest is an error."""
    ghcr.always("/tags/list", answering(200, b"{"))

    findings = stage.look()

    assert statuses(findings) == [Status.PASS, Status.ERROR]
    assert findings[0].message.endswith("… answers")


def test_repository_unknown_for_tags_only(stage: Scene, ghcr: FakeGhcr) -> None:
    """A repository that answers for the digest but not for its tags fails."""
    ghcr.always("/tags/list", answering(404, b'{"errors": [{"code": "NAME_UNKNOWN"}]}'))

    assert wrong(stage.look()) == [("fail", "repository-not-found", f"image {stage.host}/{REPOSITORY}")]


def test_several_pins(stage: Scene, ghcr: FakeGhcr) -> None:
    """Each pin has a finding of its own; what they share is asked and judged once."""
    digest = ghcr.push(REPOSITORY, content="0")
    stage.pin(digest, variable="OTHER", file="docker/other.env")
    pins = [Pin(NAME, "app", stage.git.path / FILE), Pin("OTHER", "web", stage.git.path / "docker/other.env")]

    findings = stage.look(*pins)

    assert statuses(findings) == [Status.PASS, Status.WARN, Status.PASS]
    assert [finding.evidence.get("tag") for finding in findings] == ["1.3.0", "1.0.0", None]
    assert len([request for request in ghcr.asked("/tags/list") if request.authorization]) == 1


def test_pins_of_two_images(stage: Scene, ghcr: FakeGhcr) -> None:
    """That one image was pinned for a release does not say that the other one had an image then."""
    other, file = "acme/web", "docker/web.env"
    stage.git.git("tag", "v1.4.0")
    web = Scene(stage.git, stage.host, stage.environ, repository=other)
    web.pin(ghcr.push(other, "1.4.0", content="web"), "Pin web for v1.4.0", variable="WEB", file=file)
    stage.pin(ghcr.push(REPOSITORY, "1.4.0", content="4"), "Pin agent for v1.4.0")
    pins = [Pin(NAME, "app", stage.git.path / FILE), Pin("WEB", "web", stage.git.path / file)]

    findings = stage.look(*pins)

    assert statuses(findings) == [Status.PASS, Status.PASS, Status.PASS, Status.PASS, Status.SKIP]
    assert words(findings, Status.SKIP).endswith(
        "acme/web: 4 releases before 1.4.0 not judged: never published, it seems"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"{NAME}=ghcr.io/acme/agent:1.0.0\n", "has no digest to ask for"),
        (f"{NAME}=hunter2 s3cret\n", "names no image to ask for"),
        (f"{NAME}=\n", f"gives {NAME} no value"),
        ("OTHER=x\n", f"gives {NAME} no value"),
        (f"{NAME}='x\n", "pin.env:1:"),
    ],
)
def test_pin_that_is_none(stage: Scene, ghcr: FakeGhcr, text: str, what: str) -> None:
    """A pin that names no digest cannot be asked for; nothing of its value is shown."""
    (stage.git.path / FILE).write_text(text)

    [finding] = stage.look()

    assert finding.status is Status.ERROR
    assert what in finding.message
    assert "hunter2" not in str(finding)
    assert ghcr.requests == []


def test_missing_pin_file(stage: Scene) -> None:
    """A pin file that is not there is an error with its name."""
    (stage.git.path / FILE).unlink()

    assert FILE in words(stage.look(), Status.ERROR)


def test_registry_that_steers_the_terminal(stage: Scene, ghcr: FakeGhcr) -> None:
    """Nothing that a registry sends reaches a message unclean."""

    def evil(handler: Handler) -> object:
        listed = rb'{"tags": ["1.3.0\u001b[2J", "1.3.0"]}'
        return answering(200, listed)(handler)

    ghcr.always("/tags/list", evil)

    assert "\x1b" not in repr([finding.message for finding in stage.look()])


@pytest.mark.parametrize(
    "settings",
    [
        {"source": "svn"},
        {"source": "list"},
        {"releases": ("latest",)},
        {"releases": ("1.0.0", "v1.0.0")},
        {"since": "first"},
        {"repository": "acme", "source": "github"},
        {"repository": "acme/.."},
        {"candidates": 0},
        {"history": -1},
        {"pattern": "("},
    ],
)
def test_bad_settings(settings: dict[str, Any]) -> None:
    """Settings that make no sense are refused by name."""
    with pytest.raises(ValueError, match=next(iter(settings)) + "|releases"):
        Settings(**settings)


class ManyTags:
    """A registry and a git of so many tags that only the check's own work counts."""

    def __init__(self, count: int) -> None:
        numbers = [(major, minor, patch) for major in range(count // 500) for minor in range(20) for patch in range(25)]
        self._tags = tuple(f"{major}.{minor}.{patch}" for major, minor, patch in numbers[:count])
        self.newest = self._tags[-1]

    def head_manifest(self, image: ImageReference, _deadline: Deadline) -> Manifest:
        """Answer for the digest, and for the newest release."""
        held = image.digest or image.tag == self.newest
        return Manifest(f"sha256:{HEX if held else '0' * 64}", "application/vnd.oci.image.index.v1+json", 1)

    def tags(self, *_: object) -> tuple[str, ...]:
        """Return all of the registry, or of git a twelfth with v."""
        return tuple(f"v{tag}" for tag in self._tags[::-12]) if len(_) == 1 else self._tags

    def identity(self, _registry: str) -> str:
        """Return nobody."""
        return "anonymous"

    def root(self, _deadline: Deadline) -> Path:
        """Return a work tree."""
        return Path("/")

    def is_shallow(self, _deadline: Deadline) -> bool:
        """All is there."""
        return False

    def places(self, path: Path) -> tuple[Path, ...]:
        """Return the file itself."""
        return (path,)

    def history(self, *_: object) -> tuple[()]:
        """Return none."""
        return ()

    def work_s(self, file: Path) -> float:
        """Return the processor's time, in seconds, that the check takes: the least of several."""
        least = 60.0
        for _ in range(5):
            ctx = fake_context(pins=(Pin(NAME, "app", file),), git=self, registry=self, seconds=60)
            began = time.process_time()
            found = run_check(GhcrTagRetention(Settings()), ctx)
            least = min(least, time.process_time() - began)
            assert statuses(found) == [Status.PASS, Status.PASS]
        return least


def test_work_grows_no_faster_than_the_tags(tmp_path: Path) -> None:
    """Four times as many tags, here and in git, take about four times as long; squared, it would be sixteen."""
    file = tmp_path / "pin.env"
    file.write_text(f"{NAME}=ghcr.io/acme/agent@sha256:{HEX}\n")

    few, many = ManyTags(3_000).work_s(file), ManyTags(12_000).work_s(file)

    assert many < 9 * few, f"{few:.3f} s, {many:.3f} s"


def test_thousands_of_tags(stage: Scene, ghcr: FakeGhcr) -> None:
    """12,000 tags in pages of 100 and 1,000 tags in git are judged in a few seconds, most of them the fake's own."""
    releases = [f"2.{minor}.{patch}" for minor in range(40) for patch in range(25)]
    stored = ghcr.manifests[REPOSITORY, "1.3.0"]
    ghcr.repositories[REPOSITORY] += releases + [f"sha-{number:07x}" for number in range(11_000 - 5)]
    ghcr.manifests.update({(REPOSITORY, tag): stored for tag in releases[-8:]})
    head = stage.git.git("rev-parse", "HEAD")
    packed = [f"{head} refs/tags/v{tag}\n" for tag in sorted(releases)]
    (stage.git.path / ".git/packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n" + "".join(packed)
    )

    with cpu_at_most(15):
        held, kept = stage.look()

    assert (held.status, kept.status) == (Status.PASS, Status.PASS)
    assert held.evidence["tags"] == 12_000
    assert "1004 releases since 1.0.0 there" in kept.message


@pytest.fixture
def real(git_repository: GitRepository, registry: RealRegistry, tmp_path: Path, request: Any) -> Scene:
    """The same as ``stage``, with a real registry."""
    repository = f"preflight-tests/retention-{abs(hash(request.node.name))}"
    environ = {"DOCKER_CONFIG": str(tmp_path / "none"), "PATH": os.environ["PATH"]}
    stage = Scene(git_repository, registry.host, environ, repository=repository)
    for minor in range(4):
        digest = registry.push_image(repository, f"1.{minor}.0", "latest", content=str(minor))
        stage.pin(digest, f"chore: pin agent image for v1.{minor}.0")
        git_repository.tag(f"v1.{minor}.0")
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]
    return stage


@pytest.mark.registry
def test_real_tag_of_the_pinned_release_moves_away(real: Scene, registry: RealRegistry) -> None:
    """All is well, then one tag is pushed anew: the digest still answers, but its release is another image."""
    before = real.git.git("show", f"HEAD:{FILE}").rpartition("@")[2]
    after = registry.push_image(real.repository, "1.3.0", content="moved")

    held, kept, moved = real.look()

    assert (held.code, kept.status, moved.code) == ("not-held", Status.PASS, "pinned-moved")
    assert held.message.endswith("answers, but none of the 4 release tags points at it")
    assert moved.message.startswith(f"tag 1.3.0 was moved: it points at {after[:19]}…, but commit ")
    assert moved.message.endswith(f" pinned {before[:19]}… for it")
    assert f"imagetools create --tag {registry.host}/{real.repository}:1.3.0 " in moved.hint
    assert (moved.evidence["points_at"], moved.evidence["digest"]) == (after, before)


@pytest.mark.registry
def test_real_pruned_never_published_and_present(real: Scene, registry: RealRegistry) -> None:
    """What was pinned once is pruned; what lies between is missing; what is older than all was never published."""
    real.git.tag("v0.1.0", "v0.2.0", "v1.2.5")
    registry.push_image(real.repository, "1.2.5", content="2.5")
    held, kept, told = real.look()
    assert (held.status, kept.status, told.status) == (Status.PASS, Status.PASS, Status.SKIP)
    assert told.message.endswith("2 releases before 1.0.0 not judged: never published, it seems")

    for minor, content in (("1.2.5", "2.5"), ("1.0.0", "0")):
        registry.delete(real.repository, registry.push_image(real.repository, minor, content=content))
    _, kept, *gone = real.look()

    assert [(each.code, str(each.subject)) for each in gone[:2]] == [
        ("pruned", "release 1.0.0"),
        ("missing", "release 1.2.5"),
    ]
    assert kept.evidence["present"] == ["1.3.0", "1.2.0", "1.1.0"]
    assert kept.evidence["unpublished"] == ["0.2.0", "0.1.0"]


@pytest.mark.registry
def test_real_rollback(real: Scene, registry: RealRegistry) -> None:
    """The pin goes back by one release: a pass that names it."""
    real.git.git("revert", "--no-edit", "HEAD")
    older = real.git.git("show", f"HEAD:{FILE}").rpartition("@")[2]

    held, kept = real.look()

    assert (held.status, kept.status) == (Status.PASS, Status.PASS)
    assert (
        f"release tag 1.2.0 points at the digest; rolled back to 1.2.0 by {real.git.git('rev-parse', 'HEAD')[:7]}"
        in held.message
    )
    assert held.evidence["digest"] == older
    assert registry.host in held.message


@pytest.mark.registry
def test_real_digest_held_by_no_release_tag(real: Scene, registry: RealRegistry) -> None:
    """The pin names an image that only `latest` points at: it is what clean-ups delete first."""
    real.pin(registry.push_image(real.repository, "latest", content="by hand"), "Pin what works")

    held, kept = real.look()

    assert (held.status, kept.status) == (Status.FAIL, Status.PASS)
    assert held.message.endswith("answers, but none of the 4 release tags points at it")


@pytest.mark.registry
def test_real_registry(git_repository: GitRepository, registry: RealRegistry, tmp_path: Path) -> None:
    """Against a real registry: all there, then a release is deleted, then the pinned digest itself."""
    repository = "preflight-tests/retention"
    digests = [registry.push_image(repository, f"1.{minor}.0", content=str(minor)) for minor in range(3)]
    git_repository.commit({FILE: f"{NAME}={registry.host}/{repository}@{digests[2]}\n"})
    git_repository.tag("v1.0.0", "v1.1.0", "v1.2.0")
    stage = Scene(git_repository, registry.host, {"DOCKER_CONFIG": str(tmp_path)})
    assert statuses(stage.look()) == [Status.PASS, Status.PASS]

    registry.delete(repository, digests[1])
    assert wrong(stage.look()) == [("fail", "missing", "release 1.1.0")]

    registry.delete(repository, digests[2])
    gone = stage.look()[0]
    assert (gone.status, gone.code) == (Status.FAIL, "digest-not-found")

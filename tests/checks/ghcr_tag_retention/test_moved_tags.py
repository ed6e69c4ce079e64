"""checks/ghcr_tag_retention.py: tags that do not point at what commits pinned for their release."""

from datetime import date

import pytest

from checks.ghcr_tag_retention import GhcrTagRetention
from preflight.errors import CouldNotLook, ExitCode
from preflight.git.door import Git
from preflight.model import CheckResult, Stage, Status, Waiver
from preflight.run.verdict import apply_waivers, exit_code
from tests.checks.ghcr_tag_retention.scene import FILE, REPOSITORY, Scene, remove, statuses, words, wrong
from tests.fakes.ghcr import FakeGhcr


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

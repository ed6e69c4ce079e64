"""checks/ghcr_tag_retention.py: releases that should have an image."""

from pathlib import Path
from typing import Any

import pytest

from checks.ghcr_tag_retention import Settings
from preflight.model import Stage, Status
from preflight.project import Pin
from tests.checks.ghcr_tag_retention.scene import FILE, NAME, REPOSITORY, Scene, remove, statuses, words, wrong
from tests.fakes.ghcr import FakeGhcr
from tests.real.git import GitRepository


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
    "settings",
    [
        {"source": "svn"},
        {"since": "first"},
        {"candidates": 0},
        {"history": -1},
        {"pattern": "("},
    ],
)
def test_bad_settings(settings: dict[str, Any]) -> None:
    """Settings that make no sense are refused by name."""
    with pytest.raises(ValueError, match=next(iter(settings)) + "|releases"):
        Settings(**settings)

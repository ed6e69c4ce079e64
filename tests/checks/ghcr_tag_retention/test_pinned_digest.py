"""checks/ghcr_tag_retention.py: whether the pinned digest answers, and which release tag points at it."""

import pytest

from preflight.model import Location, Stage, Status
from preflight.project import Pin
from tests.checks.ghcr_tag_retention.scene import FILE, HEX, NAME, REPOSITORY, Scene, remove, statuses, words, wrong
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import answering


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


def test_several_pins(stage: Scene, ghcr: FakeGhcr) -> None:
    """Each pin has a finding of its own; what they share is asked and judged once."""
    digest = ghcr.push(REPOSITORY, content="0")
    stage.pin(digest, variable="OTHER", file="docker/other.env")
    pins = [Pin(NAME, "app", stage.git.path / FILE), Pin("OTHER", "web", stage.git.path / "docker/other.env")]

    findings = stage.look(*pins)

    assert statuses(findings) == [Status.PASS, Status.WARN, Status.PASS]
    assert [finding.evidence.get("tag") for finding in findings] == ["1.3.0", "1.0.0", None]
    assert len([request for request in ghcr.asked("/tags/list") if request.authorization]) == 1


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

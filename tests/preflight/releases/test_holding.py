"""preflight/releases/holding.py"""

from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.reference import ImageReference
from preflight.registry.errors import ManifestUnknown
from preflight.registry.values import Manifest
from preflight.releases.holding import Hold, Holding, find_holding, judge_holding
from preflight.releases.names import Release, find_releases
from preflight.releases.rollback import Rollback
from preflight.testing import fake_context
from tests.preflight.releases.pinned import commit

MINE, OTHER = (f"sha256:{digit * 64}" for digit in "ab")
IMAGE = ImageReference("ghcr.io", "a/b", None, MINE)


class Registry:
    """Answers for tags; remembers which were asked for."""

    def __init__(self, answers: dict[str, str | CouldNotLook]) -> None:
        self._answers, self.asked = answers, list[str]()

    def head_manifest(self, image: ImageReference, _deadline: Any) -> Manifest:
        """Answer for a tag."""
        self.asked.append(image.tag or "")
        answer = self._answers.get(image.tag or "", ManifestUnknown("gone", ""))
        if isinstance(answer, CouldNotLook):
            raise answer
        return Manifest(answer, "", None)


def hold(answers: dict[str, str | CouldNotLook], likely: str = "", limit: int = 50) -> tuple[Holding, list[str]]:
    """Look for the tag that holds the digest; return that, and the tags that were asked for."""
    registry = Registry(answers)
    ctx = fake_context(registry=registry)
    there = find_releases(answers)
    return find_holding(ctx, IMAGE, there, frozenset({likely} - {""}), limit), sorted(registry.asked)


def test_the_likely_release_is_asked_first() -> None:
    """Two at once, and no more once it is found."""
    found, asked = hold({"1.0.0": OTHER, "1.1.0": MINE, "1.2.0": OTHER, "1.3.0": OTHER}, likely="1.1.0")

    assert (found.tag, found.total) == ("1.1.0", 4)
    assert found.release is not None
    assert found.release.name == "1.1.0"
    assert found.newest is not None
    assert found.newest.name == "1.3.0"
    assert "1.0.0" not in asked


def test_a_newest_release_with_the_same_bytes_is_no_newer_one() -> None:
    """It was only tagged again."""
    found, _ = hold({"1.0.0": MINE, "1.1.0": MINE}, likely="1.0.0")

    assert found.newest is None


def test_a_tag_that_is_gone_points_nowhere() -> None:
    """Others are asked on; none at all is an answer, too."""
    found, _ = hold({"1.0.0": MINE, "1.1.0": ManifestUnknown("gone", "")})
    assert found.tag == "1.0.0"

    found, asked = hold({"1.0.0": OTHER, "1.1.0": OTHER})
    assert (found.tag, found.release, found.problem, asked) == ("", None, None, ["1.0.0", "1.1.0"])


def test_a_tag_that_cannot_be_asked_leaves_it_unknown() -> None:
    """That none holds the digest is then not said."""
    problem = CouldNotLook("no answer", "Try again.")
    found, _ = hold({"1.0.0": problem, "1.1.0": OTHER})

    assert found.tag == ""
    assert found.problem is problem


def test_no_more_tags_are_asked_than_allowed() -> None:
    """The likeliest of them."""
    found, asked = hold({f"1.{minor}.0": OTHER for minor in range(30)}, limit=3)

    assert (found.total, found.asked, len(asked)) == (30, 3, 3)


OLD, NEW, RC = (find_releases([name])[0] for name in ("1.0.0", "1.1.0", "1.1.0-rc.1"))
SILENCE = CouldNotLook("no answer", "Try again.")


@pytest.mark.parametrize(
    ("found", "newest_had", "verdict"),
    [
        (Holding(3, 3, "1.1.0", NEW), None, Hold.RELEASE),
        (Holding(3, 3, "1.1.0-rc.1", RC), None, Hold.PRERELEASE),
        (Holding(3, 3, "1.0.0", OLD, NEW), None, Hold.OLDER),
        (Holding(3, 3, "1.0.0", OLD, NEW), NEW, Hold.RELEASE),
        (Holding(3, 3, "1.0.0", OLD, NEW), OLD, Hold.OLDER),
        (Holding(3, 3), None, Hold.NONE),
        (Holding(0, 0), None, Hold.NONE),
        (Holding(9, 3), None, Hold.NOT_ALL_ASKED),
        (Holding(9, 3, problem=SILENCE), None, Hold.UNKNOWN),
    ],
)
def test_what_holds_the_digest(found: Holding, newest_had: Release | None, verdict: Hold) -> None:
    """A rollback explains an old release, up to the newest that the pin had; a newer one since then is missed."""
    rollback = Rollback(commit(1, "Go back", MINE), newest_had) if newest_had else None

    assert judge_holding(found, rollback) is verdict

"""preflight/releases/words.py"""

from dataclasses import replace

import pytest

from preflight.errors import CouldNotLook
from preflight.releases.holding import Hold, Holding
from preflight.releases.moved import MovedTag
from preflight.releases.names import find_releases
from preflight.releases.pin_history import TagCheck
from preflight.releases.rollback import Rollback
from preflight.releases.words import name_releases, say_hold, say_moved, short_image, start_of
from tests.preflight.releases.pinned import NAME, A, B, commit, image, record

NEWEST, MINE = find_releases(["1.0.0", "1.1.0"])
SHORT = f"{NAME}@sha256:{'a' * 12}…"
BACK = Rollback(commit(7, "Go back", A), NEWEST)


def test_images_and_digests_are_cut() -> None:
    """Enough is left to tell them apart; nothing steers a terminal."""
    assert short_image(image(A)) == SHORT
    assert start_of(A) == f"sha256:{'a' * 12}…"
    assert start_of(None) == "…"
    assert "\x1b" not in start_of("\x1b[2J")


@pytest.mark.parametrize(("number", "shown"), [(0, ""), (1, "1.0.0"), (5, "1.4.0, 1.3.0, 1.2.0, 1.1.0, 1.0.0")])
def test_a_few_releases_are_all_named(number: int, shown: str) -> None:
    """Of more, the first five."""
    assert name_releases(find_releases(f"1.{minor}.0" for minor in range(number))) == shown
    assert name_releases(find_releases(f"1.{minor}.0" for minor in range(9))).endswith("1.4.0 and 4 more")


@pytest.mark.parametrize(
    ("hold", "rollback", "words"),
    [
        (Hold.RELEASE, None, f"release tag 1.0.0 points at the digest: {SHORT} answers"),
        (
            Hold.RELEASE,
            BACK,
            f"release tag 1.0.0 points at the digest; rolled back to 1.0.0 by 0000000: {SHORT} answers",
        ),
        (Hold.OLDER, None, f"{SHORT} answers, but is release 1.0.0; the newest is 1.1.0"),
        (Hold.OLDER, BACK, f"{SHORT} answers, but is release 1.0.0 (rolled back by 0000000); the newest is 1.1.0"),
        (Hold.PRERELEASE, None, f"{SHORT} is held only by 1.0.0, a pre-release or variant"),
        (Hold.NONE, None, f"{SHORT} answers, but none of the 9 release tags points at it"),
        (Hold.NOT_ALL_ASKED, None, f"{SHORT}: none of the 4 release tags asked points at it; 5 more were not asked"),
        (Hold.UNKNOWN, None, f"{SHORT}: not every release tag could be asked: no answer"),
    ],
)
def test_what_holds_a_digest(hold: Hold, rollback: Rollback | None, words: str) -> None:
    """One line each."""
    found = Holding(9, 4, "1.0.0", MINE, NEWEST, CouldNotLook("no answer", "Try again."))

    message, hint = say_hold(image(A), hold, found, rollback)

    assert message == words
    assert hint == {
        Hold.OLDER: "Pin the digest of 1.1.0 (its tag: 1.1.0).",
        Hold.UNKNOWN: "Try again.",
    }.get(hold, "")


def test_a_repository_without_releases() -> None:
    """It is said that there are none."""
    assert say_hold(image(A), Hold.NONE, Holding(0, 0), None)[0].endswith(
        "no release tag points at it: the repository has none"
    )


def test_a_tag_that_was_moved_or_deleted() -> None:
    """Both digests, the commit, and the command that undoes it."""
    moved = MovedTag(TagCheck(record("1.0.0", A), "v1.0.0", B), is_pinned=True)
    message, hint = say_moved(moved)
    assert (
        message
        == f"tag v1.0.0 was moved: it points at {start_of(B)}, but commit 000000000000 pinned {start_of(A)} for it"
    )
    assert hint.endswith(f"docker buildx imagetools create --tag {NAME}:v1.0.0 {NAME}@{A}")

    message, hint = say_moved(replace(moved, check=replace(moved.check, digest="")))
    assert message.startswith("tag v1.0.0 was pruned: it is listed, but does not answer any more; ")
    assert hint.startswith("Find what deleted it; then docker buildx imagetools create ")

    message, hint = say_moved(replace(moved, problem=CouldNotLook("no answer", "Try again.")))
    assert message.endswith("cannot be told: no answer")
    assert hint == "Try again."

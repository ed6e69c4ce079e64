"""preflight/releases/absent.py"""

import json

import pytest

from preflight.errors import CouldNotLook
from preflight.registry.errors import ManifestUnknown, RepositoryUnknown, WrongDigest
from preflight.releases.absent import Absence, explain_absence, judge_absence, tells_of_the_repository
from preflight.testing import fake_context
from tests.preflight.releases.pinned import NAME, A, Answer, Registry, image

UNKNOWN = ManifestUnknown("not there", "Look for it.")
SILENCE = CouldNotLook("no answer", "Try again.")


@pytest.mark.parametrize(
    ("problem", "absence", "tells"),
    [
        (UNKNOWN, Absence.DIGEST, False),
        (RepositoryUnknown("no repository", "Correct it."), Absence.REPOSITORY, True),
        (WrongDigest("other bytes", "Stop."), Absence.WRONG_BYTES, False),
        (SILENCE, Absence.UNKNOWN, True),
    ],
)
def test_what_an_answer_says(problem: CouldNotLook, absence: Absence, *, tells: bool) -> None:
    """One that concerns the whole repository is not said a second time for its tags."""
    assert judge_absence(problem) is absence
    assert tells_of_the_repository(problem) is tells
    assert not tells_of_the_repository("an answer")
    if absence is not Absence.DIGEST:
        found = explain_absence(fake_context(), image(A), problem, ("1.0.0",), "anonymous")
        assert (found.absence, found.message, found.hint) == (absence, problem.message, problem.hint)


@pytest.mark.parametrize("blob", [json.dumps([1]).encode(), b"\xff", b"[" * 100_000, b"{}", SILENCE])
def test_a_digest_that_was_pruned_or_never_pushed(blob: Answer) -> None:
    """What lies under it as a blob, if anything, is no configuration of an image; tags tell that the rest is there."""
    ctx = fake_context(registry=Registry({A: blob}))

    found = explain_absence(ctx, image(A), UNKNOWN, ("1.0.0", "latest"), "robot")
    assert found.absence is Absence.DIGEST
    assert found.message.startswith(f"{NAME} answers with 2 tags, but does not have the pinned digest")
    assert "(asked as robot)" in found.message
    assert "preflight pin rollback" in found.hint

    found = explain_absence(ctx, image(A), UNKNOWN, (), "robot")
    assert found.hint == f"Push the image of {A[:19]}… again: no tag is there."

    found = explain_absence(ctx, image(A), UNKNOWN, SILENCE, "robot")
    assert (found.absence, found.message) == (Absence.DIGEST, "not there")


def test_an_images_id_is_told_from_a_digest() -> None:
    """`docker images` shows it; the registry has it as a blob."""
    ctx = fake_context(registry=Registry({A: json.dumps({"rootfs": {}}).encode()}))

    found = explain_absence(ctx, image(A), UNKNOWN, (), "anonymous")

    assert found.absence is Absence.IMAGE_ID
    assert found.hint.endswith(f"docker buildx imagetools inspect {NAME}:TAG")

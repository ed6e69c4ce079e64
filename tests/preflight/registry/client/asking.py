"""Asks a fake GHCR, and says what holds for every refusal."""

from preflight.http.errors import HttpError
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from tests.fakes.ghcr import FakeGhcr

REPOSITORY = "owner/name"
OTHER_DIGEST = "sha256:" + "ab" * 32


def soon() -> Deadline:
    """Enough for anything that is not meant to hang."""
    return Deadline.after(20)


def image(ghcr: FakeGhcr, digest: str | None = None, tag: str | None = None) -> ImageReference:
    """Return a reference into the fake."""
    return ImageReference(ghcr.host, REPOSITORY, tag, digest)


def refused(problem: HttpError) -> str:
    """Return the words of an error, which are one line each, with a hint, and fit a table."""
    assert problem.hint
    assert "\n" not in problem.message + problem.hint
    assert len(problem.message) < 260
    return problem.message

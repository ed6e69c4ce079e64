"""preflight/signed/attestations.py, against a fake of GitHub's API."""

import json
from collections.abc import Iterator

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.signed.attestations import find_attestations, likely_repository
from preflight.signed.find import Found
from preflight.signed.model import Bundle
from tests.fakes.github import FakeGitHub

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def api() -> Iterator[FakeGitHub]:
    """A fake that knows nothing."""
    with FakeGitHub() as fake:
        yield fake


def look(api: FakeGitHub, environ: dict[str, str] | None = None) -> Found:
    """Ask for the digest."""
    given = {"GITHUB_API_URL": api.url, **(environ or {})}
    return find_attestations("owner/name", DIGEST, given, Deadline.after(20))


def test_an_unknown_digest_has_no_attestation(api: FakeGitHub) -> None:
    """GitHub says 404, and that is an answer."""
    assert look(api) == Found(())


def test_bundles_are_handed_on_as_they_are(api: FakeGitHub) -> None:
    """Each with where it is from."""
    api.attestations[DIGEST] = [{"bundle": {"a": 1}}, {"bundle": {"b": 2}}]

    found = look(api)

    assert [material.source for material in found.materials] == ["GitHub's attestations of owner/name"] * 2
    assert found.problems == ()


def test_all_pages_are_read(api: FakeGitHub) -> None:
    """GitHub hands out a hundred at once and names the next page."""
    api.attestations[DIGEST] = [{"bundle": {"number": number}} for number in range(250)]

    found = look(api)

    assert [json.loads(each.data)["number"] for each in found.materials if isinstance(each, Bundle)] == [*range(250)]
    assert found.problems == ()
    assert len(api.questions) == 3


def test_a_bundle_that_lies_elsewhere_is_a_problem(api: FakeGitHub) -> None:
    """It may be the one that counts."""
    api.attestations[DIGEST] = [{"bundle": {"a": 1}}, {"bundle": None}]

    [problem] = look(api).problems

    assert "more attestations" in problem.message


@pytest.mark.parametrize(("links", "rows"), [(False, 100), (True, 501)])
def test_a_list_that_is_not_read_to_its_end_is_a_problem(api: FakeGitHub, rows: int, *, links: bool) -> None:
    """Its pages have no numbers to go on with, or there are too many."""
    api.links = links
    api.attestations[DIGEST] = [{"bundle": {"a": 1}}] * rows

    found = look(api)

    assert len(found.problems) == 1
    assert found.materials


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b"<html>", b'{"attestations": 1}', b'{"attestations": [1]}', b"[" * 100_000]
)
def test_an_answer_that_makes_no_sense_is_an_error(api: FakeGitHub, body: bytes) -> None:
    """One line, no traceback."""
    api.body = body

    with pytest.raises(CouldNotLook, match="answers with something else"):
        look(api)


@pytest.mark.parametrize("status", [401, 403, 451, 418])
def test_a_refusal_is_an_error_with_a_way_out(api: FakeGitHub, status: int) -> None:
    """The status is in the message."""
    api.status = status

    with pytest.raises(CouldNotLook, match=str(status)) as caught:
        look(api)

    assert caught.value.hint


@pytest.mark.parametrize("environ", [{}, {"GH_TOKEN": "hunter2"}])
def test_the_way_out_of_a_refusal_depends_on_the_token(api: FakeGitHub, environ: dict[str, str]) -> None:
    """Without one, the hint asks for it; with one, it names the variable."""
    api.status = 403

    with pytest.raises(CouldNotLook) as caught:
        look(api, environ)

    assert ("GH_TOKEN" if environ else "GITHUB_TOKEN") in caught.value.hint
    assert "hunter2" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize(
    ("registry", "repository", "likely"),
    [
        ("ghcr.io", "ls1intum/hephaestus/agent", "ls1intum/hephaestus"),
        ("ghcr.io", "owner/name", "owner/name"),
        ("ghcr.io", "name", ""),
        ("docker.io", "library/nginx", ""),
    ],
)
def test_the_likely_repository(registry: str, repository: str, likely: str) -> None:
    """Images on ghcr.io bear the name of their repository."""
    assert likely_repository(ImageReference(registry, repository, None, DIGEST)) == likely

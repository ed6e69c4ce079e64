"""preflight/signed/github.py, against a fake of GitHub's API."""

from collections.abc import Iterator
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.http import client as http
from preflight.http.client import Answer
from preflight.lib.deadline import Deadline
from preflight.lib.reference import ImageReference
from preflight.signed import github
from preflight.signed.find import Found
from tests.fakes.github import FakeGitHub

DIGEST = "sha256:" + "ab" * 32


@pytest.fixture
def api() -> Iterator[FakeGitHub]:
    """A fake that knows nothing."""
    with FakeGitHub() as fake:
        yield fake


def look(api: FakeGitHub, environ: dict[str, str] | None = None) -> Found:
    """Ask for the digest."""
    return github.find_attestations(api.url, "owner/name", DIGEST, environ or {}, Deadline.after(20))


def test_an_unknown_digest_has_no_attestation(api: FakeGitHub) -> None:
    """GitHub says 404, and that is an answer."""
    assert look(api) == Found(())


def test_bundles_are_handed_on_as_they_are(api: FakeGitHub) -> None:
    """Each with where it is from."""
    api.attestations[DIGEST] = [{"bundle": {"a": 1}}, {"bundle": {"b": 2}}]

    found = look(api)

    assert [material.source for material in found.materials] == ["GitHub's attestations of owner/name"] * 2
    assert found.problems == ()


@pytest.mark.parametrize("bundles", [[{"a": 1}, None], [{"a": 1}] * 100])
def test_what_is_not_handed_out_is_a_problem(api: FakeGitHub, bundles: list[object]) -> None:
    """Bundles that lie elsewhere, or on another page, may be the ones that count."""
    api.attestations[DIGEST] = [{"bundle": bundle} for bundle in bundles]

    [problem] = look(api).problems

    assert "more attestations" in problem.message


@pytest.mark.parametrize("body", [b"[]", b"{}", b"<html>", b'{"attestations": 1}', b"[" * 100_000])
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


def test_nobody_there_is_an_error() -> None:
    """It says that it is GitHub that cannot be reached."""
    with pytest.raises(CouldNotLook, match=r"GitHub's attestation API: 127\.0\.0\.1:9 could not be reached"):
        github.find_attestations("http://127.0.0.1:9", "owner/name", DIGEST, {}, Deadline.after(20))


def test_a_token_goes_to_github_only(api: FakeGitHub) -> None:
    """A base address of the configuration's own never sees the token in the environment."""
    look(api, {"GITHUB_TOKEN": "secret"})

    assert api.requests[0][1] == ""


def test_github_itself_sees_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """`GH_TOKEN` before `GITHUB_TOKEN`, as gh has it; one that cannot be sent is left out."""
    asked: list[str] = []

    class Http:
        def __init__(self, environ: dict[str, str]) -> None:
            """Take it."""

        def fetch(self, request: Any, _deadline: Deadline) -> Answer:
            asked.append(request.headers.get("Authorization", ""))
            return Answer(404, {}, b"")

    monkeypatch.setattr(http, "Http", Http)
    for environ in ({"GH_TOKEN": "a", "GITHUB_TOKEN": "b"}, {"GITHUB_TOKEN": "b"}, {"GH_TOKEN": "a\r\nX: y"}, {}):
        github.find_attestations(github.API, "owner/name", DIGEST, environ, Deadline.after(20))

    assert asked == ["Bearer a", "Bearer b", "", ""]


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
    assert github.likely_repository(ImageReference(registry, repository, None, DIGEST)) == likely

"""preflight/registry/client.py: lists of tags, page by page."""

import pytest

from preflight.http.errors import BadAnswer, HttpError, Oversized, Redirected
from preflight.registry.door import Registry
from preflight.registry.errors import NotARegistry
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import Script, answering, huge, huge_chunked
from tests.preflight.registry.client.asking import REPOSITORY, refused, soon


@pytest.mark.parametrize("link", ["relative", "absolute"])
def test_all_pages(ghcr: FakeGhcr, door: Registry, link: str) -> None:
    """Tags that come a hundred a page are read to the end, whether links are relative or absolute."""
    ghcr.link = link
    tags = tuple(f"1.0.{patch}" for patch in range(1234))
    ghcr.push(REPOSITORY, *tags)

    assert door.tags(ghcr.host, REPOSITORY, soon()) == tags
    assert len(ghcr.asked("/tags/list")) == 14  # 13 pages and the challenge


def test_link_to_another_host_is_not_followed(ghcr: FakeGhcr, door: Registry) -> None:
    """A next page on another host is not asked for, and the list is not taken for whole."""
    with FakeGhcr() as elsewhere:
        ghcr.link = elsewhere.url
        ghcr.push(REPOSITORY, *(f"1.0.{patch}" for patch in range(101)))

        with pytest.raises(Redirected, match="another host for its next page of tags; not followed"):
            door.tags(ghcr.host, REPOSITORY, soon())

        assert elsewhere.requests == []


def test_pages_in_a_circle(ghcr: FakeGhcr, door: Registry) -> None:
    """Pages that lead back to one another end in an error, not in a hang."""
    link = f'</v2/{REPOSITORY}/tags/list?n=1000>; rel="next"'
    ghcr.challenge = ""
    ghcr.always("/tags/list", answering(200, b'{"tags": ["1.0.0"]}', Link=link))

    with pytest.raises(BadAnswer, match="do not end: they lead in a circle"):
        door.tags(ghcr.host, REPOSITORY, soon())


def test_pages_without_end(ghcr: FakeGhcr, door: Registry) -> None:
    """Pages that bring nothing new end in an error."""
    ghcr.challenge = ""

    def next_one(handler: object) -> object:
        link = f'</v2/{REPOSITORY}/tags/list?last={len(ghcr.requests)}>; rel="next"'
        return answering(200, b'{"tags": ["1.0.0"]}', Link=link)(handler)

    ghcr.always("/tags/list", next_one)

    with pytest.raises(BadAnswer, match="do not end: they bring nothing new"):
        door.tags(ghcr.host, REPOSITORY, soon())


def test_smaller_pages_on_request(ghcr: FakeGhcr, door: Registry) -> None:
    """A registry that refuses large pages is asked for pages of its own size."""
    ghcr.challenge = ""
    ghcr.push(REPOSITORY, "1.0.0")
    ghcr.always("?n=1000", answering(400, b'{"errors": [{"code": "PAGINATION_NUMBER_INVALID"}]}'))

    assert door.tags(ghcr.host, REPOSITORY, soon()) == ("1.0.0",)


def test_no_tags(ghcr: FakeGhcr, door: Registry) -> None:
    """A repository whose tags were all deleted says null, and has none."""
    ghcr.push(REPOSITORY)

    assert door.tags(ghcr.host, REPOSITORY, soon()) == ()


def test_tags_that_cannot_be_tags(ghcr: FakeGhcr, door: Registry) -> None:
    """What can be no tag is left out, so that it can neither steer a terminal nor a path."""
    ghcr.challenge = ""
    listed = rb'{"tags": ["1.0.0", "../x", "a\u001b[31m", "b\nc", "", "\u202e1", "1.0.0", "2.0.0"]}'
    ghcr.always("/tags/list", answering(200, listed))

    assert door.tags(ghcr.host, REPOSITORY, soon()) == ("1.0.0", "2.0.0")


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        (answering(200, b"{"), BadAnswer, "its list of tags is not valid JSON"),
        (answering(200, b"\xff\xfe{}"), BadAnswer, "not valid JSON"),
        (answering(200, b"[1]"), BadAnswer, "not valid JSON"),
        (answering(200, b'{"tags": "1.0.0"}'), BadAnswer, "no list of names"),
        (answering(200, b'{"tags": [1]}'), BadAnswer, "no list of names"),
        (answering(200, b'{"a": ' * 50000), BadAnswer, "not valid JSON"),
        (answering(200, b"{}"), NotARegistry, "does not answer as a container registry does"),
        (answering(200, b"<!doctype html>"), NotARegistry, "a web page?"),
        (answering(200, b"hello", Content_Type="text/html; charset=x"), NotARegistry, "a web page?"),
        (answering(200, b"{}", Content_Encoding="gzip"), BadAnswer, "compressed answer"),
        (answering(418, b"{}"), BadAnswer, r"refuses to answer for .* \(418\)"),
        (answering(404, b'{"errors": [{"code": "EVIL\\u001b"}]}'), NotARegistry, "container registry"),
        (answering(404, b'{"errors": "x"}'), NotARegistry, "container registry"),
        (huge, Oversized, "more than 8 MiB where a small document is due"),
        (huge_chunked, Oversized, "more than 8 MiB where a small document is due"),
    ],
)
def test_answers_that_make_no_sense(
    ghcr: FakeGhcr, door: Registry, script: Script, kind: type[HttpError], words: str
) -> None:
    """Each kind of nonsense instead of tags is one clear line."""
    ghcr.challenge = ""
    ghcr.always("/tags/list", script)

    with pytest.raises(kind, match=words) as caught:
        door.tags(ghcr.host, REPOSITORY, soon())

    refused(caught.value)

"""A fake of GitHub's REST API (attestations, releases), because nothing here reaches the real one."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.fakes.http_server import FakeServer
from tests.fakes.http_server import Handler as BaseHandler


def release(tag: str, *, draft: bool = False, prerelease: bool = False, notes: str = "") -> dict[str, Any]:
    """Return a release as the API lists it, with the fields that matter."""
    return {"tag_name": tag, "draft": draft, "prerelease": prerelease, "name": f"Release {tag}", "body": notes}


class Handler(BaseHandler):
    """Answers as GitHub does."""

    def as_usual(self) -> None:
        status, body = self.fake.found(self.path, self.headers.get("Authorization", ""))
        self.answer(status, body, {**self.fake.headers, **self.fake.link(self.path, status)})


@dataclass
class FakeGitHub(FakeServer):
    """The fake; a context manager that serves while it is entered.

    Args:
        attestations: By digest, what is answered for it; any other is a 404.
        releases: By repository (`OWNER/NAME`), all that are there, drafts too; any other is a 404.
        pushers: Tokens that may push, and so see drafts.
        links: Whether pages name the next one (`Link`), as GitHub's do.
        status: Answered for everything, where it is not 200.
        body: Answered for everything, where it is not empty.
        headers: Sent with every answer.
    """

    handler: ClassVar[type[BaseHandler]] = Handler

    attestations: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    releases: dict[str, list[Any]] = field(default_factory=dict)
    pushers: frozenset[str] = frozenset()
    links: bool = True
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def questions(self) -> list[tuple[str, str]]:
        """Path and `Authorization` of each request so far."""
        return [(each.path, each.authorization) for each in self.requests]

    def found(self, path: str, authorization: str) -> tuple[int, bytes]:
        """Return status and body, as GitHub does."""
        if self.status != 200:
            return self.status, self.body or b'{"message": "no"}'
        if self.body:
            return 200, self.body
        found = self._found(path, authorization)
        return (404, b'{"message": "Not Found"}') if found is None else (200, json.dumps(found).encode())

    def _found(self, path: str, authorization: str) -> object:
        listed = self._listed(path)
        if listed is None:
            return None
        start, end = self._page(path)
        page = listed[start:end]
        if not urlsplit(path).path.endswith("/releases"):
            return {"attestations": page}
        sees_drafts = authorization.removeprefix("Bearer ") in self.pushers
        # Filtered after it was cut, so that a page may be short though another follows.
        return [row for row in page if sees_drafts or not (isinstance(row, dict) and row.get("draft"))]

    def _listed(self, path: str) -> list[Any] | None:
        place = urlsplit(path).path
        if place.endswith("/releases"):
            return self.releases.get(place.removeprefix("/repos/").removesuffix("/releases"))
        return self.attestations.get(place.rpartition("/")[2])

    def link(self, path: str, status: int) -> dict[str, str]:
        """Return the header that names the pages before and after this one, if there are any."""
        parts = urlsplit(path)
        start, end = self._page(path)
        size = end - start
        more = len(self._listed(path) or ()) > end
        pages = {"prev": start // size, "next": end // size + 1 if more else 0}
        # As GitHub does, by the repository's number; attestations have a cursor in place of a page.
        name = "page" if parts.path.endswith("/releases") else "after"
        links = [
            f'<{self.url}/repositories/1?per_page={size}&{name}={page}>; rel="{rel}"'
            for rel, page in pages.items()
            if page
        ]
        return {"Link": ", ".join(links)} if links and self.links and status == 200 else {}

    def _page(self, path: str) -> tuple[int, int]:
        query = parse_qs(urlsplit(path).query)
        cursor = "page" if urlsplit(path).path.endswith("/releases") else "after"
        size, page = (int(query.get(name, [usual])[0]) for name, usual in (("per_page", "30"), (cursor, "1")))
        return (page - 1) * size, page * size

"""Tests of preflight/workflows/package_versions.py against a fake of GitHub's API."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from preflight import CouldNotLook, Deadline, DoesNotApply
from preflight.workflows import package_versions
from preflight.workflows.package_versions import Loss, PackageVersions, list_versions
from tests.fakes.package_api import PackageApi, version
from tests.preflight.workflows.judging import PACKAGE

PINNED = f"sha256:{5:064x}"


@pytest.fixture
def api() -> Iterator[PackageApi]:
    """A server of GitHub's API."""
    with PackageApi() as fake:
        yield fake


def ask(api: PackageApi, **environ: str) -> PackageVersions:
    """Ask it for the versions of the package."""
    return list_versions(PACKAGE, {**api.environ, **environ}, Deadline.after(30))


def test_versions_of_all_pages(api: PackageApi) -> None:
    """Those that are there, with how many have no tag; the token is sent with each request."""
    api.active = tuple(version(number, *(["v1.0.0"] if number == 1 else [])) for number in range(1, 251))

    found = ask(api)

    assert (len(found.active), found.untagged, found.deleted, found.complete) == (250, 249, (), True)
    assert found.path == "/orgs/acme/packages/container/agent%2Frunner"
    assert {header for _, header in api.asked} == {"Bearer ghp_hunter2"}


def test_short_page_is_not_the_last(api: PackageApi) -> None:
    """GitHub may send fewer versions than asked for, and more on the next page."""
    api.page, api.deleted = 1, (version(1), version(2, "1.2.0"))

    assert ask(api).releases_gone == ("1.2.0",)


def test_endless_pages_end(api: PackageApi, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some thousand versions it is enough, and the evidence says that there are more."""
    monkeypatch.setattr(package_versions, "MAX_PAGES", 2)
    api.active = tuple(version(number) for number in range(300))

    found = ask(api)

    assert (len(found.active), found.complete) == (200, False)
    assert found.evidence()["complete"] is False


@pytest.mark.parametrize(
    ("deleted", "loss", "worst"),
    [
        ((), Loss.NOTHING, None),
        ((version(1), version(2, "pr-1")), Loss.OTHERS, 1),
        ((version(7), version(8, "1.2.0", "1.2"), version(9, "v1.3.0")), Loss.RELEASES, 8),
        ((version(8, "1.2.0"), version(5)), Loss.PINNED, 5),
    ],
)
def test_worst_of_what_was_deleted(
    api: PackageApi, deleted: tuple[dict[str, Any], ...], loss: Loss, worst: int | None
) -> None:
    """The pinned image before releases before others, whichever comes first in the list."""
    api.deleted = deleted

    found = ask(api)

    assert found.loss(PINNED) is loss
    assert (first.id if (first := found.worst(PINNED)) else None) == worst


def test_package_of_a_user(api: PackageApi) -> None:
    """What was deleted from a user's package GitHub tells that user only."""
    api.kind, api.active = "users/acme", (version(1, "v1.0.0"),)
    other = ask(api)
    api.login = "acme"
    own = ask(api)

    assert (other.deleted, other.loss(PINNED), other.worst(PINNED)) == (None, Loss.UNTOLD, None)
    assert (own.deleted, own.path) == ((), "/user/packages/container/agent%2Frunner")


@pytest.mark.parametrize(
    ("status", "limit", "error", "words"),
    [
        (401, "59", DoesNotApply, "the token may not list the versions of the package at GitHub (401)"),
        (403, "59", DoesNotApply, "(403)"),
        (404, "59", DoesNotApply, "GitHub has no package agent/runner that this token may list"),
        (403, "0", CouldNotLook, "the limit of requests is reached"),
        (302, "59", CouldNotLook, "GitHub's API redirects; the token is not sent elsewhere"),
        (418, "59", CouldNotLook, "GitHub's API answers with 418"),
    ],
)
def test_api_that_refuses(api: PackageApi, status: int, limit: str, error: type[Exception], words: str) -> None:
    """A token without the right is no error of the release; an API in trouble was not looked at."""
    api.status, api.limit = status, limit

    with pytest.raises(error) as raised:
        ask(api)

    assert words in str(raised.value)
    assert "hunter2" not in repr(raised.value)


@pytest.mark.parametrize("body", [b"{}", b"<html>", b"[[[", b"null"])
def test_api_that_answers_nonsense_is_an_error(api: PackageApi, body: bytes) -> None:
    """What is no list of versions was not judged."""
    api.body = body

    with pytest.raises(CouldNotLook):
        ask(api)


def test_rows_that_are_no_versions_are_left_out(api: PackageApi) -> None:
    """Names, ids and tags of other kinds neither count nor are shown."""
    rows = [version(1, "../x", "ok"), {"id": "x"}, {"id": 2, "name": "1.0"}, 3, {**version(4), "metadata": None}]
    api.body = json.dumps(rows).encode()

    assert ask(api).evidence()["deleted"] == [
        {"digest": f"sha256:{1:064x}", "changed": "2026-11-20T00:00:00Z", "tags": ["ok"]},
        {"digest": f"sha256:{4:064x}", "changed": "2026-11-20T00:00:00Z", "tags": []},
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GITHUB_API_URL", "http://api.example.org", "GITHUB_API_URL is no https:// address"),
        ("GITHUB_API_URL", "https://a@b/", "GITHUB_API_URL is no https:// address"),
        ("GITHUB_API_URL", "https://[x", "GITHUB_API_URL is no https:// address"),
        ("GHCR_TOKEN", "hunter2\nX-Evil: 1", "GHCR_TOKEN holds no token"),
    ],
)
def test_token_is_sent_to_safe_places_only(api: PackageApi, name: str, value: str, words: str) -> None:
    """Neither in plain text over the network, nor with a header smuggled in."""
    with pytest.raises(CouldNotLook) as raised:
        ask(api, **{name: value})

    assert words in str(raised.value)
    assert "hunter2" not in repr(raised.value)
    assert not api.asked

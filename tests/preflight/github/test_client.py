"""preflight/github/client.py, against a fake of GitHub's API."""

import socket
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply
from preflight.github.client import TOKENS, GitHubApi, api_base, has_token, is_repository, web_hosts
from preflight.http import client as http
from preflight.http.client import Answer
from preflight.http.errors import Oversized
from preflight.http.server import Server
from preflight.lib.deadline import Deadline
from tests.fakes.github import FakeGitHub

TOKEN = "ghp_hunter2"


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    """A fake with nothing in it."""
    with FakeGitHub() as running:
        yield running


def api(fake: FakeGitHub, environ: Mapping[str, str] | None = None, *, anonymous: bool = False) -> GitHubApi:
    """Return the API at the fake."""
    return GitHubApi({"GITHUB_API_URL": fake.url, **(environ or {})}, Deadline.after(20), anonymous=anonymous)


def refused(fake: FakeGitHub, environ: Mapping[str, str] | None = None) -> CouldNotLook:
    """Return the error for a question, which shows no token."""
    with pytest.raises(CouldNotLook) as caught:
        api(fake, environ, anonymous=True).ask("/x")
    assert TOKEN not in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.hint
    return caught.value


def test_an_answer_is_handed_on(fake: FakeGitHub) -> None:
    """Its JSON is read on demand."""
    fake.body = b'[{"a": 1}]'
    asked = api(fake, {"GITHUB_TOKEN": TOKEN})

    answer = asked.ask("/repos/o/n/releases?page=2")

    assert (answer.status, asked.rows(answer), asked.value(answer)) == (200, [{"a": 1}], [{"a": 1}])
    assert fake.questions == [("/repos/o/n/releases?page=2", f"Bearer {TOKEN}")]


def test_the_first_token_that_is_set_is_sent(fake: FakeGitHub) -> None:
    """An empty variable is none; white space around a token, as a file leaves it, is left out."""
    for place, name in enumerate(TOKENS):
        environ = {**dict.fromkeys(TOKENS[:place], ""), **{later: f" {later}\n" for later in TOKENS[place:]}}
        asked = api(fake, environ)
        asked.ask("/x")
        assert asked.token_name == name
        assert fake.questions[-1] == ("/x", f"Bearer {name}")


def test_without_a_token(fake: FakeGitHub) -> None:
    """Nothing is asked, unless what is asked for is public."""
    with pytest.raises(DoesNotApply, match="there is no token to ask GitHub with"):
        api(fake)
    assert not has_token({"GITHUB_TOKEN": ""})
    assert has_token({"GH_TOKEN": "x"})

    asked = api(fake, anonymous=True)

    assert asked.ask("/x").status == 404
    assert asked.token_name == ""
    assert fake.questions == [("/x", "")]


@pytest.mark.parametrize("token", ["a b", "x\r\nX-Evil: 1", "ä", " ", "x\x7f"])
def test_what_is_no_token_is_not_sent(fake: FakeGitHub, token: str) -> None:
    """It is named by its variable, also where one may ask without any."""
    with pytest.raises(CouldNotLook, match="GH_TOKEN holds no token") as caught:
        api(fake, {"GH_TOKEN": token}, anonymous=True)

    assert caught.value.hint == "Correct GH_TOKEN."
    assert not fake.questions


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_for_want_of_rights_is_an_answer(fake: FakeGitHub, status: int) -> None:
    """Who asks knows what it means."""
    fake.status, fake.headers = status, {"x-ratelimit-remaining": "59"}

    assert api(fake, {"GITHUB_TOKEN": TOKEN}).ask("/x").status == status


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {"x-ratelimit-remaining": "0"}),
        (403, {"x-ratelimit-remaining": "0"}),
        (403, {"x-ratelimit-remaining": "12", "Retry-After": "3600"}),
        (429, {"Retry-After": "3600"}),
    ],
)
def test_a_limit_is_no_want_of_rights(fake: FakeGitHub, status: int, headers: dict[str, str]) -> None:
    """GitHub says both with 403; the way out depends on whether there is a token."""
    fake.status, fake.headers = status, headers

    with_token, without = refused(fake, {"GITHUB_TOKEN": TOKEN}), refused(fake)

    assert with_token.message == without.message == "GitHub's API: the limit of requests is reached"
    assert with_token.hint == "Wait an hour, or use another token."
    assert without.hint.startswith("Set GITHUB_TOKEN: without a token GitHub answers 60 requests an hour")


def test_no_redirect_is_followed(fake: FakeGitHub) -> None:
    """The name that was renamed has to be corrected."""
    fake.status, fake.headers = 301, {"Location": f"{fake.url}/repositories/1"}

    assert refused(fake, {"GITHUB_TOKEN": TOKEN}).message == "GitHub's API redirects; the token is not sent elsewhere"
    assert refused(fake).message == "GitHub's API redirects, and that is not followed"
    assert len(fake.questions) == 2


@pytest.mark.parametrize("status", [418, 422, 451])
def test_any_other_answer_is_an_error(fake: FakeGitHub, status: int) -> None:
    """Its status is named."""
    fake.status = status

    assert refused(fake).message == f"GitHub's API answers with {status}"


def test_trouble_at_github_is_asked_again(fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few times, and then it is an error."""
    monkeypatch.setattr("preflight.http.network.backoff", lambda _attempt: 0.001)
    fake.status = 502

    assert refused(fake).message == "GitHub's API answers with 502"
    assert len(fake.questions) == http.ATTEMPTS


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"a": ', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_json_is_an_error(fake: FakeGitHub, body: bytes) -> None:
    """One line, no traceback."""
    asked = api(fake, anonymous=True)

    for read in (asked.value, asked.rows):
        with pytest.raises(CouldNotLook, match="GitHub's API answers with something else"):
            read(Answer(200, {}, body))


def test_an_object_is_no_list(fake: FakeGitHub) -> None:
    """An error's text does not pass for an empty list."""
    with pytest.raises(CouldNotLook, match="something else"):
        api(fake, anonymous=True).rows(Answer(200, {}, b'{"message": "Moved"}'))


def test_an_answer_is_bounded(fake: FakeGitHub) -> None:
    """The asker may say how much is accepted."""
    fake.body = b"[" + b" " * 2000 + b"]"
    asked = api(fake, anonymous=True)

    with pytest.raises(Oversized, match="GitHub's API: "):
        asked.ask("/x", 1000)
    assert asked.ask("/x", 3000).status == 200


def test_nobody_there() -> None:
    """The error names GitHub's API, and its hint is not about registries."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        environ = {"GITHUB_API_URL": f"http://127.0.0.1:{unused.getsockname()[1]}"}

        with pytest.raises(CouldNotLook, match=r"GitHub's API: 127\.0\.0\.1:\d+ could not be reached") as caught:
            GitHubApi(environ, Deadline.after(20), anonymous=True).ask("/x")

    assert "registry" not in caught.value.hint
    assert "HTTPS_PROXY" in caught.value.hint


def test_time_is_kept() -> None:
    """An API that does not answer is late, and the hint says how to wait longer."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        environ = {"GITHUB_API_URL": f"http://127.0.0.1:{deaf.getsockname()[1]}"}

        with pytest.raises(DeadlineExceeded, match=r"GitHub's API: .* did not answer in time") as caught:
            GitHubApi(environ, Deadline.after(0.3), anonymous=True).ask("/x")

    assert "--timeout" in caught.value.hint


def test_one_client_asks_all(fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that connections are used again."""
    made: list[Any] = []
    real = http.Http

    def counted(environ: dict[str, str], server: Server) -> http.Http:
        made.append(environ)
        return real(environ, server)

    monkeypatch.setattr(http, "Http", counted)
    asked = api(fake, anonymous=True)
    asked.ask("/a")
    asked.ask("/b")

    assert len(made) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.org",
        "ftp://api.example.org",
        "https://",
        "https://user@api.example.org",
        "https://api.example.org/?x=1",
        "https://api.example.org/#x",
        "https://api.example.org/\x1b",
        "https://[x",
        "api.example.org",
    ],
)
def test_an_address_that_no_token_may_be_sent_to(url: str) -> None:
    """Neither in plain text over the network, nor to what is no address."""
    with pytest.raises(CouldNotLook, match="GITHUB_API_URL is no https:// address"):
        api_base({"GITHUB_API_URL": url})
    with pytest.raises(CouldNotLook, match="GITHUB_API_URL is no https:// address"):
        GitHubApi({"GITHUB_API_URL": url, "GH_TOKEN": TOKEN}, Deadline.after(20))


@pytest.mark.parametrize(
    ("environ", "base", "host"),
    [
        ({}, "https://api.github.com", "github.com"),
        ({"GITHUB_API_URL": ""}, "https://api.github.com", "github.com"),
        ({"GITHUB_API_URL": "https://api.github.com/"}, "https://api.github.com", "github.com"),
        ({"GITHUB_API_URL": "https://Git.Example.org/api/v3"}, "https://Git.Example.org/api/v3", "git.example.org"),
        ({"GITHUB_API_URL": "https://api.acme.ghe.com"}, "https://api.acme.ghe.com", "acme.ghe.com"),
        ({"GITHUB_API_URL": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080", "127.0.0.1"),
    ],
)
def test_the_address_and_the_host_to_clone_from(environ: dict[str, str], base: str, host: str) -> None:
    """GitHub's own, unless the environment names an Enterprise's."""
    assert api_base(environ) == base
    assert web_hosts(environ)[0] == host


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("a/b", True),
        ("a/b.c_d", True),
        ("jane_acme/app", True),
        ("a/.github", True),
        ("a", False),
        ("a/b/c", False),
        ("../b", False),
        ("a/..", False),
        ("a/.", False),
        ("a/b?c", False),
        ("a/b\n", False),
        ("", False),
    ],
)
def test_what_is_a_repository(text: str, *, is_one: bool) -> None:
    """It becomes a part of an address."""
    assert is_repository(text) is is_one

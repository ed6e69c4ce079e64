"""preflight/coolify/api/client.py: what Coolify refuses."""

import threading
from collections.abc import Callable

import pytest

from preflight.coolify.api import client as api
from preflight.coolify.resource import Kind
from preflight.errors import CouldNotLook
from preflight.lib.once import Once
from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, saying
from tests.fakes.http_server import Script, answering, hang_up, huge, not_http
from tests.preflight.coolify.api.client.asking import UUID, client, refused, soon


@pytest.mark.parametrize(
    ("token", "words", "hint"),
    [
        (None, "does not know the token (401)", "COOLIFY_TOKEN"),
        (Token(has_team=False), "the token belongs to no team (any more)", "with the right team chosen"),
        (Token(frozenset({"deploy"})), "the token lacks the permission read", "Keys & Tokens"),
        (Token(frozenset({"read", "write"}), is_admin=False), "may not do this in the team", "admin or owner"),
    ],
)
def test_token_that_is_refused(coolify: FakeCoolify, token: Token | None, words: str, hint: str) -> None:
    """Unknown, of no team, without permission, of a mere member: each says so, and what to do."""
    client(coolify).application(UUID, soon())
    coolify.tokens = {} if token is None else {TOKEN: token}

    error = refused(coolify)

    assert isinstance(error, api.ApiRefused)
    assert words in error.message
    assert hint in error.hint


def test_api_switched_off(coolify: FakeCoolify) -> None:
    """A Coolify with its API off names the switch."""
    coolify.enabled = False
    error = refused(coolify)

    assert error.message == "Coolify's API is switched off"
    assert error.hint == "In Coolify: Settings, Configuration, Advanced: switch on API Access."


def test_address_not_allowed(coolify: FakeCoolify) -> None:
    """A host that is not on the list of allowed addresses is told which list."""
    coolify.allowed = False
    error = refused(coolify)

    assert error.message == "Coolify's API does not accept requests from this host"
    assert "Allowed IPs for API Access" in error.hint


def test_application_of_another_team(coolify: FakeCoolify) -> None:
    """Absent and another team's look alike; both are said."""
    del coolify.applications[UUID]
    error = refused(coolify)

    assert isinstance(error, api.ApiUnknown)
    assert error.message == f"Coolify's API knows no application {UUID} in the token's team"
    with pytest.raises(api.ApiUnknown, match=f"no application {UUID}"):
        client(coolify).variables(Kind.APPLICATION, UUID, soon())


@pytest.mark.parametrize(
    ("reply", "kind", "words", "hint"),
    [
        (saying(400, "Invalid token."), api.ApiRefused, "belongs to no team", "COOLIFY_TOKEN"),
        (saying(400, "Invalid uuid."), api.ApiRefused, f"refuses application {UUID} (400): Invalid uuid.", "log"),
        (answering(422, b"{}"), api.ApiRefused, f"refuses application {UUID} (422)", "log"),
        (saying(403, "You are not authorized to perform this action."), api.ApiRefused, "may not do this", "admin"),
        (saying(403, "Something new."), api.ApiRefused, "refuses (403): Something new.", "permissions"),
        (answering(403, b"{}"), api.ApiRefused, "refuses (403)", "permissions"),
        (answering(403, b"<html>Access", Content_Type="text/html"), api.NotTheApi, "something in front of", "login"),
        (answering(401, b'"no"'), api.NotTheApi, "something in front of Coolify refuses with 401", "login"),
        (saying(404, "The route x could not be found."), api.NotTheApi, "no API of Coolify's", "COOLIFY_URL"),
        (saying(404, "Not found."), api.NotTheApi, "no API of Coolify's", "COOLIFY_URL"),
        (saying(405, "Not supported."), api.NotTheApi, "does not know the request", "Update"),
        (answering(301, Location="https://evil.example"), api.NotTheApi, "redirects (301)", "COOLIFY_URL"),
        (answering(302, b"<html>", Location="/login"), api.NotTheApi, "the token is not sent elsewhere", "login page"),
        (answering(500, b"<html>"), api.ApiTrouble, "has trouble of its own (500)", "docker logs coolify"),
        (answering(502, b"<html>"), api.ApiTrouble, "the proxy in front of Coolify does not reach it", "docker ps"),
        (answering(522), api.ApiTrouble, "does not reach it (522)", "docker ps"),
        (answering(503), api.ApiTrouble, "is not available (503)", "updated"),
        (answering(200, b"<!DOCTYPE html>", Content_Type="text/html"), api.NotTheApi, "with a web page, not", "Check"),
        (answering(200, b" \n<html>"), api.NotTheApi, "a web page although it calls it JSON", "COOLIFY_URL"),
        (answering(200, b"{}", Content_Type="text/html"), api.NotTheApi, "calls its answer text/html, not", "proxy"),
        (answering(200, b"{}"), api.NotTheApi, "a resource without a UUID", "COOLIFY_URL"),
        (answering(200, b"[]"), api.NotTheApi, "a resource that is no JSON object", "COOLIFY_URL"),
        (answering(200, b"{"), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b""), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b"\xff"), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b"[" * 100_000), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b"1" * 10_000), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b"{}", Content_Encoding="gzip"), api.NotTheApi, "a compressed answer", "proxy"),
        (huge, api.NotTheApi, "sends more than 8 MiB", "COOLIFY_URL"),
        (not_http, api.NotTheApi, "does not speak HTTP", "COOLIFY_URL"),
        (hang_up, api.ApiUnreachable, "closed the connection without an answer", "COOLIFY_URL"),
    ],
)
def test_each_refusal_in_its_own_words(
    coolify: FakeCoolify, reply: Script, kind: type[CouldNotLook], words: str, hint: str
) -> None:
    """Whatever comes instead of the answer is one line, with what to do about it."""
    coolify.always("/applications", reply)
    error = refused(coolify)

    assert isinstance(error, kind)
    assert words in error.message
    assert hint in error.hint


def test_too_many_requests(coolify: FakeCoolify) -> None:
    """A limit that outlasts our time says how long to wait."""
    coolify.always("/applications", saying(429, "Too Many Attempts.", Retry_After="58"))
    error = refused(coolify)

    assert error.message == "Coolify's API allows no more requests for now (429) and asks to wait 58 s"
    assert len(coolify.requests) == 1


def test_passing_limit_is_waited_for(coolify: FakeCoolify) -> None:
    """A limit that passes in time costs only the time."""
    coolify.script("/applications", saying(429, "Too Many Attempts.", Retry_After="0"), answering(429), answering(503))

    assert client(coolify).application(UUID, soon()).uuid == UUID
    assert len(coolify.requests) == 4


@pytest.mark.parametrize(
    ("break_it", "kind"), [(lambda fake: fake.applications.clear(), api.ApiUnknown), (None, api.ApiTrouble)]
)
def test_errors_can_be_kept_for_others(
    coolify: FakeCoolify, break_it: Callable[[FakeCoolify], None] | None, kind: type[CouldNotLook]
) -> None:
    """A refusal is the same for the next that asks, without asking again."""
    if break_it is not None:
        break_it(coolify)
    else:
        coolify.always("/applications", answering(500))
    once: Once[api.Application] = Once()
    asked = client(coolify)

    for _ in range(2):
        with pytest.raises(kind):
            once.get("a", lambda: asked.application(UUID, soon()), soon(), "the API")

    assert len(coolify.requests) == (1 if break_it else 4)


def test_many_threads(coolify: FakeCoolify) -> None:
    """One client serves many threads at once."""
    asked = client(coolify)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(asked.application(UUID, soon()).uuid)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [UUID] * 16

"""preflight/http/failures.py, and the corners of http.py that no server brings about at will."""

import ssl

import pytest

from preflight.errors import CouldNotLook
from preflight.http.client import Http, Request
from preflight.http.errors import TlsFailed, Unreachable
from preflight.http.failures import reason, tls_failed
from preflight.http.server import Server
from preflight.lib.deadline import Deadline
from preflight.registry.client import REGISTRY
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import Script, answering, reset

SERVER = Server(check="the name in the settings")


def test_reasons_quote_nothing() -> None:
    """Only the operating system's own words are shown; other texts may quote what was sent."""
    assert reason(OSError("quotes a secret")) == "no connection"
    assert reason(ValueError("quotes a secret")) == "its name or address is not usable"
    assert reason(None) == "its name or address is not usable"
    assert reason(OSError(111, "Connection refused")) == "connection refused"


def test_handshake_that_just_fails() -> None:
    """A handshake that fails for no reason we know says how to go on."""
    found = tls_failed(ssl.SSLEOFError(8, "EOF"), "127.0.0.1:5000", REGISTRY)

    assert isinstance(found, TlsFailed)
    assert found.message == "the TLS handshake with 127.0.0.1:5000 failed"
    assert "--registry-insecure 127.0.0.1:5000" in found.hint


def test_header_that_cannot_be_sent(ghcr: FakeGhcr) -> None:
    """A header with a line break is never sent."""
    request = Request("GET", f"{ghcr.url}/v2/", {"X": "a\r\nAuthorization: evil"}, 100)

    with pytest.raises(Unreachable, match="could not be asked") as caught:
        Http({}, SERVER).fetch(request, Deadline.after(10))
    assert "evil" not in caught.value.message
    assert ghcr.requests == []


def test_long_error_body_is_left(ghcr: FakeGhcr) -> None:
    """The body of an error is of no use beyond some length: the connection is dropped, not read out."""
    ghcr.always("/x", answering(404, b"x" * 200_000))

    answer = Http({}, SERVER).fetch(Request("GET", f"{ghcr.url}/x", {}, 100), Deadline.after(10))

    assert (answer.status, answer.body) == (404, b"")


def test_deadline_that_has_passed(ghcr: FakeGhcr) -> None:
    """Nothing is asked when no time is left."""
    with pytest.raises(CouldNotLook, match="did not answer in time"):
        Http({}, SERVER).fetch(Request("GET", f"{ghcr.url}/x", {}, 100), Deadline.after(-1))
    assert ghcr.requests == []


@pytest.mark.parametrize("script", [answering(503), answering(429, b"", Retry_After="0"), reset])
def test_what_must_not_happen_twice(ghcr: FakeGhcr, script: Script) -> None:
    """A request that starts something is sent once, whatever becomes of it."""
    ghcr.always("/x", script)
    request = Request("POST", f"{ghcr.url}/x", {}, 100, attempts=1)

    if script is reset:
        with pytest.raises(Unreachable, match="closed the connection"):
            Http({}, SERVER).fetch(request, Deadline.after(10))
    else:
        assert Http({}, SERVER).fetch(request, Deadline.after(10)).status in {429, 503}
    assert len(ghcr.requests) == 1

"""preflight/registry/answers.py"""

import json

import pytest

from preflight.http import errors as http_errors
from preflight.http.client import Answer
from preflight.registry import errors
from preflight.registry.answers import error_code, is_redirect, looks_like_html, read_json, refusal

HTML = {"content-type": "text/html; charset=utf-8"}


def refused(code: str) -> bytes:
    """Return the body of a refusal."""
    return json.dumps({"errors": [{"code": code, "message": "secret"}]}).encode()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (Answer(401, {}, b""), http_errors.Unauthorized, r"not readable with these credentials \(anonymous, 401"),
        (Answer(403, {}, refused("DENIED")), http_errors.Forbidden, "anonymous, 403"),
        (Answer(404, {}, refused("MANIFEST_UNKNOWN")), errors.ManifestUnknown, "404 MANIFEST_UNKNOWN"),
        (Answer(404, {}, refused("NAME_UNKNOWN")), errors.RepositoryUnknown, "404 NAME_UNKNOWN"),
        (Answer(404, {"docker-distribution-api-version": "registry/2.0"}, b""), errors.RepositoryUnknown, "404"),
        (Answer(404, {}, b"nothing here"), errors.NotARegistry, "does not answer as a container registry"),
        (Answer(429, {"retry-after": "7"}, b""), http_errors.RateLimited, "asks to wait 7 s"),
        (Answer(503, {}, b""), http_errors.ServerTrouble, r"\(503\)"),
        (Answer(403, HTML, b"<html>"), errors.NotARegistry, "does not answer as a container registry"),
        (Answer(302, {"location": "https://evil"}, b""), http_errors.Redirected, "sends us to another host"),
        (Answer(418, {}, refused("UNSUPPORTED")), http_errors.BadAnswer, r"\(418 UNSUPPORTED\)"),
    ],
)
def test_refusals(answer: Answer, kind: type[Exception], words: str) -> None:
    """Each has a class and words of its own; what the server wrote is not quoted."""
    error = refusal(answer, "registry.example", "registry.example/a", "anonymous")

    assert type(error) is kind
    with pytest.raises(kind, match=words):
        raise error
    assert "secret" not in error.message + error.hint
    assert error.hint


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (refused("DENIED"), "DENIED"),
        (refused("MADE_UP"), ""),
        (b'{"errors": 1}', ""),
        (b'{"errors": [1]}', ""),
        (b"[" * 100_000, ""),
        (b"<html>", ""),
    ],
)
def test_codes_of_errors(body: bytes, code: str) -> None:
    """Only those of the specification."""
    assert error_code(Answer(404, {}, body)) == code


def test_json_is_read_with_care() -> None:
    """A web page is no registry; anything but an object is no answer."""
    assert read_json(Answer(200, {}, b'{"a": 1}'), "h", "its list") == {"a": 1}
    for answer in (Answer(200, HTML, b"{}"), Answer(200, {}, b"  <html>")):
        assert looks_like_html(answer)
        with pytest.raises(errors.NotARegistry):
            read_json(answer, "h", "its list")
    for body in (b"[]", b"\xff", b"[" * 100_000):
        with pytest.raises(http_errors.BadAnswer, match="h: its list is not valid JSON"):
            read_json(Answer(200, {}, body), "h", "its list")


def test_redirects() -> None:
    """A status alone leads nowhere."""
    assert is_redirect(Answer(307, {"location": "x"}, b""))
    assert not is_redirect(Answer(307, {}, b""))
    assert not is_redirect(Answer(200, {"location": "x"}, b""))

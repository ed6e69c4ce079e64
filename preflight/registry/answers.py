"""What a registry's answer means: its JSON read with care, its refusals put into honest words."""

import json
from typing import Any

from preflight.http import errors as http_errors
from preflight.http.client import Answer
from preflight.http.network import asked_pause
from preflight.registry import errors

_KNOWN_CODES = frozenset(
    {
        *("DENIED", "MANIFEST_BLOB_UNKNOWN", "MANIFEST_INVALID", "MANIFEST_UNKNOWN", "NAME_INVALID", "NAME_UNKNOWN"),
        *("TAG_INVALID", "TOOMANYREQUESTS", "UNAUTHORIZED", "UNSUPPORTED"),
    }
)
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _TOO_MANY, _SERVER = 401, 403, 404, 429, 500
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def is_redirect(answer: Answer) -> bool:
    """Whether the answer sends us elsewhere."""
    return answer.status in _REDIRECTS and "location" in answer.headers


def read_json(answer: Answer, host: str, what: str) -> dict[str, Any]:
    """Return the JSON object in an answer.

    Args:
        answer: With a body.
        host: Who sent it, for the error.
        what: What it should be, e.g. "its list of tags".

    Raises:
        NotARegistry: It is a web page.
        BadAnswer: It is no JSON object.
    """
    if looks_like_html(answer):
        raise not_a_registry(host)
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        value = None
    if not isinstance(value, dict):
        raise http_errors.BadAnswer(
            f"{host}: {what} is not valid JSON", "Try again; if it stays so, look at the proxy before the registry."
        )
    return value


def looks_like_html(answer: Answer) -> bool:
    """Whether the answer is meant for a browser."""
    kind = answer.headers.get("content-type", "").lower()
    return kind.startswith(("text/html", "application/xhtml")) or answer.body[:256].lstrip()[:1] == b"<"


def not_a_registry(host: str) -> errors.NotARegistry:
    """Return the error for something else than a registry."""
    return errors.NotARegistry(
        f"{host} does not answer as a container registry does (a web page?)",
        "Check the registry's name in the pin; a login page or proxy may stand before it.",
    )


def error_code(answer: Answer) -> str:
    """Return the first known error code in the body (OCI distribution 1.1, "Error codes"), or the empty string."""
    try:
        for item in json.loads(answer.body)["errors"]:
            if item["code"] in _KNOWN_CODES:
                return str(item["code"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return ""


def refusal(answer: Answer, host: str, what: str, identity: str) -> http_errors.HttpError:
    """Return the error for an answer that is not the one hoped for.

    Args:
        answer: An answer whose status is not 200.
        host: The registry, as in image references, fit to show.
        what: What was asked for, e.g. "ghcr.io/owner/name", fit to show.
        identity: As whom we asked, e.g. "anonymous".
    """
    status, code = answer.status, error_code(answer)
    if status == _UNAUTHORIZED or (status == _FORBIDDEN and not looks_like_html(answer)):
        kind = http_errors.Unauthorized if status == _UNAUTHORIZED else http_errors.Forbidden
        return not_readable(kind, what, f"{identity}, {status}", host)
    if status == _NOT_FOUND:
        return _not_found(answer, code, host, what, identity)
    if status == _TOO_MANY:
        return _rate_limited(answer, host)
    if status >= _SERVER:
        return http_errors.ServerTrouble(
            f"{host} has trouble of its own ({status}), also after retries", "Try again later; look at its status page."
        )
    if looks_like_html(answer) or is_redirect(answer):
        return redirected(host) if is_redirect(answer) else not_a_registry(host)
    shown = f"{status} {code}".strip()
    return http_errors.BadAnswer(f"{host} refuses to answer for {what} ({shown})", "Check the name in the pin.")


def not_readable(kind: type[http_errors.NotReadable], what: str, how: str, host: str) -> http_errors.NotReadable:
    """Return the error for what is private or missing; which of the two, no registry tells."""
    return kind(
        f"{what}: missing or not readable with these credentials ({how})",
        f"Check the name; if the package is private: docker login {host} as the user who runs this.",
    )


def redirected(host: str) -> http_errors.Redirected:
    """Return the error for a redirect to another host."""
    return http_errors.Redirected(
        f"{host} sends us to another host for an answer; not followed",
        "Name the registry that really holds the image, or look for a proxy or login page on the way.",
    )


def _not_found(answer: Answer, code: str, host: str, what: str, identity: str) -> http_errors.HttpError:
    if code == "MANIFEST_UNKNOWN":
        return not_readable(errors.ManifestUnknown, what, f"{identity}, 404 {code}", host)
    if code or _names_itself(answer):
        return not_readable(errors.RepositoryUnknown, what, f"{identity}, 404 {code}".rstrip(), host)
    return not_a_registry(host)


def _names_itself(answer: Answer) -> bool:
    return answer.headers.get("docker-distribution-api-version", "").startswith("registry/2")


def _rate_limited(answer: Answer, host: str) -> http_errors.RateLimited:
    pause = asked_pause(answer.headers)
    wish = "" if pause is None else f" and asks to wait {pause:.0f} s"
    return http_errors.RateLimited(
        f"{host} allows no more requests for now (429){wish}",
        "Wait and run again; docker login raises the limit at most registries; or give `preflight run` more time with "
        "--timeout.",
    )

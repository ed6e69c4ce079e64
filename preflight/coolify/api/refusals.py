"""Why Coolify's API gave no answer that can be used: one class a reason, each with its own words and way out.

The bodies are those of app/Http/Middleware/ApiAllowed.php, ApiAbility.php and bootstrap/helpers/api.php at version
4.3.11; a server's own words are shown only where they are none of these, without the token and as one short line.
"""

import json
from typing import TYPE_CHECKING

from preflight.coolify.api.address import ApiAddress
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.http.client import Answer
    from preflight.http.errors import HttpError
    from preflight.http.server import Server

_ADVANCED = "In Coolify: Settings, Configuration, Advanced"
_TOKENS = "in Coolify: Keys & Tokens, API Tokens"
_BAD_REQUEST, _UNAUTHENTICATED, _FORBIDDEN, _NOT_FOUND = 400, 401, 403, 404
_WRONG_METHOD, _TOO_MANY, _FIRST_SERVER_ERROR = 405, 429, 500
_BAD_GATEWAYS = frozenset({502, 504, *range(520, 531)})
_UNAVAILABLE = 503
_PERMISSIONS = "missing required permissions:"
_SECRET_PART = 8
_SHOWN = 100


class ApiError(CouldNotLook):
    """Coolify's API did not give what was asked for."""


class ApiUnreachable(ApiError):
    """No conversation came about: name, network, proxy, TLS."""


class ApiTimedOut(ApiError, DeadlineExceeded):
    """The answer did not come, or did not end, in time."""


class ApiRefused(ApiError):
    """400, 401, 403: the token, its permissions, or where we come from are not accepted."""


class ApiUnknown(ApiError):
    """404: there is no such thing, or it belongs to another team."""


class ApiLimited(ApiError):
    """429, still after the retries that fit into the time."""


class ApiTrouble(ApiError):
    """5xx, still after the retries that fit into the time."""


class NotTheApi(ApiError):
    """Something answers, but not as Coolify's API does."""


def as_server(address: ApiAddress) -> "Server":
    """Return how messages about the way to the API call it."""
    from preflight.http.server import Server

    return Server(
        check=f"the address in {address.url_from}",
        name="Coolify's API",
        trust="Is it your own authority's? Name its certificates in PREFLIGHT_COOLIFY_CA_FILE (coolify.ca_file). "
        "Otherwise correct the certificate, or the clock.",
        plain_http="Port 8000 is plain HTTP; Coolify's proxy speaks TLS on port 443.",
    )


def unreachable(error: "HttpError") -> ApiError:
    """Return our error for one of the way to the API, in the same words."""
    from preflight.http import errors as way

    kind: type[ApiError] = ApiUnreachable
    if isinstance(error, way.TimedOut):
        kind = ApiTimedOut
    elif isinstance(error, way.NotHttp | way.BadAnswer):
        kind = NotTheApi
    return kind(error.message, error.hint)


def refusal(answer: "Answer", what: str, address: ApiAddress) -> ApiError:
    """Return the error for an answer other than 2xx.

    Args:
        answer: The answer.
        what: What was asked for, e.g. "the application abc".
        address: Whom; the token is taken out of all that is shown.
    """
    status = answer.status
    if status in range(300, 400):
        return NotTheApi(
            f"Coolify's API redirects ({status}); the token is not sent elsewhere",
            f"Write the address it redirects to into {address.url_from}; is there a login page in front of Coolify?",
        )
    if status == _TOO_MANY:
        return _limited(answer)
    if status >= _FIRST_SERVER_ERROR:
        return _trouble(status, address)
    said = _said(answer, address)
    if said is None:
        return NotTheApi(
            f"something in front of Coolify refuses with {status} and a page that is not Coolify's",
            f"Check the address in {address.url_from}; let this host past the login page or firewall in front of it.",
        )
    return _in_words(status, said, what, address)


def _in_words(status: int, said: str, what: str, address: ApiAddress) -> ApiError:
    if status == _UNAUTHENTICATED or (status == _BAD_REQUEST and said.lower().startswith("invalid token")):
        return _unauthenticated(said, address)
    if status == _FORBIDDEN:
        return _forbidden(said, address)
    if status == _NOT_FOUND:
        return _not_found(said, what, address)
    if status == _WRONG_METHOD:
        return NotTheApi(
            f"this Coolify does not know the request for {what} (405)", "Update Coolify, or do it in Coolify's UI."
        )
    words = f": {said}" if said else ""
    return ApiRefused(f"Coolify's API refuses {what} ({status}){words}", "See what it says, and Coolify's own log.")


def _unauthenticated(said: str, address: ApiAddress) -> ApiRefused:
    if said.lower().startswith("invalid token"):
        return ApiRefused(
            "Coolify's API: the token belongs to no team (any more): its user has left",
            f"Make a new token {_TOKENS}, with the right team chosen, and put it into {address.token_from}.",
        )
    return ApiRefused(
        "Coolify's API does not know the token (401)",
        f"It may be expired or cut short: make one {_TOKENS}, permission read, and put it into {address.token_from}.",
    )


def _forbidden(said: str, address: ApiAddress) -> ApiRefused:
    low = said.lower()
    if "disabled" in low:
        return ApiRefused("Coolify's API is switched off", f"{_ADVANCED}: switch on API Access.")
    if "not allowed to access" in low:
        return ApiRefused(
            "Coolify's API does not accept requests from this host",
            f"{_ADVANCED}: add this host's address to Allowed IPs for API Access.",
        )
    if low.startswith(_PERMISSIONS):
        missing = printable(said[len(_PERMISSIONS) :], 40) or "one"
        return ApiRefused(
            f"Coolify's API: the token lacks the permission {missing}",
            f"Make a token with it {_TOKENS}, and put it into {address.token_from}.",
        )
    if "team role" in low or "not authorized" in low:
        return ApiRefused(
            "Coolify's API: the user of the token may not do this in the team",
            f"Use a token of an admin or owner of the team in {address.token_from}, or one with permission read only.",
        )
    words = f": {said}" if said else ""
    return ApiRefused(
        f"Coolify's API refuses (403){words}", f"Check the permissions of the token {_TOKENS}; and API Access there."
    )


def _not_found(said: str, what: str, address: ApiAddress) -> ApiError:
    low = said.lower()
    if "not found" in low and "route" not in low and low.strip(". ") != "not found":
        return ApiUnknown(
            f"Coolify's API knows no {what} in the token's team",
            f"Correct the UUID, or use a token of the team it belongs to in {address.token_from}.",
        )
    if "no resources found" in low:
        return ApiUnknown(
            f"Coolify's API finds no {what} to deploy in the token's team",
            f"Correct the UUID, or use a token of the team it belongs to in {address.token_from}.",
        )
    return NotTheApi(
        f"there is no API of Coolify's at this address, or it is too old to know {what} (404)",
        f"Check {address.url_from}: Coolify's own address, without a path. If it is right, update Coolify.",
    )


def _limited(answer: "Answer") -> ApiLimited:
    from preflight.http.network import asked_pause

    pause = asked_pause(answer.headers)
    asked = "" if pause is None else f" and asks to wait {pause:.0f} s"
    return ApiLimited(
        f"Coolify's API allows no more requests for now (429){asked}",
        "Try again after that; see who else asks with this token (200 a minute; API_RATE_LIMIT in Coolify's .env).",
    )


def _trouble(status: int, address: ApiAddress) -> ApiTrouble:
    if status in _BAD_GATEWAYS:
        return ApiTrouble(
            f"the proxy in front of Coolify does not reach it ({status})",
            "Look whether Coolify runs on its server: `docker ps --filter name=coolify`.",
        )
    if status == _UNAVAILABLE:
        return ApiTrouble(
            "Coolify is not available (503), also after retries",
            "Is it being updated? Try again in a few minutes, then look at `docker logs coolify` on its server.",
        )
    return ApiTrouble(
        f"Coolify's API has trouble of its own ({status})",
        f"Look at `docker logs coolify` on the server of {printable(address.url, 80)}.",
    )


def web_page(answer: "Answer", address: ApiAddress) -> NotTheApi:
    """Return the error for a page where data is due."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    lie = " although it calls it JSON" if kind.endswith("json") else ""
    return NotTheApi(f"Coolify's API answers with a web page{lie}, not with data", _look(address))


def wrong_type(answer: "Answer", address: ApiAddress) -> NotTheApi:
    """Return the error for data that is called something else."""
    kind = printable(answer.headers.get("content-type", ""), 40)
    return NotTheApi(
        f"Coolify's API calls its answer {kind}, not JSON: something on the way changes it", _look(address)
    )


def nonsense(address: ApiAddress, what: str = "no JSON that can be read") -> NotTheApi:
    """Return the error for an answer that makes no sense."""
    return NotTheApi(f"Coolify's API answers with {what}", _look(address))


def _look(address: ApiAddress) -> str:
    return f"Check the address in {address.url_from}: Coolify's own, not an application's; then the proxy before it."


def _said(answer: "Answer", address: ApiAddress) -> str | None:
    """Return the server's ``message``, "" for JSON without one, None for what is no JSON object."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    message = body.get("message")
    return printable(without_token(message, address), _SHOWN) if isinstance(message, str) else ""


def without_token(text: str, address: ApiAddress) -> str:
    """Return a text without the token, and without its secret part (Laravel's tokens are ``ID|SECRET``)."""
    for secret in (address.token, address.token.rpartition("|")[2]):
        if len(secret) >= _SECRET_PART:
            text = text.replace(secret, "[token]")
    return text

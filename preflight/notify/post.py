"""One HTTP POST: verified TLS, no redirect followed, a deadline, and errors that quote nothing."""

import base64
from collections.abc import Mapping
from dataclasses import field
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from preflight.http.address import is_loopback
from preflight.http.client import Http, Request
from preflight.http.errors import HttpError, TimedOut
from preflight.http.server import Server
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.notify.errors import NotDelivered, Refused

_CAP = 1024 * 1024
_SUCCESS = range(200, 300)
_REDIRECTS = range(300, 400)
_THIS_MESSAGE = frozenset({400, 413, 422})
"""Answers that blame what was sent, not the address, the credentials or the moment."""


@frozen
class Address:
    """Where to post.

    Args:
        url: Without user and password. Never shown.
        headers: With the credentials that the address had. Never shown.
    """

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)


def address(text: str, key: str, *, plain_http: bool) -> Address:
    """Return an address that may be posted to.

    Args:
        text: As written.
        key: How it is called in the configuration.
        plain_http: ``http://`` to another machine is allowed.

    Raises:
        NotDelivered: It is no such address. The message does not quote it.
    """
    parts = _split(text)
    if parts is None or not text.isascii() or " " in text:
        raise NotDelivered(f"{key} is no address of the form https://HOST/PATH", f"Correct {key}.")
    if parts.scheme == "http" and not plain_http and not is_loopback(parts.netloc.rpartition("@")[2]):
        raise NotDelivered(
            f"{key} is an http:// address: everybody on the way could read it",
            "Use https://; or, in a network that you trust, set plain_http: true.",
        )
    return Address(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), _credentials(parts))


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def _credentials(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


class Post:
    """Posts to the receivers of notifications.

    Args:
        environ: Where proxies and certificates are named.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._http = Http(environ, Server(check="the address of this target"))

    def send(
        self, to: Address, body: bytes, headers: Mapping[str, str], deadline: Deadline, *, attempts: int = 1
    ) -> None:
        """Post, and post again after a reset, 429 and 5xx.

        Raises:
            Refused: The receiver refuses this message.
            NotDelivered: It did not accept it.
        """
        request = Request("POST", to.url, {**to.headers, **headers}, cap=_CAP, body=body, attempts=attempts)
        try:
            answer = self._http.fetch(request, deadline)
        except TimedOut as error:
            raise NotDelivered(error.message, "Check the receiver, or give this target a longer timeout.") from None
        except HttpError as error:
            raise NotDelivered(error.message, error.hint) from None
        if answer.status in _SUCCESS:
            return
        said = f"{request.host} answers with status {answer.status}"
        if answer.status in _THIS_MESSAGE:
            raise Refused(said, "Look at what the receiver accepts.")
        if answer.status in _REDIRECTS:
            raise NotDelivered(f"{said}: a redirect, which is not followed", "Configure the address that it leads to.")
        raise NotDelivered(said, "Check the address and the receiver.")

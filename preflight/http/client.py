"""HTTP for all doors: the only file that uses urllib3 to ask, and only at the first request.

Every exchange runs in a thread of its own, so that nothing (a name server, a handshake, headers or a body that
come in drop by drop) can hold a caller beyond its deadline. No redirect is followed and no cookie kept here.
"""

import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from preflight.errors import DeadlineExceeded
from preflight.http import failures, network
from preflight.http.errors import BadAnswer, ConnectionBroken, HttpError, Oversized, ProxyFailed, TimedOut, Unreachable
from preflight.http.server import Server
from preflight.lib.deadline import Deadline
from preflight.lib.parallel import one
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.version import __version__

if TYPE_CHECKING:
    import urllib3

USER_AGENT = f"preflight/{__version__}"
ATTEMPTS = 4
_CONNECT_S = 10.0
_CHUNK = 65536
_ERROR_BODY = 65536
_TOO_MANY_REQUESTS = 429
_WORTH_A_RETRY = frozenset({_TOO_MANY_REQUESTS, 500, 502, 503, 504})
_FIRST_ERROR = 400
_CONNECTIONS = 16


@frozen
class Request:
    """What is asked.

    Args:
        method: HEAD, GET, POST, PUT or PATCH.
        url: Absolute.
        headers: Sent as they are, may hold credentials.
        body: For the last three.
        cap: Bytes of the answer accepted.
        attempts: How often to ask at most; 1 for what must not happen twice.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    cap: int
    body: bytes | None = None
    attempts: int = ATTEMPTS

    @property
    def host(self) -> str:
        """Host and port, fit to show."""
        return printable(urlsplit(self.url).netloc, 120)


@frozen
class Answer:
    """What came back: status, headers with names in lower case (repeated ones joined by commas), body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Http:
    """A thread-safe HTTP client with one pool of connections a run.

    Args:
        environ: Where proxies and certificate bundles are named.
        server: How messages call the kind of server that is asked.
        ca_file: A bundle that alone is trusted, instead of the machine's and the environment's.
    """

    def __init__(self, environ: Mapping[str, str], server: Server, ca_file: Path | None = None) -> None:
        self._environ, self._server, self._ca_file = environ, server, ca_file
        self._managers: dict[tuple[str, str | None], urllib3.PoolManager] = {}
        self._lock = threading.Lock()

    def fetch(self, request: Request, deadline: Deadline) -> Answer:
        """Ask, and ask again where that helps: after a reset, 429 and 5xx, with pauses, within the deadline.

        Returns:
            The last answer, whatever its status.

        Raises:
            HttpError: There is no answer, or none that may be kept.
            TimedOut: The time was too short to ask, or for the answer.
        """
        try:
            return self._fetch(request, deadline)
        except HttpError as error:
            if self._server.name:
                raise type(error)(f"{self._server.name}: {error.message}", error.hint) from None
            raise

    def _fetch(self, request: Request, deadline: Deadline) -> Answer:
        for attempt in range(request.attempts):
            last = attempt == request.attempts - 1
            pause = network.backoff(attempt)
            try:
                answer = self._in_thread(request, deadline)
            except ConnectionBroken:
                if last or not _sleep(pause, deadline):
                    raise
                continue
            if answer.status not in _WORTH_A_RETRY or last:
                return answer
            asked = network.asked_pause(answer.headers)
            if not _sleep(pause if asked is None else asked + pause / 4, deadline):
                return answer
        raise AssertionError("the last attempt returns or raises")

    def _in_thread(self, request: Request, deadline: Deadline) -> Answer:
        try:
            return one(lambda: self._converse(request, deadline), deadline, request.host)
        except TimedOut:
            raise
        except DeadlineExceeded:
            raise failures.timed_out(request.host) from None

    def manager(self, url: str) -> "urllib3.PoolManager":
        """Return the pool of connections for the way to ``url``, made at the first use."""
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        way = (parts.scheme, network.proxy_for(parts.scheme, parts.hostname or "", port, self._environ))
        with self._lock:
            if way not in self._managers:
                self._managers[way] = self._make_manager(*way)
            return self._managers[way]

    def _make_manager(self, scheme: str, proxy: str | None) -> "urllib3.PoolManager":
        import urllib3

        options: dict[str, Any] = {"maxsize": _CONNECTIONS, "retries": False}
        if scheme == "https" or (proxy or "").startswith("https:"):  # reading the bundle takes 20 ms
            options["ssl_context"] = network.tls_context(self._environ, self._ca_file)
        if proxy is None:
            return urllib3.PoolManager(**options)
        if "ssl_context" in options:
            options["proxy_ssl_context"] = options["ssl_context"]
        try:
            userinfo = urllib3.util.parse_url(proxy).auth
            headers = urllib3.util.make_headers(proxy_basic_auth=unquote(userinfo)) if userinfo else {}
            return urllib3.ProxyManager(proxy, proxy_headers=headers, **options)
        except (ValueError, urllib3.exceptions.HTTPError):
            raise ProxyFailed(
                "the environment names a proxy that is no valid URL", "Correct HTTPS_PROXY, or unset it."
            ) from None

    def _converse(self, request: Request, deadline: Deadline) -> Answer:
        left = deadline.remaining(request.host)
        manager = self.manager(request.url)
        import urllib3

        try:
            response = manager.urlopen(
                request.method,
                request.url,
                body=request.body,
                headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **request.headers},
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(connect=min(left, _CONNECT_S), read=left),
            )
            return self._receive(response, request, deadline)
        except urllib3.exceptions.HTTPError as error:
            raise failures.explain(error, request.host, self._server) from None
        except (OSError, ValueError) as error:
            # E.g. a header that cannot be sent, or a host name that cannot be encoded.
            why = failures.reason(error)
            raise Unreachable(f"{request.host} could not be asked: {why}", f"Check {self._server.check}.") from None

    def _receive(self, response: "urllib3.BaseHTTPResponse", request: Request, deadline: Deadline) -> Answer:
        kept = False
        try:
            headers = {name.lower(): response.headers[name] for name in response.headers}
            body = self._body(response, headers, request, deadline)
            kept = body is not None
            return Answer(response.status, headers, body or b"")
        finally:
            if kept:
                response.release_conn()
            else:
                response.close()

    def _body(
        self, response: "urllib3.BaseHTTPResponse", headers: Mapping[str, str], request: Request, deadline: Deadline
    ) -> bytes | None:
        """Return the body, or None when it belongs to an error and is too long to be worth reading."""
        is_error = response.status >= _FIRST_ERROR
        cap = _ERROR_BODY if is_error else request.cap
        data = bytearray()
        if request.method == "HEAD" or _announced(headers) <= cap:
            while len(data) <= cap:
                deadline.remaining(request.host)
                chunk = response.read1(_CHUNK)
                if not chunk:
                    self._refuse_encoding(headers, request)
                    return bytes(data)
                data += chunk
        if is_error:
            return None
        raise Oversized(
            f"{request.host} sends more than {cap >> 20} MiB where a small document is due",
            f"Check {self._server.check}; then ask who runs {request.host}.",
        )

    def _refuse_encoding(self, headers: Mapping[str, str], request: Request) -> None:
        # We asked for none, so that no compressed bomb has to be unpacked.
        if headers.get("content-encoding", "identity").lower() not in {"", "identity"}:
            raise BadAnswer(
                f"{request.host} sends a compressed answer although none was asked for",
                f"Look at the proxy in front of {request.host}.",
            )


def _announced(headers: Mapping[str, str]) -> int:
    """Return the bytes that `Content-Length` announces; 0 without a usable one."""
    value = headers.get("content-length", "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < len(str(1 << 63)) else 0


def _sleep(seconds: float, deadline: Deadline) -> bool:
    """Sleep and return True, or return False at once if the deadline would pass."""
    if seconds >= deadline.at - time.monotonic():
        return False
    time.sleep(seconds)
    return True

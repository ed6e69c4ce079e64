"""Questions that only read, asked over the engine's socket with Python's own HTTP client.

Most commands only read. Importing the SDK takes 100 ms; everything else that a short command imports takes 25 ms. The
SDK is used for engines over TCP or TLS, and for everything that creates, starts or removes something.
"""

import json
import socket
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from preflight.engine.endpoint import Endpoint
from preflight.engine.problem import Refusal, no_engine
from preflight.errors import CouldNotLook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from http.client import HTTPResponse

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes; a list of containers takes a few KiB for each."""
_FIRST_REDIRECT, _FIRST_ERROR = 300, 400


class Reader(Protocol):
    """Reads from an engine."""

    def get(self, path: str, **params: str) -> Any:
        """Return the JSON that the engine answers with.

        Args:
            path: After the version, e.g. "containers/json".
            params: Of the question.

        Raises:
            Refusal: The engine refuses.
            CouldNotLook: It answers without end.
        """

    def api_version(self) -> str:
        """Return the version of the API that the engine speaks; empty where the answer does not say."""


class SocketReader:
    """Reads from an engine with a Unix socket, each question over a connection of its own.

    Args:
        endpoint: The engine.
        path: Of its socket.
        version: Of its API.
        seconds: How long it may be silent.
    """

    def __init__(self, endpoint: Endpoint, path: Path, version: str, seconds: float) -> None:
        self._endpoint, self._path, self._version, self._seconds = endpoint, path, version, seconds

    def get(self, path: str, **params: str) -> Any:
        """Return the JSON that the engine answers with; see ``Reader``."""
        query = f"?{urlencode(params)}" if params else ""
        with self._answer(f"/v{self._version}/{path}{query}") as answer:
            if answer.status >= _FIRST_ERROR:
                raise Refusal(answer.status)
            return parsed(answer.read(MAX_ANSWER + 1))

    def api_version(self) -> str:
        """Return the version of the API that the engine speaks; empty where the answer does not say."""
        with self._answer("/_ping") as answer:
            return answer.headers.get("Api-Version", "")

    @contextmanager
    def _answer(self, target: str) -> "Iterator[HTTPResponse]":
        from http.client import HTTPConnection

        with closing(HTTPConnection("localhost", timeout=self._seconds)) as connection:
            connection.sock = socket.socket(socket.AF_UNIX)
            connection.sock.settimeout(self._seconds)
            connection.sock.connect(str(self._path))
            connection.request("GET", target)
            with connection.getresponse() as answer:
                if _FIRST_REDIRECT <= answer.status < _FIRST_ERROR:
                    raise no_engine(self._endpoint, ": it redirects")
                yield answer


def parsed(body: bytes) -> Any:
    """Return the JSON of a body that was read up to one byte more than is accepted.

    Raises:
        CouldNotLook: It is longer.
        ValueError: It is no JSON.
    """
    if len(body) > MAX_ANSWER:
        raise CouldNotLook(
            f"the Docker engine answers with more than {MAX_ANSWER >> 20} MiB", "Look who answers at DOCKER_HOST."
        )
    return json.loads(body)

"""The SDK: one client for one question, with its time limit. The only file that imports `docker`, and late.

Measured with Docker 20.10: `import docker` costs 100 ms, making a client 0.3 ms; asking for the API version by `GET
/version` (what the SDK does by itself) costs 10 ms, by `GET /_ping` 2 ms.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from preflight.engine.endpoint import Endpoint
from preflight.engine.problem import Refusal, broken_configuration, explain
from preflight.engine.reader import MAX_ANSWER, Reader, SocketReader, parsed
from preflight.lib.deadline import Deadline

if TYPE_CHECKING:
    from docker import APIClient as APIClient  # noqa: PLC0414 -- handed on, as a type, to those who ask

T = TypeVar("T")

WHAT = "the Docker engine"


def import_docker() -> Any:
    """Return the SDK."""
    import docker

    return docker


def ask(endpoint: Endpoint, version: str, deadline: Deadline, ask: "Callable[[APIClient, Deadline], T]") -> T:
    """Ask one question with a client of its own.

    Raises:
        CouldNotLook: The engine does not answer, or refuses.
    """
    import_docker()
    with explain(endpoint), _client(endpoint, version, deadline) as client:
        return ask(client, deadline)


def read(endpoint: Endpoint, version: str, deadline: Deadline, ask: Callable[[Reader], T]) -> T:
    """Ask one question that only reads; the SDK is imported where the engine has no socket here.

    Raises:
        CouldNotLook: The engine does not answer, or refuses.
    """
    with explain(endpoint):
        if endpoint.socket is not None:
            return ask(SocketReader(endpoint, endpoint.socket, version, _patience(deadline)))
        with _client(endpoint, version, deadline) as client:
            return ask(SdkReader(client))


def _patience(deadline: Deadline) -> float:
    """Return how long an engine may be silent: a little less than we have, so that it can be said what hangs."""
    left = deadline.remaining(WHAT)
    return max(0.05, left - min(0.2, left / 10))


@contextmanager
def _client(endpoint: Endpoint, version: str, deadline: Deadline) -> "Iterator[APIClient]":
    """A client for one question: making one costs 0.3 ms, and its time limit is its own."""
    docker = import_docker()
    tls: Any = False
    if endpoint.tls is not None:
        files = endpoint.tls
        tls = docker.tls.TLSConfig(
            client_cert=(str(files.cert), str(files.key)) if files.cert else None,
            ca_cert=str(files.ca) if files.ca else None,
            verify=files.verify,
        )
    try:
        client = docker.APIClient(base_url=endpoint.url, version=version, tls=tls, timeout=_patience(deadline))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise broken_configuration() from error
    client.max_redirects = 0  # no engine sends anybody elsewhere
    if endpoint.socket is not None:
        client.trust_env = False  # proxies and .netrc are nothing to a socket, and are looked up each time
    try:
        yield client
    finally:
        client.close()


class SdkReader:
    """Reads from an engine that is not asked over a socket here.

    Args:
        client: The SDK's.
    """

    def __init__(self, client: "APIClient") -> None:
        self._client = client

    def get(self, path: str, **params: str) -> Any:
        """Return the JSON that the engine answers with; unlike the SDK, not more of it than fits into memory."""
        with self._answer(f"v{self._client.api_version}/{path}", params) as answer:
            if not answer.ok:
                raise Refusal(answer.status_code)
            return parsed(bounded(answer, MAX_ANSWER))

    def api_version(self) -> str:
        """Return the version of the API that the engine speaks; empty where the answer does not say."""
        with self._answer("_ping", {}) as answer:
            return str(answer.headers.get("Api-Version", ""))

    @contextmanager
    def _answer(self, path: str, params: Mapping[str, str]) -> Iterator[Any]:
        client = self._client
        url = f"{client.base_url}/{path}"
        with client.get(url, params=params, timeout=client.timeout, stream=True) as answer:
            yield answer


def demand_ok(answer: Any) -> None:
    """Raise the SDK's own error for an answer that is none."""
    try:
        answer.raise_for_status()
    except OSError as error:  # what the SDK's HTTP library raises is one
        import_docker().errors.create_api_error_from_http_exception(error)


def bounded(answer: Any, limit: int) -> bytes:
    """Read an answer, or a little more than ``limit`` bytes of it."""
    kept = bytearray()
    for chunk in answer.iter_content(65536):
        kept += chunk
        if len(kept) > limit:
            break
    return bytes(kept)

"""The SDK: one client for one question, with its time limit. The only file that imports `docker`, and late.

Measured with Docker 20.10: `import docker` costs 100 ms, making a client 0.3 ms; asking for the API version by `GET
/version` (what the SDK does by itself) costs 10 ms, by `GET /_ping` 2 ms.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from preflight.engine.endpoint import Endpoint
from preflight.engine.problem import broken_configuration, explain, no_engine
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline

if TYPE_CHECKING:
    from docker import APIClient as APIClient  # noqa: PLC0414 -- handed on, as a type, to those who ask

T = TypeVar("T")

WHAT = "the Docker engine"
_MAX_ANSWER = 16 * 1024 * 1024  # a list of containers takes a few KiB for each


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
    left = deadline.remaining(WHAT)
    limit = max(0.05, left - min(0.2, left / 10))  # before ours, so that it can say what hangs
    try:
        client = docker.APIClient(base_url=endpoint.url, version=version, tls=tls, timeout=limit)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise broken_configuration() from error
    client.max_redirects = 0  # no engine sends anybody elsewhere
    if endpoint.socket is not None:
        client.trust_env = False  # proxies and .netrc are nothing to a socket, and are looked up each time
    try:
        yield client
    finally:
        client.close()


def ping(client: "APIClient", _deadline: Deadline, endpoint: Endpoint) -> str:
    """Return the API version of the engine."""
    answer = client.get(f"{client.base_url}/_ping", timeout=client.timeout, stream=True, allow_redirects=False)
    version = answer.headers.get("Api-Version", "")
    answer.close()
    if not all(part.isdigit() for part in version.split(".", 1)):
        raise no_engine(endpoint)
    return version


def get(client: "APIClient", path: str, params: Mapping[str, str]) -> Any:
    """Return the JSON that the engine answers with; unlike the SDK, not more of it than fits into memory."""
    url = f"{client.base_url}/v{client.api_version}/{path}"
    with client.get(url, params=params, stream=True, timeout=client.timeout) as answer:
        demand_ok(answer)
        body = bounded(answer, _MAX_ANSWER)
    if len(body) > _MAX_ANSWER:
        raise CouldNotLook(
            f"the Docker engine answers with more than {_MAX_ANSWER >> 20} MiB", "Look who answers at DOCKER_HOST."
        )
    return json.loads(body)


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

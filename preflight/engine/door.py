"""The one door to the Docker engine: list, inspect, exec, run apart. The only file that imports `docker`, and late.

Measured with Docker 20.10: `import docker` costs 100 ms, an exec 45 ms, every other question 2 ms; asking for the API
version by `GET /version` (what the SDK does by itself) costs 10 ms, by `GET /_ping` 2 ms.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from preflight.deadline import Deadline
from preflight.engine.container import (
    Container,
    Details,
    Ended,
    ExecResult,
    Sight,
    from_lines,
    from_nul_separated,
    split_environments,
    standard_output,
)
from preflight.engine.endpoint import Endpoint, find_endpoint
from preflight.engine.image_store import (
    LocalImage,
    StoredImage,
    StoreKind,
    engine_platform,
    local_image,
    store_kind,
    stored_image,
)
from preflight.engine.problem import broken_configuration, explain, is_missing_program, knock, no_engine
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.images.platforms import Platform
from preflight.once import Once
from preflight.together import one, together

if TYPE_CHECKING:
    from docker import APIClient
    from preflight.engine.unstarted import Unstarted

T = TypeVar("T")

RUNNING = "running"
_WHAT = "the Docker engine"
_OLDEST_API = "1.24"
_FIRST_ANSWER_S = 10.0
_MAX_OUTPUT = 4 * 1024 * 1024  # Linux bounds an environment at 2 MiB with usual limits
_MAX_ANSWER = 16 * 1024 * 1024  # a list of containers takes a few KiB for each
_EXIT_CODE_S = 2.0
_TO_REMOVE_S, _ABOUT_TO_BE_MADE_S = 10.0, 2.0
_MANY = 1000
_FIRST = "/proc/1/environ"
# Both environments in one exec, since execs in one container wait for each other: `env` hands its own on to `cat`, and
# a random line that nobody can foretell stands between them.
_BOTH = ("env", "cat", "/proc/self/environ", "/proc/sys/kernel/random/uuid", _FIRST)


class Engine:
    """Asks the engine that `docker` would ask. Safe to share between threads; each answer is asked for once.

    Args:
        environ: The environment; DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH and
            HOME count.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = dict(environ)
        self._versions: Once[tuple[Endpoint, str]] = Once()
        self._lists: Once[tuple[Container, ...]] = Once()
        self._sights: Once[Sight] = Once()
        self._images: Once[tuple[LocalImage, ...]] = Once()
        self._found: Once[LocalImage | None] = Once()
        self._platforms: Once[Platform] = Once()
        self._stores: Once[StoreKind] = Once()
        self._runs: Once[Ended] = Once()

    def warm(self) -> None:
        """Start to import the SDK in a thread of its own, so that it is there when it is needed."""
        threading.Thread(target=_import_docker, daemon=True).start()

    def containers(self, labels: Mapping[str, str], deadline: Deadline) -> tuple[Container, ...]:
        """Return the containers that carry all these labels, in every state, sorted by name.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        key = tuple(sorted(labels.items()))
        return self._lists.get(key, lambda: self._within(deadline, partial(_list, labels=labels)), deadline, _WHAT)

    def image(self, digest: str, deadline: Deadline) -> StoredImage | None:
        """Return how the image with that digest (`sha256:…`, of its manifest or index) is named here, None if absent.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        return stored_image(self.images(deadline), digest)

    def images(self, deadline: Deadline) -> tuple[LocalImage, ...]:
        """Return all images that the engine has.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        return self._images.get("all", lambda: self._within(deadline, _list_images), deadline, _WHAT)

    def find_image(self, reference: str, deadline: Deadline) -> LocalImage | None:
        """Return the image that the engine would run when asked for this reference, None if it would have to pull.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        ask = partial(_find_image, reference=reference)
        return self._found.get(reference, lambda: self._within(deadline, ask), deadline, _WHAT)

    def store(self, deadline: Deadline) -> StoreKind:
        """Return how the engine keeps its images.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        return self._stores.get(
            "store", lambda: self._within(deadline, lambda client, _: store_kind(client)), deadline, _WHAT
        )

    def run_apart(self, image: str, argv: tuple[str, ...], deadline: Deadline) -> Ended:
        """Run a program of an image that is here, in a container of its own that is gone afterwards.

        The container has no network, no mount, no capability and a read-only root; nothing is pulled.

        Args:
            image: Its id.
            argv: Found by the image's own `sh`, which must be there, with `timeout`.
            deadline: When it must have ended; it is killed two seconds before.

        Raises:
            CouldNotLook: The engine refuses, the image is gone, or the program prints without end.
            DeadlineExceeded: The program does not end in time.
        """
        from preflight.engine.apart import run_apart

        ask = partial(run_apart, image=image, argv=argv)
        return self._runs.get((image, argv), lambda: self._within(deadline, ask), deadline, _WHAT)

    def try_environment(self, order: "Unstarted", deadline: Deadline) -> Mapping[str, str]:
        """Make a container that is never started, return what it would run with, and remove it. Never to be shown.

        Raises:
            CouldNotLook: The engine refuses, or the image is gone.
        """
        from preflight.engine.unstarted import environment_of, make

        patience_s = _ABOUT_TO_BE_MADE_S
        try:
            self._within(deadline, partial(make, order=order))
            patience_s = 0.0
            return self._within(deadline, partial(environment_of, name=order.name))
        finally:
            self.remove_unstarted(order.name, Deadline.after(_TO_REMOVE_S), patience_s)

    def remove_unstarted(self, name: str, deadline: Deadline, patience_s: float = 0.0) -> None:
        """Remove a container that ``try_environment`` made, by its name or id; none there is as good.

        Raises:
            CouldNotLook: It is still there.
        """
        from preflight.engine.unstarted import remove

        try:
            self._within(deadline, partial(remove, name=name, patience_s=patience_s))
        except CouldNotLook as error:
            raise CouldNotLook(
                f"container {name[:40]}, which was never started, could not be removed: {error.message}",
                f"Remove it by hand: docker rm -f -v {name[:40]}",
            ) from error

    def left_unstarted(self, deadline: Deadline) -> Sequence[tuple[str, str]]:
        """Return id and owner of each container that somebody's ``try_environment`` made and has not removed yet.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        from preflight.engine.unstarted import left_behind

        return self._within(deadline, partial(left_behind, most=_MANY))

    def platform(self, deadline: Deadline) -> Platform:
        """Return what the engine pulls images for.

        Raises:
            CouldNotLook: The engine cannot be asked.
        """
        return self._platforms.get(
            "platform", lambda: self._within(deadline, lambda client, _: engine_platform(client)), deadline, _WHAT
        )

    def environment(self, container: Container, deadline: Deadline) -> Mapping[str, str]:
        """Return what the container was configured with. Never to be shown.

        Raises:
            CouldNotLook: The engine cannot be asked, or the container is gone.
        """
        return self._within(deadline, partial(_inspect, container=container)).environment

    def exec_environment(self, container: Container, deadline: Deadline) -> ExecResult:
        """Return the environment of a process started in the container (see ``look``).

        Raises:
            CouldNotLook: It does not run, or cannot be asked.
        """
        sight = self.look(container, deadline)
        if sight.executed is None:
            raise CouldNotLook(
                f"container {container.name} is {sight.details.state}, so nothing can be run in it",
                f"See `docker logs {container.name}`.",
            )
        return sight.executed

    def look(self, container: Container, deadline: Deadline) -> Sight:
        """Inspect a container and, if it runs, run `env` in it and read the environment of its process 1.

        Where `env` does not exist or prints nothing that can be read, /proc/1/environ stands in, and where that cannot
        be read either, the configured environment; ``source`` says so.

        Raises:
            CouldNotLook: The engine refuses, or the container stopped meanwhile.
        """
        return self._sights.get(container.id, lambda: self._look(container, deadline), deadline, _WHAT)

    def look_at_all(self, containers: Sequence[Container], deadline: Deadline) -> tuple[Sight | CouldNotLook, ...]:
        """Look at several containers side by side; see ``look``. What could not be seen is an error in its place."""
        return together([partial(self.look, each, deadline) for each in containers], deadline, _WHAT)

    def _look(self, container: Container, deadline: Deadline) -> Sight:
        details = self._within(deadline, partial(_inspect, container=container))
        if details.state != RUNNING:
            return Sight(details)
        both = self._run(container, _BOTH, deadline)
        split = None if isinstance(both, CouldNotLook) else split_environments(both.stdout)
        if split is not None:
            return Sight(details, ExecResult(split[0], "exec env", details.credible(split[1])))
        return self._look_twice(container, deadline)

    def _look_twice(self, container: Container, deadline: Deadline) -> Sight:
        """Ask for the two environments one by one: no `cat` in the container, a strange /proc, or worse."""
        runs = [partial(self._run, container, argv, deadline) for argv in (("env", "-0"), ("cat", _FIRST))]
        printed, first = together(runs, deadline, _WHAT)
        details = self._within(deadline, partial(_inspect, container=container))
        if details.state != RUNNING:
            raise CouldNotLook(
                f"container {container.name} stopped while it was asked (now {details.state})",
                f"See `docker logs {container.name}`, then run preflight again.",
            )
        if isinstance(printed, CouldNotLook):
            raise printed
        main = None if isinstance(first, CouldNotLook) or first.exit_code else from_nul_separated(first.stdout)
        return Sight(details, self._read(container, details, printed, details.credible(main), deadline))

    def _read(
        self,
        container: Container,
        details: Details,
        printed: Ended,
        first: Mapping[str, str] | None,
        deadline: Deadline,
    ) -> ExecResult:
        """Choose the best of what was seen."""
        if printed.exit_code == 0 and b"\0" in printed.stdout:
            return ExecResult(from_nul_separated(printed.stdout), "exec env -0", first)
        if not printed.not_there:  # an `env` that knows no -0
            again = self._run(container, ("env",), deadline)
            lines = None if isinstance(again, CouldNotLook) or again.exit_code else from_lines(again.stdout)
            if lines and not any("\n" in value for value in details.environment.values()):
                return ExecResult(lines, "exec env", first)
        if first is not None:
            return ExecResult(first, f"exec cat {_FIRST}", first)
        return ExecResult(details.environment, "inspect")

    def _run(self, container: Container, argv: tuple[str, ...], deadline: Deadline) -> Ended | CouldNotLook:
        """Run a program in a container; hand an error back, since another program may do."""
        try:
            return self._within(deadline, partial(_run, container=container, argv=argv))
        except DeadlineExceeded:
            raise
        except CouldNotLook as error:
            return error

    def _within(self, deadline: Deadline, ask: "Callable[[APIClient, Deadline], T]") -> T:
        """Ask one question with a client of its own, and abandon it when time is up."""
        endpoint, version = self._versions.get(
            "version", lambda: self._connect(deadline.sooner(_FIRST_ANSWER_S)), deadline, _WHAT
        )
        return one(lambda: _ask(endpoint, version, deadline, ask), deadline, _WHAT)

    def _connect(self, deadline: Deadline) -> tuple[Endpoint, str]:
        endpoint = find_endpoint(self._environ)
        if endpoint.socket is not None:
            knock(endpoint, deadline)
        ping = partial(_ping, endpoint=endpoint)
        return endpoint, one(lambda: _ask(endpoint, _OLDEST_API, deadline, ping), deadline, _WHAT)


def _import_docker() -> Any:
    import docker

    return docker


def _ask(endpoint: Endpoint, version: str, deadline: Deadline, ask: "Callable[[APIClient, Deadline], T]") -> T:
    _import_docker()
    with explain(endpoint), _client(endpoint, version, deadline) as client:
        return ask(client, deadline)


@contextmanager
def _client(endpoint: Endpoint, version: str, deadline: Deadline) -> "Iterator[APIClient]":
    """A client for one question: making one costs 0.3 ms, and its time limit is its own."""
    docker = _import_docker()
    tls: Any = False
    if endpoint.tls is not None:
        files = endpoint.tls
        tls = docker.tls.TLSConfig(
            client_cert=(str(files.cert), str(files.key)) if files.cert else None,
            ca_cert=str(files.ca) if files.ca else None,
            verify=files.verify,
        )
    left = deadline.remaining(_WHAT)
    limit = max(0.05, left - min(0.2, left / 10))  # before ours, so that it can say what hangs
    try:
        client = docker.APIClient(base_url=endpoint.url, version=version, tls=tls, timeout=limit)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise broken_configuration() from error
    if endpoint.socket is not None:
        client.trust_env = False  # proxies and .netrc are nothing to a socket, and are looked up each time
    try:
        yield client
    finally:
        client.close()


def _ping(client: "APIClient", _deadline: Deadline, endpoint: Endpoint) -> str:
    """Return the API version of the engine."""
    answer = client.get(f"{client.base_url}/_ping", timeout=client.timeout, stream=True, allow_redirects=False)
    version = answer.headers.get("Api-Version", "")
    answer.close()
    if not all(part.isdigit() for part in version.split(".", 1)):
        raise no_engine(endpoint)
    return version


def _list(client: "APIClient", _deadline: Deadline, labels: Mapping[str, str]) -> tuple[Container, ...]:
    wanted = [f"{name}={value}" for name, value in labels.items()]
    listed = _get(client, "containers/json", {"all": "1", "filters": json.dumps({"label": wanted})})
    return tuple(sorted((Container.from_listing(each) for each in listed), key=lambda container: container.name))


def _list_images(client: "APIClient", _deadline: Deadline) -> tuple[LocalImage, ...]:
    return tuple(local_image(each) for each in _get(client, "images/json", {}))


def _find_image(client: "APIClient", _deadline: Deadline, reference: str) -> LocalImage | None:
    try:
        return local_image(_get(client, f"images/{quote(reference, safe='/:@')}/json", {}))
    except _import_docker().errors.NotFound:
        return None


def _inspect(client: "APIClient", _deadline: Deadline, container: Container) -> Details:
    return Details.from_inspection(_get(client, f"containers/{container.id}/json", {}))


def _get(client: "APIClient", path: str, params: Mapping[str, str]) -> Any:
    """Return the JSON that the engine answers with; unlike the SDK, not more of it than fits into memory."""
    url = f"{client.base_url}/v{client.api_version}/{path}"
    with client.get(url, params=params, stream=True, timeout=client.timeout) as answer:
        _demand_ok(answer)
        body = _bounded(answer, _MAX_ANSWER)
    if len(body) > _MAX_ANSWER:
        raise CouldNotLook(
            f"the Docker engine answers with more than {_MAX_ANSWER >> 20} MiB", "Look who answers at DOCKER_HOST."
        )
    return json.loads(body)


def _demand_ok(answer: Any) -> None:
    try:
        answer.raise_for_status()
    except OSError as error:  # what the SDK's HTTP library raises is one
        _import_docker().errors.create_api_error_from_http_exception(error)


def _bounded(answer: Any, limit: int) -> bytes:
    """Read an answer, or a little more than ``limit`` bytes of it."""
    kept = bytearray()
    for chunk in answer.iter_content(65536):
        kept += chunk
        if len(kept) > limit:
            break
    return bytes(kept)


def _run(client: "APIClient", deadline: Deadline, container: Container, argv: tuple[str, ...]) -> Ended:
    """Run a program in a container and keep what it prints to its standard output."""
    try:
        made = client.exec_create(container.id, list(argv), stdin=False)
        stdout = _output(client, made["Id"])
    except Exception as error:
        if is_missing_program(error):
            return Ended(127, b"")
        raise
    if len(stdout) > _MAX_OUTPUT:
        raise CouldNotLook(
            f"`{' '.join(argv)}` in container {container.name} printed more than 4 MiB",
            f"Look at what `docker exec {container.name} {argv[0]}` prints.",
        )
    return Ended(_exit_code(client, made["Id"], deadline), stdout)


def _output(client: "APIClient", exec_id: str) -> bytes:
    """Start an exec and return its standard output, or a little more than what is accepted of it.

    Without the upgrade that the SDK's own ``exec_start`` asks for, the engine answers as any HTTP server does until it
    closes the connection: time limits hold, and the socket is closed with the answer (the SDK, 7.2, leaves it open).
    """
    url = f"{client.base_url}/v{client.api_version}/exec/{exec_id}/start"
    with client.post(url, json={"Detach": False, "Tty": False}, stream=True, timeout=client.timeout) as answer:
        _demand_ok(answer)
        return standard_output(_bounded(answer, 2 * _MAX_OUTPUT))


def _exit_code(client: "APIClient", exec_id: str, deadline: Deadline) -> int:
    """Return how it ended; the engine may know that a moment after the output has."""
    patience = deadline.sooner(_EXIT_CODE_S)
    while True:
        code = client.exec_inspect(exec_id).get("ExitCode")
        if isinstance(code, int):
            return code
        if patience.expired:
            raise CouldNotLook("the engine does not tell how a program in a container ended", "Run preflight again.")
        time.sleep(0.01)

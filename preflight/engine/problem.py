"""What went wrong between us and the Docker engine, in words an operator can act on.

The SDK's errors quote what the engine said, which may quote a container's configuration; none of that is shown. They
are told apart by what they carry, not by their classes, so that nothing heavy is imported here.
"""

import errno
import grp
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from preflight.engine.endpoint import Endpoint
from preflight.engine.shape import WrongShapeError
from preflight.errors import CouldNotLook, DeadlineExceeded, PreflightError
from preflight.lib.deadline import Deadline
from preflight.lib.regex import regex
from preflight.model import Need

_NO_PROGRAM = (
    "executable file not found",
    "executable file `",  # Podman
    "oci runtime attempted to invoke a command that was not found",
)
NOT_FOUND = 404
_REFUSED = (401, 403)
_NO_FILE = regex(
    r'exec: "[^"]{1,200}": (?:stat [^:]{1,200}: )?(?:not found|no such file or directory|permission denied)'
)
_START = "Start it (`systemctl start docker`), or name the right one in DOCKER_HOST or with `docker context use`."


class ExecRefused(CouldNotLook):
    """The engine, or a proxy before it, answers questions about a container but runs nothing in it.

    Args:
        container: The name of the container.
        status: The HTTP status of the refusal.
    """

    def __init__(self, container: str, status: int) -> None:
        super().__init__(
            f"the Docker engine refuses exec in container {container} (HTTP {status})",
            "Allow exec in the proxy before the engine (docker-socket-proxy: CONTAINERS, POST and EXEC set to 1), or "
            "run preflight where the engine's own socket is.",
        )


class Refusal(Exception):
    """The engine answers a question that only reads with an error.

    Args:
        status: Of HTTP.
    """

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


@contextmanager
def in_place_of(statuses: Mapping[int, Exception]) -> Iterator[None]:
    """Raise another exception where the engine refuses with one of some statuses of HTTP."""
    try:
        yield
    except Exception as error:  # of the SDK, which is not imported here
        other = statuses.get(status_of(error) or 0)
        if other is None:
            raise
        raise other from error


def demand_exec(container: str, error: Exception) -> None:
    """Raise ``ExecRefused`` where that is what an error of an exec says.

    Raises:
        ExecRefused: It is.
    """
    status = status_of(error)
    if status in _REFUSED:
        raise ExecRefused(container, status) from error


@contextmanager
def explain(endpoint: Endpoint) -> Iterator[None]:
    """Turn whatever the SDK raises within the block into ``CouldNotLook``."""
    try:
        yield
    except PreflightError:
        raise
    except Exception as error:  # of the SDK, which is not imported here
        raise (_no_answer(endpoint, error) or _problem(endpoint, error)) from error


def knock(endpoint: Endpoint, deadline: Deadline) -> None:
    """Connect to a socket and hang up: what is wrong shows without the SDK (which, 7.2, then leaves a socket open).

    Raises:
        CouldNotLook: Nobody opens.
    """
    with explain(endpoint), closing(socket.socket(socket.AF_UNIX)) as door:
        door.settimeout(deadline.remaining("the Docker engine"))
        door.connect(str(endpoint.socket))


def no_engine(endpoint: Endpoint, why: str = "") -> CouldNotLook:
    """Somebody answers there, but no Docker engine."""
    hint = "Correct DOCKER_HOST or the Docker context; see `docker version`."
    if endpoint.url.startswith("http:"):
        hint = "Correct DOCKER_HOST; if that engine speaks TLS, set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH."
    return CouldNotLook(f"{endpoint.name} answers, but not as a Docker engine{why}", hint)


def broken_configuration() -> CouldNotLook:
    """The SDK reads the client's configuration (logins, proxies) and fails on what is wrong in it."""
    return CouldNotLook(
        "Docker's configuration (config.json) cannot be used: its logins or proxies are malformed",
        "Correct ~/.docker/config.json, or the one in DOCKER_CONFIG; `docker login` writes it again.",
    )


def is_missing_program(error: Exception) -> bool:
    """Whether the engine says that the program to run is not in the container."""
    return status_of(error) is not None and tells_of_missing_program(str(getattr(error, "explanation", "") or ""))


def tells_of_missing_program(words: str) -> bool:
    """Whether these words of an engine say that the program is not there, or is no program; not that exec failed."""
    said = words.lower()
    return any(each in said for each in _NO_PROGRAM) or _NO_FILE.search(said) is not None


def _no_answer(endpoint: Endpoint, error: Exception) -> CouldNotLook | None:
    """Return what is to be said where somebody answers what no engine does."""
    if isinstance(error, WrongShapeError):
        return no_engine(endpoint, f": {error}")
    return no_engine(endpoint, ": it redirects") if _is(error, "TooManyRedirects") else None


def _problem(endpoint: Endpoint, error: Exception) -> CouldNotLook:
    status = status_of(error)
    if status is not None:
        return _refusal(endpoint, status)
    if _is(error, "InvalidConfigFile"):
        return broken_configuration()
    if _is(error, "SSLError", "TLSParameterError"):
        return CouldNotLook(
            f"TLS to the Docker engine at {endpoint.name} failed",
            "Check DOCKER_CERT_PATH (ca.pem, cert.pem, key.pem) and that the certificate is for that host name.",
        )
    cause = _system_error(error)
    if cause is not None:
        return _unreachable(endpoint, cause)
    if _is(error, "Timeout", "ReadTimeout", "ReadTimeoutError", "TimeoutError"):
        return DeadlineExceeded(
            f"the Docker engine at {endpoint.name} does not answer in time",
            "See `systemctl status docker` and `journalctl -u docker`; restart it if it hangs.",
        )
    return no_engine(endpoint)


def _refusal(endpoint: Endpoint, status: int) -> CouldNotLook:
    match status:
        case status if status in _REFUSED:
            return CouldNotLook(
                f"the Docker engine at {endpoint.name} refuses (HTTP {status})",
                "Allow listing, inspecting and exec of containers there (socket proxy, authorization plug-in).",
            )
        case 404:
            return CouldNotLook("the container is gone", "It was removed meanwhile: run preflight again.")
        case 409:
            return CouldNotLook("the container does not run any more", "See `docker ps -a`, then run preflight again.")
        case _:
            return CouldNotLook(
                f"the Docker engine at {endpoint.name} failed (HTTP {status})",
                "See `journalctl -u docker`, then run preflight again.",
            )


def _unreachable(endpoint: Endpoint, error: OSError) -> CouldNotLook:
    if error.errno in (errno.EACCES, errno.EPERM):
        return CouldNotLook(
            f"permission denied on {endpoint.name}", _permission_hint(endpoint.socket), need=Need.ENGINE
        )
    if error.errno == errno.ENOENT:
        message = f"no Docker engine: there is no socket {endpoint.name}"
        return CouldNotLook(message, _START + _rootless(endpoint), need=Need.ENGINE)
    if error.errno in (errno.ECONNREFUSED, errno.ENOTSOCK, errno.ECONNRESET, errno.EPIPE):
        return CouldNotLook(f"no Docker engine listens on {endpoint.name}", _START, need=Need.ENGINE)
    reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else "host not found"
    return CouldNotLook(f"the Docker engine at {endpoint.name} cannot be reached: {reason}", _START, need=Need.ENGINE)


def _permission_hint(path: Path | None) -> str:
    group, number = "docker", -1
    try:
        if path is not None:
            number = path.stat().st_gid
            group = grp.getgrgid(number).gr_name
    except OSError:
        group = "docker"
    except KeyError:  # as in a container, where the groups of the host have no names
        return f"Run preflight as root, or with the socket's group (in a container: `docker run --group-add {number}`)."
    if group == "root":
        return "Run preflight as root (`sudo`)."
    return f"Run preflight as root, or join the group {group} (`usermod -aG {group} USER`, then log in again)."


def _rootless(endpoint: Endpoint) -> str:
    sockets = (Path(f"/run/user/{os.getuid()}/docker.sock"), Path("/run/podman/podman.sock"))
    there = next((path for path in sockets if not endpoint.source and _exists(path)), None)
    return f" There is one at {there}: DOCKER_HOST=unix://{there}" if there else ""


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Give the error, and all that it wraps: as cause, context or argument."""
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        this = pending.pop(0)
        if this is None or id(this) in seen:
            continue
        seen.add(id(this))
        yield this
        pending += [this.__cause__, this.__context__, getattr(this, "reason", None)]
        pending += [argument for argument in this.args if isinstance(argument, BaseException)]
        pending = [each for each in pending if isinstance(each, BaseException)]


def _is(error: BaseException, *names: str) -> bool:
    return any(cls.__name__ in names for each in _chain(error) for cls in type(each).__mro__)


def _system_error(error: BaseException) -> OSError | None:
    """Return the operating system's own error among them; the SDK's HTTP library makes all of its own OSErrors too."""
    return next((each for each in _chain(error) if isinstance(each, OSError) and isinstance(each.errno, int)), None)


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status with which the engine refused, None where it was something else."""
    if isinstance(error, Refusal):
        return error.status
    code = getattr(getattr(error, "response", None), "status_code", None)
    return code if isinstance(code, int) else None

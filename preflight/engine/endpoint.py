"""Where the Docker engine is: the choice that the docker command itself would make. Asks no engine.

As docker/cli decides (cli/command/cli.go, resolveContextName): DOCKER_HOST overrides DOCKER_CONTEXT, which overrides
currentContext of config.json; without any of them the default socket. Contexts lie in the configuration folder
below contexts/meta and contexts/tls, each in a folder named by the SHA-256 of the context's name (cli/context/store).
"""

import hashlib
import json
import os
import pwd
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from preflight.errors import CouldNotLook
from preflight.lib.files import read_text
from preflight.lib.records import frozen
from preflight.lib.text import printable

DEFAULT_SOCKET = "unix:///var/run/docker.sock"
_PORTS = {False: 2375, True: 2376}
_LIMIT = 1024 * 1024
_SOCKET_PATH = 107  # bytes that Linux takes, see unix(7)


@frozen
class TlsFiles:
    """What TLS needs.

    Args:
        verify: Whether the engine's certificate is checked.
        ca: Path of the authority's certificate, if there is one.
        cert: Path of our certificate, if there is one.
        key: Path of its key.
    """

    verify: bool
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None


@frozen
class Endpoint:
    """One Docker engine.

    Args:
        url: `unix:///path`, `http://host:port` or `https://host:port`.
        source: Who named it: "DOCKER_HOST", "the Docker context 'x'", or "" for the default socket.
        tls: For `https` only.
    """

    url: str
    source: str = ""
    tls: TlsFiles | None = None

    @property
    def socket(self) -> Path | None:
        """The path of the socket, or None for TCP."""
        return Path(self.url.removeprefix("unix://")) if self.url.startswith("unix://") else None

    @property
    def name(self) -> str:
        """What to call it in a message; holds no user name or password."""
        place = str(self.socket) if self.socket else urlsplit(self.url).netloc.rpartition("@")[2]
        return printable(f"{place} ({self.source})" if self.source else place, 200)


def find_endpoint(environ: Mapping[str, str]) -> Endpoint:
    """Return the engine that `docker` would talk to in this environment.

    Raises:
        CouldNotLook: What is named there cannot be used, or a context or TLS file is missing.
    """
    folder = _config_folder(environ)
    if host := environ.get("DOCKER_HOST"):
        return _endpoint(host, "DOCKER_HOST", lambda: _tls_from(environ, folder))
    context = environ.get("DOCKER_CONTEXT") or _current_context(folder)
    if not context or context == "default":
        return Endpoint(DEFAULT_SOCKET)
    return _from_context(folder, context)


def _config_folder(environ: Mapping[str, str]) -> Path:
    if folder := environ.get("DOCKER_CONFIG"):
        return Path(folder)
    home = environ.get("HOME")
    if not home:  # cron's bare environment
        try:
            home = pwd.getpwuid(os.getuid()).pw_dir
        except KeyError:
            home = "/"
    return Path(home) / ".docker"


def _current_context(folder: Path) -> str:
    path = folder / "config.json"
    try:
        path.stat()
    except OSError:
        return ""
    chosen = _read_object(path, "Docker's configuration").get("currentContext", "")
    return chosen if isinstance(chosen, str) else ""


def _read_object(path: Path, what: str) -> dict[str, Any]:
    text = read_text(path, limit=_LIMIT, what=what)
    try:
        value = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError) as error:
        raise CouldNotLook(
            f"{what} {path} is not valid JSON", "Correct the file; `docker info` reads it too."
        ) from error
    if not isinstance(value, dict):
        raise CouldNotLook(f"{what} {path} is not a JSON object", "Correct the file; `docker info` reads it too.")
    return value


def _from_context(folder: Path, context: str) -> Endpoint:
    shown = printable(context, 80)
    key = hashlib.sha256(context.encode("utf-8", "surrogateescape")).hexdigest()
    path = folder / "contexts" / "meta" / key / "meta.json"
    if not path.exists():
        raise CouldNotLook(
            f"the Docker context '{shown}' is not there", "See `docker context ls`; choose one, or set DOCKER_HOST."
        )
    ends = _read_object(path, "the Docker context").get("Endpoints")
    end = ends.get("docker") if isinstance(ends, dict) else None
    host = end.get("Host") if isinstance(end, dict) else None
    if not isinstance(end, dict) or not isinstance(host, str) or not host:
        raise CouldNotLook(f"the Docker context '{shown}' names no engine", f"See `docker context inspect {shown}`.")
    verify = end.get("SkipTLSVerify") is not True
    tls = folder / "contexts" / "tls" / key / "docker"
    return _endpoint(host, f"the Docker context '{shown}'", lambda: _context_tls(tls, verify=verify))


def _context_tls(folder: Path, *, verify: bool) -> TlsFiles | None:
    if not folder.is_dir():
        return None if verify else TlsFiles(verify=False)
    return _tls_files(folder, verify=verify, ca_needed=False)


def _tls_from(environ: Mapping[str, str], folder: Path) -> TlsFiles | None:
    verify = bool(environ.get("DOCKER_TLS_VERIFY"))
    if not verify and not environ.get("DOCKER_TLS"):
        return None
    return _tls_files(Path(environ.get("DOCKER_CERT_PATH") or folder), verify=verify, ca_needed=verify)


def _tls_files(folder: Path, *, verify: bool, ca_needed: bool) -> TlsFiles:
    ca, cert, key = (folder / name for name in ("ca.pem", "cert.pem", "key.pem"))
    for needed, path in ((ca_needed, ca), (key.exists(), cert), (cert.exists(), key)):
        if needed and not path.is_file():
            raise CouldNotLook(
                f"TLS to the Docker engine: there is no file {path}",
                "Set DOCKER_CERT_PATH to the folder that holds ca.pem, cert.pem and key.pem.",
            )
    both = cert.is_file()
    return TlsFiles(verify, ca if ca.is_file() else None, cert if both else None, key if both else None)


def _endpoint(host: str, source: str, tls_files: Callable[[], TlsFiles | None]) -> Endpoint:
    scheme, separator, rest = host.partition("://")
    scheme = scheme.lower() if separator else ""
    if scheme == "unix" and rest.startswith("/") and len(os.fsencode(rest)) <= _SOCKET_PATH:
        return Endpoint("unix://" + rest, source)
    if scheme in ("tcp", "http", "https") and _has_host(rest):
        tls = tls_files()
        secure = tls is not None or scheme == "https"
        place = rest.rstrip("/") if urlsplit("//" + rest).port else f"{rest.rstrip('/')}:{_PORTS[secure]}"
        return Endpoint(
            f"{'https' if secure else 'http'}://{place}", source, tls or (TlsFiles(verify=True) if secure else None)
        )
    if scheme == "ssh":
        raise CouldNotLook(
            f"{source} reaches the Docker engine through ssh, which preflight does not do",
            "Run preflight on the deploy host itself: it judges what that host deploys with.",
        )
    raise CouldNotLook(
        f"{source} names no engine that can be asked (unix:///path or tcp://host:port)",
        "For the local engine: `unset DOCKER_HOST`, or DOCKER_HOST=unix:///var/run/docker.sock.",
    )


def _has_host(rest: str) -> bool:
    try:
        parts = urlsplit("//" + rest)
        return bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False

"""A private Docker engine: its own socket, data and containers, beside whatever else runs on the machine."""

import http.client
import os
import signal
import socket
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from provision.command import run
from provision.daemon import Daemon
from provision.errors import ProvisionError

_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"

# A socket's path has at most 107 bytes; containerd adds "/preflight-engine-XXXXXXXX/exec/containerd/…", about 60.
_LONGEST_PARENT = 40


def running_engine() -> str | None:
    """Return the address of the engine that ``docker`` would use here, or ``None`` if none answers."""
    try:
        run(["docker", "info"], seconds=20)
        shown = run(["docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"], seconds=20)
    except ProvisionError:
        return None
    return os.environ.get("DOCKER_HOST") or shown.strip() or None


class PrivateEngine:
    """A ``dockerd`` of our own, without bridge and firewall rules: containers use the host's network.

    Raises:
        ProvisionError: We are not root, the programs are missing, or it does not start.
    """

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise ProvisionError("a private Docker engine can only be started by root", "run this with sudo")
        short = len(tempfile.gettempdir()) <= _LONGEST_PARENT
        self._daemon = Daemon("engine", None if short else Path("/tmp"))  # noqa: S108 -- mkdtemp makes it private
        self._folder = self._daemon.folder
        self._socket = self._folder / "docker.sock"
        try:
            self._start()
        except BaseException:  # raised again, when nothing is left running
            self.stop()
            raise

    @property
    def host(self) -> str:
        """For ``DOCKER_HOST``."""
        return f"unix://{self._socket}"

    def _start(self) -> None:
        (self._folder / "daemon.json").write_text("{}")  # not the machine's own settings
        self._daemon.start(
            [
                *("env", f"PATH={_PATH}", "dockerd"),
                *("--config-file", str(self._folder / "daemon.json")),
                *("--data-root", str(self._folder / "data")),
                *("--exec-root", str(self._folder / "exec")),
                *("--pidfile", str(self._folder / "pid")),
                *("--host", self.host),
                *("--bridge=none", "--iptables=false", "--storage-driver=vfs"),
            ],
            lambda: _answers(self._socket),
        )

    def stop(self) -> None:
        """End all containers, the engine and all it started, unmount and remove its folder."""
        with suppress(ProvisionError):
            _remove_containers({"DOCKER_HOST": self.host})
        mark = str(self._folder).encode()
        # containerd and its shims leave the process group; they name our folder in their arguments
        strays = [pid for pid in _processes() if mark in _arguments(pid)]
        self._daemon.end()
        for pid in strays:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        _unmount_below(self._folder)
        self._daemon.stop()


def _remove_containers(environ: Mapping[str, str]) -> None:
    containers = run(["docker", "ps", "--all", "--quiet"], seconds=20, env=environ).split()
    if containers:
        run(["docker", "rm", "--force", *containers], seconds=60, env=environ)


class _UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def _answers(path: Path) -> bool:
    connection = _UnixConnection(path)
    try:
        connection.request("GET", "/_ping")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _arguments(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""  # it ended meanwhile


def _unmount_below(folder: Path) -> None:
    """Detach every mount in the folder, the deepest first."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = [line.split()[4].replace("\\040", " ") for line in lines]
    for point in sorted((point for point in points if Path(point).is_relative_to(folder)), reverse=True):
        with suppress(ProvisionError):
            run(["umount", "--lazy", point], seconds=20)

"""preflight/engine/door.py: an engine that cannot be reached."""

import contextlib
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from preflight.engine.door import Engine
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from tests.preflight.engine.door.asking import listing


def test_no_socket(short_path: Path) -> None:
    """The socket is named, and how to start the engine."""
    error = listing(Engine({"DOCKER_HOST": f"unix://{short_path}/none.sock"}))
    assert error.message == f"no Docker engine: there is no socket {short_path}/none.sock (DOCKER_HOST)"
    assert "systemctl start docker" in error.hint


def test_a_rootless_engine_is_pointed_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the default socket is missing but another is there."""
    from preflight.engine import endpoint
    from preflight.engine import problem as engine_problem

    monkeypatch.setattr(endpoint, "DEFAULT_SOCKET", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(engine_problem, "_exists", lambda path: "/run/user/" in str(path))
    error = listing(Engine({"HOME": str(tmp_path)}))
    assert f"DOCKER_HOST=unix:///run/user/{os.getuid()}/docker.sock" in error.hint


def test_a_socket_that_nobody_listens_on(short_path: Path) -> None:
    """The engine has died and left it; or it is a file."""
    path = short_path / "dead.sock"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as dead:
        dead.bind(str(path))
    assert listing(Engine({"DOCKER_HOST": f"unix://{path}"})).message.startswith("no Docker engine listens on ")
    (short_path / "file").touch()
    assert listing(Engine({"DOCKER_HOST": f"unix://{short_path}/file"})).message.startswith("no Docker engine listens")


def test_a_socket_without_permission(short_path: Path) -> None:
    """As another user, since root may do everything; the hint names the group that may."""
    path = short_path / "locked.sock"
    short_path.chmod(0o755)
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as locked:
        locked.bind(str(path))
        locked.listen()
        if os.geteuid() == 0:
            os.chown(path, 0, 1)
        path.chmod(0o600 if os.geteuid() == 0 else 0)
        code = (
            "import os, grp, docker, preflight.engine.door as e; from preflight.lib.deadline import Deadline\n"
            "import encodings.idna, unicodedata, preflight.errors, preflight.lib.text\n"
            "os.geteuid() == 0 and os.setuid(65534)\n"
            "try: e.Engine({'DOCKER_HOST': os.environ['AT']}).containers({'a': 'b'}, Deadline.after(5))\n"
            "except preflight.errors.CouldNotLook as error: print(error.message); print(error.hint)\n"
        )
        env = {**os.environ, "AT": f"unix://{path}"}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True, env=env
        ).stdout.splitlines()
    assert done[0] == f"permission denied on {path} (DOCKER_HOST)"
    if os.geteuid() == 0:
        assert (
            done[1] == "Run preflight as root, or join the group daemon (`usermod -aG daemon USER`, then log in again)."
        )


def test_an_engine_that_never_answers(short_path: Path) -> None:
    """It accepts, and that is all."""
    path = short_path / "hangs.sock"
    with contextlib.closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(path))
        server.listen()
        error = listing(Engine({"DOCKER_HOST": f"unix://{path}"}), 0.5)
    assert isinstance(error, DeadlineExceeded)
    assert "systemctl status docker" in error.hint


def test_an_engine_that_trickles(short_path: Path) -> None:
    """One byte now and then keeps no time limit of a socket from passing, but ours."""
    path = short_path / "slow.sock"
    stop = threading.Event()

    def trickle(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not stop.wait(0.05):
                    connection.sendall(b"X: y\r\n")

    with contextlib.closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(str(path))
        server.listen()
        thread = threading.Thread(target=trickle, args=(server,), daemon=True)
        thread.start()
        assert isinstance(listing(Engine({"DOCKER_HOST": f"unix://{path}"}), 0.5), DeadlineExceeded)
        stop.set()
        thread.join()


def test_nobody_at_a_tcp_port() -> None:
    """Refused is not hanging."""
    assert listing(Engine({"DOCKER_HOST": "tcp://127.0.0.1:1"})).message.startswith("no Docker engine listens on 127")


def test_a_host_that_does_not_exist() -> None:
    """A name that no resolver knows (RFC 2606)."""
    error = listing(Engine({"DOCKER_HOST": "tcp://engine.invalid:2375"}))
    assert "cannot be reached: host not found" in error.message


def test_somebody_who_is_no_engine(tcp_server: int) -> None:
    """On TCP the hint thinks of TLS."""
    error = listing(Engine({"DOCKER_HOST": f"tcp://127.0.0.1:{tcp_server}"}))
    assert error.message.endswith("answers, but not as a Docker engine")
    assert "DOCKER_TLS_VERIFY=1" in error.hint


def test_tls_to_somebody_without(tcp_server: int, tmp_path: Path) -> None:
    """The certificates are what to look at."""
    paths = ssl.get_default_verify_paths()
    (tmp_path / "ca.pem").write_bytes(Path(paths.cafile or "/etc/ssl/certs/ca-certificates.crt").read_bytes())
    environ = {"DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
    error = listing(Engine({"DOCKER_HOST": f"tcp://127.0.0.1:{tcp_server}", **environ}))
    assert error.message.startswith("TLS to the Docker engine at 127.0.0.1")


def test_a_socket_that_speaks_something_else(fake: Callable[..., Engine]) -> None:
    """No engine, or no answer that can be read."""
    assert "not as a Docker engine" in listing(fake({"/_ping": (200, {}, b"")})).message
    assert "not as a Docker engine" in listing(fake({"/_ping": (200, {"Api-Version": "one"}, b"")})).message
    assert "not as a Docker engine" in listing(fake({"/containers/json": (200, {}, b"<html>")})).message
    assert "not as a Docker engine" in listing(fake({"/containers/json": (200, {}, b'[{"Id": 7}]')})).message
    old = listing(fake({"/_ping": (200, {"Api-Version": "1.12"}, b"")}))
    assert old.message.endswith("not as a Docker engine: its API has version 1.12, which is older than 1.24")


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        '{"proxies": []}',
        '{"proxies": {"default": 7}}',
        '{"auths": {"ghcr.io": {"auth": "!"}}}',
        '{"auths": {"ghcr.io": 7}}',
        '{"auths": 7}',
    ],
)
def test_a_broken_client_configuration(
    fake: Callable[..., Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    """The SDK reads it although nothing of it is needed: the file is named. Lists are read without the SDK."""
    (tmp_path / "config.json").write_text(content)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    engine = fake({"/containers/json": (200, {}, b"[]")})
    assert engine.containers({"a": "b"}, Deadline.after(5)) == ()
    with pytest.raises(CouldNotLook) as caught:
        engine.leftover_containers(Deadline.after(5))
    assert caught.value.message.startswith("Docker's configuration (config.json) cannot be used")
    assert "config.json" in caught.value.hint


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """`import docker` takes 100 ms."""
    code = "import sys, preflight.engine.door; print({'docker', 'requests', 'urllib3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"

"""preflight/engine/door.py and its problems: against a real engine, and against sockets that play one."""

import contextlib
import json
import os
import socket
import socketserver
import ssl
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from preflight.engine import door as engine_module
from preflight.engine import exec_in_container as inside
from preflight.engine import sdk
from preflight.engine.container import NOT_INSIDE, Container, ExecResult
from preflight.engine.door import Engine
from preflight.engine.problem import ExecRefused
from preflight.engine.process_environ import Reading
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from tests.fakes.engine import SECRET, Handler, fake, short_path
from tests.limits import not_waiting_for
from tests.real.engine import RealEngine

__all__ = ["fake", "short_path"]

LABEL = "preflight.test"


@pytest.fixture
def label() -> str:
    """Marks the containers of one test."""
    return uuid.uuid4().hex


@pytest.fixture
def start(engine: RealEngine, label: str) -> Iterator[Callable[..., str]]:
    """Starts containers; they go when the test ends."""
    names: list[str] = []

    def begin(*arguments: str, command: tuple[str, ...] = (), image: str = "") -> str:
        name = f"eng-{label[:8]}-{len(names)}"
        names.append(name)
        words = ("--network=host", "--name", name, "--label", f"{LABEL}={label}", "-e", f"TOKEN={SECRET}")
        engine.docker("run", "-d", *words, *arguments, image or engine.image, *command)
        return name

    yield begin
    engine.docker("rm", "--force", *names, check=False)


def only(engine: Engine, label: str) -> Container:
    """Return the one container of the test."""
    [found] = engine.containers({LABEL: label}, Deadline.after(20))
    return found


def ran_in(engine: Engine, container: Container) -> ExecResult:
    """Return what a program that ran in the container saw."""
    executed = engine.look(container, Deadline.after(20)).executed
    assert executed is not None
    return executed


@pytest.mark.engine
class TestRealEngine:
    """What a real one answers."""

    def test_a_running_container(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """Listed by its labels, looked into by exec; what is secret shows nowhere."""
        name = start("-e", "TWO=one\nLINES=2")
        ours = Engine(engine.environ)
        found = only(ours, label)

        assert (found.name, found.state, found.image) == (name, "running", engine.image)
        assert ours.environment(found, Deadline.after(20))["TOKEN"] == SECRET
        seen = ran_in(ours, found)
        assert seen.source == "exec env"
        assert seen.environment["TWO"] == "one\nLINES=2"
        assert "LINES" not in seen.environment
        assert seen.main.reading is Reading.WHOLE
        assert seen.main.environment["TOKEN"] == SECRET
        assert SECRET not in repr((found, seen, ours.look(found, Deadline.after(20))))

    def test_every_state_is_listed(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """Stopped ones too; in those nothing can be run."""
        name = start()
        engine.docker("stop", "--time=0", name)
        ours = Engine(engine.environ)
        found = only(ours, label)
        assert found.state == "exited"
        assert ours.look(found, Deadline.after(20)).executed is None

    def test_answers_are_asked_for_once(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """Two checks see the same."""
        start()
        ours = Engine(engine.environ)
        first = only(ours, label)
        start()
        assert only(ours, label) is first
        assert ours.look(first, Deadline.after(20)) is ours.look(first, Deadline.after(20))

    def test_a_container_that_is_gone(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """Removed between listing and looking."""
        name = start()
        ours = Engine(engine.environ)
        found = only(ours, label)
        engine.docker("rm", "--force", name)
        with pytest.raises(CouldNotLook, match="the container is gone"):
            ours.look(found, Deadline.after(20))

    def test_a_container_that_ends_while_it_is_asked(
        self, engine: RealEngine, start: Callable[..., str], label: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It ran when it was inspected, and not when something was run in it."""
        name = start()
        ours = Engine(engine.environ)
        found = only(ours, label)
        run = inside.run_inside

        def late(*arguments: Any, **named: Any) -> Any:
            engine.docker("stop", "--time=0", name)
            return run(*arguments, **named)

        monkeypatch.setattr(engine_module, "run_inside", late)
        with pytest.raises(CouldNotLook, match=f"container {name} stopped while it was asked .now exited"):
            ours.look(found, Deadline.after(20))

    def test_a_container_that_ends_during_the_exec(
        self, engine: RealEngine, start: Callable[..., str], label: str, tmp_path: Path
    ) -> None:
        """Its `env` hangs until the container is killed."""
        name = self.with_env(engine, start, tmp_path, "#!/bin/sh\nsleep 600\n")
        ours = Engine(engine.environ)
        found = only(ours, label)
        killer = threading.Timer(0.5, lambda: engine.docker("kill", name))
        killer.start()
        with pytest.raises(CouldNotLook, match="stopped while it was asked"):
            ours.look(found, Deadline.after(20))
        killer.join()

    def test_an_exec_that_hangs(
        self, engine: RealEngine, start: Callable[..., str], label: str, tmp_path: Path
    ) -> None:
        """It is left behind at the deadline."""
        self.with_env(engine, start, tmp_path, "#!/bin/sh\nsleep 600\n")
        ours = Engine(engine.environ)
        found = only(ours, label)
        with not_waiting_for(600), pytest.raises(DeadlineExceeded):
            ours.look(found, Deadline.after(1))

    def test_an_exec_that_prints_without_end(
        self, engine: RealEngine, start: Callable[..., str], label: str, tmp_path: Path
    ) -> None:
        """It is cut off, and its standard error does not count."""
        self.with_env(engine, start, tmp_path, "#!/bin/sh\necho noise >&2; exec cat /dev/zero\n")
        ours = Engine(engine.environ)
        found = only(ours, label)
        with pytest.raises(CouldNotLook, match="printed more than 4 MiB"):
            ours.look(found, Deadline.after(30))

    @pytest.mark.parametrize(
        ("script", "source"),
        [
            ('case "$1" in -0) exec busybox env -0;; cat) exit 1;; esac; exec busybox env', "exec env -0"),
            ('case "$1" in "") exec busybox env;; esac; exit 125', "exec env"),
            ("exit 125", "exec cat /proc/1/environ"),
            ("exit 0", "exec cat /proc/1/environ"),
            ("echo A=1; echo A=1", "exec cat /proc/1/environ"),
        ],
    )
    def test_other_kinds_of_env(
        self,
        engine: RealEngine,
        start: Callable[..., str],
        label: str,
        tmp_path: Path,
        *,
        script: str,
        source: str,
    ) -> None:
        """One that runs no program, one that knows no -0, one that prints nothing that can be read."""
        self.with_env(engine, start, tmp_path, f"#!/bin/sh\n{script}\n")
        ours = Engine(engine.environ)
        seen = ran_in(ours, only(ours, label))
        assert seen.source == source
        assert seen.environment["TOKEN"] == SECRET

    def test_lines_that_could_be_part_of_a_value_are_not_read(
        self, engine: RealEngine, start: Callable[..., str], label: str, tmp_path: Path
    ) -> None:
        """`env` without -0 cannot be trusted then."""
        script = '#!/bin/sh\ncase "$1" in "") exec busybox env;; esac; exit 125\n'
        self.with_env(engine, start, tmp_path, script, "-e", "B=1\nFAKE=2")
        ours = Engine(engine.environ)
        seen = ran_in(ours, only(ours, label))
        assert seen.source == "exec cat /proc/1/environ"
        assert "FAKE" not in seen.environment

    def test_an_image_with_nothing_to_run(self, engine: RealEngine, start: Callable[..., str], label: str) -> None:
        """What it is configured with stands in."""
        start(image=engine.image_without_env)
        ours = Engine(engine.environ)
        seen = ran_in(ours, only(ours, label))
        assert (seen.source, seen.main.reading) == (NOT_INSIDE, Reading.NO_PROGRAM)
        assert seen.environment["TOKEN"] == SECRET

    def test_containers_are_looked_at_side_by_side(
        self, engine: RealEngine, start: Callable[..., str], label: str
    ) -> None:
        """One that is gone costs nobody else's answer."""
        names = [start() for _ in range(3)]
        ours = Engine(engine.environ)
        found = ours.containers({LABEL: label}, Deadline.after(20))
        engine.docker("rm", "--force", names[1])
        seen = ours.look_at_all(found, Deadline.after(20))
        assert [isinstance(each, CouldNotLook) for each in seen] == [False, True, False]

    def test_importing_beforehand(self, engine: RealEngine, label: str) -> None:
        """Only saves time."""
        ours = Engine(engine.environ)
        ours.warm()
        assert ours.containers({LABEL: label}, Deadline.after(20)) == ()

    @staticmethod
    def with_env(engine: RealEngine, start: Callable[..., str], tmp_path: Path, script: str, *arguments: str) -> str:
        """Start a container whose `env` is a script."""
        (tmp_path / "env").write_text(script)
        (tmp_path / "env").chmod(0o755)
        name = start(*arguments)
        engine.docker("exec", name, "sh", "-c", "rm $(which env)")
        engine.docker("cp", str(tmp_path / "env"), f"{name}:/bin/env")
        return name


ID = "a" * 64
LISTED = json.dumps([{"Id": ID, "Names": ["/app-1"], "Created": 1, "State": "running", "Labels": {}}]).encode()
INSPECTED = json.dumps(
    {"State": {"Status": "running"}, "Created": "2026-01-01T00:00:00Z", "Config": {"Env": ["A=1", f"B={SECRET}"]}}
).encode()


def listing(engine: Engine, seconds: float = 5) -> CouldNotLook:
    """Ask it for containers, and return why it could not look."""
    with not_waiting_for(30), pytest.raises(CouldNotLook) as caught:  # the SDK's own limit is 60 s
        engine.containers({"a": "b"}, Deadline.after(seconds))
    assert "\n" not in caught.value.message + caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint
    assert caught.value.hint
    return caught.value


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


@pytest.fixture
def tcp_server() -> Iterator[int]:
    """Somebody at a port who knows nothing of Docker."""
    handler = type("Stranger", (Handler,), {"answers": {"/_ping": (400, {}, b"hello")}})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


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
    assert "not as a Docker engine" in listing(fake({"/_ping": (200, {"Api-Version": "1.12"}, b"")})).message


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
    """The SDK reads it although nothing of it is needed: the file is named."""
    (tmp_path / "config.json").write_text(content)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    error = listing(fake({"/containers/json": (200, {}, b"[]")}))
    assert error.message.startswith("Docker's configuration (config.json) cannot be used")
    assert "config.json" in error.hint


@pytest.mark.parametrize(
    ("status", "words"), [(401, "refuses (HTTP 401)"), (403, "refuses (HTTP 403)"), (500, "failed (HTTP 500)")]
)
def test_an_engine_that_refuses(fake: Callable[..., Engine], status: int, words: str) -> None:
    """What it says is not shown: it may quote anything."""
    body = json.dumps({"message": SECRET}).encode()
    assert words in listing(fake({"/containers/json": (status, {}, body)})).message


def test_a_proxy_that_forbids_exec(fake: Callable[..., Engine]) -> None:
    """Listing and inspecting work; running something does not, which is said beside what was seen."""
    engine = fake(
        {
            "/containers/json": (200, {}, LISTED),
            f"/{ID}/json": (200, {}, INSPECTED),
            f"/{ID}/exec": (403, {}, b"Forbidden"),
        }
    )
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    sight = engine.look(found, Deadline.after(5))
    assert sight.executed is None
    assert sight.details.environment == {"A": "1", "B": SECRET}
    assert isinstance(sight.refused, ExecRefused)
    assert sight.refused.message == f"the Docker engine refuses exec in container {found.name} (HTTP 403)"
    assert "EXEC" in sight.refused.hint


def test_a_proxy_that_forbids_to_start_an_exec(fake: Callable[..., Engine]) -> None:
    """Some let one be made below /containers, and refuse /exec."""
    engine = exec_engine(fake, (403, {}, b"Forbidden"), b"{}")
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    assert isinstance(engine.look(found, Deadline.after(5)).refused, ExecRefused)


def exec_engine(fake: Callable[..., Engine], start: tuple[int, Mapping[str, str], bytes], ended: bytes) -> Engine:
    """An engine whose exec answers so."""
    return fake(
        {
            "/containers/json": (200, {}, LISTED),
            f"/{ID}/json": (200, {}, INSPECTED),
            f"/{ID}/exec": (201, {}, b'{"Id": "e1"}'),
            "/exec/e1/start": start,
            "/exec/e1/json": (200, {}, ended),
        }
    )


@pytest.mark.parametrize(
    "said",
    [
        "crun: executable file `env` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a",
        'OCI runtime exec failed: exec failed: unable to start container process: exec: "env": not found',
    ],
)
def test_an_engine_that_refuses_to_start_what_is_not_there(fake: Callable[..., Engine], said: str) -> None:
    """Podman and new Dockers answer with an error where old ones ran and failed."""
    engine = exec_engine(fake, (500, {}, json.dumps({"message": said}).encode()), b"{}")
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    seen = ran_in(engine, found)
    assert seen.source == NOT_INSIDE
    assert seen.environment == {"A": "1", "B": SECRET}


def test_an_answer_without_end_is_not_kept(fake: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever plays an engine there cannot fill our memory."""
    monkeypatch.setattr(sdk, "_MAX_ANSWER", 1 << 20)

    error = listing(fake({"/containers/json": (200, {}, b"[" + b" " * (2 << 20) + b"]")}))

    assert error.message == "the Docker engine answers with more than 1 MiB"


def test_an_engine_that_never_tells_how_it_ended(fake: Callable[..., Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given a moment, not for ever."""
    monkeypatch.setattr(inside, "_EXIT_CODE_S", 0.05)
    engine = exec_engine(fake, (200, {}, b""), b'{"ExitCode": null, "Running": true}')
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    with pytest.raises(CouldNotLook, match="how a program in a container ended"):
        engine.look(found, Deadline.after(5))


def test_nothing_heavy_is_imported_before_it_is_needed() -> None:
    """`import docker` takes 100 ms."""
    code = "import sys, preflight.engine.door; print({'docker', 'requests', 'urllib3'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "set()"

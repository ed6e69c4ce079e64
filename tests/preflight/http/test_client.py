"""preflight/http/client.py: retries, deadlines and what stands in the way of an answer."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from preflight.errors import CouldNotLook
from preflight.http.errors import (
    HttpError,
    NameNotResolved,
    NotHttp,
    RateLimited,
    ServerTrouble,
    TimedOut,
    TlsFailed,
    Unreachable,
)
from preflight.lib.deadline import Deadline
from preflight.registry.door import Registry
from tests.fakes.ghcr import FakeGhcr
from tests.fakes.http_server import (
    Script,
    answering,
    cut_short,
    dripping,
    dripping_headers,
    hang_up,
    later,
    not_http,
    reset,
    silent,
)
from tests.limits import not_waiting_for

REPOSITORY = "owner/name"


@pytest.fixture
def ready(ghcr: FakeGhcr) -> FakeGhcr:
    """The fake, with one tag, open to all."""
    ghcr.challenge = ""
    ghcr.push(REPOSITORY, "1.0.0")
    return ghcr


def tags(door: Registry, ghcr: FakeGhcr, seconds: float = 20) -> tuple[str, ...]:
    """Ask for the tags."""
    return door.tags(ghcr.host, REPOSITORY, Deadline.after(seconds))


@pytest.mark.parametrize(
    "script",
    [reset, hang_up, cut_short, *(answering(status) for status in (429, 500, 502, 503, 504))],
)
def test_passing_trouble_is_overcome(ready: FakeGhcr, door: Registry, script: Script) -> None:
    """A reset, a hang-up, half an answer, 429 and 5xx are asked again, and then it is as if nothing had been."""
    ready.script("/tags/list", script, script)

    assert tags(door, ready) == ("1.0.0",)
    assert len(ready.requests) == 3


def test_idle_connection_that_was_closed(ready: FakeGhcr, door: Registry) -> None:
    """A kept connection that the registry closed meanwhile is no trouble."""
    ready.script("/v2/other/tags/list", answering(200, b'{"tags": null}', Connection="close"))
    assert door.tags(ready.host, "other", Deadline.after(20)) == ()

    assert tags(door, ready) == ("1.0.0",)


@pytest.mark.parametrize("wait", ["1", "date"])
def test_retry_after_is_honoured(ready: FakeGhcr, door: Registry, wait: str) -> None:
    """`Retry-After`, in seconds or as a date, is waited for."""
    value = "1" if wait == "1" else later(2)
    ready.script("/tags/list", answering(429, b"", Retry_After=value))
    began = time.monotonic()

    assert tags(door, ready) == ("1.0.0",)
    assert time.monotonic() - began >= 0.9


@pytest.mark.parametrize("wait", ["3600", "date"])
def test_retry_after_beyond_the_deadline(ready: FakeGhcr, door: Registry, wait: str) -> None:
    """A wait that is longer than our time is not begun; the message names it."""
    value = "3600" if wait == "3600" else later(3600)
    ready.always("/tags/list", answering(429, b"", Retry_After=value))

    with not_waiting_for(20), pytest.raises(RateLimited, match=r"for now \(429\) and asks to wait 3\d\d\d s"):
        tags(door, ready, seconds=20)
    assert len(ready.requests) == 1


@pytest.mark.parametrize("wait", ["soon", "-1", "Mon, 99 Foo 2026"])
def test_retry_after_without_sense(ready: FakeGhcr, door: Registry, wait: str) -> None:
    """A `Retry-After` that makes no sense is as none."""
    ready.script("/tags/list", answering(503, b"", Retry_After=wait))

    assert tags(door, ready) == ("1.0.0",)


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        (reset, Unreachable, "closed the connection without an answer"),
        (hang_up, Unreachable, "closed the connection without an answer"),
        (answering(429), RateLimited, r"allows no more requests for now \(429\)$"),
        (answering(503, b"<html>"), ServerTrouble, r"has trouble of its own \(503\), also after retries"),
    ],
)
def test_lasting_trouble(ready: FakeGhcr, door: Registry, script: Script, kind: type[HttpError], words: str) -> None:
    """Trouble that does not pass is asked four times and then told."""
    ready.always("/tags/list", script)

    with pytest.raises(kind, match=words) as caught:
        tags(door, ready)

    assert caught.value.hint
    assert len(ready.requests) == 4


@pytest.mark.parametrize("script", [silent, dripping, dripping_headers])
def test_deadline_holds(ready: FakeGhcr, door: Registry, script: Script) -> None:
    """A registry that never answers, or drop by drop, costs no more than the time it was given."""
    ready.always("/tags/list", script)

    with not_waiting_for(30), pytest.raises(CouldNotLook, match="did not answer in time") as caught:
        tags(door, ready, seconds=0.6)

    assert "--timeout" in caught.value.hint


def test_retries_end_at_the_deadline(ready: FakeGhcr, door: Registry) -> None:
    """Retries stop in time."""
    ready.always("/tags/list", answering(503))

    with pytest.raises(ServerTrouble):
        tags(door, ready, seconds=0.15)
    assert len(ready.requests) < 4  # the number of tries with time enough


def test_no_time_at_all(ready: FakeGhcr, door: Registry) -> None:
    """With no time left nothing is asked."""
    with pytest.raises(CouldNotLook):
        tags(door, ready, seconds=-1)
    assert ready.requests == []


def test_a_later_caller_may_have_more_time(ready: FakeGhcr, door: Registry) -> None:
    """A time-out is not remembered: the next one who has time gets the answer."""
    ready.script("/tags/list", silent)
    with pytest.raises(TimedOut):
        tags(door, ready, seconds=0.3)

    assert tags(door, ready) == ("1.0.0",)


def test_not_http(ready: FakeGhcr, door: Registry) -> None:
    """Something that speaks another protocol is named as such."""
    ready.always("/tags/list", not_http)

    with pytest.raises(NotHttp, match="does not speak HTTP"):
        tags(door, ready)


def test_connection_refused(environ: dict[str, str]) -> None:
    """A port where nobody listens is "connection refused"."""
    with closed_port() as host, pytest.raises(Unreachable, match="could not be reached: connection refused"):
        Registry(environ, frozenset({host})).tags(host, REPOSITORY, Deadline.after(20))


def test_name_that_does_not_resolve(environ: dict[str, str]) -> None:
    """A host name without an address is told as such."""
    with pytest.raises(NameNotResolved, match=r"the name registry\.invalid could not be resolved"):
        Registry(environ).tags("registry.invalid", REPOSITORY, Deadline.after(30))


def test_plain_http_needs_permission(ready: FakeGhcr, environ: dict[str, str]) -> None:
    """A host that is not listed is never asked over plain HTTP; the hint says how to allow it."""
    with pytest.raises(TlsFailed, match=r"seems to speak plain HTTP|handshake") as caught:
        Registry(environ).tags(ready.host, REPOSITORY, Deadline.after(20))

    assert f"--registry-insecure {ready.host}" in caught.value.hint
    assert ready.requests == []


def test_permission_is_for_one_port(ready: FakeGhcr, environ: dict[str, str]) -> None:
    """Permission for plain HTTP is for exactly the host and port that were listed."""
    insecure = frozenset({"127.0.0.1", "127.0.0.1:1", f"localhost:{ready.host.rpartition(':')[2]}"})

    with pytest.raises(TlsFailed):
        Registry(environ, insecure).tags(ready.host, REPOSITORY, Deadline.after(20))


def test_ipv6(environ: dict[str, str]) -> None:
    """An IPv6 literal is a host like any other."""
    with FakeGhcr(address="::1") as ghcr:
        ghcr.push(REPOSITORY, "1.0.0")

        assert ghcr.host.startswith("[::1]:")
        assert tags(Registry(environ, frozenset({ghcr.host})), ghcr) == ("1.0.0",)


@pytest.mark.parametrize("host", ["exa mple.com", "a" * 300 + ".com", "[::1", "ghcr.io:99999"])
def test_hosts_that_are_none(environ: dict[str, str], host: str) -> None:
    """A host that cannot be one is a clear line, not a traceback."""
    with pytest.raises(CouldNotLook) as caught:
        Registry(environ).tags(host, REPOSITORY, Deadline.after(20))
    assert caught.value.hint


def test_importing_the_door_imports_no_http_library() -> None:
    """Whoever does not ask a registry does not pay for urllib3."""
    import subprocess
    import sys

    code = "import sys, preflight.registry; print('urllib3' in sys.modules, 'ssl' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]


@contextmanager
def closed_port() -> Iterator[str]:
    """A port of this machine that is taken, but where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


class ConnectProxy:
    """A small HTTP proxy: forwards plain requests to one backend and tunnels CONNECT to it, whatever the name says."""

    def __init__(self, backend: str, password: str = "") -> None:
        self._backend = backend
        self._password = password
        self.heads: list[str] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._attend, args=(client,), daemon=True).start()

    def _attend(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.heads.append(head.decode())
        if self._password and f"Proxy-Authorization: Basic {self._password}".lower() not in head.decode().lower():
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            client.close()
            return
        host, _, port = self._backend.rpartition(":")
        server = socket.create_connection((host, int(port)))
        if head.startswith(b"CONNECT"):
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            server.sendall(head)
        with client, server:
            upwards = threading.Thread(target=_pump, args=(client, server), daemon=True)
            upwards.start()
            _pump(server, client)
            upwards.join(5)

    def close(self) -> None:
        self._listener.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


def test_plain_http_through_a_proxy(ready: FakeGhcr, environ: dict[str, str]) -> None:
    """A proxy from the environment, with its password, is used for a host that is not on this machine."""
    proxy = ConnectProxy(ready.host, password="dTpwQHNz")  # u:p@ss
    try:
        way = {**environ, "http_proxy": f"http://u:p%40ss@{proxy.address}"}
        door = Registry(way, frozenset({"registry.invalid:5000"}))

        assert door.tags("registry.invalid:5000", REPOSITORY, Deadline.after(20)) == ("1.0.0",)
        assert proxy.heads[0].startswith("GET http://registry.invalid:5000/v2/owner/name/tags/list")
    finally:
        proxy.close()


def test_proxy_that_wants_a_password(ready: FakeGhcr, environ: dict[str, str]) -> None:
    """A proxy that refuses says so, without the password that was sent."""
    proxy = ConnectProxy(ready.host, password="other")
    try:
        door = Registry({**environ, "HTTPS_PROXY": f"http://user:hunter2@{proxy.address}"})
        with pytest.raises(CouldNotLook, match="wants a user name and password") as caught:
            door.tags("registry.invalid", REPOSITORY, Deadline.after(20))
        assert "hunter2" not in caught.value.message + caught.value.hint
    finally:
        proxy.close()


def test_proxy_that_is_not_there(environ: dict[str, str]) -> None:
    """A proxy that cannot be reached is named as the culprit, without its address, which may hold a password."""
    with closed_port() as address:
        door = Registry({**environ, "HTTPS_PROXY": f"http://user:hunter2@{address}"})
        with pytest.raises(CouldNotLook, match="the proxy in the environment does not let us through") as caught:
            door.tags("registry.invalid", REPOSITORY, Deadline.after(20))
    assert "hunter2" not in caught.value.message + caught.value.hint


@pytest.mark.parametrize("proxy", ["socks5://x:1", "http://[::1", "http://"])
def test_proxy_of_no_use(environ: dict[str, str], proxy: str) -> None:
    """A proxy that cannot be used is a clear line."""
    door = Registry({**environ, "https_proxy": proxy})
    with pytest.raises(CouldNotLook, match="proxy"):
        door.tags("registry.invalid", REPOSITORY, Deadline.after(20))

"""preflight/engine/throwaway_container.py: programs of images that run by themselves, on a real engine."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from preflight.engine.door import Engine
from preflight.engine.throwaway_container import LABEL, run_throwaway
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from tests.limits import not_waiting_for
from tests.real.engine import RealEngine

KILLED = """
import os
from preflight.lib.deadline import Deadline
from preflight.engine.door import Engine
Engine(dict(os.environ)).run_throwaway(os.environ["IMAGE"], ("sleep", "600"), Deadline.after(5))
"""


def image_of(engine: RealEngine) -> str:
    """Return the id of the image with busybox."""
    return engine.docker("image", "inspect", "--format", "{{.Id}}", engine.image).stdout.strip()


def left(engine: RealEngine) -> list[str]:
    """Return the names of all such containers, in every state."""
    shown = engine.docker("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}")
    return shown.stdout.split()


def becomes(true: Callable[[], bool], seconds: float = 15) -> bool:
    """Wait until something is so; the engine removes containers a moment after they end."""
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


@pytest.mark.engine
def test_a_program_runs_by_itself(engine: RealEngine) -> None:
    """Without network, capabilities, mounts or anything to write on; afterwards nothing is left of it."""
    script = "cat /proc/net/dev /proc/self/status; touch /here || echo read-only; ls /var/run; exit 3"

    ended = Engine(engine.environ).run_throwaway(image_of(engine), ("sh", "-c", script), Deadline.after(20))

    shown = ended.stdout.decode()
    assert ended.exit_code == 3
    assert "eth0" not in shown
    assert "CapEff:\t0000000000000000" in shown
    assert "NoNewPrivs:\t1" in shown
    assert "read-only" in shown
    assert "docker.sock" not in shown
    assert becomes(lambda: not left(engine))


@pytest.mark.engine
def test_an_answer_is_asked_for_once(engine: RealEngine) -> None:
    """Two checks share it."""
    ours = Engine(engine.environ)
    argv = ("cat", "/proc/sys/kernel/random/uuid")
    first = ours.run_throwaway(image_of(engine), argv, Deadline.after(20))

    assert ours.run_throwaway(image_of(engine), argv, Deadline.after(20)) is first


@pytest.mark.engine
@pytest.mark.parametrize("bare", [False, True])
def test_a_program_that_is_not_there(engine: RealEngine, *, bare: bool) -> None:
    """Nor, in the bare image, a shell to look for it."""
    image = image_of(engine)
    if bare:
        image = engine.docker("image", "inspect", "--format", "{{.Id}}", engine.image_without_env).stdout.strip()

    ended = Engine(engine.environ).run_throwaway(image, ("docker", "compose", "version"), Deadline.after(20))

    assert ended.not_there
    assert becomes(lambda: not left(engine))


@pytest.mark.engine
def test_a_program_that_hangs_is_killed(engine: RealEngine) -> None:
    """In time for the container to be removed."""
    with not_waiting_for(600), pytest.raises(DeadlineExceeded, match="does not come to an end"):
        Engine(engine.environ).run_throwaway(image_of(engine), ("sleep", "600"), Deadline.after(4))

    assert becomes(lambda: not left(engine))


@pytest.mark.engine
def test_without_time_nothing_is_made(engine: RealEngine) -> None:
    """Two seconds are kept for removing what was made."""
    with pytest.raises(DeadlineExceeded, match="no time left"):
        Engine(engine.environ).run_throwaway(image_of(engine), ("true",), Deadline.after(1.5))

    assert not left(engine)


@pytest.mark.engine
@pytest.mark.parametrize("script", ["cat /dev/zero", "while :; do echo; done"])
def test_a_program_that_prints_without_end(engine: RealEngine, script: str) -> None:
    """It is cut off."""
    with pytest.raises(CouldNotLook, match="printed more than 64 KiB"):
        Engine(engine.environ).run_throwaway(image_of(engine), ("sh", "-c", script), Deadline.after(20))

    assert becomes(lambda: not left(engine))


@pytest.mark.engine
def test_an_image_that_is_gone(engine: RealEngine) -> None:
    """Nothing is pulled."""
    with pytest.raises(CouldNotLook, match=r"the image sha256:aaaaaaaaaaaa… is gone"):
        Engine(engine.environ).run_throwaway("sha256:" + "a" * 64, ("true",), Deadline.after(20))


@pytest.mark.engine
def test_a_container_ends_when_its_maker_was_killed(engine: RealEngine) -> None:
    """It sees to that itself, and the engine removes it."""
    env = {**os.environ, **engine.environ, "IMAGE": image_of(engine)}
    with subprocess.Popen([sys.executable, "-c", KILLED], env=env) as maker:
        assert becomes(lambda: bool(engine.docker("ps", "--quiet", "--filter", f"label={LABEL}").stdout))
        maker.send_signal(signal.SIGKILL)
        maker.wait(20)

    assert left(engine)
    assert becomes(lambda: not left(engine))


class Refused(Exception):
    """What the SDK raises."""

    def __init__(self, status: int) -> None:
        super().__init__("no")
        self.response = SimpleNamespace(status_code=status)


class Stubborn:
    """A client whose engine refuses one of the requests."""

    base_url, api_version = "http://x", "1.41"

    def __init__(self, *, at: str) -> None:
        self.at, self.removed = at, False

    def _maybe(self, what: str) -> Any:
        if self.at == what:
            raise Refused(403)
        return nullcontext(self)

    def raise_for_status(self) -> None:
        """It was good."""

    def iter_content(self, _size: int) -> Any:
        """Break off."""
        self._maybe("read")
        return iter(())

    def containers(self, **_options: Any) -> Any:
        """None."""
        return []

    def create_host_config(self, **_options: Any) -> Any:
        """Empty."""
        return {}

    def create_container(self, **_options: Any) -> Any:
        """One."""
        self._maybe("create")
        return {"Id": "1"}

    def post(self, _url: str, /, **_options: Any) -> Any:
        """A stream."""
        return self._maybe("post")

    def start(self, _container: str) -> Any:
        """Begin."""
        return self._maybe("start")

    def remove_container(self, _container: str, /, **_options: Any) -> Any:
        """Remember it."""
        self.removed = True


@pytest.mark.parametrize("at", ["create", "post", "start", "read"])
def test_a_refusal_is_the_callers_to_explain(at: str) -> None:
    """A socket proxy may allow less than we need; what was made is removed all the same."""
    client = Stubborn(at=at)

    with pytest.raises(Refused):
        run_throwaway(client, Deadline.after(20), "sha256:1", ("true",))

    assert client.removed is (at != "create")


@pytest.mark.engine
def test_what_a_killed_maker_never_started_is_removed_by_the_next(engine: RealEngine) -> None:
    """Once it is ten minutes old; a fresh one may be somebody's who is about to start it."""
    made = {"old": int(time.time()) - 700, "fresh": int(time.time()), "odd": "yesterday"}
    names = {age: f"apart-{age}-{uuid.uuid4().hex[:8]}" for age in made}
    for age, when in made.items():
        options = ("--name", names[age], "--network", "none", "--label", f"{LABEL}={when}")
        engine.docker("create", *options, engine.image)
    try:
        Engine(engine.environ).run_throwaway(image_of(engine), ("true",), Deadline.after(20))

        assert becomes(lambda: set(left(engine)) == {names["fresh"], names["odd"]})
    finally:
        engine.docker("rm", "--force", *names.values(), check=False)

"""preflight/engine/smoke_container.py and guard.py: commands of images, on a real engine and from a real registry."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator

import pytest

from preflight.engine.door import Engine
from preflight.engine.smoke_container import KEPT_OUTPUT, LABEL, SmokeResult, SmokeTest, TookTooLong
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.limits import not_waiting_for
from tests.preflight.engine.test_throwaway_container import becomes
from tests.real.engine import RealEngine
from tests.real.registry import RealRegistry

pytestmark = [pytest.mark.engine, pytest.mark.registry]

KILLED = """
import os, sys
from preflight.engine.door import Engine
from preflight.engine.smoke_container import SmokeTest
from preflight.lib.deadline import Deadline
Engine(dict(os.environ)).smoke(SmokeTest(sys.argv[1], sys.argv[2], ("-c", "sleep 600"), 600), Deadline.after(60))
"""


class Bench:
    """An image whose entrypoint is a shell, in a registry; the engine has to pull it."""

    def __init__(self, engine: RealEngine, registry: RealRegistry) -> None:
        self.engine = engine
        name = f"{registry.host}/smoke/{uuid.uuid4().hex[:8]}"
        made = engine.docker("create", engine.image).stdout.strip()
        engine.docker("commit", "--change", 'ENTRYPOINT ["sh"]', "--change", "ENV GREETING=hello", made, name)
        engine.docker("push", "--quiet", name)
        self.reference = engine.docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", name).stdout.strip()
        engine.docker("rm", made)
        engine.docker("rmi", name)

    def run(self, *argv: str, seconds: float = 60) -> SmokeResult:
        """Run a command of it."""
        test = SmokeTest(f"smoke-{uuid.uuid4().hex[:8]}", self.reference, argv, seconds)
        return Engine(self.engine.environ).smoke(test, Deadline.after(60))

    def left(self) -> list[str]:
        """Return the names of all such containers."""
        shown = self.engine.docker("ps", "--all", "--filter", f"label={LABEL}", "--format", "{{.Names}}")
        return shown.stdout.split()


@pytest.fixture(scope="module")
def bench(engine: RealEngine, registry: RealRegistry) -> Iterator[Bench]:
    """The image."""
    one = Bench(engine, registry)
    yield one
    engine.docker("rmi", one.reference, check=False)


def test_a_command_runs_apart(bench: Bench) -> None:
    """By the image's own entrypoint and variables, pulled by digest; both streams are kept; nothing is left of it."""
    script = (
        "echo $GREETING; cat /proc/net/dev; touch /here || echo read-only; touch /tmp/here && echo room; "
        "grep NoNewPrivs /proc/self/status; ls /var/run; exit 3"
    )
    result = bench.run("-c", script)

    shown = result.output.decode()
    assert result.exit_code == 3
    assert shown.startswith("hello\n")
    assert "eth0" not in shown
    assert {"read-only", "room", "NoNewPrivs:\t1"} <= set(shown.splitlines())
    assert "touch: /here: Read-only file system" in shown
    assert "docker.sock" not in shown
    assert becomes(lambda: not bench.left())


def test_limits_of_memory_and_processes(bench: Bench) -> None:
    """As the engine was told; whether the kernel has cgroups is not ours to try."""
    name = f"smoke-{uuid.uuid4().hex[:8]}"
    with subprocess.Popen([sys.executable, "-c", KILLED, name, bench.reference], env=environ(bench)) as maker:
        assert becomes(lambda: name in bench.left())
        form = "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.NetworkMode}}"
        assert bench.engine.docker("inspect", "--format", form, name).stdout.split() == ["1073741824", "512", "none"]
        maker.send_signal(signal.SIGKILL)
        maker.wait(20)

    # No signal reaches a killed process, so its guard removes the container.
    assert becomes(lambda: name not in bench.left(), 40)


def environ(bench: Bench) -> dict[str, str]:
    """Return the variables for a process of its own."""
    return {**os.environ, **bench.engine.environ}


def test_a_command_that_hangs(bench: Bench) -> None:
    """It is ended when its time is up, and removed."""
    with not_waiting_for(600), pytest.raises(TookTooLong):
        bench.run("-c", "sleep 600", seconds=2)
    assert becomes(lambda: not bench.left())


def test_the_last_of_much_output(bench: Bench) -> None:
    """A command may print as much as it likes; the end tells most."""
    result = bench.run("-c", "yes | head -c 1000000; echo the end >&2; exit 1")
    assert len(result.output) == KEPT_OUTPUT + len("the end\n")
    assert result.output.endswith(b"\ny\nthe end\n")


def test_a_program_that_is_not_there(bench: Bench, engine: RealEngine) -> None:
    """As a shell has it: 127."""
    test = SmokeTest(f"smoke-{uuid.uuid4().hex[:8]}", engine.image_without_env, ("agent", "--version"), 20)
    assert Engine(engine.environ).smoke(test, Deadline.after(60)).exit_code == 127
    assert becomes(lambda: not bench.left())


def test_an_image_that_cannot_be_pulled(bench: Bench) -> None:
    """Said with the command that shows why."""
    test = SmokeTest("smoke-x", f"{bench.reference[:-8]}00000000", ("true",), 20)
    with pytest.raises(CouldNotLook, match="the engine could not pull") as caught:
        Engine(bench.engine.environ).smoke(test, Deadline.after(60))
    assert caught.value.hint.startswith("Look why: docker pull ")


def test_what_nobody_removed_is_removed_by_the_next(bench: Bench) -> None:
    """Where process and guard were killed: once its time is up; another's that still runs is left alone."""
    names = {over: f"smoke-{word}-{uuid.uuid4().hex[:8]}" for word, over in (("old", -1), ("new", 600))}
    for over, name in names.items():
        options = ("--name", name, "--network", "none", "--label", f"{LABEL}={int(time.time()) + over}")
        bench.engine.docker("run", "--detach", *options, bench.engine.image)
    try:
        assert bench.run("-c", "true").exit_code == 0
        assert becomes(lambda: bench.left() == [names[600]])
    finally:
        bench.engine.docker("rm", "--force", *names.values(), check=False)

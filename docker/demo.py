"""The demo proper: deploy the sample stack, roll a new release out between the two gates, break one thing, see it fail.

Ends with 0 if each run of preflight ended as it should. Everything it starts is ended and removed, also when it
is interrupted.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from provision import busybox
from provision.command import run
from provision.compose_binaries import plugin_folder
from provision.engine import running_engine
from provision.errors import ProvisionError
from provision.keeper import kept
from provision.registry import RegistryClient
from provision.sample import COMPOSE_FILE, IMAGE, SERVICE, Sample, check_out

PROJECT = f"preflight-demo-{os.getpid()}"
OLDEST_COMPOSE = (2, 24)
WRONG = "ghcr.io/ls1intum/hephaestus/agent:latest"
RELEASE = "1.4.2"
UP = ["docker", "compose", "--project-name", PROJECT, "--file", COMPOSE_FILE, "up", "--detach"]


def main() -> int:
    """Run the demo; problems are one line on standard error."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    try:
        with ExitStack() as stack:
            return _demo(stack)
    except ProvisionError as error:
        print(f"\nthe demo cannot go on: {error.message}\n  -> {error.remedy}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; everything that was started is gone", file=sys.stderr)
        return 130


def _demo(stack: ExitStack) -> int:
    environ = _engine(stack)
    registry = RegistryClient(stack.enter_context(kept("registry")))
    _say(f"A registry listens at {registry.host}.")
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="preflight-demo-")))
    sample = check_out(folder / "hephaestus", registry)
    _say(f"A git checkout of the sample stack is made; its pin is\n  {sample.reference}")
    stack.enter_context(_deployed(sample, environ))
    _say(f"The stack is deployed: {' '.join(UP)}")

    reference = sample.release(RELEASE, registry)
    _say(f"Release {RELEASE} is published and pinned:\n  {reference}\nMay it be rolled out?")
    before = _preflight(sample, environ, "before")
    _say(f"It may. The rollout: {' '.join(UP)}")
    run(UP, env=environ, cwd=sample.path)
    _say("Did it arrive?")
    after = _preflight(sample, environ, "after")
    line = sample.shadow(WRONG)
    _say(f"It did. Now one thing is broken: under {SERVICE}, environment: in {COMPOSE_FILE}, somebody adds\n  {line}")
    broken = _preflight(sample, environ, "before")

    if (before, after, broken) != (0, 0, 1):
        print(f"the demo went wrong: exit codes {before}, {after} and {broken}, not 0, 0 and 1", file=sys.stderr)
        return 1
    _say("As it should be: 0 before a sound rollout, 0 after it, 1 before a broken one. Cleaning up.")
    return 0


def _engine(stack: ExitStack) -> dict[str, str]:
    """Find or start an engine, and find or fetch a Compose; return the environment that leads to both."""
    host = running_engine()
    if host:
        _say(f"Docker runs here already ({host}) and is used, in a project of our own: {PROJECT}.")
    else:
        host = stack.enter_context(kept("engine"))
        _say(f"A private Docker engine is started ({host}).")
    environ = {"DOCKER_HOST": host}
    if _compose_version(environ) < OLDEST_COMPOSE:
        environ["DOCKER_CONFIG"] = str(plugin_folder())
        _say("No Compose plugin of 2.24 or later is installed; one from PyPI is used for the demo.")
    return environ


def _compose_version(environ: Mapping[str, str]) -> tuple[int, ...]:
    """Return (major, minor) of the installed plugin, or (0,) without one."""
    try:
        said = run(["docker", "compose", "version", "--short"], seconds=30, env=environ)
        return tuple(int(number) for number in said.strip().removeprefix("v").split(".")[:2])
    except (ProvisionError, ValueError):
        return (0,)


@contextmanager
def _deployed(sample: Sample, environ: Mapping[str, str]) -> Iterator[None]:
    """Have the stack run for the length of a block."""
    busybox.import_image(IMAGE, environ)
    try:
        run(UP, env=environ, cwd=sample.path)
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # cleaning up is short, and is not to be left half done
        # not by the compose file, which is broken by now on purpose
        down = ["docker", "compose", "--project-name", PROJECT, "down", "--timeout", "0"]
        for command in (down, ["docker", "image", "rm", "--force", IMAGE]):
            with suppress(ProvisionError):  # nothing to remove, if it never came so far
                run(command, env=environ, shielded=True)


def _preflight(sample: Sample, environ: Mapping[str, str], stage: str) -> int:
    """Run ``preflight run`` as an operator would, in the checkout, and return its exit code."""
    arguments = ["run", "--stage", stage, "--registry-insecure", sample.registry]
    _say(f"$ preflight {' '.join(arguments)}", lines_after=1)
    done = subprocess.run(
        [str(Path(sys.executable).with_name("preflight")), *arguments],
        cwd=sample.path,
        env={**os.environ, **environ},
        check=False,
        timeout=120,
    )
    print(f"(exit code {done.returncode})", flush=True)
    return done.returncode


def _say(text: str, *, lines_after: int = 0) -> None:
    print(f"\n{text}" + "\n" * lines_after, flush=True)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())

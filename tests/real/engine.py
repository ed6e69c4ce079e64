"""A real, private Docker engine."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from provision import busybox
from provision.errors import ProvisionError
from provision.keeper import kept

from tests.real.compose import docker_config
from tests.real.missing import missing


@dataclass(frozen=True)
class RealEngine:
    """A running engine that only the tests of this process use. Containers need ``network_mode: host``.

    Args:
        host: ``unix://…`` of its socket.
        environ: For processes that talk to it: ``PATH``, ``DOCKER_HOST``, ``DOCKER_CONFIG`` (newest Compose as plugin).
        image: A local image with ``sh``, ``env``, ``sleep`` and the rest of busybox; sleeps by default.
        image_without_env: A local image in which only ``sleep`` exists.
    """

    host: str
    environ: dict[str, str]
    image: str = "preflight-busybox:local"
    image_without_env: str = "preflight-bare:local"

    @property
    def socket(self) -> Path:
        """The path of its socket."""
        return Path(self.host.removeprefix("unix://"))

    def docker(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ``docker ARGUMENTS`` against it."""
        return _run(["docker", *arguments], self.environ, None, check=check)

    def compose(
        self, *arguments: str, cwd: Path, env: Mapping[str, str] | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run ``docker compose ARGUMENTS`` (newest) against it, in a folder, with ``env`` added."""
        return _run(["docker", "compose", *arguments], {**self.environ, **(env or {})}, cwd, check=check)


@contextmanager
def real_engine() -> Iterator[RealEngine]:
    """Have a private engine with both images for the length of a block; everything in it goes at the end."""
    with ExitStack() as stack:
        try:
            host = stack.enter_context(kept("engine"))
            config = docker_config()
            engine = RealEngine(
                host,
                {
                    "PATH": os.environ.get("PATH", os.defpath),
                    "DOCKER_HOST": host,
                    "DOCKER_CONFIG": str(config),
                },
            )
            busybox.import_image(engine.image, engine.environ)
            busybox.import_image_without_env(engine.image_without_env, engine.environ)
        except ProvisionError as error:
            missing("no Docker engine", error)
        yield engine


def _run(argv: list[str], env: Mapping[str, str], cwd: Path | None, *, check: bool) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        argv, env=env, cwd=cwd, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL
    )
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(argv)} ended with {done.returncode}: {done.stderr}")
    return done

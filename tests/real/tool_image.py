"""The tool as an image, made of what runs these tests: not docker/Dockerfile's, but laid out like it.

What `make image-test` builds takes five minutes; this one a few seconds, and no network. It has the same entry point,
the same variables, the same folders, and Python, git and the docker command in place of Debian's packages.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from io import BytesIO
from pathlib import Path

from provision.cache import ROOT
from provision.packages import busybox_program

from tests.real.engine import RealEngine

IMAGE = "preflight:tests"
_OWN_COMPOSE = "/usr/libexec/docker/cli-plugins/.came-with-preflight"
_SITE = "/opt/preflight"
_DISTRIBUTIONS = (
    *("click", "docker", "requests", "urllib3", "certifi", "idna", "charset-normalizer", "PyYAML"),
    *("ruamel.yaml", "ruamel.yaml.clib", "semver", "tabulate", "deploy-preflight"),
)
_TMP = "/tmp"  # noqa: S108 -- of the image
_FOLDERS = {"/dev", "/proc", "/sys", _TMP, "/etc", "/root", "/var/lib/preflight", "/usr/libexec/docker/cli-plugins"}
_LEFT_OUT = {
    "test",
    "tests",
    "idlelib",
    "tkinter",
    "turtledemo",
    "lib2to3",
    "ensurepip",
    "site-packages",
    "__pycache__",
}


def provide_tool_image(engine: RealEngine) -> str:
    """Give the engine the image, once; return its name."""
    if engine.docker("image", "inspect", IMAGE, check=False).returncode == 0:
        return IMAGE
    changes = [
        "ENV PATH=/usr/local/bin:/usr/bin:/bin",
        f"ENV PYTHONPATH={_SITE}",
        "ENV PYTHONDONTWRITEBYTECODE=1",
        f"ENV PREFLIGHT_OWN_COMPOSE={_OWN_COMPOSE}",
        "ENV PREFLIGHT_STATE_DIR=/var/lib/preflight",
        'ENTRYPOINT ["/usr/bin/tini", "--", "/usr/local/bin/preflight"]',
    ]
    options = [word for change in changes for word in ("--change", change)]
    with subprocess.Popen(
        ["docker", "import", *options, "-", IMAGE], env=engine.environ, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as importing:
        if importing.stdin is None:
            raise AssertionError("standard input is a pipe")
        with tarfile.open(fileobj=importing.stdin, mode="w|") as tar:
            _fill(tar)
        importing.stdin.close()
    if importing.returncode != 0:
        raise AssertionError("the image of the tool could not be made")
    return IMAGE


def _fill(tar: tarfile.TarFile) -> None:
    files = dict(_files())
    files |= {str(library): library for library in _libraries(files.values())}
    folders = {str(parent) for name in files for parent in Path(name).parents}
    folders |= _FOLDERS
    folders |= {str(parent) for name in folders for parent in Path(name).parents}
    for folder in sorted(folders - {"/"}):
        entry = tarfile.TarInfo(folder.lstrip("/"))
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == _TMP else 0o755
        tar.addfile(entry)
    for name, source in sorted(files.items()):
        entry = tar.gettarinfo(source.resolve(), name.lstrip("/"))
        entry.type, entry.mode, entry.uid, entry.gid = tarfile.REGTYPE, 0o755, 0, 0
        with source.open("rb") as content:
            tar.addfile(entry, content)
    for name, text in _texts().items():
        entry = tarfile.TarInfo(name.lstrip("/"))
        entry.size, entry.mode = len(text.encode()), 0o755
        tar.addfile(entry, BytesIO(text.encode()))
    for applet in ("sh", "sleep", "cat", "env", "ls"):
        entry = tarfile.TarInfo(f"bin/{applet}")
        entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(entry)


def _texts() -> dict[str, str]:
    python = Path(sys.executable).resolve()
    texts = {
        "/usr/local/bin/preflight": f'#!/bin/sh\nexec {python} -P -m preflight "$@"\n',
        "/etc/gitconfig": "[safe]\n\tdirectory = *\n",
        "/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
        _OWN_COMPOSE: "",
    }
    if shutil.which("tini") is None:
        texts["/usr/bin/tini"] = '#!/bin/sh\nshift\nexec "$@"\n'
    return texts


def _files() -> Iterator[tuple[str, Path]]:
    """Yield where each file goes and where it comes from."""
    yield from _programs()
    standard = Path(sysconfig.get_path("stdlib"))
    for path in standard.rglob("*"):
        if path.is_file() and not _LEFT_OUT & set(path.relative_to(standard).parts):
            yield str(path), path
    for package in ("preflight", "checks"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield f"{_SITE}/{path.relative_to(ROOT)}", path
    for name in _DISTRIBUTIONS:
        for file in metadata.distribution(name).files or ():
            path = Path(str(file.locate()))
            if path.is_file() and ".." not in file.parts and path.suffix not in {".pth", ".pyc"}:
                yield f"{_SITE}/{file}", path


def _programs() -> Iterator[tuple[str, Path]]:
    python = Path(sys.executable).resolve()
    yield str(python), python
    yield "/bin/busybox", busybox_program()
    for name in ("docker", "tini"):
        found = shutil.which(name)
        if found:
            yield f"/usr/bin/{name}", Path(found)
    git = shutil.which("git")
    if git is None:
        raise AssertionError("git is not installed")
    yield "/usr/bin/git", Path(git)
    yield "/usr/bin/git-upload-pack", Path(git)
    core = Path(subprocess.run([git, "--exec-path"], capture_output=True, text=True, check=True).stdout.strip())
    for name in ("git-remote-http", "git-remote-https"):
        if (core / name).exists():
            yield str(core / name), core / name


def _libraries(files: Iterable[Path]) -> set[Path]:
    """Return the shared libraries that programs and modules are linked with, as `ldd` names them."""
    linked = [str(each) for each in files if (each.suffix == ".so" or os.access(each, os.X_OK)) and _is_elf(each)]
    said = subprocess.run(["ldd", *linked], capture_output=True, text=True, check=False).stdout
    return {Path(found) for found in re.findall(r"(?:=> |^\s+)(/\S+) \(0x", said, re.MULTILINE)}


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"

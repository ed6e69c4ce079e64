"""Programs from Debian's packages: used where installed, else brought.

Two ways. What must be installed (engine, git, curl, venv) goes through ``apt-get install`` and needs root. What is one
binary (registry, busybox) is unpacked into ``.cache/debian`` without installing: that needs no root, and does not start
the service that the package ``docker-registry`` would put on port 5000 of a person's machine.
"""

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from provision.cache import CACHE, filling
from provision.command import run
from provision.engine import running_engine
from provision.errors import ProvisionError

_APT = {"DEBIAN_FRONTEND": "noninteractive"}
_APT_SECONDS = 900
_updated: list[bool] = []


@dataclass(frozen=True)
class Installable:
    """A Debian package that has to be installed, and how to see that it is not needed."""

    package: str
    present: Callable[[], bool]


INSTALLABLE = {
    # any engine that answers will do for the demo; the tests start one of their own
    "engine": Installable("docker.io", lambda: _on_path("dockerd") or running_engine() is not None),
    "dockerd": Installable("docker.io", lambda: _on_path("dockerd")),
    # Debian 13 and later ship the command apart from the engine
    "docker": Installable("docker-cli", lambda: _on_path("docker")),
    "debootstrap": Installable("debootstrap", lambda: _on_path("debootstrap")),
    "git": Installable("git", lambda: _on_path("git")),
    "curl": Installable("curl", lambda: _on_path("curl")),
    "chromium": Installable("chromium", lambda: _on_path("chromium")),
    "sshd": Installable("openssh-server", lambda: Path("/usr/sbin/sshd").exists()),
    "sudo": Installable("sudo", lambda: _on_path("sudo")),
    "ip": Installable("iproute2", lambda: _on_path("ip")),
    "npm": Installable("npm", lambda: _on_path("npm") and _on_path("node")),
    "systemd-analyze": Installable("systemd", lambda: _on_path("systemd-analyze")),
    "venv": Installable("python3-venv", lambda: importlib.util.find_spec("ensurepip") is not None),
}


def install(names: Iterable[str]) -> list[str]:
    """Install what is missing of these, in this order.

    Args:
        names: Keys of ``INSTALLABLE``.

    Returns:
        The packages that were installed, now.

    Raises:
        ProvisionError: Something is missing and we are not root, this is no Debian, or apt failed.
    """
    brought = []
    for name in names:
        wanted = INSTALLABLE[name]
        if wanted.present():
            continue
        _require_apt(wanted.package)
        if os.geteuid() != 0:
            raise ProvisionError(
                f"the Debian package {wanted.package} is not installed and only root can install it",
                f"run: sudo apt-get install {wanted.package}",
            )
        _update()
        run(
            ["apt-get", "install", "-y", "--no-install-recommends", wanted.package],
            seconds=_APT_SECONDS,
            env=_APT,
        )
        brought.append(wanted.package)
        if not wanted.present():
            raise ProvisionError(
                f"{wanted.package} was installed, yet what it should bring is not there", "look at its files"
            )
    return brought


def registry_program() -> Path:
    """Return Debian's ``docker-registry``, installed or unpacked.

    Raises:
        ProvisionError: It is not there and cannot be fetched.
    """
    installed = shutil.which("docker-registry")
    return Path(installed) if installed else _unpacked("docker-registry", "bin/docker-registry")


def busybox_program() -> Path:
    """Return a statically linked ``busybox``, installed or unpacked.

    Raises:
        ProvisionError: It is not there and cannot be fetched.
    """
    installed = shutil.which("busybox")
    if installed and _is_static(Path(installed)):
        return Path(installed)
    return _unpacked("busybox-static", "bin/busybox")


def cron_programs() -> tuple[Path, Path]:
    """Return Debian's ``cron`` and ``crontab``, installed or unpacked.

    Raises:
        ProvisionError: They are not there and cannot be fetched.
    """
    installed = [shutil.which(name, path="/usr/sbin:/usr/bin") for name in ("cron", "crontab")]
    cron, crontab = (Path(each) if each else None for each in installed)
    return cron or _unpacked("cron", "sbin/cron"), crontab or _unpacked("cron", "bin/crontab")


def faketime_library() -> Path:
    """Return the library that lets a program's clock run faster (``LD_PRELOAD``, ``FAKETIME="+0 x60"``).

    Raises:
        ProvisionError: It is not there and cannot be fetched.
    """
    return _unpacked("libfaketime", "faketime/libfaketime.so.1")


def sendmail_program() -> Path:
    """Return a ``sendmail``: the DragonFly Mail Agent, which needs no service.

    Raises:
        ProvisionError: It is not there and cannot be fetched.
    """
    return _unpacked("dma", "sbin/dma")


def _on_path(program: str) -> bool:
    return shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin") is not None


def _is_static(program: Path) -> bool:
    """Tell whether an ELF program names no loader: the name would stand in its first page."""
    with program.open("rb") as stream:
        return b"/ld-linux" not in stream.read(4096)


def _require_apt(package: str) -> None:
    if shutil.which("apt-get") is None:
        raise ProvisionError(
            f"{package} is missing and this is no Debian or Ubuntu", "install its like with your package manager"
        )


def _update() -> None:
    if not _updated:
        run(["apt-get", "update", "-qq"], seconds=_APT_SECONDS, env=_APT)
        _updated.append(True)


def _unpacked(package: str, program: str) -> Path:
    """Return the file whose path ends so out of a Debian package, unpacked into the cache."""
    folder = CACHE / "debian" / package
    with filling(folder) as draft:
        if draft is not None:
            _require_apt(package)
            _download(package, draft)
            archive = next(draft.glob("*.deb"))
            run(["dpkg-deb", "-x", str(archive), str(draft)])
            archive.unlink()
    found = [path for path in folder.rglob(program) if path.is_file()]
    if not found:
        raise ProvisionError(f"the Debian package {package} holds no program {program}", f"delete {folder}")
    return found[0]


def _download(package: str, folder: Path) -> None:
    """Fetch a ``.deb``; a machine that never ran ``apt-get update`` needs that first, and root for it."""
    fetch = ["apt-get", "download", "-q", package]
    if os.geteuid() != 0:
        run(fetch, seconds=_APT_SECONDS, cwd=folder)
        return
    _update()
    # apt drops to the user _apt, who may not enter our folder; as root it may stay root
    run([*fetch, "-o", "APT::Sandbox::User=root"], seconds=_APT_SECONDS, cwd=folder)

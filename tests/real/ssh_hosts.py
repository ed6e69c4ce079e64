"""Hosts on one machine: network and mount namespaces with a real sshd each. Needs root, iproute2, openssh-server."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from provision.errors import ProvisionError
from provision.packages import install

from tests.real.missing import missing

_SSHD = "/usr/sbin/sshd"
_OPTIONS = ("StrictModes=no", "UsePAM=no", "PasswordAuthentication=no", "PermitRootLogin=yes", "UseDNS=no")


class SshHosts:
    """Makes hosts.

    Args:
        folder: For keys and logs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[tuple[str, subprocess.Popen[bytes] | None]] = []
        self.key = folder / "key"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.key))
        shutil.copy(self.key.with_suffix(".pub"), folder / "authorized_keys")
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)

    def add(self, *, sshd: bool = True, files: Mapping[Path, Path] | None = None, command: str = "") -> str:
        """Add a host and return its address.

        Args:
            sshd: Whether anything listens there.
            files: Files that are others there, e.g. ``/dev/null``.
            command: What every login runs in the place of what was asked for.
        """
        number = len(self._made) + 1
        # Other test processes on this machine have networks of their own.
        network = f"10.{200 + (os.getpid() >> 8) % 50}.{os.getpid() % 256}"
        name, near, address = f"pf{os.getpid()}-{number}", f"{network}.{4 * number + 1}", f"{network}.{4 * number + 2}"
        run("ip", "netns", "add", name)
        self._made.append((name, None))
        run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "addr", "add", f"{near}/30", "dev", name)
        run("ip", "link", "set", name, "up")
        run("ip", "-n", name, "addr", "add", f"{address}/30", "dev", "eth0")
        run("ip", "-n", name, "link", "set", "eth0", "up")
        if sshd:
            child = self._sshd(name, files or {}, command)
            self._made[-1] = (name, child)
            self._wait_for(address)
        return address

    def _sshd(self, name: str, files: Mapping[Path, Path], command: str) -> "subprocess.Popen[bytes]":
        log, keys = self._folder / f"{name}.log", self._folder / "authorized_keys"
        options = [*_OPTIONS, f"AuthorizedKeysFile={keys}", "Subsystem=sftp internal-sftp", "PidFile=none"]
        options += [f"ForceCommand={command}"] if command else []
        words = [word for each in options for word in ("-o", each)]
        mounts = "".join(f"mount --bind '{other}' '{path}' && " for path, other in files.items())
        script = f'{mounts}exec {_SSHD} -D -f /dev/null "$@"'
        argv = ["ip", "netns", "exec", name, "unshare", "-m", "sh", "-c", script, "sshd"]
        return subprocess.Popen([*argv, "-h", str(self.key), "-E", str(log), *words])

    def _wait_for(self, address: str) -> None:
        end = time.monotonic() + 20
        argv = ["ssh-keyscan", "-T", "2", "-t", "ed25519", address]
        while not (found := subprocess.run(argv, capture_output=True, text=True, check=False).stdout):
            if time.monotonic() > end:
                raise AssertionError(f"no sshd at {address}")
            time.sleep(0.1)  # asked without a pause, some answered only after 16 seconds
        with (self._folder / "known_hosts").open("a") as file:
            file.write(found)

    def remove(self) -> None:
        """End all of them."""
        for name, child in self._made:
            if child is not None:
                child.terminate()
                child.wait(10)
            run("ip", "netns", "del", name)


def run(*argv: str) -> None:
    """Run a program that has to succeed."""
    subprocess.run(argv, check=True, capture_output=True, timeout=30)


@contextmanager
def ssh_hosts(folder: Path) -> Iterator[SshHosts]:
    """Give hosts for the length of a block; what they need and the machine lacks is told as in ``missing``."""
    try:
        install(("ip", "sshd", "sudo"))
        _can_have_namespaces()
    except ProvisionError as error:
        missing("no hosts with network namespaces", error)
    hosts = SshHosts(folder)
    try:
        yield hosts
    finally:
        hosts.remove()


def _can_have_namespaces() -> None:
    """See whether this machine lets us have them.

    Raises:
        ProvisionError: It does not.
    """
    done = subprocess.run(["unshare", "-n", "-m", "true"], capture_output=True, text=True, timeout=30, check=False)
    if done.returncode:
        raise ProvisionError(
            f"the kernel refuses a network namespace: {done.stderr.strip()}",
            "run the tests as root; in a container, with --privileged",
        )

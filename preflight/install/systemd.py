"""A service and a timer, for the system or for one user."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from zipfile import is_zipfile

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.install.interval import timer_lines
from preflight.install.job import Job
from preflight.install.plan import Change, file_change, refuse_unwritable
from preflight.install.seal import refuse_foreign, seal
from preflight.lib import process
from preflight.lib.deadline import Deadline
from preflight.lib.regex import regex
from preflight.lib.text import printable

SYSTEM = Path("/etc/systemd/system")
RUNNING = Path("/run/systemd/system")
"""There exactly where systemd is the init system: sd_booted(3)."""
_WAIT_S = 60.0

_PLAIN = regex(r"[A-Za-z0-9/._=:,@+-]+")

_SANDBOX = (
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "RestrictNamespaces=yes",
)
"""Needs namespaces, which a user's own systemd has only where the kernel lets everybody make them."""

_HARDENED = (
    "NoNewPrivileges=yes",
    "LockPersonality=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "SystemCallArchitectures=native",
)

_FAMILIES = "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK"
"""AF_UNIX is Docker's socket, AF_NETLINK how programs written in Go learn the host's addresses."""

_CAPABILITIES = "CapabilityBoundingSet=CAP_DAC_READ_SEARCH CAP_DAC_OVERRIDE CAP_SYS_PTRACE"
"""Read a checkout and Coolify's files whoever owns them, write the history, read the environment of a container."""

_FOR_MAIL = ("ReadWritePaths=-/var/spool -/var/mail -/var/log",)
"""Where sendmail puts a message into its queue; it may be any of several programs, with capabilities of their own."""


def unit_folder(environ: Mapping[str, str], *, user: bool) -> Path:
    """Return the folder of the units: the system's, or the user's own (systemd.unit(5)).

    Raises:
        ConfigurationError: The environment names no home.
    """
    if not user:
        return SYSTEM
    base = environ.get("XDG_CONFIG_HOME", "") or (f"{environ['HOME']}/.config" if environ.get("HOME") else "")
    if not base.startswith("/"):
        raise ConfigurationError("it is not clear where your units are: HOME is not set", "Set HOME.")
    return Path(base, "systemd", "user")


def unit_changes(job: Job, folder: Path, *, user: bool, remove: bool, check_rights: bool = True) -> list[Change]:
    """Return the changes of the service's and the timer's files.

    Args:
        job: The job.
        folder: The folder of the units.
        user: Whether they are for the user's own systemd.
        remove: Take them away.
        check_rights: Refuse where this user may not write there.

    Raises:
        ConfigurationError: It cannot be installed, or a file is not ours to replace.
    """
    if check_rights:
        refuse_unwritable(folder, "Run it as root (sudo), or for this user alone: --user.")
    texts = {"service": service(job, user=user), "timer": timer(job)}
    changes = []
    for kind, text in texts.items():
        change = file_change(folder / f"{job.name}.{kind}", "" if remove else seal(text, str(job.folder)))
        if change.before:
            refuse_foreign(change.before, str(job.folder), change.where)
        changes.append(change)
    return changes


def service(job: Job, *, user: bool) -> str:
    """Return the text of the service unit."""
    return "\n".join(_service(job, user=user)) + "\n"


def _service(job: Job, *, user: bool) -> Iterator[str]:
    yield from ("[Unit]", f"Description=Preflight health check of {_escaped(str(job.folder))}")
    if not user:
        yield from ("Wants=network-online.target", "After=network-online.target docker.service")
    yield from ("", "[Service]", "Type=exec")
    if not user:
        yield f"User={job.run_as or 'root'}"
    # A variable is expanded in a command only; everywhere else a dollar is a dollar.
    yield f"ExecStart={' '.join(_quoted(word.replace('$', '$$')) for word in job.command)}"
    yield f"Environment={_quoted(f'PATH={job.path}')}"
    yield from ("UMask=0077", f"RuntimeMaxSec={math.ceil(job.limit_s)}s", "TimeoutStopSec=20s")
    yield from (*_HARDENED, _FAMILIES)
    if user:
        return
    yield from _SANDBOX
    if job.mail:
        yield from _FOR_MAIL
    else:
        yield from (_CAPABILITIES, "SystemCallFilter=@system-service")
    yield from (f"CacheDirectory={job.name}", f"Environment=XDG_CACHE_HOME=/var/cache/{job.name}")
    if job.program and is_zipfile(job.program[0]):
        # What `make zipapp` writes unpacks itself, by default into the home, which the service cannot write.
        yield f"Environment=SHIV_ROOT=/var/cache/{job.name}/unpacked"
    if job.history is None:
        yield from (f"StateDirectory={job.name}", f"Environment=PREFLIGHT_HISTORY={history_of_service(job)}")
    for place in dict.fromkeys((*([job.history.parent] if job.history else []), *job.writes)):
        yield f"ReadWritePaths={_quoted(f'-{place}')}"


def history_of_service(job: Job) -> Path:
    """Return where a system's service keeps its history when the configuration names no file."""
    return Path("/var/lib", job.name, "history.db")


def timer(job: Job) -> str:
    """Return the text of the timer unit."""
    lines = ("[Unit]", f"Description=Preflight health check of {_escaped(str(job.folder))}", "", "[Timer]")
    return "\n".join((*lines, *timer_lines(job.seconds), "", "[Install]", "WantedBy=timers.target", ""))


def _escaped(text: str) -> str:
    """Return text without a specifier of systemd.unit(5)."""
    return text.replace("%", "%%")


def _quoted(word: str) -> str:
    """Return a word as systemd.syntax(7) wants it: quoted where it must be, and no specifier in it."""
    if _PLAIN.fullmatch(word):
        return word
    return '"' + _escaped(word).replace('"', r"\"") + '"'


def lingers(user: str) -> bool:
    """Whether a user's timers run while nobody is logged in: loginctl(1), ``enable-linger``."""
    return Path("/var/lib/systemd/linger", user).exists()


class Systemctl:
    """The program that makes systemd read and start units.

    Args:
        environ: The environment in which it is called.
        user: The user's own systemd is meant.
    """

    def __init__(self, environ: Mapping[str, str], *, user: bool) -> None:
        self._environ, self._user = {**environ, "LC_ALL": "C"}, user

    def refuse_absence(self) -> None:
        """Refuse a host on which systemd does not run.

        Raises:
            ConfigurationError: It says what to use instead.
        """
        if not RUNNING.is_dir():
            raise ConfigurationError("systemd does not run on this host", "Use `preflight install cron`.")

    def activate(self, job: Job, *, changed: bool) -> None:
        """Have the units read and the timer started, again where its file changed.

        Raises:
            CouldNotLook: systemctl refuses.
        """
        self._call("daemon-reload")
        self._call("enable", f"{job.name}.timer")
        self._call("restart" if changed else "start", f"{job.name}.timer")

    def deactivate(self, job: Job) -> None:
        """Stop the timer and take away what enabling it linked; before its files are removed.

        Raises:
            CouldNotLook: systemctl refuses.
        """
        self._call("disable", "--now", f"{job.name}.timer")

    def reload(self) -> None:
        """Have units forgotten whose files are gone.

        Raises:
            CouldNotLook: systemctl refuses.
        """
        self._call("daemon-reload")

    def _call(self, *arguments: str) -> None:
        argv = ["systemctl", *(["--user"] if self._user else []), *arguments]
        done = process.run(argv, env=self._environ, deadline=Deadline.after(_WAIT_S), max_output=1 << 20)
        if done.exit_code != 0:
            said = printable(done.error_text, 200) or f"exit code {done.exit_code}"
            hint = "Look at `systemctl status`, then run this again."
            raise CouldNotLook(f"`{' '.join(argv)}` refused: {said}", hint)

"""Which Compose programs this host has, and what each answers when asked for its version.

`docker compose` (the plugin) comes before a `docker-compose` on PATH, as every current tool calls the former. What
the programs print was measured with docker 28.2 and Compose 2.23.3 to 2.40.3; that of Compose v1, podman-compose
and Podman's shim is as their own issue trackers quote it.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.parallel import together
from preflight.lib.process import Completed, run
from preflight.lib.programs import find_program
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

Kind = Literal["plugin", "standalone", "v1", "podman"]

_VERSION = regex(r"\bversion:?\s+v?(\d[^\s,]*)", re.IGNORECASE)
_BARE_VERSION = regex(r"v?(\d+\.\d[^\s,]*)")
# docker up to 27, docker from 28 on, podman without a provider
_NO_PLUGIN = regex(r"is not a docker command|unknown command: docker compose|looking up compose provider failed")
_PODMAN_SAYS = "Executing external compose provider"
_PODMAN_COMPOSE = regex(r"podman-compose[rd]? version", re.IGNORECASE)
_SHIM_BYTES = 4096
_MAX_OUTPUT = 64 * 1024
_GRACE_S = 1.0


@frozen
class ComposeBinary:
    """One Compose program that is installed.

    Args:
        kind: "plugin" is `docker compose`, "standalone" a `docker-compose` on PATH, "v1" the Python one of old,
            "podman" what Podman puts in their place.
        argv: How it is called; the first word is an absolute path.
        answer: The line that it printed when asked for its version, fit to show; empty if there was none.
        version: The version in that line, or None where none could be read.
        problem: Why it gave no answer, e.g. "exit code 1"; empty otherwise.
    """

    kind: Kind
    argv: tuple[str, ...]
    answer: str
    version: str | None
    problem: str = ""

    @property
    def command(self) -> str:
        """As an operator types it: "docker compose" or "docker-compose"."""
        return " ".join((Path(self.argv[0]).name, *self.argv[1:]))

    @property
    def is_podman_compose(self) -> bool:
        """Whether podman-compose answered, which is no Docker Compose and has versions of its own."""
        return self.kind == "podman" and bool(_PODMAN_COMPOSE.search(self.answer))


def find_binaries(environ: Mapping[str, str], deadline: Deadline) -> tuple[ComposeBinary, ...]:
    """Ask every Compose program on PATH for its version, side by side.

    Args:
        environ: Where they are looked for (PATH) and the whole environment they run in.
        deadline: When they must have answered.

    Returns:
        The one that deploys first; empty when there is none. A program that is there but does not answer is
        among them, with its ``problem``.

    Raises:
        CouldNotLook: One cannot even be killed.
    """
    asks: list[Callable[[], ComposeBinary | None]] = []
    if docker := find_program("docker", environ):
        asks.append(lambda: _ask_docker(docker, environ, deadline))
    if standalone := find_program("docker-compose", environ):
        asks.append(lambda: _ask_standalone(standalone, environ, deadline))
    # Each keeps the deadline itself, and says in its own words that a program did not.
    answers = together(asks, Deadline(deadline.at + _GRACE_S), "docker compose version")
    if late := [answer for answer in answers if isinstance(answer, CouldNotLook)]:
        raise late[0]
    return tuple(answer for answer in answers if isinstance(answer, ComposeBinary))


def _ask_docker(docker: str, environ: Mapping[str, str], deadline: Deadline) -> ComposeBinary | None:
    """Ask `docker compose`; None when docker has no such command."""
    argv = (docker, "compose")
    kind: Kind = "podman" if _is_podman(docker) else "plugin"
    try:
        done = _version(argv, environ, deadline)
    except CouldNotLook as error:
        return ComposeBinary(kind, argv, "", None, error.message)
    if done.exit_code != 0 and _NO_PLUGIN.search(done.error_text):
        return None
    if _PODMAN_SAYS in done.error_text:
        kind = "podman"
    return _judge(kind, argv, done)


def _ask_standalone(program: str, environ: Mapping[str, str], deadline: Deadline) -> ComposeBinary:
    try:
        done = _version((program,), environ, deadline)
    except CouldNotLook as error:
        return ComposeBinary("standalone", (program,), "", None, error.message)
    return _judge("podman" if _PODMAN_SAYS in done.error_text else "standalone", (program,), done)


def _version(argv: tuple[str, ...], environ: Mapping[str, str], deadline: Deadline) -> Completed:
    # Not `--short`: only the long form tells Docker Compose, its v1 and podman-compose apart.
    return run((*argv, "version"), deadline=deadline, env=environ, max_output=_MAX_OUTPUT)


def _judge(kind: Kind, argv: tuple[str, ...], done: Completed) -> ComposeBinary:
    answer, version = read_version(done.text)
    if _PODMAN_COMPOSE.search(done.text):
        kind = "podman"
        answer, version = read_version("\n".join(filter(_PODMAN_COMPOSE.search, done.text.splitlines())))
    elif kind == "standalone" and version is not None and re.match(r"[01]\.", version):
        kind = "v1"
    problem = "" if done.exit_code == 0 else f"exit code {done.exit_code}"
    return ComposeBinary(kind, argv, answer, version, problem)


def read_version(text: str) -> tuple[str, str | None]:
    """Return the line that names a version and that version; else the first line and None."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for line in lines:
        if match := _VERSION.search(line) or _BARE_VERSION.fullmatch(line):
            return printable(line), printable(match.group(1))
    return printable(lines[0]) if lines else "", None


def _is_podman(docker: str) -> bool:
    """Whether `docker` is the shim of the package podman-docker: a script, or a link to podman."""
    path = Path(docker)
    try:
        if path.resolve().name.startswith("podman"):
            return True
        with path.open("rb") as file:
            head = file.read(_SHIM_BYTES)
    except (OSError, RuntimeError):  # RuntimeError: a loop of links
        return False
    return head.startswith(b"#!") and b"podman" in head

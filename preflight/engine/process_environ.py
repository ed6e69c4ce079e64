"""What was read of the environment of a container's main process, from /proc/PID/environ. Values only.

That file holds the strings with which the process began, each with a NUL behind it (proc_pid_environ(5)). A program
that sets its own title (nginx, Postgres, Redis) writes it over them: then what is left is read, and is not the whole.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from preflight.lib.records import frozen
from preflight.lib.regex import regex

INITS = frozenset({"catatonit", "docker-init", "dumb-init", "podman-init", "tini", "tini-static"})
"""Names of programs that start one other, wait for it, and change no environment (`init: true` starts docker-init)."""

_NAME = regex(r"[^\s=\x00-\x1f]+")


class Reading(StrEnum):
    """Whether it was read; the value is for people, with the process in front."""

    WHOLE = "was read"
    OVERWRITTEN = "overwrote its environment"
    REFUSED = "does not let its environment be read"
    NO_PROGRAM = "was not looked at: the image has no cat"
    SHARED = "was not looked at: the process namespace is shared, and nothing tells which process is the container's"
    NO_CHILD = "is an init, and its child could not be read"


@frozen
class MainProcess:
    """The environment of the process that a container was made for.

    Args:
        reading: Whether it was read.
        environment: What was read; a secret, never to be shown.
        path: Where, e.g. "/proc/1/environ".
    """

    reading: Reading
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    path: str = "/proc/1/environ"

    @property
    def name(self) -> str:
        """Return the process, e.g. "process 1"."""
        return f"process {self.path.split('/')[2]}"

    def has(self, variable: str) -> bool:
        """Whether it is known what the process began with: the value, or that there was none."""
        return self.reading is Reading.WHOLE or variable in self.environment

    def differs(self, variable: str, value: str | None) -> bool:
        """Whether what was read disagrees. What is missing disagrees only where the whole was read."""
        return self.has(variable) and self.environment.get(variable) != value

    def __str__(self) -> str:
        """Return how it was seen, for people."""
        return f"{self.path} too" if self.reading is Reading.WHOLE else f"{self.name} {self.reading.value}"


def read_environ(data: bytes, path: str = "/proc/1/environ") -> MainProcess:
    """Read all of a /proc/PID/environ. Nothing in it is an answer, too: the process began without any variable."""
    entries = data.decode("utf-8", "surrogateescape").split("\0")
    if entries[-1] == "":
        entries.pop()
    found: dict[str, str] = {}
    whole = True
    for entry in entries:
        name, equals, value = entry.partition("=")
        if equals and _NAME.fullmatch(name):
            found.setdefault(name, value)
        else:
            whole = False
    return MainProcess(Reading.WHOLE if whole else Reading.OVERWRITTEN, found, path)

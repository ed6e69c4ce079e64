"""What is known of a container. Values only."""

import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.lib.regex import regex

_LINE = regex(r"([A-Za-z_][^=\n]*)=(.*)", re.DOTALL)
_SEAM = regex(rb"(?<=\0)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\n")
_FRAME = struct.Struct(">B3xL")
_NOT_RUNNABLE = (126, 127)
_FRACTION = regex(r"\.(\d+)")


@frozen
class Container:
    """One container as the engine lists it.

    Args:
        id: 64 hexadecimal digits.
        name: Without the leading slash.
        image: As given when it was made.
        state: "running", "paused", "restarting", "created", "exited", "dead" or "removing".
        status: The engine's words on it, e.g. "Exited (1) 5 minutes ago".
        created: When, to the second.
        labels: All of them.
        image_id: Of the image it was made from, `sha256:…`.
    """

    id: str
    name: str
    image: str
    state: str
    status: str
    created: datetime
    labels: Mapping[str, str] = field(repr=False)
    image_id: str = ""

    @classmethod
    def from_listing(cls, listed: Mapping[str, Any]) -> "Container":
        """Take it from one item of `GET /containers/json`."""
        names = listed.get("Names") or [listed["Id"][:12]]
        return cls(
            id=listed["Id"],
            name=names[0].removeprefix("/"),
            image=listed.get("Image") or "",
            state=listed.get("State") or "",
            status=listed.get("Status") or "",
            created=datetime.fromtimestamp(int(listed["Created"]), UTC),
            labels=listed.get("Labels") or {},
            image_id=listed.get("ImageID") or "",
        )


@frozen
class Details:
    """What inspecting a container tells.

    Args:
        state: As in ``Container``, at this moment.
        created: When, to the microsecond.
        environment: What it was configured with; secrets among it, never to be shown.
    """

    state: str
    created: datetime
    environment: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_inspection(cls, found: Mapping[str, Any]) -> "Details":
        """Take it from `GET /containers/ID/json`."""
        return cls(
            state=found["State"]["Status"],
            created=parse_time(found["Created"]),
            environment=from_entries(found["Config"].get("Env") or []),
        )

    def credible(self, first: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """Drop the environment of a process 1 that has overwritten it, as programs do that set their own title."""
        if first is None or not any(self.environment.get(name) == value for name, value in first.items()):
            return None
        return first


@frozen
class ExecResult:
    """The environment of a process that was started in a container, and that of its first process.

    Args:
        environment: Never to be shown. What the container was configured with, where nothing could be run in it.
        source: How it was seen: "exec env", "exec env -0", "exec cat /proc/1/environ" or "inspect".
        first_process: Of process 1, from its /proc/1/environ; None where that could not be read or makes no sense.
    """

    environment: Mapping[str, str] = field(repr=False)
    source: str
    first_process: Mapping[str, str] | None = field(default=None, repr=False)


@frozen
class Ended:
    """How a program in a container ended.

    Args:
        exit_code: As the engine tells; 127 also where there was no such program to start.
        stdout: May hold secrets.
    """

    exit_code: int
    stdout: bytes = field(repr=False)

    @property
    def not_there(self) -> bool:
        """Whether there was no such program, or none that can be run."""
        return self.exit_code in _NOT_RUNNABLE


@frozen
class Sight:
    """Everything seen of one container at one moment.

    Args:
        details: From inspecting it.
        executed: From running something in it; None when it does not run, or where that was refused.
        refused: Why nothing was run in it, where the engine or a proxy before it does not allow exec.
    """

    details: Details
    executed: ExecResult | None = None
    refused: CouldNotLook | None = None


def from_entries(entries: Iterable[str]) -> dict[str, str]:
    """Take `NAME=value` entries apart; of two with one name the first counts, as for getenv."""
    found: dict[str, str] = {}
    for entry in entries:
        name, equals, value = entry.partition("=")
        if equals and name:
            found.setdefault(name, value)
    return found


def from_nul_separated(data: bytes) -> dict[str, str]:
    """Read what `env -0` prints and /proc/PID/environ holds."""
    return from_entries(_text(part) for part in data.split(b"\0"))


def split_environments(data: bytes) -> tuple[dict[str, str], dict[str, str] | None] | None:
    """Read `cat /proc/self/environ /proc/sys/kernel/random/uuid /proc/1/environ`.

    Returns:
        The environments of `cat` and of process 1 (None when unreadable), or None when they cannot be told apart.
    """
    seams = list(_SEAM.finditer(data))
    if len(seams) != 1 or not seams[0].start():
        return None
    own, first = data[: seams[0].start()], data[seams[0].end() :]
    return from_nul_separated(own), from_nul_separated(first) if first else None


def standard_output(stream: bytes) -> bytes:
    """Take the frames of standard output out of the engine's stream of both outputs.

    A frame is a byte that says which (1 is standard output), three zeros, its length in four bytes, big-endian, and as
    many bytes (Engine API, "Attach to a container, stream format"). A stream cut short ends with a part of a frame.
    """
    found, position = bytearray(), 0
    while position + _FRAME.size <= len(stream):
        kind, length = _FRAME.unpack_from(stream, position)
        position += _FRAME.size
        if kind == 1:
            found += stream[position : position + length]
        position += length
    return bytes(found)


def from_lines(data: bytes) -> dict[str, str] | None:
    """Read what `env` prints; None where a value of several lines could pass for a variable."""
    found: dict[str, str] = {}
    for line in _text(data).removesuffix("\n").split("\n"):
        match = _LINE.fullmatch(line.removesuffix("\r"))
        if match is None or match[1] in found:
            return None
        found[match[1]] = match[2]
    return found


def parse_time(text: str) -> datetime:
    """Read the engine's RFC 3339 times; nanoseconds are cut to microseconds.

    Raises:
        ValueError: It is none.
    """
    short = _FRACTION.sub(lambda match: "." + match[1][:6].ljust(6, "0"), text.strip())
    moment = datetime.fromisoformat(short)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")

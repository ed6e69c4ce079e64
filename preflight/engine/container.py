"""What is known of a container. Values only."""

import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import UTC, datetime

from preflight.engine.process_environ import MainProcess
from preflight.engine.process_tree import Head, Process
from preflight.engine.shape import demanded, labels, mapping, text, texts, whole
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.lib.regex import regex

_LINE = regex(r"([A-Za-z_][^=\n]*)=(.*)", re.DOTALL)
_FRAME = struct.Struct(">B3sL")
_STDIN, STDOUT, STDERR = range(3)
"""The numbers of the streams in the engine's frames."""
NOT_INSIDE = "inspect: the image has no env"
"""How the environment of a container was seen that has nothing to run."""
NOT_RUNNABLE = (126, 127)
"""Exit codes of a program that is no program, or is not there."""
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
        image_id: The id of the image it was made from, `sha256:…`.
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
    def from_listing(cls, listed: object) -> "Container":
        """Take it from one item of `GET /containers/json`.

        Raises:
            WrongShapeError: It is none.
        """
        item = mapping(listed, "a container")
        identity = demanded(item.get("Id"), "Id")
        names = texts(item.get("Names"), "Names") or [identity[:12]]
        return cls(
            id=identity,
            name=names[0].removeprefix("/"),
            image=text(item.get("Image"), "Image"),
            state=text(item.get("State"), "State"),
            status=text(item.get("Status"), "Status"),
            created=datetime.fromtimestamp(whole(item.get("Created"), "Created"), UTC),
            labels=labels(item.get("Labels")),
            image_id=text(item.get("ImageID"), "ImageID"),
        )


@frozen
class Details:
    """What inspecting a container tells.

    Args:
        state: As in ``Container``, at this moment.
        created: When, to the microsecond.
        environment: What it was configured with; secrets among it, never to be shown.
        pid_mode: Whose process namespace it has: "" or "private" for its own, "host", or "container:ID".
        pid: The id of its main process, as the engine's host counts; 0 where it does not run.
    """

    state: str
    created: datetime
    environment: Mapping[str, str] = field(repr=False)
    pid_mode: str = ""
    pid: int = 0

    @classmethod
    def from_inspection(cls, found: object) -> "Details":
        """Take it from `GET /containers/ID/json`.

        Raises:
            WrongShapeError: It is none.
        """
        inspected = mapping(found, "a container")
        state = mapping(inspected.get("State"), "State")
        configured = mapping(inspected.get("Config"), "Config")
        return cls(
            state=demanded(state.get("Status"), "State.Status"),
            created=parse_time(demanded(inspected.get("Created"), "Created")),
            environment=from_entries(texts(configured.get("Env"), "Config.Env")),
            pid_mode=text(mapping(inspected.get("HostConfig"), "HostConfig").get("PidMode"), "PidMode"),
            pid=whole(state.get("Pid"), "State.Pid"),
        )


@frozen
class ExecResult:
    """The environment of a process that was started in a container, and that of its main process.

    Args:
        environment: Never to be shown. What the container was configured with, where it has nothing to run.
        source: How it was seen: "exec env", "exec env -0", "exec cat /proc/1/environ" or ``NOT_INSIDE``.
        main: What was read of the main process.
        head: What else is known of the main process; None where that is not told.
        others: The processes below the first one.
    """

    environment: Mapping[str, str] = field(repr=False)
    source: str
    main: MainProcess
    head: Head | None = None
    others: tuple[Process, ...] = ()

    @property
    def inside(self) -> bool:
        """Whether it was seen in the container."""
        return self.source != NOT_INSIDE


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
        return self.exit_code in NOT_RUNNABLE


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


def standard_output(stream: bytes) -> bytes | None:
    """Take the frames of standard output out of the engine's stream of both outputs.

    A frame is a byte that says which (1 is standard output), three zeros, its length in four bytes, big-endian, and as
    many bytes (Engine API, "Attach to a container, stream format").

    Returns:
        What was printed, or None for a stream that is cut short or holds anything else.
    """
    found, position = bytearray(), 0
    while position < len(stream):
        if position + _FRAME.size > len(stream):
            return None
        kind, zeros, length = _FRAME.unpack_from(stream, position)
        position += _FRAME.size
        if kind not in (_STDIN, STDOUT, STDERR) or any(zeros) or position + length > len(stream):
            return None
        if kind == STDOUT:
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

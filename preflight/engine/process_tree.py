"""The processes in a container below its first one: what one `cat` asks of them, and what it prints. Values only.

Files of each are those of proc(5): ``comm``, ``status`` (its user), ``task/PID/children`` (the children of its first
thread; a kernel needs CONFIG_PROC_CHILDREN) and ``environ``. A random line that nobody can foretell stands between.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import field

from preflight.engine.process_environ import MainProcess, Reading, read_environ
from preflight.lib.records import frozen
from preflight.lib.regex import regex

_UUID = "/proc/sys/kernel/random/uuid"
_SEAM = regex(rb"(?:\A|(?<=[\0\n ]))[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\n")
_LONGEST_NAME = 15  # of a process (TASK_COMM_LEN in proc_pid_comm(5) counts the NUL)
_ID = regex(rb"^[UG]id:\t(\d{1,10})\t", re.MULTILINE)
_FAILED = 1  # with which cat of coreutils, busybox and toybox says that it could not read a file

SHELLS = frozenset({"ash", "bash", "busybox", "dash", "ksh", "mksh", "sh", "zsh"})
"""A shell as process 1 starts what counts, as its child."""
SUPERVISORS = frozenset(
    {"circusd", "monit", "runit", "runsv", "runsvdir", "s6-supervise", "s6-svscan", "supervisord", "systemd"}
)
"""They start what counts, with an environment of their making: s6-overlay empties its own, and restores it later."""


@frozen
class Head:
    """What is known of a process besides its environment.

    Args:
        name: Its ``comm``.
        children: Their numbers.
        user: "UID:GID"; empty where that is not told.
    """

    name: str
    children: tuple[int, ...] = ()
    user: str = ""

    @property
    def starts_others(self) -> bool:
        """Whether it is a shell or a supervisor, which is there to start what counts."""
        return self.name in SHELLS or self.name in SUPERVISORS


@frozen
class Process:
    """One process.

    Args:
        pid: Its number in the container.
        head: What is known of it.
        environ: What was read of its environment.
    """

    pid: int
    head: Head
    environ: MainProcess

    def __str__(self) -> str:
        """Return it for people, e.g. "process 17 (java)"."""
        return f"process {self.pid} ({self.head.name})"


def head_files(pid: int) -> tuple[str, ...]:
    """Return the files that make a ``Head``."""
    return f"/proc/{pid}/comm", f"/proc/{pid}/status", f"/proc/{pid}/task/{pid}/children"


def read_head(data: bytes) -> Head | None:
    """Read what `cat` prints of ``head_files``; None for anything else. What could not be read is missing in it."""
    name, newline, rest = data.partition(b"\n")
    if not newline or len(name) > _LONGEST_NAME:
        return None
    numbers = rest.rpartition(b"\n")[2].split()
    children = tuple(int(each) for each in numbers if each.isdigit() and len(each) < _LONGEST_NAME)
    ids = [match.decode() for match in _ID.findall(rest)]
    return Head(name.decode("utf-8", "replace"), children, ":".join(ids) if len(ids) == len("UG") else "")


def question(pids: Iterable[int]) -> tuple[str, ...]:
    """Return the command that prints heads and environments of some processes."""
    files = [(*head_files(pid), _UUID, f"/proc/{pid}/environ", _UUID) for pid in pids]
    return ("cat", _UUID, *(file for each in files for file in each))


def read_processes(pids: Sequence[int], exit_code: int, printed: bytes) -> tuple[Process, ...] | None:
    """Read what ``question`` printed; None where its parts cannot be told apart. A process that has ended is left out.

    An environment that seems empty while something could not be read counts as not read.
    """
    parts = _SEAM.split(printed)
    if exit_code not in (0, _FAILED) or len(parts) != 2 * len(pids) + 2 or parts[0] or parts[-1]:
        return None
    found = []
    for place, pid in enumerate(pids):
        head, data = read_head(parts[2 * place + 1]), parts[2 * place + 2]
        path = f"/proc/{pid}/environ"
        if head is not None:
            hidden = exit_code == _FAILED and not data
            environ = MainProcess(Reading.REFUSED, path=path) if hidden else read_environ(data, path)
            found.append(Process(pid, head, environ))
    return tuple(found)


@frozen
class Both:
    """What one `cat` printed of itself and of process 1.

    Args:
        own: The bytes of its own environment.
        first: Process 1.
    """

    own: bytes = field(repr=False)
    first: Process


BOTH = ("cat", "/proc/self/environ", *question((1,))[1:])
"""Both environments in one exec, since execs in one container wait for each other."""


def read_both(exit_code: int, printed: bytes) -> Both | None:
    """Read what ``BOTH`` printed; None where its parts cannot be told apart."""
    seam = _SEAM.search(printed)
    if seam is None or not seam.start():
        return None
    found = read_processes((1,), exit_code, printed[seam.start() :])
    return Both(printed[: seam.start()], found[0]) if found else None

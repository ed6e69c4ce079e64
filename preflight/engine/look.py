"""Looks into one running container: runs `env` in it and reads the environment of its main process.

What was read is evidence, above all where it disagrees with what the container was configured with. What broke on the
way is "could not look"; the configured environment stands in only where the container has nothing to run.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from preflight.engine.container import (
    NOT_INSIDE,
    Container,
    Details,
    Ended,
    ExecResult,
    from_lines,
    from_nul_separated,
)
from preflight.engine.process_environ import INITS, MainProcess, Reading, read_environ
from preflight.engine.process_tree import (
    BOTH,
    Head,
    Process,
    head_files,
    question,
    read_both,
    read_head,
    read_processes,
)
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.lib.parallel import together

_WHAT = "the Docker engine"
_FAILED = 1  # with which cat and env of coreutils, busybox and toybox say that they could not read
_FIRST = "/proc/1/environ"
_LEVELS, _MOST = 4, 48
"""So deep, and so many processes, are looked at: each level costs an exec of 45 ms."""


class Run(Protocol):
    """Runs a program in the container, as a user ("UID:GID") if one is given; raises ``CouldNotLook``."""

    def __call__(self, argv: tuple[str, ...], user: str = "") -> Ended:
        """Return how it ended."""


class Look:
    """Looks into one container.

    Args:
        container: The container.
        details: From inspecting it; it runs.
        run: Runs a program in it.
        deadline: For all of it.
    """

    def __init__(self, container: Container, details: Details, run: Run, deadline: Deadline) -> None:
        self._container, self._details, self._run, self._deadline = container, details, run, deadline

    def __call__(self) -> ExecResult:
        """Return what was seen.

        Raises:
            CouldNotLook: An exec broke, was refused, or printed what nobody can read.
        """
        both = self._run(("env", *BOTH))
        seen = read_both(both.exit_code, both.stdout)
        # An exit code of 1 with an environment: which of the files could not be read to its end, nobody tells.
        if seen is None or (both.exit_code and seen.first.environ.reading is not Reading.REFUSED):
            return self._one_by_one(both)
        return self._below(from_nul_separated(seen.own), "exec env", seen.first.environ, seen.first.head)

    def _one_by_one(self, both: Ended) -> ExecResult:
        """Ask for the two environments one by one: no `cat` in the container, a strange /proc, or worse.

        Args:
            both: How it ended when asked for both.
        """
        runs = [partial(self._run, argv) for argv in (("env", "-0"), ("cat", _FIRST), ("cat", *head_files(1)))]
        printed, first, about = (_raised(each) for each in together(runs, self._deadline, _WHAT))
        head = (read_head(about.stdout) if about.exit_code in (0, _FAILED) else None) or Head("")
        main = self._read(first, _FIRST)
        if printed.exit_code == 0 and b"\0" in printed.stdout:
            return self._below(from_nul_separated(printed.stdout), "exec env -0", main, head)
        if not printed.not_there:  # an `env` that knows no -0
            again = self._run(("env",))
            lines = None if again.exit_code else from_lines(again.stdout)
            if lines and not any("\n" in value for value in self._details.environment.values()):
                return self._below(lines, "exec env", main, head)
        found = self._below(main.environment, "", main, head)
        main = found.main
        if main.reading is Reading.WHOLE and main.environment:
            return replace(found, environment=main.environment, source=f"exec cat {main.path}")
        if both.not_there and printed.not_there and main.reading is Reading.NO_PROGRAM:
            return ExecResult(self._details.environment, NOT_INSIDE, main)
        raise self._unreadable(f"`env` there prints nothing that can be read, and {main}", "env")

    def _below(self, environment: Mapping[str, str], source: str, first: MainProcess, head: Head) -> ExecResult:
        """Return what was seen, with the process that the container was made for and those below process 1.

        Args:
            environment: The environment of a process that was started in the container.
            source: How that was seen.
            first: What was read of process 1.
            head: What else is known of process 1.
        """
        if self._details.pid_mode == "host" and self._details.pid:
            path = f"/proc/{self._details.pid}/environ"
            return ExecResult(environment, source, self._read(self._run(("cat", path)), path))
        if self._details.pid_mode not in ("", "private"):
            return ExecResult(environment, source, MainProcess(Reading.SHARED))
        if first.reading is Reading.NO_PROGRAM:
            return ExecResult(environment, source, first, head)
        if first.reading is Reading.REFUSED:
            [first] = (each.environ for each in self._as_their_users([Process(1, head, first)]))
        others = self._descendants(head)
        if head.name not in INITS:
            return ExecResult(environment, source, first, head, others)
        # the eldest: an init starts it before any orphan is handed to it
        eldest = next((each for each in others if each.pid in head.children[:1]), None)
        if eldest is None:
            return ExecResult(environment, source, MainProcess(Reading.NO_CHILD))
        return ExecResult(environment, source, eldest.environ, eldest.head, others)

    def _descendants(self, head: Head) -> tuple[Process, ...]:
        """Return the processes below process 1, a level at a time."""
        found: list[Process] = []
        pids: Iterable[int] = head.children
        for _ in range(_LEVELS):
            level = tuple(pids)[: _MOST - len(found)]
            if not level:
                break
            ended = self._run(question(level))
            seen = self._as_their_users(read_processes(level, ended.exit_code, ended.stdout) or ())
            found += seen
            pids = [child for each in seen for child in each.head.children]
        return tuple(found)

    def _as_their_users(self, processes: Sequence[Process]) -> list[Process]:
        """Read again, as its own user, what root without CAP_SYS_PTRACE may not read: it gave its privileges up."""
        known = {each.pid: each for each in processes}
        hidden = [each for each in processes if each.environ.reading is Reading.REFUSED and each.head.user]
        for user in dict.fromkeys(each.head.user for each in hidden):
            pids = tuple(each.pid for each in hidden if each.head.user == user)
            try:
                ended = self._run(question(pids), user)
            except DeadlineExceeded:
                raise
            except CouldNotLook:  # that they do not let it be read stands
                continue
            again = read_processes(pids, ended.exit_code, ended.stdout) or ()
            known |= {each.pid: each for each in again if each.environ.reading is not Reading.REFUSED}
        return list(known.values())

    def _read(self, cat: Ended, path: str) -> MainProcess:
        if cat.exit_code == 0:
            return read_environ(cat.stdout, path)
        if cat.not_there:
            return MainProcess(Reading.NO_PROGRAM, path=path)
        if cat.exit_code == _FAILED:
            return MainProcess(Reading.REFUSED, path=path)
        raise self._unreadable(f"`cat {path}` there ended with {cat.exit_code}", f"cat {path}")

    def _unreadable(self, what: str, command: str) -> CouldNotLook:
        name = self._container.name
        return CouldNotLook(
            f"container {name} could not be looked into: {what}", f"Look at what `docker exec {name} {command}` prints."
        )


def _raised(answer: Ended | CouldNotLook) -> Ended:
    if isinstance(answer, CouldNotLook):
        raise answer
    return answer

"""Looks into one running container: runs `env` in it and reads the environment of its main process.

What was read is evidence, above all where it disagrees with what the container was configured with. What broke on the
way is "could not look"; the configured environment stands in only where the container has nothing to run.
"""

from collections.abc import Callable
from functools import partial

from preflight.engine.container import (
    NOT_INSIDE,
    Container,
    Details,
    Ended,
    ExecResult,
    from_lines,
    from_nul_separated,
    split_environments,
)
from preflight.engine.process_environ import INITS, MainProcess, Reading, read_environ
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.parallel import together

_WHAT = "the Docker engine"
_FAILED = 1  # with which cat and env of coreutils, busybox and toybox say that they could not read
_FIRST = "/proc/1/environ"
_COMM, _CHILDREN = "/proc/1/comm", "/proc/1/task/1/children"
# Both environments in one exec, since execs in one container wait for each other: `env` hands its own on to `cat`, and
# a random line that nobody can foretell stands between them.
_BOTH = ("env", "cat", "/proc/self/environ", "/proc/sys/kernel/random/uuid", _COMM, _FIRST)

Run = Callable[[tuple[str, ...]], Ended]
"""Runs a program in the container; raises ``CouldNotLook``."""


class Look:
    """Looks into one container.

    Args:
        container: It.
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
        both = self._run(_BOTH)
        split = split_environments(both.stdout)
        if split is None or both.exit_code not in (0, _FAILED):
            return self._one_by_one(both)
        name, first = split.name, split.first
        if both.exit_code == 0:
            main = read_environ(first)
        elif not first:
            main = MainProcess(Reading.REFUSED)
        else:  # which of the files could not be read to its end, nobody tells
            return self._one_by_one(both)
        return ExecResult(split.environment, "exec env", self._main(main, name))

    def _one_by_one(self, both: Ended) -> ExecResult:
        """Ask for the two environments one by one: no `cat` in the container, a strange /proc, or worse.

        Args:
            both: How it ended when asked for both.
        """
        runs = [partial(self._run, argv) for argv in (("env", "-0"), ("cat", _FIRST), ("cat", _COMM))]
        printed, first, comm = (_raised(each) for each in together(runs, self._deadline, _WHAT))
        name = comm.stdout.decode("utf-8", "replace").strip() if comm.exit_code == 0 else ""
        main = self._main(self._read(first, _FIRST), name)
        if printed.exit_code == 0 and b"\0" in printed.stdout:
            return ExecResult(from_nul_separated(printed.stdout), "exec env -0", main)
        if not printed.not_there:  # an `env` that knows no -0
            again = self._run(("env",))
            lines = None if again.exit_code else from_lines(again.stdout)
            if lines and not any("\n" in value for value in self._details.environment.values()):
                return ExecResult(lines, "exec env", main)
        if main.reading is Reading.WHOLE and main.environment:
            return ExecResult(main.environment, f"exec cat {main.path}", main)
        if both.not_there and printed.not_there and main.reading is Reading.NO_PROGRAM:
            return ExecResult(self._details.environment, NOT_INSIDE, main)
        raise self._unreadable(f"`env` there prints nothing that can be read, and {main}", "env")

    def _main(self, first: MainProcess, name: str) -> MainProcess:
        """Return the process that the container was made for, which need not be process 1.

        Args:
            first: What was read of process 1.
            name: Of process 1, from /proc/1/comm.
        """
        if self._details.pid_mode == "host" and self._details.pid:
            path = f"/proc/{self._details.pid}/environ"
            return self._read(self._run(("cat", path)), path)
        if self._details.pid_mode not in ("", "private"):
            return MainProcess(Reading.SHARED)
        if name not in INITS or first.reading is Reading.NO_PROGRAM:
            return first
        listed = self._run(("cat", _CHILDREN))
        children = listed.stdout.decode("ascii", "replace").split() if listed.exit_code == 0 else []
        if not children or not children[0].isdigit():
            return MainProcess(Reading.NO_CHILD)
        path = f"/proc/{children[0]}/environ"  # the eldest: an init starts it before any orphan is handed to it
        return self._read(self._run(("cat", path)), path)

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

"""Wall time, CPU time and memory of programs, side by side so that a busy machine troubles both alike."""

import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LIMIT_S = 120


class CouldNotMeasure(Exception):
    """A program did not do what was to be measured."""


@dataclass(frozen=True)
class Command:
    """A program to run.

    Args:
        argv: Program and arguments.
        cwd: Folder to stand in.
        env: The whole environment.
        exit_code: How it has to end for the measurement to count.
    """

    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    exit_code: int = 0


@dataclass(frozen=True)
class Run:
    """One run.

    Args:
        wall_s: Wall time in seconds.
        cpu_s: CPU time in seconds, user and system, of the program and of what it started and waited for.
        peak_mib: Highest resident memory of the program itself in MiB (0 if not watched).
    """

    wall_s: float
    cpu_s: float
    peak_mib: float


@dataclass(frozen=True)
class Pair:
    """Two programs run in turn, so many times.

    Args:
        runs: The runs of the first and of the second program, each pair taken at about the same moment.
    """

    runs: Sequence[tuple[Run, Run]]

    @property
    def wall(self) -> float:
        """The median of first / second in wall time."""
        return statistics.median(first.wall_s / second.wall_s for first, second in self.runs)

    @property
    def cpu(self) -> float:
        """The median of first / second in CPU time."""
        return statistics.median(first.cpu_s / second.cpu_s for first, second in self.runs)

    @property
    def first(self) -> Run:
        """The medians of the first program."""
        return _medians([first for first, _ in self.runs])

    @property
    def second(self) -> Run:
        """The medians of the second program."""
        return _medians([second for _, second in self.runs])

    def __str__(self) -> str:
        first, second = self.first, self.second
        return (
            f"{first.wall_s * 1000:.0f} / {second.wall_s * 1000:.0f} ms, "
            f"CPU {first.cpu_s * 1000:.0f} / {second.cpu_s * 1000:.0f} ms"
        )


def run_once(command: Command, *, watch_memory: bool = False) -> Run:
    """Run a program to its end.

    Raises:
        CouldNotMeasure: It ended otherwise than ``exit_code``; with what it said.
    """
    began, used = time.perf_counter(), _cpu_of_children()
    with subprocess.Popen(
        list(command.argv),
        cwd=command.cwd,
        env=dict(command.env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as child:
        peak = _watch(child) if watch_memory else 0.0
        said = child.communicate(timeout=_LIMIT_S)[0].decode("utf-8", "replace")
    wall_s, cpu_s = time.perf_counter() - began, _cpu_of_children() - used
    if child.returncode != command.exit_code:
        shown = " ".join(command.argv[:4])
        raise CouldNotMeasure(f"{shown} ended with {child.returncode}, not {command.exit_code}:\n{said[-2000:]}")
    return Run(wall_s, cpu_s, peak)


def _cpu_of_children() -> float:
    """Return what all programs have used that were waited for until now."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def median_seconds(command: Command, times: int) -> float:
    """Return the median wall time of so many runs, after one that warms caches."""
    run_once(command)
    return statistics.median(run_once(command).wall_s for _ in range(times))


def in_turn(first: Command, second: Command, pairs: int) -> Pair:
    """Run two programs in turn, each one first in every other pair, after one pair that warms caches."""
    run_once(first)
    run_once(second)
    return Pair([_pair(first, second, swapped=bool(number % 2)) for number in range(pairs)])


def _pair(first: Command, second: Command, *, swapped: bool) -> tuple[Run, Run]:
    if swapped:
        late = run_once(second)
        return run_once(first), late
    return run_once(first), run_once(second)


def _medians(runs: Sequence[Run]) -> Run:
    return Run(
        statistics.median(run.wall_s for run in runs),
        statistics.median(run.cpu_s for run in runs),
        statistics.median(run.peak_mib for run in runs),
    )


def _watch(child: subprocess.Popen[bytes]) -> float:
    """Return the high-water mark of the program's memory, read until it ends; its output must fit a pipe."""
    peak = 0.0
    status = Path(f"/proc/{child.pid}/status")
    while child.poll() is None:
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                peak = max(peak, int(line.split()[1]) / 1024)
        time.sleep(0.002)
    return peak

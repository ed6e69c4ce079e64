"""Wall time and memory of programs, side by side so that a busy machine troubles both alike."""

import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LIMIT_S = 120


class CouldNotMeasure(Exception):  # noqa: N818 -- named for what it means
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
    """One run: wall time in seconds, highest resident memory of the program itself in MiB (0 if not watched)."""

    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class Pair:
    """Medians of runs taken in turn.

    Args:
        first_s: Of the first program, in seconds.
        second_s: Of the second.
        ratio: The median of first / second, each taken from one pair of runs.
    """

    first_s: float
    second_s: float
    ratio: float


def run_once(command: Command, *, watch_memory: bool = False) -> Run:
    """Run a program to its end.

    Raises:
        CouldNotMeasure: It ended otherwise than ``exit_code``; with what it said.
    """
    begin = time.perf_counter()
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
    seconds = time.perf_counter() - begin
    if child.returncode != command.exit_code:
        shown = " ".join(command.argv[:4])
        raise CouldNotMeasure(f"{shown} ended with {child.returncode}, not {command.exit_code}:\n{said[-2000:]}")
    return Run(seconds, peak)


def median_seconds(command: Command, times: int) -> float:
    """Return the median wall time of so many runs, after one that warms caches."""
    run_once(command)
    return statistics.median(run_once(command).seconds for _ in range(times))


def in_turn(first: Command, second: Command, pairs: int) -> Pair:
    """Run two programs in turn, each one first in every other pair, after one pair that warms caches."""
    run_once(first)
    run_once(second)
    taken = [_pair(first, second, swapped=bool(number % 2)) for number in range(pairs)]
    return Pair(
        statistics.median(a for a, _ in taken),
        statistics.median(b for _, b in taken),
        statistics.median(a / b for a, b in taken),
    )


def _pair(first: Command, second: Command, *, swapped: bool) -> tuple[float, float]:
    if swapped:
        late = run_once(second).seconds
        return run_once(first).seconds, late
    return run_once(first).seconds, run_once(second).seconds


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

"""The progress line: on standard error, on a terminal only, gone when the report comes."""

import os
import sys
import threading

from preflight.cli.terminal import is_terminal, width
from preflight.model import About


class NoProgress:
    """Says nothing: for pipes, cron and ``-q``."""

    def planned(self, total: int) -> None:
        """Learn how many checks will run."""

    def started(self, about: About) -> None:
        """A check begins."""

    def finished(self, about: About) -> None:
        """A check has answered."""

    def close(self) -> None:
        """The run is over."""


class ProgressLine(NoProgress):
    """One line that names what is still running."""

    def __init__(self) -> None:
        self._total, self._done = 0, 0
        self._running: list[str] = []
        self._lock = threading.Lock()

    def planned(self, total: int) -> None:
        """Remember how many checks there are."""
        self._total = total

    def started(self, about: About) -> None:
        """Name the check as running."""
        with self._lock:
            self._running.append(about.id)
            self._draw()

    def finished(self, about: About) -> None:
        """Take the check away from those that run."""
        with self._lock:
            self._running.remove(about.id)
            self._done += 1
            self._draw()

    def close(self) -> None:
        """Clear the line."""
        draw("")

    def _draw(self) -> None:
        draw(f"checking {self._done}/{self._total}: {', '.join(self._running)}")


def draw(line: str) -> None:
    """Replace the last line with another one, or clear it."""
    sys.stderr.write(f"\r\x1b[K{line[: width() - 1]}")
    sys.stderr.flush()


def is_seen(*, quiet: bool) -> bool:
    """Return whether somebody can see progress; a dumb terminal cannot clear a line."""
    return is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb" and not quiet


def progress(*, quiet: bool) -> NoProgress:
    """Return the progress line where somebody can see it."""
    return ProgressLine() if is_seen(quiet=quiet) else NoProgress()

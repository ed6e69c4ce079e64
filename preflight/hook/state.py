"""What a hook leaves behind for the next one: the last answer, a log, the last report. One folder, one application."""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.files import read_text, replace_file
from preflight.lib.records import frozen
from preflight.lib.text import printable

RECEIPTS = "receipts"
_LOCK, _LAST, _LOG = "lock", "last.json", "hook.log"
_MAX_LAST = 64 * 1024
_MAX_LOG = 1024 * 1024
_MAX_LINE = 4000


@frozen
class Answer:
    """What a run answered.

    Args:
        key: What was judged, and how: commit, options, version of the tool.
        at: When it was finished (seconds since 1970).
        exit_code: The exit code of the process.
        line: The summary, without the name of the tool.
    """

    key: str
    at: float
    exit_code: int
    line: str


class State:
    """The folder.

    Args:
        folder: Absolute. Made if need be.

    Raises:
        CouldNotLook: It cannot be made or is none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(folder, error) from error

    @property
    def lock(self) -> Path:
        """The file that is locked."""
        return self.folder / _LOCK

    @property
    def receipts(self) -> Path:
        """The folder of receipts."""
        return self.folder / RECEIPTS

    def report(self, name: str) -> Path:
        """The last report in a format; JSON ends with .json, all else with .txt."""
        return self.folder / f"report.{'json' if name == 'json' else 'txt'}"

    def last(self) -> Answer | None:
        """Return the last answer; None when there is none, or it cannot be understood (then it is worth nothing)."""
        try:
            said = json.loads(read_text(self.folder / _LAST, limit=_MAX_LAST, what="the last answer"))
            return Answer(str(said["key"]), float(said["at"]), int(said["exit_code"]), str(said["line"]))
        except (CouldNotLook, ValueError, KeyError, TypeError, RecursionError):
            return None

    def remember(self, answer: Answer) -> None:
        """Keep an answer for a second run of the same deployment.

        Raises:
            CouldNotLook: It cannot be written.
        """
        self.write(self.folder / _LAST, json.dumps(asdict(answer)))

    def write(self, path: Path, text: str) -> None:
        """Replace a file in the folder as a whole, readable for its owner only.

        Raises:
            CouldNotLook: It cannot be written.
        """
        try:
            replace_file(path, text.encode("utf-8", "replace"), mode=0o600)
        except OSError as error:
            raise cannot_write(path, error) from error

    def log(self, line: str, facts: Mapping[str, str]) -> None:
        """Add one line to the log: when, what, and how the gate was opened.

        Raises:
            CouldNotLook: It cannot be written.
        """
        path = self.folder / _LOG
        entry = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "said": line, **facts}
        text = printable(json.dumps(entry), _MAX_LINE) + "\n"
        try:
            if path.is_file() and path.stat().st_size > _MAX_LOG:
                path.replace(path.with_name(f"{_LOG}.1"))
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
            handle = os.open(path, flags, 0o600)
            try:
                os.write(handle, text.encode())  # one write: a killed run leaves no half line in the middle
            finally:
                os.close(handle)
        except OSError as error:
            raise cannot_write(path, error) from error

    def sweep(self) -> None:
        """Remove what a killed run left half written. Call it with the lock held."""
        with suppress(OSError):
            for path in [*self.folder.glob(".*.new"), *self.receipts.glob(".*.new")]:
                path.unlink(missing_ok=True)


def is_recent(answer: Answer, seconds: float) -> bool:
    """Whether an answer was given within so many seconds; one from the future (the clock was set back) was not."""
    return 0 <= time.time() - answer.at <= seconds


def cannot_write(path: Path, error: OSError) -> CouldNotLook:
    """Return the error for a state folder that does not take what has to be kept."""
    reason = (error.strerror or "unknown reason").lower()
    return CouldNotLook(
        f"{printable(str(path), 120)} cannot be written: {reason}",
        "Mount a volume for the state folder, or name another that can be written to: --state-dir.",
    )

"""One background program with a temporary folder of its own: started, awaited, ended, nothing left."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from provision.command import last_line
from provision.errors import ProvisionError

START_SECONDS = 60
STOP_SECONDS = 20


class Daemon:
    """A program that runs until ``stop``.

    Args:
        name: For messages and for the name of the folder.
        parent: Where to make the folder, if not where temporary files go.
    """

    def __init__(self, name: str, parent: Path | None = None) -> None:
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix=f"preflight-{name}-", dir=parent))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, argv: Sequence[str], answers: Callable[[], bool]) -> None:
        """Start the program and wait until it answers.

        Args:
            argv: Program and arguments.
            answers: Asked again and again; true once the program is ready.

        Raises:
            ProvisionError: It ended, or did not answer within ``START_SECONDS``; with its last words.
        """
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                list(argv), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + START_SECONDS
        while not answers():
            if self._process.poll() is not None:
                raise ProvisionError(f"{self.name} did not start: {self.last_words()}", "see the message")
            if time.monotonic() > until:
                raise ProvisionError(
                    f"{self.name} does not answer after {START_SECONDS} s: {self.last_words()}", "see the message"
                )
            time.sleep(0.05)

    def last_words(self) -> str:
        """Return the last line it logged."""
        return last_line((self.folder / "log").read_bytes())

    def end(self) -> None:
        """End the program, politely, then not; safe to call twice."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        """End the program and remove its folder; safe to call twice."""
        self.end()
        shutil.rmtree(self.folder, ignore_errors=True)

"""How git is called: quiet, bounded, and without starting anything that a repository's configuration names."""

import os
from collections.abc import Mapping
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed, run
from preflight.lib.text import printable

_MAX_OUTPUT = 32 * 1024 * 1024
_SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.pager=cat",
    "log.showSignature=false",
    "credential.helper=",  # empties the list, whoever filled it
    "protocol.allow=never",
)
# What of git's own environment is handed on: where configuration is read from, and how the operator's ssh is called.
_KEPT = (
    "GIT_CONFIG_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_SSH_COMMAND",
    "GIT_EXEC_PATH",
)
_ENVIRON = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "",  # set, though empty: a repository's core.askPass is not run
    "SSH_ASKPASS": "",
    "GIT_ALLOW_PROTOCOL": "none",
}
REMOTE_PROTOCOLS = "https:http:ssh:file"


class GitCommand:
    """Runs git.

    Args:
        environ: The environment of this process; what would turn git to another repository is taken out.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = _clean(environ)

    def __call__(
        self,
        folder: Path,
        words: tuple[str, ...],
        deadline: Deadline,
        stdin: str = "",
    ) -> Completed:
        """Run ``git WORDS`` in a folder to its end; the network is out of its reach.

        Raises:
            CouldNotLook: Git is not installed.
            DeadlineExceeded: It took too long.
        """
        return self._run(folder, words, deadline, stdin, {})

    def remote(self, folder: Path, words: tuple[str, ...], deadline: Deadline) -> Completed:
        """Run ``git WORDS`` with the network in reach, as whoever needs no password."""
        extra = {"GIT_ALLOW_PROTOCOL": REMOTE_PROTOCOLS}
        if "GIT_SSH_COMMAND" not in self._environ:
            extra["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes"  # and not what the repository says
        return self._run(folder, words, deadline, "", extra)

    def _run(
        self, folder: Path, words: tuple[str, ...], deadline: Deadline, stdin: str, extra: Mapping[str, str]
    ) -> Completed:
        settings = [word for setting in _SETTINGS for word in ("-c", setting)]
        return run(
            ["git", "--no-pager", "-C", str(folder), *settings, *words],
            deadline=deadline,
            env={**self._environ, **extra},
            stdin=os.fsencode(stdin),
            max_output=_MAX_OUTPUT,
        )


def in_folder(path: Path) -> str:
    """Return how git is told of a file when it stands in the file's folder.

    Raises:
        CouldNotLook: The name contains a line break, which git's line-wise answers do not survive.
    """
    if "\n" in path.name:
        raise CouldNotLook(f"the file name {printable(path.name)} contains a line break", "Rename the file.")
    return f"./{path.name}"


def refused(done: Completed, folder: Path) -> CouldNotLook:
    """Return the error that tells of git's refusal to look at a folder."""
    where = printable(str(folder))
    if "dubious ownership" in done.error_text:
        return CouldNotLook(
            f"git refuses {where}: the repository belongs to another user",
            "Run preflight as its owner, or trust it for every user, cron without HOME too: "
            f"sudo git config --system --add safe.directory {_named_root(done.error_text) or where}",
        )
    return CouldNotLook(
        f"git could not look at {where} (exit code {done.exit_code})", f"Look why: git -C {where} status"
    )


def _named_root(error: str) -> str:
    """Return the folder that git names in its complaint about ownership."""
    return printable(error.partition("dubious ownership in repository at '")[2].partition("'")[0])


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Take out what would turn git to another repository, and put in what keeps it quiet and harmless."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_") or name.startswith(_KEPT)}
    return {**kept, **_ENVIRON}

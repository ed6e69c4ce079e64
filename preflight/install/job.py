"""The job: what is run, how often, and as whom."""

import pwd
from pathlib import Path

from preflight.errors import ConfigurationError
from preflight.lib.records import frozen
from preflight.lib.regex import regex

ARGUMENTS = ("run", "-q", "--stage", "after", "--record", "--on-change")
"""Silent while nothing changes, and remembered."""

_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_LEFT_OUT = regex(r"[^A-Za-z0-9_-]+")
_USER = regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}\$?")


@frozen
class Job:
    """One health job.

    Args:
        name: The name of its files, unique on the host.
        program: The command line that starts preflight.
        folder: In which it works, absolute.
        seconds: From one run to the next.
        path: Its PATH.
        configuration: Named with ``--config``; None leaves it to looking.
        names_files: The configuration says which compose files are meant; else they are looked for beside it.
        history: Where its history will lie; None where that is not known.
        writes: Further folders into which the configuration has reports written.
        run_as: The user; empty for the one that installs it.
        mail: The configuration sends mail through the local sendmail.
        limit_s: How long one run may take.
    """

    name: str
    program: tuple[str, ...]
    folder: Path
    seconds: float
    path: str
    configuration: Path | None = None
    names_files: bool = False
    history: Path | None = None
    writes: tuple[Path, ...] = ()
    run_as: str = ""
    mail: bool = False
    limit_s: float = 300.0

    @property
    def command(self) -> tuple[str, ...]:
        """The whole command line."""
        named = ("--config", str(self.configuration)) if self.configuration else ()
        return (*self.program, "-C", str(self.folder), *ARGUMENTS, *named)


def name_for(folder: Path) -> str:
    """Return the name of a folder's job, which cron and systemd both accept for a file."""
    return f"preflight-{_LEFT_OUT.sub('-', folder.name).strip('-')[:40]}".rstrip("-")


def refuse_odd(job: Job) -> None:
    """Refuse what a crontab or a unit file cannot say without changing it.

    Raises:
        ConfigurationError: A name, user or path is of that kind.
    """
    if not _NAME.fullmatch(job.name):
        raise ConfigurationError(
            "--name may hold only letters, digits, '-' and '_'", "cron passes over files with other names."
        )
    if job.run_as and not _is_user(job.run_as):
        raise ConfigurationError("--run-as names no user of this host", "Name one that `getent passwd` lists.")
    places = (*job.writes, *([job.history] if job.history else []))
    for word in (*job.command, job.path, *map(str, places)):
        if not word.isprintable() or "\\" in word:
            raise ConfigurationError(
                f"a path has a character that cron and systemd cannot keep: {word!r}",
                "Rename the folder, or link to it.",
            )


def _is_user(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return _USER.fullmatch(name) is not None

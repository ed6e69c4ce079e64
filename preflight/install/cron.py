"""A file in /etc/cron.d, or marked lines in the user's own crontab."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.install.interval import cron_fields
from preflight.install.job import Job
from preflight.install.plan import Change, file_change, refuse_unwritable
from preflight.install.seal import refuse_foreign, seal
from preflight.lib import process
from preflight.lib.deadline import Deadline
from preflight.lib.programs import find_program
from preflight.lib.text import printable

SYSTEM = Path("/etc/cron.d")
_LONGEST = 998
"""Characters of a command that cron keeps (``MAX_COMMAND`` in Debian's cron)."""
_WAIT_S = 20.0


def system_change(job: Job, *, remove: bool, folder: Path = SYSTEM, check_rights: bool = True) -> Change:
    """Return the change of the job's file in ``/etc/cron.d``.

    Args:
        job: The job.
        remove: Take it away.
        folder: Where cron looks for such files.
        check_rights: Refuse where this user may not write there.

    Raises:
        ConfigurationError: It cannot be installed, or is not ours to replace.
    """
    path = folder / job.name
    if not folder.is_dir():
        raise ConfigurationError(
            f"this host has no {folder}", "Install cron; or use --user, or `preflight install systemd`."
        )
    if check_rights:
        refuse_unwritable(folder, "Run it as root (sudo), or for this user alone: --user.")
    change = file_change(path, "" if remove else seal(system_line(job), str(job.folder)))
    if change.before:
        refuse_foreign(change.before, str(job.folder), change.where)
    return change


def system_line(job: Job) -> str:
    """Return the line for ``/etc/cron.d``, which has the user in its sixth column."""
    return f"{cron_fields(job.seconds)} {job.run_as or 'root'} {_command(job)}\n"


def user_line(job: Job) -> str:
    """Return the line for a user's crontab."""
    return f"{cron_fields(job.seconds)} {_command(job)}\n"


def _command(job: Job) -> str:
    """Return the command for ``/bin/sh``, each ``%`` escaped: cron takes a bare one for the end of the line."""
    said = shlex.join(job.command)
    command = f"PATH={shlex.quote(job.path)} {said}".replace("%", r"\%")
    if len(command) > _LONGEST:
        raise ConfigurationError(
            f"the command is longer than the {_LONGEST} characters that cron keeps",
            "Move the checkout to a shorter path, or link to it; or use `preflight install systemd`.",
        )
    return command


def user_change(job: Job, environ: Mapping[str, str], *, remove: bool) -> Change:
    """Return the change of the user's crontab: only the lines between our two marks.

    Args:
        job: The job.
        environ: The environment in which ``crontab`` is called.
        remove: Take them away.

    Raises:
        ConfigurationError: It cannot be installed, or the lines are not ours to replace.
    """
    before = _crontab(environ)
    block = "" if remove else seal(user_line(job), str(job.folder))
    return Change("the crontab", before, with_block(before, job, block), lambda text: _write_crontab(text, environ))


def with_block(crontab: str, job: Job, block: str) -> str:
    """Return a crontab in which a block stands in place of the job's present one, or at the end.

    Args:
        crontab: The whole present text.
        job: The job.
        block: The new lines; empty for none.

    Raises:
        ConfigurationError: The present block lacks its end, was edited, or belongs to another folder.
    """
    begin, end = f"# BEGIN {job.name}\n", f"# END {job.name}\n"
    new = f"{begin}{block}{end}" if block else ""
    head, found, rest = _split(crontab, begin)
    if not found:
        separator = "\n" if new and crontab and not crontab.endswith("\n") else ""
        return f"{crontab}{separator}{new}"
    old, closed, tail = _split(rest, end)
    if not closed:
        raise ConfigurationError(
            f"the crontab has the line {begin.strip()!r} but not {end.strip()!r}",
            "Remove what is left of the job: crontab -e. Then run this again.",
        )
    refuse_foreign(old, str(job.folder), f"the job {job.name} in the crontab")
    return f"{head}{new}{tail}"


def _split(text: str, line: str) -> tuple[str, bool, str]:
    """Return what stands before a line, whether the line is there, and what stands behind it."""
    place = 0 if text.startswith(line) else text.find(f"\n{line}") + 1
    if not place and not text.startswith(line):
        return text, False, ""
    return text[:place], True, text[place + len(line) :]


def _crontab(environ: Mapping[str, str]) -> str:
    done = _call(["crontab", "-l"], environ)
    if done.exit_code == 0:
        return done.text
    if "no crontab for" in done.error_text:
        return ""
    raise _refused("crontab -l", done)


def _write_crontab(text: str, environ: Mapping[str, str]) -> None:
    argv = ["crontab", "-"] if text else ["crontab", "-r"]
    done = _call(argv, environ, text)
    if done.exit_code != 0:
        raise _refused(" ".join(argv), done)


def _call(argv: list[str], environ: Mapping[str, str], text: str = "") -> process.Completed:
    if find_program(argv[0], environ) is None:
        raise ConfigurationError("this host has no crontab", "Install cron; or use `preflight install systemd --user`.")
    env = {**environ, "LC_ALL": "C"}
    return process.run(argv, env=env, stdin=text.encode(), deadline=Deadline.after(_WAIT_S), max_output=1 << 20)


def _refused(command: str, done: process.Completed) -> CouldNotLook:
    said = printable(done.error_text, 200) or f"exit code {done.exit_code}"
    return CouldNotLook(f"`{command}` refused: {said}", "Ask who runs this host whether you may use cron.")

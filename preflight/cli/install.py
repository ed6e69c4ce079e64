"""``preflight install``: have a host run the health job."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource

from preflight.cli.options import YEAR_S, Duration, config_option, option
from preflight.errors import CouldNotLook, ExitCode

if TYPE_CHECKING:
    from preflight.install.job import Job
    from preflight.install.plan import Change

_NAMED = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT)
_TIMEOUT_S, _MORE_S = 60.0, 240.0
"""The default of `run --timeout`, and what recording and telling others may take on top of it."""

F = TypeVar("F", bound=Callable[..., Any])

_EPILOG = """\
The job runs `preflight run -q --stage after --record --on-change` in this folder. It prints when something changes, and
cron mails what it prints. notify: and history: count only from a configuration that is named here with --config.

\b
Exit codes:
  0  done, or nothing to do
  2  refused; nothing was changed
  3  something failed on the way; the message says what
"""


def shared(command: F) -> F:
    """Give a command the options that both ways have."""
    for decorate in (
        option("--remove", is_flag=True, help="Take away what was installed, and nothing else."),
        option(
            "--dry-run", is_flag=True, help="Write nothing; the text on stdout, the difference and notes on stderr."
        ),
        option(
            "--name", default="", metavar="NAME", help="Name of the job. [default: preflight- and this folder's name]"
        ),
        option("--run-as", default="", metavar="USER", help="User that runs it. [default: root]"),
        option("--user", is_flag=True, help="Install it for you alone, without root."),
        option(
            "--every",
            default="5m",
            show_default=True,
            type=Duration(YEAR_S),
            metavar="DURATION",
            help="How often it runs.",
        ),
        config_option,
    ):
        command = decorate(command)
    return command


@click.group(epilog=_EPILOG)
def install() -> None:
    """Have cron or systemd run the health job on this host."""


@install.command(epilog=_EPILOG)
@shared
def cron(**options: Any) -> int:
    """Write /etc/cron.d/NAME, or with --user lines into your crontab."""
    from preflight.install import cron as way

    job = _job(options)
    remove, dry_run = options["remove"], options["dry_run"]
    if options["user"]:
        change = way.user_change(job, os.environ, remove=remove)
    else:
        change = way.system_change(job, remove=remove, check_rights=not dry_run)
    if dry_run:
        return _show(options, job, [change], timer=False)
    return _guarded(lambda: _carry_out(options, job, [change], timer=False))


@install.command(epilog=_EPILOG)
@shared
def systemd(**options: Any) -> int:
    """Write a hardened service and a timer, and start the timer."""
    from preflight.install import systemd as way

    job = _job(options)
    user, remove, dry_run = options["user"], options["remove"], options["dry_run"]
    folder = way.unit_folder(os.environ, user=user)
    changes = way.unit_changes(job, folder, user=user, remove=remove, check_rights=not dry_run)
    if dry_run:
        return _show(options, job, changes, timer=True)
    manager = way.Systemctl(os.environ, user=user)
    manager.refuse_absence()

    def act() -> int:
        if remove and any(change.needed for change in changes):
            manager.deactivate(job)
        code = _carry_out(options, job, changes, timer=True)
        if not remove:
            manager.activate(job, changed=any(change.needed for change in changes))
        elif any(change.needed for change in changes):
            manager.reload()
        return code

    return _guarded(act)


def _job(options: dict[str, Any]) -> "Job":
    """Return the job that the options, the configuration and this program ask for."""
    from preflight.cli.telling import targets_of
    from preflight.install.job import Job, name_for, refuse_odd
    from preflight.install.program import path_for_job, this_program

    if options["user"] and options["run_as"]:
        raise click.UsageError("--user and --run-as exclude each other: with --user the job runs as you.")
    configuration = options["configuration"]
    named = click.get_current_context().get_parameter_source("configuration") in _NAMED
    given = configuration.options
    folder = Path.cwd()
    job = Job(
        name=options["name"] or name_for(folder),
        program=() if options["remove"] else this_program(os.environ),
        folder=folder,
        seconds=options["every"],
        path=path_for_job(os.environ),
        configuration=configuration.path.absolute() if named else None,
        names_files=bool(configuration.project and configuration.project.files),
        writes=tuple(Path(each.partition("=")[2]).parent for each in given.get("output", ())),
        history=given.get("history"),
        run_as=options["run_as"],
        mail=any(target.kind == "mail" for target in targets_of(configuration)),
        limit_s=given.get("timeout", _TIMEOUT_S) + _MORE_S,
    )
    refuse_odd(job)
    return job


def _show(options: dict[str, Any], job: "Job", changes: Sequence["Change"], *, timer: bool) -> int:
    """Print the texts on standard output; on standard error what would change, and the notes of an installation."""
    for number, change in enumerate(changes):
        if len(changes) > 1:
            click.echo(f"{'' if number == 0 else chr(10)}# {change.where}")
        click.echo(change.after, nl=False)
        click.echo("".join(change.diff()) or f"{change.where}: nothing would change\n", nl=False, err=True)
    _say_notes(options, job, timer=timer)
    return ExitCode.OK


def _carry_out(options: dict[str, Any], job: "Job", changes: Sequence["Change"], *, timer: bool) -> int:
    """Do what is to be done, and say what was."""
    for change in changes:
        if not change.needed:
            click.echo(f"{change.where}: {'there was nothing to remove' if options['remove'] else 'nothing to change'}")
            continue
        change.put(change.after)
        click.echo(f"{change.where}: {'removed' if options['remove'] else 'written'}")
    _say_notes(options, job, timer=timer)
    return ExitCode.OK


def _say_notes(options: dict[str, Any], job: "Job", *, timer: bool) -> None:
    """Print on standard error what somebody who installs the job should know."""
    from preflight.install.notes import notes

    if not options["remove"]:
        for note in notes(job, os.environ, user=options["user"], timer=timer):
            click.echo(f"preflight: {note}", err=True)


def _guarded(act: Callable[[], int]) -> int:
    """Return what ``act`` returns, or 3 and one line where a program or the disk refused on the way."""
    try:
        return act()
    except CouldNotLook as error:
        click.echo(f"preflight: {error.message}\n  {error.hint}", err=True)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        click.echo(f"preflight: {error.filename or 'a file'} could not be written: {reason}", err=True)
    return ExitCode.COULD_NOT_LOOK

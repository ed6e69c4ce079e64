"""``preflight hook``: Coolify's pre-deployment command."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from preflight.cli.completion import complete_check, complete_failure
from preflight.cli.options import Duration, option
from preflight.cli.run import hosts
from preflight.errors import ExitCode, PreflightError
from preflight.hook.command import STATE_DIR, Order, read_opening
from preflight.lib import interrupts

_EPILOG = """\
Exit codes are those of `preflight run`: 0 lets the deployment go on, any other ends it, and the old version keeps
running. `preflight explain hook` tells the rest; `preflight init --coolify` prints what to paste into Coolify.
"""


class OneLine(click.Command):
    """A command that says one line on standard error, whatever happens, in words that Coolify takes for no ssh fault.

    Coolify shows what a failed hook prints, and runs it again when that looks like a fault of its own line.
    """

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Understand the options; what is wrong with them ends the process with the line for it."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except (click.ClickException, PreflightError) as error:
            message = error.format_message() if isinstance(error, click.ClickException) else error.message
            say(f"BLOCKED, nothing was judged: {message}")
            raise click.exceptions.Exit(ExitCode.USAGE) from error


@click.command(cls=OneLine, epilog=_EPILOG)
@option("--repository", default="", metavar="URL", help="Repository that Coolify clones. [default: asked of its API]")
@option("--branch", default="", metavar="NAME", help="Branch that is deployed. [default: asked; else COOLIFY_BRANCH]")
@option("--commit", default="", metavar="ID", help="Commit that is deployed in place of the branch's newest.")
@option("--checkout", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR",
        help="Judge this checkout and fetch nothing: for the custom build command.")  # fmt: skip
@option("--application", default="", metavar="UUID", help="UUID of the application. [default: COOLIFY_RESOURCE_UUID]")
@option("--base-directory", default="", metavar="PATH", help="Base Directory in Coolify, e.g. /docker.")
@option(
    "--compose-location", default="", metavar="PATH", help="Docker Compose Location in Coolify, e.g. /compose.app.yaml."
)
@option("--config", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help="Configuration file; its paths are relative to the checkout. [default: preflight.yaml of the commit]",
        )  # fmt: skip
@option("--git-token-file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
        help="Token to read the repository with (https).")  # fmt: skip
@option("--state-dir", type=click.Path(path_type=Path, file_okay=False), default=STATE_DIR, show_default=True,
        metavar="DIR", help="Folder for lock, log, last report and receipts.")  # fmt: skip
@option("--work-dir", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
        help="Folder for the checkout. [default: TMPDIR, or /tmp]")  # fmt: skip
@option("--timeout", type=Duration(positive=True), default="60s", show_default=True,
        metavar="DURATION", help="Time to fetch and judge.")  # fmt: skip
@option("--lock-wait", type=Duration(), default="90s", show_default=True,
        metavar="DURATION", help="Time to wait for another run of the hook.")  # fmt: skip
@option("--reuse", type=Duration(), default="3m", show_default=True,
        metavar="DURATION", help="Time in which a pass counts again for the same commit and options.")  # fmt: skip
@option(
    "--depth",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    metavar="N",
    help="Number of commits to fetch.",
)
@option("--only", multiple=True, metavar="ID", shell_complete=complete_check,
        help="Run only this check (repeatable). Shown and logged.")  # fmt: skip
@option("--skip", multiple=True, metavar="ID", shell_complete=complete_check,
        help="Leave this check out (repeatable). Shown and logged.")  # fmt: skip
@option(
    "--allow",
    multiple=True,
    metavar="ID/CODE",
    shell_complete=complete_failure,
    help="Let this kind of failure through (repeatable). Shown and logged.",
)
@option(
    "--allow-unreachable-registry",
    is_flag=True,
    help="A registry that gives no answer blocks nothing. Shown and logged.",
)
@option(
    "--open-until", default="", metavar="TIME", help="In an emergency: block nothing until then (UTC, at most a week)."
)
@option("--reason", default="", metavar="TEXT", help="Reason, which --open-until needs. Shown and logged.")
@option("--strict", is_flag=True, help="Warnings and skips block too.")
@option("--registry-insecure", multiple=True, callback=hosts, metavar="HOST",
        help="Registry (HOST:PORT) that may be asked in plain HTTP (repeatable).")  # fmt: skip
def hook(**options: Any) -> int:
    """Judge what Coolify is about to deploy; one line on stderr.

    For its pre-deployment command: fetches the head of the branch, runs the checks on it and on this host, and ends
    with 0 only if nothing is wrong.
    """
    from preflight.hook.gate import run_hook
    from preflight.hook.summary import refusal

    try:
        with silenced():
            said = run_hook(_order(options), os.environ)
    except PreflightError as error:
        say(refusal(None, error.message, error.hint))
        return ExitCode.USAGE
    say(said.line)
    return said.exit_code


def _order(options: dict[str, Any]) -> Order:
    renamed = {"timeout": "timeout_s", "lock_wait": "lock_wait_s", "reuse": "reuse_s"}
    opening = read_opening(options.pop("open_until"), options.pop("reason"), datetime.now(UTC))
    order = Order(
        opening=opening,
        from_environ=_from_environ(),
        **{renamed.get(name, name): value for name, value in options.items()},
    )
    order.refuse_contradictions()
    return order


def _from_environ() -> tuple[str, ...]:
    """Return the names of the options that the environment gives."""
    ctx = click.get_current_context()
    found = ((each.name or "", ctx.get_parameter_source(each.name or "")) for each in ctx.command.params)
    return tuple(sorted(name for name, source in found if source is ParameterSource.ENVIRONMENT))


def say(line: str) -> None:
    """Print the one line; from then on no signal changes the verdict."""
    from preflight.hook.log_wording import one_line
    from preflight.hook.summary import LIMIT

    text = one_line(line, LIMIT)
    with interrupts.hold:
        click.echo(f"preflight hook: {text}", err=True)
        interrupts.over()


@contextmanager
def silenced() -> Iterator[None]:
    """Let nobody else print: neither checks, nor programs they start, nor a warning of Python's."""
    kept = {number: os.dup(number) for number in (1, 2)}
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number in kept:
            os.dup2(nowhere, number)
        yield
    finally:
        with interrupts.hold:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            for number, copy in kept.items():
                os.dup2(copy, number)
                os.close(copy)
            os.close(nowhere)

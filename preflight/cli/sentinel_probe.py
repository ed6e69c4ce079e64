"""``preflight sentinel probe``: the proof that touches no production."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.options import Duration, config_option, option
from preflight.cli.sentinel_options import could_not, file_option
from preflight.errors import CouldNotLook, ExitCode

if TYPE_CHECKING:
    from preflight.context import Context
    from preflight.project import Pin

_EPILOG = """\
\b
What it does, and what that proves:
  Where Coolify deploys the pin's service, Compose is called with the very files, --project-directory and
  --env-file of Coolify's `up`; elsewhere as `docker compose up` in this folder would call it. It reads a
  copy in which the pin file is armed. The engine then makes a container of the result, under a name and
  project of its own, without network, volumes or ports; its environment is read, and it is removed
  without ever being started. Nothing is pulled or built, nothing of production is touched.
  A pass proves that the file feeds the service with what was deployed last. It does not prove what
  Coolify will make of a compose file that has changed since: `preflight sentinel arm --via coolify` does.
  Default mode runs in Coolify's helper, in a clone: there the checkout stands in for the clone.

Exit codes: 0 the sentinel arrives; 1 it does not, or the pin is shadowed; 2 the command line or the configuration is
wrong; 3 it could not be tried; 129, 130, 131, 143 interrupted (all is removed). What a killed probe left, the next one
removes.
"""


@click.command(epilog=_EPILOG)
@config_option
@file_option
@option(
    "--timeout",
    type=Duration(positive=True),
    default="60s",
    show_default=True,
    metavar="DURATION",
    help="For all of it.",
)
def probe(configuration: Any, files: Sequence[Path], timeout: float) -> int:
    """Try in a copy, without deploying, whether the value arrives.

    Nothing of production is touched.
    """
    from preflight.lib import process
    from preflight.lib.deadline import Deadline
    from preflight.sentinel.probe import sweep
    from preflight.sentinel.surroundings import Surroundings

    try:
        ctx = Surroundings(configuration, dict(os.environ), Path.cwd(), files).look(Deadline.after(timeout))
        for line in sweep(ctx):
            click.echo(f"preflight: {line}", err=True)
        return max(_one(ctx, pin) for pin in ctx.pins)
    except CouldNotLook as error:
        return could_not(error)
    finally:
        process.kill_all()


def _one(ctx: "Context", pin: "Pin") -> int:
    from preflight.lib.text import printable
    from preflight.sentinel.probe import Outcome, probe

    try:
        found = probe(ctx, pin)
    except CouldNotLook as error:
        return could_not(error)
    click.echo(printable(found.message, 600))
    for note in (*found.notes, *([found.hint] if found.hint else [])):
        click.echo(f"  {printable(note, 600)}")
    return ExitCode.OK if found.outcome is Outcome.ARRIVES else ExitCode.FAILED

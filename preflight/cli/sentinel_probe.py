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
What it does:
  Where Coolify deploys the service of the pin, it calls Compose with the files,
  --project-directory and --env-file of Coolify's `up`; elsewhere as
  `docker compose up` in this folder does. Compose reads a copy in which the pin
  file is armed. The engine then creates a container from the result, under a
  name and project of its own, without network, volumes or ports. The probe
  reads its environment and removes it, and never starts it. It pulls and builds
  nothing, and changes nothing in production.

\b
What it proves:
  A pass proves that the file feeds the service with what was deployed last. It
  does not prove what Coolify will make of a compose file that changed since:
  `preflight sentinel arm --via coolify` does. Default mode runs in Coolify's
  helper, in a clone: there the checkout stands in for the clone.

\b
Exit codes:
  0  the sentinel arrives
  1  it does not, or something overrides the pin
  2  the command line or the configuration is wrong
  3  it could not be tried
  129, 130, 131, 143  interrupted; everything is removed

The next probe removes what a killed one left.
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
    help="Time for all of it.",
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

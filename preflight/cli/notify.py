"""``preflight notify``: try whom runs are told to."""

import os
from datetime import UTC, datetime
from typing import Any

import click

from preflight.cli.options import config_option
from preflight.errors import ConfigurationError, ExitCode

_EPILOG = """\
Exit codes: 0 every target took the message; 2 the command line or the configuration is wrong; 3 at least one did not.
"""


@click.group()
def notify() -> None:
    """Test the targets that the configuration names under notify:.

    Recorded runs tell those targets how they went.
    """


@notify.command(epilog=_EPILOG)
@config_option
def test(configuration: Any) -> int:
    """Send each target a test message, and say which of them took it.

    A monitor of type healthchecks is pinged as after a run that went well. Nothing is recorded or kept.
    """
    from preflight.cli.problem import host_name
    from preflight.cli.telling import targets_of
    from preflight.lib.text import printable
    from preflight.notify.deliver import try_all

    targets = targets_of(configuration)
    if not targets:
        named = configuration.path or "there is no configuration, so it"
        raise ConfigurationError(
            f"{named} names no target of notifications", "Add notify: to a configuration, and name it with --config."
        )
    outcomes = try_all(targets, host_name(), os.environ, datetime.now(UTC))
    width = max(len(f"{target.name} ({target.kind})") for target in targets)
    for target, outcome in zip(targets, outcomes, strict=True):
        said = f"{f'{target.name} ({target.kind})':<{width}}"
        if not outcome.problem:
            click.echo(f"{said}  delivered")
            continue
        click.echo(f"{said}  NOT DELIVERED: {printable(outcome.problem)}")
        if outcome.hint:
            click.echo(f"{'':<{width}}  {printable(outcome.hint)}")
    return ExitCode.COULD_NOT_LOOK if any(outcome.problem for outcome in outcomes) else ExitCode.OK

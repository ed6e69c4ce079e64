"""What narrows a run, and who said so, for the line of the verdict."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import click
from click.core import ParameterSource

from preflight.lib.text import plural


def limits(ctx: click.Context, options: Mapping[str, Any], today: date) -> tuple[str, ...]:
    """Return one phrase for each thing that keeps the run from looking at everything.

    Args:
        ctx: Knows whether the command line, the environment or the configuration set an option.
        options: The values of the options, with the configuration.
        today: The day against which waivers expire.
    """
    phrases = [
        f"only {', '.join(options[name])} (by {_origin(ctx, options, name)})"
        for name in ("only", "tag")
        if options[name]
    ]
    if options["skip"]:
        phrases.append(f"{plural(len(options['skip']), 'check')} left out by {_origin(ctx, options, 'skip')}")
    if options["offline"]:
        phrases.append(f"offline (by {_origin(ctx, options, 'offline')})")
    holding = [waiver for waiver in options["configuration"].waivers if waiver.until >= today]
    if holding:
        phrases.append(f"{plural(len(holding), 'waiver')} in {options['configuration'].path}")
    return tuple(phrases)


def _origin(ctx: click.Context, options: Mapping[str, Any], name: str) -> str:
    match ctx.get_parameter_source(name):
        case ParameterSource.DEFAULT_MAP:
            return ":".join(str(options["configuration"].where[name]).split(":")[:2])
        case ParameterSource.ENVIRONMENT:
            return f"PREFLIGHT_{name.upper()}"
        case _:
            return f"--{name}"

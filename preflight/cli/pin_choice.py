"""Which pins ``--variable`` names: by the variable, or by file and variable where two files pin the same one."""

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from preflight.context import Context
from preflight.errors import ConfigurationError
from preflight.lib.text import printable
from preflight.project import Pin


def chosen_pins(ctx: Context, wanted: Sequence[str]) -> tuple[Pin, ...]:
    """Return the pins that are named, all of them where none is.

    Args:
        ctx: Has the pins.
        wanted: ``NAME`` or ``FILE:NAME`` each.

    Raises:
        ConfigurationError: One of them names no pin.
    """
    for each in wanted:
        if not any(_is_named(ctx, pin, each) for pin in ctx.pins):
            raise ConfigurationError(
                f"there is no pin {printable(each, 160)}", f"Choose with --variable: {_names(ctx)}."
            )
    return tuple(pin for pin in ctx.pins if not wanted or any(_is_named(ctx, pin, each) for each in wanted))


def the_pins(ctx: Context, wanted: Sequence[str]) -> tuple[Pin, ...]:
    """Return the pins that a command changes, one for each line: those that are named, else the only one.

    Args:
        ctx: Has the pins.
        wanted: ``NAME`` or ``FILE:NAME`` each.

    Raises:
        ConfigurationError: One of them names no pin or several, or there are several pins and nobody chose.
    """
    lines = _lines(ctx)
    if not wanted and len(lines) > 1:
        raise ConfigurationError(f"there are {len(lines)} pins", f"Choose with --variable: {_names(ctx)}.")
    chosen_pins(ctx, wanted)
    found: list[Pin] = []
    for each in wanted or [pin.variable for pin in lines]:
        named = [pin for pin in lines if _is_named(ctx, pin, each)]
        if len(named) > 1:
            message = f"there are {len(named)} pins {printable(each, 160)}"
            raise ConfigurationError(message, f"Choose with --variable FILE:NAME: {_names(ctx)}.")
        found += [pin for pin in named if pin not in found]
    return tuple(found)


def _is_named(ctx: Context, pin: Pin, wanted: str) -> bool:
    file, _, variable = wanted.rpartition(":")
    if variable != pin.variable:
        return False
    return not file or file == ctx.show(pin.file) or Path(os.path.normpath(ctx.cwd / file)) == pin.file


def _lines(ctx: Context) -> tuple[Pin, ...]:
    """Return one pin for each line, as several services may read one."""
    return tuple({(pin.variable, pin.file): pin for pin in reversed(ctx.pins)}.values())


def _names(ctx: Context) -> str:
    """Return how the pins can be named, to be shown."""
    lines = tuple(reversed(_lines(ctx)))
    times = Counter(pin.variable for pin in lines)
    names = (pin.variable if times[pin.variable] == 1 else f"{ctx.show(pin.file)}:{pin.variable}" for pin in lines)
    return printable(", ".join(names), 400)

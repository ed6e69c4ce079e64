"""The value that a pin file gives, by one rule: the last definition counts, and it must be written out.

A value with ``${…}`` is not known: whatever is set outside, when Compose is called, decides what it becomes.
"""

from collections.abc import Callable
from dataclasses import field
from pathlib import Path

from preflight.envfile import EnvFile, EnvFileSyntaxError, parse_env, read_env_file
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.model import Location, Need
from preflight.project import Pin


class PinUnknown(CouldNotLook):
    """The pin file does not say what the pin is.

    Args:
        message: What is wrong; quotes no value.
        hint: What to write.
        at: Where.
    """

    def __init__(self, message: str, hint: str, at: Location) -> None:
        super().__init__(message, hint, need=Need.PIN)
        self.at = at


@frozen
class PinValue:
    """What a pin file gives.

    Args:
        text: The value, not empty. A secret until it proves to be an image reference.
        at: File and line.
        file: The whole file.
    """

    text: str = field(repr=False)
    at: Location
    file: EnvFile = field(repr=False)


def read_pin_value(pin: Pin, show: Callable[[Path], str] = str) -> PinValue:
    """Return the value of a pin.

    Args:
        pin: The pin.
        show: Returns a path as the operator would type it.

    Raises:
        PinUnknown: The file cannot be read, gives the variable no value, or one that depends on other variables.
    """
    shown = show(pin.file)
    try:
        file = read_env_file(pin.file)
    except CouldNotLook as problem:
        raise PinUnknown(problem.message, problem.hint, Location(shown)) from problem
    found = file.last(pin.variable)
    at = Location(shown, found.line if found else None)
    if found is not None and found.references:
        hint = f"Write the image reference of {pin.variable} out, without $."
        raise PinUnknown(f"{at}: the value of {pin.variable} depends on other variables ($)", hint, at)
    if found is None or not found.value:
        hint = f"Write {pin.variable}=NAME@sha256:… into {shown}."
        raise PinUnknown(f"{shown} gives {pin.variable} no value", hint, at)
    return PinValue(found.value, at, file)


def value_in(text: str, variable: str) -> str | None:
    """Return what the text of a pin file gives a variable; None where that is nothing.

    Raises:
        EnvFileSyntaxError: Compose would refuse it.
    """
    return EnvFile(Path(), parse_env(text)).value(variable)


def raw_changes(pin: Pin) -> bool:
    """Whether ``format: raw``, to which quotes, spaces, comments and ``$`` are part of the value, gives another one.

    False where the file cannot be read.
    """
    try:
        usual, raw = (read_env_file(pin.file, raw=raw).value(pin.variable) for raw in (False, True))
    except CouldNotLook:
        return False
    return usual != raw


def past_value_in(text: str, variable: str) -> str | None:
    """Return the same of a text that nobody can correct any more: None where Compose would refuse it."""
    try:
        return value_in(text, variable)
    except EnvFileSyntaxError:
        return None

"""JSON of others, read strictly: each value with its place, and what was expected where it is something else.

A reader is a function that takes a value as ``json`` reads it, and returns what it is called for or raises
``WrongShapeError``. Readers are put together once; the place of a value is put together only for an error.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn, TypeAlias, TypeVar

from preflight.lib.text import printable
from preflight.model import Json

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any], T]

_KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
_TOO_MUCH = 1e18  # a JSON number has no bound, and a float's is infinity
_MOST = 20_000
"""Characters that are kept of one text."""


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


class WrongShapeError(ValueError):
    """A value is not what was expected; the message says where, what was expected, and what kind is there.

    Args:
        says: What was expected, and what is there.
        path: Where, e.g. ``checks[2].status``, seen from the reader that raises it.
    """

    def __init__(self, says: str, path: str = "") -> None:
        super().__init__(f"{path}: {says}" if path else says)
        self._says, self._path = says, path

    def under(self, step: str) -> "WrongShapeError":
        """Return the error as seen from the object or list in which the value stands under a key or ``[2]``."""
        joint = "." if self._path and not self._path.startswith("[") else ""
        return type(self)(self._says, f"{step}{joint}{self._path}")

    def in_document(self) -> "WrongShapeError":
        """Return the error as seen from the whole document."""
        return self if self._path else WrongShapeError(self._says, "the document")


def parse(text: str) -> Json:
    """Return what a JSON document says.

    Raises:
        WrongShapeError: It is no JSON (RFC 8259): ``NaN`` is none, nor is a document too deep to be read.
    """
    try:
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise WrongShapeError(f"expected JSON: {error.msg.lower()}", f"line {error.lineno}") from None
    except (RecursionError, ValueError):
        raise WrongShapeError("expected JSON: it is nested too deeply, or a number is none") from None
    return value


def wrong(expected: str, value: object) -> WrongShapeError:
    """Return the error for a value; it tells only the kind of it."""
    found = "null" if value is None else _KINDS.get(type(value), "something else")
    return WrongShapeError(f"expected {expected}, found {found}")


def whole(document: Json, read: Reader[T]) -> T:
    """Return what a reader makes of a whole document.

    Raises:
        WrongShapeError: It is not what was expected.
    """
    try:
        return read(document)
    except WrongShapeError as error:
        raise error.in_document() from None


def mapping(value: Any) -> dict[str, Any]:
    """Return an object of whatever is in it."""
    if not isinstance(value, dict):
        raise wrong("an object", value)
    return value


def key(values: Mapping[str, Any], name: str, read: Reader[T]) -> T:
    """Return what a reader makes of the value of a key, which must be there."""
    if name not in values:
        raise WrongShapeError(f"expected the key {name}")
    try:
        return read(values[name])
    except WrongShapeError as error:
        raise error.under(name) from None


def key_or(values: Mapping[str, Any], name: str, read: Reader[T], default: T) -> T:
    """Return what a reader makes of the value of a key, or the default where it is missing."""
    return key(values, name, read) if name in values else default


def keys(**readers: Reader[Any]) -> Reader[list[Any]]:
    """Return the reader of an object with these keys, which must be there; it returns their values in this order."""
    pairs = [*readers.items()]

    def read_keys(value: Any) -> list[Any]:
        values = mapping(value)
        try:
            return [read(values[name]) for name, read in pairs]
        except (KeyError, WrongShapeError):  # once more, step by step, to tell the place
            return [key(values, name, read) for name, read in pairs]

    return read_keys


def each(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """Return the reader of a list."""

    def read_list(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise wrong("a list", value)
        found: list[T] = []
        for place, item in enumerate(value):
            try:
                found.append(read(item))
            except WrongShapeError as error:
                raise error.under(f"[{place}]") from None
        return tuple(found)

    return read_list


def optional(read: Reader[T], default: T) -> Reader[T]:
    """Return the reader of what may be ``null``, which means the default."""
    return lambda value: default if value is None else read(value)


def text(value: Any) -> str:
    """Return a text as one printable line."""
    if not isinstance(value, str):
        raise wrong("text", value)
    return printable(value, _MOST)


def boolean(value: Any) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise wrong("true or false", value)
    return value


def number(value: Any) -> float:
    """Return a number that is not negative."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _TOO_MUCH:
        raise wrong("a number from 0", value)
    return float(value)


def at_least(least: int) -> Reader[int]:
    """Return the reader of a whole number that is not less than ``least``."""

    def read_whole(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise wrong(f"a whole number from {least}", value)
        return value

    return read_whole


def one_of(choices: Mapping[Any, T]) -> Reader[T]:
    """Return the reader of one of some texts or whole numbers; each stands for a value."""
    kinds = {type(choice) for choice in choices}
    expected = f"expected one of {', '.join(map(str, choices))}"

    def read_choice(value: Any) -> T:
        if type(value) not in kinds or value not in choices:  # to Python, true is equal to 1
            raise WrongShapeError(expected)
        return choices[value]

    return read_choice


def parsed(read: Callable[[str], T], expected: str) -> Reader[T]:
    """Return the reader of a text of which ``read`` makes something; its ``ValueError`` means that it cannot."""

    def read_parsed(value: Any) -> T:
        line = text(value)
        try:
            return read(line)
        except ValueError:
            raise wrong(expected, value) from None

    return read_parsed

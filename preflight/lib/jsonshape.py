"""JSON of others, read strictly: each value with its place, and what was expected where it is something else."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from enum import Enum
from typing import Any, NoReturn, TypeVar

from preflight.lib.text import printable
from preflight.model import Json

T = TypeVar("T")
E = TypeVar("E", bound=Enum)

_KINDS = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
_TOO_MUCH = 1e18  # a JSON number has no bound, and a float's is infinity
_MOST = 20_000
"""Characters that are kept of one text."""


class WrongShapeError(ValueError):
    """A value is not what was expected; the message says where, what was expected, and what kind is there."""


def parse(text: str) -> Json:
    """Return what a JSON document says.

    Raises:
        WrongShapeError: It is no JSON (RFC 8259): ``NaN`` is none, nor is a document too deep to be read.
    """
    try:
        value: Json = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise WrongShapeError(f"line {error.lineno}: expected JSON: {error.msg.lower()}") from None
    except (RecursionError, ValueError):
        raise WrongShapeError("expected JSON: it is nested too deeply, or a number is none") from None
    return value


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


class Shape:
    """A value and its place. Every method returns what it is called for, or raises ``WrongShapeError``.

    Args:
        value: As ``json`` reads it.
        parent: The object or list that it stands in; ``None`` for the whole document.
        key: The name of the value there, or ``[2]``.
    """

    __slots__ = ("_key", "_parent", "_value")

    def __init__(self, value: Any, parent: "Shape | None" = None, key: str = "") -> None:
        self._value, self._parent, self._key = value, parent, key

    @property
    def path(self) -> str:
        """Where the value is, e.g. ``checks[2].status``; put together where somebody asks, which only errors do."""
        above = self._parent.path if self._parent is not None else ""
        return f"{above}.{self._key}" if above and not self._key.startswith("[") else f"{above}{self._key}"

    def wrong(self, expected: str) -> WrongShapeError:
        """Return the error that names the place; of the value it tells only the kind."""
        found = "null" if self._value is None else _KINDS.get(type(self._value), "something else")
        return WrongShapeError(f"{self.path or 'the document'}: expected {expected}, found {found}")

    def __getitem__(self, key: str) -> "Shape":
        """Return the value of a key that must be there."""
        values = self._object()
        if key not in values:
            raise WrongShapeError(f"{self.path or 'the document'}: expected the key {key}")
        return Shape(values[key], self, key)

    def get(self, key: str, default: Json) -> "Shape":
        """Return the value of a key that may be missing."""
        return self[key] if key in self._object() else Shape(default, self, key)

    def _object(self) -> Mapping[str, Any]:
        if not isinstance(self._value, dict):
            raise self.wrong("an object")
        return self._value

    def optional(self, read: Callable[["Shape"], T], default: T) -> T:
        """Return what ``read`` makes of the value, or the default for ``null``."""
        return default if self._value is None else read(self)

    def text(self) -> str:
        """Return a text as one printable line."""
        if not isinstance(self._value, str):
            raise self.wrong("text")
        return printable(self._value, _MOST)

    def boolean(self) -> bool:
        """Return true or false."""
        if not isinstance(self._value, bool):
            raise self.wrong("true or false")
        return self._value

    def number(self) -> float:
        """Return a number that is not negative."""
        value = self._value
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _TOO_MUCH:
            raise self.wrong("a number from 0")
        return float(value)

    def whole(self, least: int = 0) -> int:
        """Return a whole number that is not less than ``least``."""
        if isinstance(self._value, bool) or not isinstance(self._value, int) or self._value < least:
            raise self.wrong(f"a whole number from {least}")
        return self._value

    def one_of(self, kind: type[E]) -> E:
        """Return a member of an enumeration by its value."""
        with suppress(ValueError):
            member = kind(self._value)
            if type(self._value) is type(member.value):  # 1 is equal to true
                return member
        raise WrongShapeError(f"{self.path}: expected one of {', '.join(str(member.value) for member in kind)}")

    def items(self) -> Iterator["Shape"]:
        """Yield the items of a list."""
        if not isinstance(self._value, list):
            raise self.wrong("a list")
        for number, item in enumerate(self._value):
            yield Shape(item, self, f"[{number}]")

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(item.text() for item in self.items())

    def data(self) -> dict[str, Json]:
        """Return an object of whatever is in it."""
        return dict(self._object())

    def parsed(self, read: Callable[[str], T], expected: str) -> T:
        """Return what ``read`` makes of a text; its ``ValueError`` means that the text is not what was expected."""
        text = self.text()
        try:
            return read(text)
        except ValueError:
            raise self.wrong(expected) from None

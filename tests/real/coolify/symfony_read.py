"""What Symfony's YAML reader makes of a text, as far as compose files go (symfony/yaml, Parser.php and Inline.php).

It reads YAML 1.2 with its own idea of numbers and dates, knows neither tags nor several documents, and refuses a key
that is there twice. The scanner here is PyYAML's; what neither reads alike in a compose file is told apart below.
"""

import base64
import binascii
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import yaml
from yaml import events
from yaml.error import Mark

from tests.real.coolify import php
from tests.real.coolify.php import Array
from tests.real.coolify.shell import DeploymentFailed

_MARK = "\ufeff"
_STR, _FLOAT, _BINARY = (f"tag:yaml.org,2002:{name}" for name in ("str", "float", "binary"))
_OCTAL = re.compile(r"([+-]?)0o([0-7_]+)")
_UNDERSCORED = re.compile(r"[+-]?[0-9][0-9_]*")
_HEXADECIMAL = re.compile(r"0x[0-9a-f_]+", re.IGNORECASE)
_FRACTION = re.compile(r"[+-]?[0-9][0-9_]*(?:\.[0-9_]+)?")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9][0-9]?)-(?P<day>[0-9][0-9]?)"
    r"(?:(?:[Tt]|[ \t]+)(?P<hour>[0-9][0-9]?):(?P<minute>[0-9][0-9]):(?P<second>[0-9][0-9])(?:\.(?P<part>[0-9]*))?"
    r"(?:[ \t]*(?:Z|(?P<sign>[-+])(?P<zone>[0-9][0-9]?)(?::(?P<sixtieth>[0-9][0-9]))?))?)?"
)


class YamlRefusedError(DeploymentFailed):
    """Symfony does not read the text."""


def read(text: str) -> Any:
    """Return the values of a document: null, scalars and arrays.

    Raises:
        YamlRefusedError: Symfony refuses it.
    """
    reader = _Reader(text)
    try:
        value = reader.document()
    except yaml.YAMLError as error:
        raise YamlRefusedError(str(error)) from error
    return _with_mark(value, text) if text.startswith(_MARK) else value


def _with_mark(value: Any, text: str) -> Any:
    """A byte order mark is a part of the first key; before anything else it cannot be parsed."""
    first = next(iter(value), None) if isinstance(value, dict) else None
    if first is None or not text[1:].startswith(str(first)):
        raise YamlRefusedError("Unable to parse: a byte order mark.")
    return {f"{_MARK}{key}" if key == first else key: entry for key, entry in value.items()}


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._events = yaml.parse(text, Loader=yaml.SafeLoader)
        self._anchors: dict[str, Any] = {}

    def document(self) -> Any:
        next(self._events)
        start = next(self._events)
        if isinstance(start, events.StreamEndEvent):
            return None
        first = next(self._events)
        if not getattr(first, "flow_style", True) and _start(first).column > 0:
            raise YamlRefusedError("Unable to parse: the first line is indented.")
        value = self._value(first)
        end = next(self._events)
        if not isinstance(next(self._events), events.StreamEndEvent):
            raise YamlRefusedError("Multiple documents are not supported.")
        if getattr(end, "explicit", False) and not getattr(start, "explicit", False):
            raise YamlRefusedError("Unable to parse: a document ends that did not start.")
        return value or None if isinstance(value, dict) else value

    def _value(self, event: Any) -> Any:  # ruamel's stubs know neither the tag of a collection nor a node's anchor
        if isinstance(event, events.AliasEvent):
            if event.anchor not in self._anchors:
                raise YamlRefusedError(f'Reference "{event.anchor}" does not exist.')
            return self._anchors[event.anchor]
        if isinstance(event, events.ScalarEvent):
            value = scalar(event)
        else:
            if event.tag is not None and event.tag != "!":
                raise YamlRefusedError(f'Tags support is not enabled: "{event.tag}".')
            value = self._mapping(event) if isinstance(event, events.MappingStartEvent) else self._sequence()
        if event.anchor:
            self._anchors[event.anchor] = value
        return value

    def _sequence(self) -> Array:
        values = []
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            values.append(self._value(event))
        return php.listed(*values)

    def _mapping(self, start: events.MappingStartEvent) -> Array:
        """Return a map; keys behind a merge key may be there twice, and a null is overwritten without a word."""
        result: Array = {}
        overwrite = False
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            if self._text[: _start(event).index].rstrip(" ").endswith("?"):
                raise YamlRefusedError("Complex mappings are not supported.")
            key = _key(event, flow=bool(start.flow_style))
            following = next(self._events)
            if start.flow_style and event.end_mark and _start(following).index == event.end_mark.index:
                raise YamlRefusedError("Malformed inline YAML string: a key without a colon.")
            value = self._value(following)
            if key == "<<":
                overwrite = True
                for each in _merged(value, is_alias=isinstance(following, events.AliasEvent)):
                    result |= {name: entry for name, entry in each.items() if name not in result}
            elif overwrite or result.get(key) is None:
                result[key] = value
            else:
                raise YamlRefusedError(f'Duplicate key "{key}" detected.')
        return result


def _start(event: events.Event) -> Mark:
    if not isinstance(event.start_mark, Mark):
        raise TypeError("PyYAML marks every event that it reads")
    return event.start_mark


def _merged(value: Any, *, is_alias: bool) -> list[Array]:
    """Return the arrays that a merge key brings, in order; a list that an alias names is one array."""
    is_items = isinstance(value, dict) and value.get(0) is not None and not is_alias
    found = list(value.values()) if is_items else [value]
    if not all(isinstance(each, dict) for each in found):
        raise YamlRefusedError("YAML merge keys used with a scalar value instead of an array.")
    return found


def _key(event: events.Event, *, flow: bool) -> int | str:
    """Return the key of an entry; in a block it is evaluated, between braces only checked."""
    if not isinstance(event, events.ScalarEvent):
        raise YamlRefusedError("Complex mappings are not supported.")
    value = scalar(event)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise YamlRefusedError("Non-string keys are not supported. Quote your evaluable mapping keys instead.")
    if flow and event.style is None:
        if ":" in event.value:
            raise YamlRefusedError("Colons must be followed by a space or an indication character.")
        return php.as_key(event.value)
    return php.as_key(value) if isinstance(value, str) else value


def scalar(event: events.ScalarEvent) -> Any:
    """Return the value of a scalar."""
    if event.tag in (None, "!"):
        return evaluated(event.value) if event.style is None else event.value
    if event.tag == _STR:
        return event.value
    if event.tag == _FLOAT:
        return float(event.value)
    if event.tag == _BINARY:
        try:
            return base64.b64decode("".join(event.value.split()), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise YamlRefusedError("The base64 encoded data contains invalid characters.") from error
    raise YamlRefusedError(f'Tags support is not enabled: "{event.tag}".')


def evaluated(text: str) -> Any:
    """Return the value of an unquoted scalar."""
    lower = text.lower()
    if lower in ("", "~", "null"):
        return None
    if lower in ("true", "false"):
        return lower == "true"
    if octal := _OCTAL.fullmatch(text):
        number = int(octal[2].replace("_", "") or "0", 8)
        return -number if octal[1] == "-" else number
    return _number(text) if text[0] in "+-.0123456789" else text


def _number(text: str) -> Any:
    """Return what begins like a number: a whole one, a fraction, a date as its second since 1970, or the text."""
    if _UNDERSCORED.fullmatch(text):
        text = text.replace("_", "")
    if text.isascii() and text.removeprefix("-").isdecimal():
        return php.as_key(text)
    if _HEXADECIMAL.fullmatch(text):
        return int(text.replace("_", "")[2:] or "0", 16) if text.startswith("0x") else 0.0
    if php.is_numeric(text) or _FRACTION.fullmatch(text):
        return float(text.replace("_", ""))
    if text.lower() in (".inf", ".nan", "-.inf"):
        return float("-inf" if text.startswith("-") else "inf")
    date = _DATE.fullmatch(text)
    return text if date is None else _timestamp(date)


def _timestamp(date: re.Match[str]) -> int | float:
    zone = timedelta(hours=int(date["zone"] or 0), minutes=int(date["sixtieth"] or 0))
    zone = -zone if date["sign"] == "-" else zone
    try:
        moment = datetime(int(date["year"]), int(date["month"]), 1, tzinfo=timezone(zone) if zone else UTC)
        moment += timedelta(days=_within(date["day"], 31) - 1, hours=_within(date["hour"], 24))
        moment += timedelta(minutes=_within(date["minute"], 59), seconds=_within(date["second"], 59))
    except ValueError as error:
        raise YamlRefusedError(f'The date "{date[0]}" could not be parsed as it is an invalid date.') from error
    part = float(f"0.{date['part'] or 0}")
    return moment.timestamp() + part if part else int(moment.timestamp())


def _within(digits: str | None, most: int) -> int:
    number = int(digits or 0)
    if number > most:
        raise ValueError(digits)
    return number

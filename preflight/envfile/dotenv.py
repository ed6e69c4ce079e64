"""The env file dialect that Compose accepts, read statement by statement.

Measured with Compose 2.24.1 to 2.40.3; where they differ, the newest counts (2.29.7 refuses `-` and brackets in
names). The reasons of errors quote no value: an env file holds secrets.
"""

import re
import unicodedata
from collections.abc import Mapping

from preflight.envfile.model import BLANK, SPACE, Assignment, EnvFileSyntaxError
from preflight.envfile.template import TemplateProblem, expand, mentioned
from preflight.lib.regex import regex
from preflight.lib.text import printable

_NO_SPACE = regex(f"[^{SPACE}]")
_EXPORT = regex(r"export[\t\n\f\r ]")
_NAME_MARKS = "_.-[]"
_PLAIN_NAME = regex(r"[A-Za-z0-9_.\-\[\]]*+")
"""What most names are, read in one go; of other letters Unicode's table tells."""
_OCTAL_BYTE = regex(r"[0-3][0-7]{2}")
_ESCAPE = regex(r'\\(?:[abcfnrtv$"\\]|0[0-9]{0,3})')
_ESCAPED = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))


def parse_dotenv(text: str, outside: Mapping[str, str]) -> tuple[Assignment, ...]:
    """Return all assignments of ``text`` in order; see ``parse_env``."""
    return tuple(_Reader(text, outside).read())


class _Reader:
    """One pass over the text; ``position`` is an index into it."""

    def __init__(self, text: str, outside: Mapping[str, str]) -> None:
        self._text = text
        self._outside = outside
        self._values: dict[str, str] = {}
        self._position = 0
        self._counted = (0, 1)

    def read(self) -> list[Assignment]:
        """Read to the end."""
        found: list[Assignment] = []
        while self._to_statement():
            line = self._line(self._position)
            assignment = self._statement(line)
            if assignment is not None:
                found.append(assignment)
        return found

    def _line(self, position: int) -> int:
        """Line of ``position``, which never goes back; counted on from the last answer."""
        before, line = self._counted
        line += self._text.count("\n", before, position)
        self._counted = (position, line)
        return line

    def _to_statement(self) -> bool:
        """Pass over white space and comments; false at the end."""
        while match := _NO_SPACE.search(self._text, self._position):
            self._position = match.start()
            if match.group() != "#":
                return True
            end = self._text.find("\n", self._position)
            if end < 0:
                return False
            self._position = end
        return False

    def _statement(self, line: int) -> Assignment | None:
        name, ended_by = self._name(line)
        if " " in name:
            raise EnvFileSyntaxError(line, "a variable name contains a space")
        if ended_by == "\n":
            return Assignment(name, None, line, ()) if name else None
        self._skip_blanks()
        value, references = self._value(line)
        if not ended_by:
            # Compose takes a last line without "=" and without line end for the value of a nameless variable.
            return Assignment(value, None, line, ()) if _is_name(value) else None
        self._values[name] = value
        return Assignment(name, value, line, references)

    def _skip_blanks(self) -> None:
        while self._position < len(self._text) and self._text[self._position] in BLANK:
            self._position += 1

    def _name(self, line: int) -> tuple[str, str]:
        """Read a name; return it and the character that ended it, "" at the end of the text."""
        if _EXPORT.match(self._text, self._position):
            self._position += len("export")
            self._skip_blanks()
            if self._position == len(self._text):
                raise EnvFileSyntaxError(line, "'export' without a name")
        start = self._position
        plain = _PLAIN_NAME.match(self._text, start)
        position = plain.end() if plain is not None else start
        while position < len(self._text):
            char = self._text[position]
            if char in "=:\n":
                self._position = position + 1
                return self._text[start:position].rstrip(SPACE), char
            if not (char in BLANK or _in_name(char)):
                raise EnvFileSyntaxError(line, f"character '{printable(char)}' in a variable name")
            position += 1
        return "", ""

    def _value(self, line: int) -> tuple[str, tuple[str, ...]]:
        quote = self._text[self._position : self._position + 1]
        if quote and quote in "'\"":
            value = self._quoted(quote, line)
            if quote == "'":
                return value, ()
            return self._expanded(_ESCAPE.sub(_unescape, value), line)
        end = self._text.find("\n", self._position)
        value = self._text[self._position : end if end >= 0 else None]
        self._position = end + 1 if end >= 0 else len(self._text)
        return self._expanded(value.partition(" #")[0].rstrip(SPACE), line)

    def _quoted(self, quote: str, line: int) -> str:
        """Read up to the closing quote; a backslash keeps the next character from closing it."""
        parts: list[str] = []
        position = self._position + 1
        stop = re.compile(rf"[\\{quote}]")
        while match := stop.search(self._text, position):
            parts.append(self._text[position : match.start()])
            if match.group() == quote:
                self._position = match.end()
                return "".join(parts)
            escaped = self._text[match.end() : match.end() + 1]
            parts.append(escaped if escaped == quote else "\\" + escaped)
            position = match.end() + 1
        raise EnvFileSyntaxError(line, f"a quote ({quote}) is opened and never closed")

    def _expanded(self, value: str, line: int) -> tuple[str, tuple[str, ...]]:
        try:
            return expand(value, self._lookup), mentioned(value)
        except TemplateProblem as problem:
            raise EnvFileSyntaxError(line, f"a value cannot be interpolated: {problem}") from problem

    def _lookup(self, name: str) -> str | None:
        value = self._outside.get(name)
        return self._values.get(name) if value is None else value


def _in_name(char: str) -> bool:
    return char in _NAME_MARKS or unicodedata.category(char)[0] in "LN"


def _is_name(text: str) -> bool:
    return bool(text) and all(_in_name(char) for char in text)


def _unescape(match: re.Match[str]) -> str:
    """Give what a backslash sequence of a double-quoted value stands for."""
    mark = match.group()[1:]
    if mark == "$":
        return "$$"  # a dollar that is not to be interpolated
    if mark[0] != "0":
        return _ESCAPED.get(mark, "\\" + mark)
    digits = mark[1:]
    if _OCTAL_BYTE.fullmatch(digits):
        return chr(int(digits, 8))
    return "\\" + digits  # Compose loses the 0 of what is no octal number

"""The line of one variable in a pin file: read it, and replace its value; every other byte stays the same."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from preflight.envfile import Assignment, EnvFileSyntaxError, parse_env
from preflight.envfile.model import SPACE
from preflight.lib.reference import short_reference
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.pin.refusal import Refused

Decide: TypeAlias = Callable[[str], str]
"""Takes the value that a variable has and returns the one that it gets; raises ``Refused`` where it may not change."""

_BOM = b"\xef\xbb\xbf"
_SHOWN = 300
_BEFORE = regex(rf"[{SPACE}]*(?:export[{SPACE}]+)?(?P<name>[^=:{SPACE}]+)[{SPACE}]*[=:][{SPACE}]*['\"]?")
"""All of a line that stands before the value, the quote included."""


def value_of(data: bytes, variable: str) -> str:
    """Return the value of a variable that a pin file sets exactly once.

    Raises:
        Refused: It is missing, is there twice or has no value of its own; or Compose would refuse the file.
    """
    return _the_one(_assignments(data), variable).value or ""


def replace_value(data: bytes, variable: str, value: str) -> bytes:
    """Return a pin file's content with another value for one variable.

    Quotes, comments, line ends, a byte order mark and a missing final line end stay; the result is read again, and must
    differ in this one value only.

    Args:
        data: The file.
        variable: Set exactly once, in one line.
        value: An image reference.

    Raises:
        Refused: The line cannot be replaced; the message names variable and line, never a value.
    """
    before = _assignments(data)
    found = _the_one(before, variable)
    lines = data.split(b"\n")
    head = _BOM if found.line == 1 and data.startswith(_BOM) else b""
    line = lines[found.line - 1].removeprefix(head).decode("utf-8")
    match, old = _BEFORE.match(line), found.value or ""
    if match is None or match["name"] != variable or not line.startswith(old, match.end()):
        raise Refused(
            f"line {found.line} of the pin file sets {variable} in a form that cannot be replaced",
            f"Write it as {variable}=IMAGE@sha256:… in one line.",
        )
    line = line[: match.end()] + value + line[match.end() + len(old) :]
    lines[found.line - 1] = head + line.encode("utf-8")
    after = b"\n".join(lines)
    wanted = [(each.name, value if each is found else each.value) for each in before]
    if [(each.name, each.value) for each in _assignments(after)] != wanted:
        raise Refused(
            f"{variable} in line {found.line} of the pin file cannot be replaced without changing something else",
            f"Write it as {variable}=IMAGE@sha256:… in one line of its own, and no `${variable}` in other lines.",
        )
    return after


def edited(data: bytes, decisions: Mapping[str, Decide]) -> bytes:
    """Return a pin file's content after a decision about each of some variables.

    Args:
        data: The file.
        decisions: By variable.

    Raises:
        Refused: A line cannot be replaced, or a decision refuses it.
    """
    for variable, decide in decisions.items():
        before = value_of(data, variable)
        after = decide(before)
        if after != before:
            data = replace_value(data, variable, after)
    return data


def difference(before: bytes, after: bytes) -> tuple[str, ...]:
    """Return the lines that differ, ``-`` and ``+``, with short digests; no other line is shown, as it may be a secret.

    Args:
        before: The file.
        after: The same with other values in some lines.
    """
    old, new = (data.decode("utf-8", "replace").split("\n") for data in (before, after))
    changed = [pair for pair in zip(old, new, strict=False) if pair[0] != pair[1]]
    return tuple(
        f"{sign} {printable(short_reference(line.rstrip()), _SHOWN)}"
        for pair in changed
        for sign, line in zip("-+", pair, strict=True)
    )


def _assignments(data: bytes) -> tuple[Assignment, ...]:
    try:
        return parse_env(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise Refused(f"line {line} of the pin file is not UTF-8 text", "Save the file as UTF-8.") from error
    except EnvFileSyntaxError as error:
        hint = "Correct that line: Compose refuses the whole file."
        raise Refused(f"line {error.line} of the pin file: {error.reason}", hint) from error


def _the_one(assignments: tuple[Assignment, ...], variable: str) -> Assignment:
    """Return the assignment of a variable; refuse where there is none, or more than one, or no value to replace."""
    found = [each for each in assignments if each.name == variable]
    if not found:
        raise Refused(f"the pin file does not set {variable}", f"Add the line {variable}=IMAGE@sha256:… first.")
    if len(found) > 1:
        places = " and ".join(str(each.line) for each in found)
        raise Refused(f"the pin file sets {variable} {len(found)} times (lines {places})", "Delete all but one.")
    if found[0].value is None:
        raise Refused(
            f"line {found[0].line} of the pin file takes {variable} from the shell",
            f"Write {variable}=IMAGE@sha256:….",
        )
    if found[0].references:
        raise Refused(
            f"the value of {variable} in line {found[0].line} of the pin file depends on other variables ($)",
            f"Write the image reference of {variable} out, without $.",
        )
    return found[0]

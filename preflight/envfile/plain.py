"""Env files so plain that no dialect reads them differently: nobody needs to be asked about those."""

from collections.abc import Mapping

from preflight.lib.regex import regex

_LINE = regex(r"(?:#[\x20-\x7e]*|(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>[A-Za-z0-9_./:@+-]*))?")


def read_plain(text: str) -> Mapping[str, str] | None:
    """Return what the file sets, or ``None`` if anything in it could be read in more than one way.

    Plain are blank lines, comments, and ``NAME=value`` of letters, digits and ``_./:@+-`` alone: no quotes, blanks,
    escapes or ``$``, no carriage return. The last of two lines for one name counts.
    """
    values: dict[str, str] = {}
    for line in text.split("\n"):
        match = _LINE.fullmatch(line)
        if match is None:
            return None
        if name := match["name"]:
            values[name] = match["value"]
    return values

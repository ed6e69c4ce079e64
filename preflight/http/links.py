"""The `Link` header (RFC 8288), as far as lists in pages need it."""

import re

from preflight.lib.regex import regex

_LINK = regex(r"<([^<>]*)>([^<]*)")
_NEXT = regex(r""";\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)""", re.IGNORECASE)


def next_link(header: str) -> str | None:
    """Return the target of the link to the next page as written, which may be relative.

    Returns:
        None where the header names no next page; the empty string where it names one without an address.
    """
    for target, parameters in _LINK.findall(header):
        if _NEXT.search(parameters):
            return str(target)
    return "" if _NEXT.search(header) else None

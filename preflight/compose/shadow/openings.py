"""What could override the pin once somebody sets a variable: every place that Compose interpolates or expands.

Measured with Compose 2.24.1 to 2.40.3: it interpolates paths and ``format`` of ``env_file:``, names in an
``environment:`` list, ``file`` and ``service`` of ``extends:``, and ``include:``; it expands ``~`` from ``HOME``.
"""

from collections.abc import Callable, Iterator

from preflight.compose.read.feed import EnvFileFeed, Feed
from preflight.compose.shadow.model import Shadow, ShadowKind
from preflight.compose.shadow.places import Places

_KINDS = {"extends": ShadowKind.OPEN_EXTENDS, "include": ShadowKind.OPEN_INCLUDE}


def open_structure(places: Places, service: str) -> Iterator[Shadow]:
    """Find where a variable decides which file or service this one is made of."""
    seen = set()
    for opening in places.openings(service):
        if opening not in seen:
            seen.add(opening)
            kind = _KINDS[opening.what]
            yield Shadow(kind, overrides=False, path=opening.file, line=opening.line, names=opening.names)


def open_names(places: Places, service: str, variable: str) -> Iterator[Shadow]:
    """Find entries of an ``environment:`` list whose name could become the variable's."""
    for entry in places.entries(service):
        if names := entry.names_deciding(variable):
            yield Shadow(ShadowKind.OPEN_NAME, overrides=False, path=entry.path, line=entry.line, names=names)


def open_entries(feed: Feed, gives: Callable[[EnvFileFeed], bool]) -> tuple[EnvFileFeed, ...]:
    """Return the entries of ``env_file:`` whose path, changed from outside, would change what arrives.

    Harmless is an entry before one that is the pin file whatever happens. If it becomes the very same path, Compose
    keeps one of the two, in place of the first: then what stands behind it overrides the pin.

    Args:
        feed: The env files.
        gives: Says whether an env file sets the variable.
    """
    entries = feed.env_files
    closed = [place for place, each in enumerate(entries) if each.is_pin and not each.names]
    last = closed[-1] if closed else -1

    def matters(place: int) -> bool:
        return place > last or any(not each.is_pin and gives(each) for each in entries[place + 1 :])

    return tuple(each for place, each in enumerate(entries) if each.names and matters(place))

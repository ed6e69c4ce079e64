"""Pages of tags: the next page's address from `Link` (RFC 8288), and when to stop believing that there is an end."""

import re
from collections.abc import Iterable
from dataclasses import field
from urllib.parse import SplitResult, urljoin, urlsplit

from preflight.http.errors import BadAnswer, Oversized, Redirected
from preflight.http.links import next_link
from preflight.lib.records import mutable
from preflight.lib.regex import regex
from preflight.lib.text import printable

_TAG = regex(r"\w[\w.-]{0,127}", re.ASCII)

MAX_PAGES = 5000
MAX_TAGS = 250_000
_MAX_IDLE_PAGES = 3
"""An empty page in between has been seen; this many without a new tag are a loop."""


def next_page(link: str, current: str, base: str, host: str) -> str | None:
    """Return the absolute address of the next page, or None at the end.

    Args:
        link: The `Link` header(s), or the empty string.
        current: Address of this page; relative links count from here.
        base: `https://HOST` of the registry. A link with another scheme but this host stays on ``base``:
            registries behind a TLS proxy say `http:` of themselves.
        host: The registry, for errors.

    Raises:
        Redirected: It leads to another host.
        BadAnswer: It is no address.
    """
    target = next_link(link)
    if target is None:
        return None
    if not target:  # there is more, but nobody can tell where: half a list must not pass for a whole one
        raise _no_address(host)
    return _on_same_host(target, current, base, host)


def _on_same_host(target: str, current: str, base: str, host: str) -> str:
    try:
        there, here = urlsplit(urljoin(current, target.strip())), urlsplit(base)
        same = there.hostname == here.hostname and _own_port(there) == _own_port(here)
    except ValueError:  # a port that is none
        raise _no_address(host) from None
    if not target.isprintable() or there.scheme not in {"http", "https"}:
        raise _no_address(host)
    if not same or "@" in there.netloc:
        raise Redirected(
            f"{host} sends us to another host for its next page of tags; not followed",
            "Look at the proxy before the registry: its links must name the registry's own host.",
        )
    return f"{base}{there.path}?{there.query}"


def _own_port(parts: SplitResult) -> int | None:
    return None if parts.port in {80, 443} else parts.port


def _no_address(host: str) -> BadAnswer:
    return BadAnswer(
        f"{host}: the link to the next page of tags is no address", "Look at the proxy before the registry."
    )


@mutable
class Pages:
    """The tags read so far, and the guards against pages without end.

    Args:
        host: The registry, for errors.
    """

    host: str
    _tags: dict[str, None] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)
    _idle: int = 0

    def turn_to(self, url: str) -> None:
        """Note that this page is asked for.

        Raises:
            BadAnswer: It was asked for before, or there are too many.
        """
        if url in self._seen:
            raise self._endless("they lead in a circle")
        if len(self._seen) >= MAX_PAGES:
            raise self._endless(f"more than {MAX_PAGES}")
        self._seen.add(url)

    def add(self, tags: object) -> None:
        """Take in what a page holds; `null` is none, and what can be no tag is left out.

        Raises:
            BadAnswer: It is no list of texts, or page after page brings nothing new.
            Oversized: There are more tags than we are ready to keep.
        """
        if tags is not None and not (isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
            raise BadAnswer(
                f"{self.host}: its list of tags is no list of names", "Look at the proxy before the registry."
            )
        before = len(self._tags)
        self._tags.update(dict.fromkeys(_valid(tags or ())))
        self._idle = 0 if len(self._tags) > before else self._idle + 1
        if self._idle >= _MAX_IDLE_PAGES:
            raise self._endless("they bring nothing new")
        if len(self._tags) > MAX_TAGS:
            raise Oversized(f"{self.host} lists more than {MAX_TAGS} tags", "Ask the registry's owner to tidy up.")

    @property
    def tags(self) -> tuple[str, ...]:
        """All tags so far, in the order of the registry, each once."""
        return tuple(self._tags)

    def _endless(self, why: str) -> BadAnswer:
        return BadAnswer(
            f"{printable(self.host, 120)}: the pages of its list of tags do not end: {why}",
            "Look at the proxy before the registry; its tags cannot be judged.",
        )


def _valid(tags: Iterable[str]) -> Iterable[str]:
    """Leave out what nobody can ask for by that name, e.g. with control characters or slashes in it."""
    return (tag for tag in tags if _TAG.fullmatch(tag))

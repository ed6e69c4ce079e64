"""The table for a terminal: one line a host and pin, what is wrong in words, what differs."""

from collections.abc import Callable, Iterator

from preflight.fleet.fleet import Fleet
from preflight.fleet.formats import cells
from preflight.fleet.host import Host, Trouble
from preflight.lib.reference import short_digest
from preflight.lib.text import plural
from preflight.model import Status
from preflight.report import Style
from preflight.run.reporters import WORDS
from preflight.run.reporters.columns import columns, cut, wrapped

_HEADS = ("", "HOST", "STAGE", "PINNED", "RUNNING", "FIRST FAILURE")
_WIDEST, _NARROW = 40, 20
_REASONS = 20
_NAMED = 5
_INDENT = "      "


def render(fleet: Fleet, style: Style) -> str:
    """Return the table; with ``-q`` only hosts on which something is wrong."""
    shown = [host for host in fleet.hosts if not (style.quiet and host.status is Status.PASS)]
    several = any(len(host.pins) > 1 for host in shown)
    parts = [_table(shown, fleet, style, several=several), *_reasons(shown, style), *_differences(fleet, style)]
    last = wrapped(f"{cells.totals(fleet)}. Exit {fleet.exit_code}.", "", style.width)
    return "\n\n".join([*(part for part in parts if part), "\n".join(last)]) + "\n"


def _table(hosts: list[Host], fleet: Fleet, style: Style, *, several: bool) -> str:
    """Return the table; where it is too wide, with shorter digests, names and failures, which stand below in full."""
    if not hosts:
        return ""
    rows = [row for host in hosts for row in _rows(host, fleet, short_digest, several=several)]
    table = columns(_HEADS, rows, style.width, flexible=())
    if max(map(len, table.splitlines())) <= style.width:
        return table
    rows = [row for host in hosts for row in _rows(host, fleet, cells.brief_digest, several=several)]
    brief = [(row[0], cut(row[1], _NARROW), *row[2:]) for row in rows]
    table = columns(_HEADS[:-1], [row[:-1] for row in brief], style.width, flexible=())
    room = style.width - max(map(len, table.splitlines())) - 2
    return columns(
        _HEADS, [(*row[:-1], cut(row[-1], max(len(_HEADS[-1]), room))) for row in brief], style.width, flexible=()
    )


def _rows(host: Host, fleet: Fleet, digest: Callable[[str], str], *, several: bool) -> Iterator[tuple[str, ...]]:
    """Yield one row a pin, the first with what is known of the host."""
    late = cells.age(host, fleet)
    stage = (host.stage.value if host.stage else "-") + (f", {late}" if late else "")
    head, tail = (WORDS[host.status], cut(host.name, _WIDEST), stage), (cut(cells.first(host), _WIDEST),)
    for number, pin in enumerate(host.pins):
        name = f"{cut(pin.variable, _WIDEST)} " if several else ""
        both = (f"{name}{cells.pinned(pin, digest)}", cut(cells.running(pin, fleet, digest), _WIDEST))
        yield (*head, *both, *tail) if number == 0 else ("", "", "", *both, "")
    if not host.pins:
        yield (*head, "-", "-", *tail)


def _reasons(hosts: list[Host], style: Style) -> Iterator[str]:
    """Yield each first failure once, with the hosts that have it."""
    found: dict[Trouble, list[str]] = {}
    for host in hosts:
        if host.first is not None:
            found.setdefault(host.first, []).append(host.name)
    lines: list[str] = []
    for trouble, names in list(found.items())[:_REASONS]:
        word = WORDS[trouble.status].ljust(len(_INDENT))
        lines += [f"{word}{trouble.name}  {_hosts(names)}", *wrapped(trouble.message, _INDENT, style.width)]
        lines += wrapped(trouble.hint, f"{_INDENT}-> ", style.width) if trouble.hint else []
    if len(found) > _REASONS:
        lines.append(f"{_INDENT}and {plural(len(found) - _REASONS, 'other reason')}; --format json has all")
    if lines:
        yield "\n".join(lines)


def _differences(fleet: Fleet, style: Style) -> Iterator[str]:
    lines = [line for name, said in cells.sentences(fleet) for line in wrapped(f"{name}: {said}", "", style.width)]
    if lines:
        yield "\n".join(lines)


def _hosts(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {plural(more, 'other')}" if more > 0 else "")

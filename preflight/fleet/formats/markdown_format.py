"""The fleet as Markdown: for the comment on a pull request, and for the summary of a job."""

from collections.abc import Iterator

from preflight.fleet.fleet import Fleet
from preflight.fleet.formats import cells
from preflight.fleet.host import Host
from preflight.lib.text import plural
from preflight.model import Status
from preflight.report import Style
from preflight.run.reporters import WORDS
from preflight.run.reporters.markdown_report import LIMIT
from preflight.run.reporters.markdown_text import code, shown, size

_HEADS = ("", "Host", "Stage", "Pinned", "Running", "First failure")
_LEFT = 200
"""Bytes kept for the sentence that says how many hosts are left out."""


def render(fleet: Fleet, style: Style) -> str:
    """Return totals, what differs, and a table, worst first; with ``-q`` only hosts on which something is wrong."""
    hosts = [host for host in fleet.hosts if not (style.quiet and host.status is Status.PASS)]
    differs = "\n".join(f"- {shown(name)}: {shown(said)}" for name, said in cells.sentences(fleet))
    head = f"### preflight: {shown(cells.totals(fleet))}"
    foot = f"Exit {fleet.exit_code}."
    room = LIMIT - size(head) - size(differs) - size(foot) - _LEFT
    table = "\n".join(_lines(hosts, fleet, room)) if hosts else ""
    return "\n\n".join(part for part in (head, differs, table, foot) if part) + "\n"


def _lines(hosts: list[Host], fleet: Fleet, room: int) -> Iterator[str]:
    """Yield the lines of the table, as many as there is room for in bytes."""
    for cells_of_line in (_HEADS, ("---",) * len(_HEADS)):
        yield f"| {' | '.join(cells_of_line)} |"
    for number, host in enumerate(hosts):
        line = f"| {' | '.join(_cells(host, fleet))} |"
        room -= size(line) + 1
        if room < 0:
            yield f"\n{plural(len(hosts) - number, 'more host')} left out: GitHub takes no longer text."
            return
        yield line


def _cells(host: Host, fleet: Fleet) -> tuple[str, ...]:
    word = WORDS[host.status]
    late = cells.age(host, fleet)
    several = len(host.pins) > 1
    reason = f"<br>{shown(host.first.message)}" if host.first else ""
    return (
        f"**{word}**" if host.status in (Status.FAIL, Status.ERROR) else word,
        code(host.name),
        (host.stage.value if host.stage else "-") + (f", {late}" if late else ""),
        "<br>".join(f"{code(pin.variable) + ' ' if several else ''}{shown(cells.pinned(pin))}" for pin in host.pins),
        "<br>".join(shown(cells.running(pin, fleet)) for pin in host.pins),
        f"{code(cells.first(host))}{reason}" if host.first else "",
    )

"""The fleet as one HTML file: a table whose rows lead to a section for each host."""

from preflight.fleet.fleet import Fleet
from preflight.fleet.formats import cells
from preflight.fleet.host import Host
from preflight.lib.records import frozen
from preflight.model import Status
from preflight.report import Style
from preflight.run.reporters.html_report import page


def render(fleet: Fleet, style: Style) -> str:
    """Return the page; with ``-q`` only hosts on which something is wrong."""
    shown = [host for host in fleet.hosts if not (style.quiet and host.status is Status.PASS)]
    text = page(
        "fleet.html",
        state=fleet.status,
        totals=cells.totals(fleet),
        counted=cells.counted(fleet),
        late=cells.late(fleet),
        verdicts=cells.verdicts(fleet),
        sentences=[*cells.sentences(fleet)],
        hosts=[_view(host, fleet) for host in shown],
        now=fleet.now,
        exit_code=int(fleet.exit_code),
    )
    return f"{text}\n"


@frozen
class _PinView:
    """One pin in words."""

    variable: str
    release: str
    digest: str
    pinned: str
    running: str


def _view(host: Host, fleet: Fleet) -> dict[str, object]:
    """Return what the template shows of a host."""
    pins = [
        _PinView(pin.variable, pin.release, pin.digest, cells.pinned(pin), cells.running(pin, fleet))
        for pin in host.pins
    ]
    return {**vars(host), "pins": pins, "first": cells.first(host), "age": cells.age(host, fleet)}

"""Which digests the containers of a pin were seen to run, read from the findings of the checks that look at them."""

from preflight.lib.reference import ReferenceProblem, parse_reference
from preflight.model import Area, Json, Status
from preflight.report import PinState, Report


def running_digests(pin: PinState, report: Report) -> set[str]:
    """Return the digests that checks saw in containers where the pin's digest should be; empty if they saw none."""
    if not pin.digest:
        return set()
    evidence = [
        (finding.evidence, finding.status)
        for result in report.results
        if result.about.area is Area.RUNNING
        for finding in result.findings
    ]
    mine = [(each, status) for each, status in evidence if _digest(each.get("expected")) == pin.digest]
    found = {_digest(each.get("found")) for each, _ in mine}
    found |= {pin.digest for each, status in mine if status is Status.PASS and "containers" in each}
    return found - {""}


def _digest(reference: Json) -> str:
    try:
        return parse_reference(reference).digest or "" if isinstance(reference, str) else ""
    except ReferenceProblem:
        return ""

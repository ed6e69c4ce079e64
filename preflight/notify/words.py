"""How deliveries went, in lines that a person reads. No address is in them."""

from collections.abc import Iterator
from datetime import UTC

from preflight.lib.text import plural, printable
from preflight.notify.deliver import Outcome


def outcome_lines(outcome: Outcome, *, sparing: bool) -> Iterator[str]:
    """Yield lines about one target; none where all went as it should.

    Args:
        outcome: The outcome of the target.
        sparing: What earlier runs have said is not said again, until it ends.
    """
    name = f"preflight: notify {outcome.target}"
    since = "" if outcome.since is None else f" since {outcome.since.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if outcome.problem and (outcome.is_new or outcome.lost or not sparing):
        waiting = f"; {plural(outcome.kept, 'message')} kept for the next run{since}" if outcome.kept else ""
        lost = f"; {plural(outcome.lost, 'message')} dropped" if outcome.lost else ""
        yield f"{name}: not delivered: {printable(outcome.problem)}{waiting}{lost}"
        if outcome.hint:
            yield f"  {printable(outcome.hint)}"
    elif outcome.late and not outcome.problem:
        yield f"{name}: works again; delivered {plural(outcome.late, 'message')} that waited{since}"

"""After a rollout: what can still change by waiting, and how long to wait for it."""

import time
from collections.abc import Sequence

from preflight.model import CheckResult, Finding, Status
from preflight.run.verdict import blocks, fails

_PAUSE_S = 2.0


def unsettled(results: Sequence[CheckResult], *, strict: bool) -> tuple[str, ...]:
    """Return the ids of the checks to ask again; none when all is well, or when a failure stands that time cannot end.

    Args:
        results: After waivers and allowances.
        strict: As for ``fails``.
    """
    findings = [finding for result in results for finding in result.findings]
    if any(fails(finding, strict=strict) and not _may_settle(finding) for finding in findings):
        return ()
    return tuple(
        result.about.id for result in results if any(blocks(finding, strict=strict) for finding in result.findings)
    )


def _may_settle(finding: Finding) -> bool:
    return finding.status is Status.ERROR or (finding.failure is not None and finding.failure.settles)


class Waiting:
    """A budget of seconds to wait, spent in short pauses."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def pause(self) -> bool:
        """Sleep a little; False, at once, when the time is up."""
        left = self._until - time.monotonic()
        if left <= 0:
            return False
        time.sleep(min(_PAUSE_S, left))
        return True

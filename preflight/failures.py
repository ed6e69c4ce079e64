"""The failures that any check may end with; no check declares these itself."""

from preflight.model import Failure, Status


def _error(code: str, says: str, fix: str) -> Failure:
    return Failure(code, says, fix, Status.ERROR, Status.ERROR, waivable=False)


COULD_NOT_LOOK = _error("could-not-look", "The check could not see what it judges.", "Fix what the message names.")
CRASHED = _error("crashed", "The check ended in an exception.", "Report it to the author of the check.")
TIMED_OUT = _error("timed-out", "The check did not answer in time.", "Find out why, or raise --timeout.")
INTERRUPTED = _error("interrupted", "The run was interrupted before the check answered.", "Run preflight again.")
NO_PIN = _error("no-pin", "No pin was found.", "Run preflight in the checkout, or name the pin in preflight.yaml.")
WAIVER_EXPIRED = Failure(
    "waiver-expired", "A waiver has ended.", "Fix what it covered and remove it, or renew its date.", waivable=False
)
NOT_APPLICABLE = Failure(
    "not-applicable", "There is nothing here for the check to judge.", "Nothing.", Status.SKIP, Status.SKIP
)
NOT_LOOKED_AT = Failure(
    "not-looked-at", "The check was not told to look.", "Configure it, or run online.", Status.SKIP, Status.SKIP
)

COMMON = (COULD_NOT_LOOK, CRASHED, TIMED_OUT, INTERRUPTED, NO_PIN, WAIVER_EXPIRED, NOT_APPLICABLE, NOT_LOOKED_AT)

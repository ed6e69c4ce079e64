"""A report as the history keeps it: what the JSON reporter gives, compressed, and once for all runs that found that.

What differs in every run, its times, is kept beside it. So a year of runs that find the same takes no more room than
their times do.
"""

import hashlib
import json
import zlib
from typing import Any

from preflight.history.errors import HistoryError
from preflight.lib.records import frozen
from preflight.report import Report
from preflight.run.reporters.json_report import as_data

_TIMES = ("started", "duration_s")
_HINT = "Move the file away; a new history begins with the next recorded run."
_MAX_SIZE = 64 * 1024 * 1024


@frozen
class Body:
    """The part of a report that two runs may share.

    Args:
        digest: The digest of the text.
        text: The report without its times.
        durations: Seconds of each check, as a JSON list in the order of the checks.
    """

    digest: bytes
    text: bytes
    durations: str

    @property
    def packed(self) -> bytes:
        """The text, compressed."""
        return zlib.compress(self.text)


def pack(report: Report) -> Body:
    """Return what is kept of a report."""
    data: dict[str, Any] = as_data(report)
    durations = [check.pop("duration_s") for check in data["checks"]]
    text = json.dumps({name: value for name, value in data.items() if name not in _TIMES}).encode()
    return Body(hashlib.sha256(text).digest(), text, json.dumps(durations, separators=(",", ":")))


def unpack(packed: bytes) -> dict[str, Any]:
    """Return the report without its times.

    Raises:
        HistoryError: It is damaged.
    """
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(packed, _MAX_SIZE)
    except zlib.error as error:
        raise HistoryError("a recorded report is damaged", _HINT) from error
    if unpacker.unconsumed_tail:
        raise HistoryError("a recorded report is larger than preflight makes any", _HINT)
    data: dict[str, Any] = json.loads(text)
    return data


def whole(packed: bytes, started: str, duration_s: float, durations: str) -> dict[str, Any]:
    """Return the report as the JSON reporter gave it, times included.

    Raises:
        HistoryError: It is damaged.
    """
    data = unpack(packed)
    for check, seconds in zip(data["checks"], json.loads(durations), strict=True):
        check["duration_s"] = seconds
    return {**data, "started": started, "duration_s": duration_s}

"""The front door: everything a check may import. All other modules of this package are private.

Public and stable are the names below, the ids of the checks, the JSON report and the exit codes.
"""

from preflight.check import (
    Check,
    NoSettings,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
)
from preflight.context import ComposeProject, Context, Options, Pin
from preflight.deadline import Deadline
from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply
from preflight.model import About, Finding, Json, Location, Need, Status
from preflight.text import plural, printable
from preflight.version import __version__

__all__ = [
    "About",
    "Check",
    "ComposeProject",
    "Context",
    "CouldNotLook",
    "Deadline",
    "DeadlineExceeded",
    "DoesNotApply",
    "Finding",
    "Json",
    "Location",
    "Need",
    "NoSettings",
    "Options",
    "Pin",
    "Status",
    "__version__",
    "could_not_look",
    "failed",
    "passed",
    "plural",
    "printable",
    "skipped",
    "warned",
]

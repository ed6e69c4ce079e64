"""The public API: what the author of a check needs. Every other module may change in any release.

Public and stable are also the ids of the checks, the JSON report and the exit codes. ``preflight.testing`` has what a
test of a check needs.
"""

from preflight.check import Check, NoSettings, could_not_look, failed, passed, skipped, warned
from preflight.context import Context, Doors, Options
from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply
from preflight.lib.deadline import Deadline
from preflight.model import About, Finding, Json, Location, Need, Status
from preflight.project import ComposeProject, Pin
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
    "Doors",
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
    "skipped",
    "warned",
]

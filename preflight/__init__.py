"""The public API: what the author of a check needs. Every other module may change in any release.

Public and stable are also the ids of the checks, the JSON report and the exit codes. ``preflight.testing`` has what a
test of a check needs.
"""

from preflight.check import Check, NoSettings, could_not_look, failed, not_looked_at, passed, skipped, warned
from preflight.context import Context, Doors, Options
from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply, NotLookedAt
from preflight.lib.deadline import Deadline
from preflight.model import About, Area, Failure, Finding, Json, Location, Need, Stage, Status, Subject
from preflight.project import ComposeProject, Pin
from preflight.version import __version__

__all__ = [
    "About",
    "Area",
    "Check",
    "ComposeProject",
    "Context",
    "CouldNotLook",
    "Deadline",
    "DeadlineExceeded",
    "DoesNotApply",
    "Doors",
    "Failure",
    "Finding",
    "Json",
    "Location",
    "Need",
    "NoSettings",
    "NotLookedAt",
    "Options",
    "Pin",
    "Stage",
    "Status",
    "Subject",
    "__version__",
    "could_not_look",
    "failed",
    "not_looked_at",
    "passed",
    "skipped",
    "warned",
]

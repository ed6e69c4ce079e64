"""The public API: what the author of a check needs. Every other module may change in any release.

Public and stable are also the ids of the checks, the JSON report and the exit codes. ``preflight.testing`` has what a
test of a check needs.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from preflight.check import (
        Check,
        NoSettings,
        could_not_look,
        failed,
        not_looked_at,
        passed,
        setting,
        skipped,
        warned,
    )
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
    "setting",
    "skipped",
    "warned",
]

_ROOMS = ("version", "errors", "lib.deadline", "model", "project", "context", "check")
"""Where they are defined."""


def __getattr__(name: str) -> object:
    """Import a name when it is first used: the command line, which begins with this module, needs none of them."""
    if name in __all__:
        from importlib import import_module

        for room in _ROOMS:
            found = vars(import_module(f"preflight.{room}"))
            if name in found:
                globals()[name] = found[name]
                return found[name]
    raise AttributeError(f"module 'preflight' has no attribute {name!r}")

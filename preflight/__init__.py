"""The public API: what authors of checks and formats need. Every other module may change in any release.

Public and stable are also the ids of the checks, the JSON report and the exit codes. ``preflight.testing`` has what a
test of a check needs.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from preflight.check import (
        Check,
        NoSettings,
        could_not_look,
        not_looked_at,
        passed,
        setting,
        skipped,
    )
    from preflight.compose.ask.door import Compose
    from preflight.context import Context, Doors, Options
    from preflight.coolify.door import Coolify
    from preflight.engine.door import Engine
    from preflight.errors import ConfigurationError, CouldNotLook, DeadlineExceeded, DoesNotApply, NotLookedAt
    from preflight.git.door import Git
    from preflight.lib.deadline import Deadline
    from preflight.model import About, Area, CheckResult, Failure, Finding, Json, Location, Need, Stage, Status, Subject
    from preflight.project import ComposeProject, Pin
    from preflight.registry.door import Registry
    from preflight.report import Report, Style
    from preflight.version import __version__

__all__ = [
    "About",
    "Area",
    "Check",
    "CheckResult",
    "Compose",
    "ComposeProject",
    "ConfigurationError",
    "Context",
    "Coolify",
    "CouldNotLook",
    "Deadline",
    "DeadlineExceeded",
    "DoesNotApply",
    "Doors",
    "Engine",
    "Failure",
    "Finding",
    "Git",
    "Json",
    "Location",
    "Need",
    "NoSettings",
    "NotLookedAt",
    "Options",
    "Pin",
    "Registry",
    "Report",
    "Stage",
    "Status",
    "Style",
    "Subject",
    "__version__",
    "could_not_look",
    "not_looked_at",
    "passed",
    "setting",
    "skipped",
]

_ROOMS = ("version", "errors", "lib.deadline", "model", "project", "context", "check", "report")
"""Where they are defined, except for the doors."""

_DOORS = {
    "Compose": "compose.ask.door",
    "Coolify": "coolify.door",
    "Engine": "engine.door",
    "Git": "git.door",
    "Registry": "registry.door",
}


if not TYPE_CHECKING:  # a type checker would take every name for one of ours

    def __getattr__(name: str) -> object:
        """Import a name when it is first used: the command line, which begins with this module, needs none of them."""
        if name in __all__:
            from importlib import import_module

            for room in (_DOORS[name],) if name in _DOORS else _ROOMS:
                found = vars(import_module(f"preflight.{room}"))
                if name in found:
                    globals()[name] = found[name]
                    return found[name]
        raise AttributeError(f"module 'preflight' has no attribute {name!r}")

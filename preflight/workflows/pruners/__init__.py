"""The actions that prune container packages, one file each."""

from preflight.workflows.model import Step
from preflight.workflows.pruners import (
    container_retention_policy,
    delete_package_versions,
    delete_untagged,
    ghcr_cleanup,
    ghcr_prune,
)
from preflight.workflows.pruners.exposure import Exposure, Pruner, Version

__all__ = ["Exposure", "Pruner", "Version", "find_pruner"]

_PRUNERS = (
    container_retention_policy.PRUNER,
    delete_package_versions.PRUNER,
    delete_untagged.PRUNER,
    ghcr_cleanup.PRUNER,
    ghcr_prune.PRUNER,
)
_BY_ACTION = {action: pruner for pruner in _PRUNERS for action in pruner.actions}


def find_pruner(step: Step) -> Pruner | None:
    """Return what is known of the action a step uses, or None if it is none that prunes."""
    return _BY_ACTION.get(action_of(step.uses))


def action_of(uses: str) -> str:
    """Return ``owner/repository`` of an action, in lower case."""
    return "/".join(uses.partition("@")[0].strip().lower().split("/")[:2])

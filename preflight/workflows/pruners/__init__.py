"""The actions that prune container packages, and what is known of them from their own files."""

from preflight.workflows.model import Step
from preflight.workflows.pruners import (
    container_retention_policy,
    delete_by_tag,
    delete_old_packages,
    delete_package_versions,
    delete_untagged,
    ghcr_cleaner,
    ghcr_cleanup,
    ghcr_prune,
    image_cleaner,
    untagged_only,
)
from preflight.workflows.pruners.exposure import Exposure, Inputs, Version
from preflight.workflows.pruners.reference import Pruner, named_action

__all__ = ["PRUNERS", "Exposure", "Inputs", "Pruner", "Version", "find_pruner"]

PRUNERS = (
    container_retention_policy.PRUNER,
    delete_by_tag.BOTS_HOUSE,
    delete_by_tag.CHIPKENT,
    delete_by_tag.TWEEDEGOLF,
    delete_old_packages.PRUNER,
    delete_package_versions.PRUNER,
    delete_untagged.PRUNER,
    ghcr_cleaner.PRUNER,
    ghcr_cleanup.PRUNER,
    ghcr_prune.FORK,
    ghcr_prune.PRUNER,
    image_cleaner.EPHEMERAL,
    image_cleaner.UNTAGGED,
    untagged_only.CAMARGO,
    untagged_only.TWEEDEGOLF,
)
_BY_ACTION = {action: pruner for pruner in PRUNERS for action in pruner.actions}


def find_pruner(step: Step) -> Pruner | None:
    """Return what is known of the action a step uses, or None if it is none that prunes."""
    return _BY_ACTION.get(named_action(step.uses))

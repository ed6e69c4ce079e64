"""Which branch of which repository is about to be deployed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from preflight.errors import ConfigurationError
from preflight.git.clone import Branch
from preflight.git.model import is_commit
from preflight.hook.command import Order
from preflight.lib.deadline import Deadline

if TYPE_CHECKING:
    from preflight.coolify.api.client import Application

_BRANCH = "COOLIFY_BRANCH"
_SAY = "Name it in the hook's command: --repository https://HOST/OWNER/NAME --branch NAME."


def find_target(order: Order, environ: Mapping[str, str], deadline: Deadline) -> tuple[Branch, Order]:
    """Return what Coolify is about to clone, and the order with what its API says of it.

    Args:
        order: what the operator wrote; overrides all else.
        environ: May hold the API's address and token, and COOLIFY_BRANCH: the branch of the deployment that runs, with
            quotes around it (P 1179-1240). SOURCE_COMMIT in it is the commit that runs, not the one to come.
        deadline: For asking the API.

    Raises:
        ConfigurationError: Nothing says it, or what is said is none.
        CouldNotLook: The API does not answer.
    """
    said = None if order.repository and order.branch else _ask(order, environ, deadline)
    if said is not None:
        order = replace(
            order,
            repository=order.repository or _address(said.git_repository or ""),
            branch=order.branch or said.git_branch or "",
            commit=order.commit or _held_at(said.git_commit_sha or ""),
            base_directory=order.base_directory or said.base_directory or "",
            compose_location=order.compose_location or said.docker_compose_location or "",
        )
    order = replace(order, branch=order.branch or environ.get(_BRANCH, "").strip("\"' "))
    if not order.repository:
        raise ConfigurationError("which repository is deployed is not said", _SAY)
    if not order.branch:
        raise ConfigurationError("which branch is deployed is not said", _SAY)
    return Branch(order.repository, order.branch, order.commit), order


def _ask(order: Order, environ: Mapping[str, str], deadline: Deadline) -> "Application | None":
    """Return what Coolify's API says of the application; None where no token or no UUID is given."""
    from preflight.coolify.api.client import CoolifyApi, find_address
    from preflight.coolify.settings import CoolifySettings
    from preflight.hook.project import application_of
    from preflight.run.config import read_config

    settings = CoolifySettings() if order.config is None else read_config(order.config, trusted=True).coolify
    uuid = application_of(order, environ) or settings.application
    address = find_address(settings, environ) if uuid else None
    return CoolifyApi(address, environ).application(uuid, deadline) if address is not None else None


def _held_at(commit: str) -> str:
    """Return the commit that Coolify deploys in place of the branch's head; it says HEAD where there is none."""
    return commit if is_commit(commit) else ""


def _address(repository: str) -> str:
    """Return an address for git; Coolify's own name for what it clones through GitHub is OWNER/NAME."""
    if "://" in repository or "@" in repository or repository.startswith("/") or not repository:
        return repository
    return f"https://github.com/{repository}"

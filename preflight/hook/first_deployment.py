"""Whether an application was deployed before: what Coolify leaves of that is what some checks judge by."""

from collections.abc import Mapping

from preflight.errors import CouldNotLook
from preflight.hook.command import Order
from preflight.lib.deadline import Deadline
from preflight.run.config import Configuration

_TOKENS = tuple(f"{prefix}COOLIFY_TOKEN{suffix}" for prefix in ("PREFLIGHT_", "") for suffix in ("", "_FILE"))
_LOOK_S = 15.0
_DEPLOYED = "docker-compose.yaml"
"""What Coolify leaves in an application's folder at each deployment, in every mode."""


def has_token(configuration: Configuration, environ: Mapping[str, str]) -> bool:
    """Whether Coolify's API tells of its settings."""
    return configuration.coolify.token_file is not None or any(environ.get(name) for name in _TOKENS)


def is_first(
    order: Order, configuration: Configuration, environ: Mapping[str, str], deadline: Deadline | None = None
) -> bool:
    """Whether a checkout is judged of an application that was never deployed, and no API tells of it either.

    A deployment that the gate ended leaves the compose file, but neither .env (AJ 1582) nor a container.
    """
    coolify = configuration.coolify
    if order.checkout is None or not coolify.application:
        return False
    if has_token(configuration, environ):
        return False
    folder = coolify.root / "applications" / coolify.application
    try:
        (folder / _DEPLOYED).stat()
        (folder / ".env").stat()
    except FileNotFoundError as error:
        return error.filename == str(folder / _DEPLOYED) or not _has_containers(coolify.application, environ, deadline)
    except OSError:  # permission; who needs it says so
        return False
    return False


def _has_containers(application: str, environ: Mapping[str, str], deadline: Deadline | None) -> bool:
    """Whether there may be containers of an application: Compose's project is called like it in every mode."""
    from preflight.compose.labels import PROJECT
    from preflight.engine.door import Engine

    try:
        return bool(Engine(environ).containers({PROJECT: application}, deadline or Deadline.after(_LOOK_S)))
    except CouldNotLook:
        return True  # whoever needs them says so

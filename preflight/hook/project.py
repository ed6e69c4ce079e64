"""What is judged: the configuration of a checkout, with what Coolify's fields say of where its files lie."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from preflight.coolify.settings import CoolifySettings, is_uuid
from preflight.errors import ConfigurationError, CouldNotLook
from preflight.git.root import find_git_root
from preflight.hook.command import Order, inside
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.pins.value import read_pin_value
from preflight.project import ComposeProject, Pin
from preflight.run.config import CONFIG_NAME, Configuration, read_config

_UUID_INSIDE = "COOLIFY_RESOURCE_UUID"
_COMMIT = "SOURCE_COMMIT"


def application_of(order: Order, environ: Mapping[str, str]) -> str:
    """Return the UUID of the application whose deployment is gated; "" when nothing says it.

    Raises:
        ConfigurationError: What is said is no UUID.
    """
    uuid = order.application or environ.get(_UUID_INSIDE, "")
    if uuid and not is_uuid(uuid):
        raise ConfigurationError(
            "--application is no UUID of Coolify's", "Copy it from the address of the application's page in Coolify."
        )
    return uuid


def configuration_of(checkout: Path, order: Order, environ: Mapping[str, str]) -> Configuration:
    """Return the configuration for a checkout.

    Args:
        checkout: Root of the work tree.
        order: what the operator wrote; overrides what the checkout says.
        environ: For the UUID of the application.

    Raises:
        ConfigurationError: The configuration cannot be understood, or names files that are not there.
    """
    found = _read(checkout, order)
    uuid = application_of(order, environ) or found.coolify.application
    coolify = replace(found.coolify, application=uuid)
    project = _project(checkout, order, found.project, coolify)
    base = checkout / inside(order.base_directory, "--base-directory")
    return replace(found, coolify=coolify, project=project, base=base if project is None else found.base)


def _read(checkout: Path, order: Order) -> Configuration:
    if order.config is not None:
        named = read_config(order.config, trusted=True)
        # Its paths were read against its own folder; what it judges is the checkout.
        here, base = order.config.parent.absolute(), checkout
        pins = tuple(_moved_pin(pin, here, base) for pin in named.pins)
        project = None if named.project is None else _moved_project(named.project, here, base)
        return replace(named, base=base, pins=pins, project=project)
    path = checkout / CONFIG_NAME
    return read_config(path, trusted=False) if path.is_symlink() or path.exists() else Configuration(None, checkout)


def _moved_pin(pin: Pin, old: Path, new: Path) -> Pin:
    return replace(
        pin, file=_moved(pin.file, old, new), overrides=tuple(_moved(each, old, new) for each in pin.overrides)
    )


def _moved_project(project: ComposeProject, old: Path, new: Path) -> ComposeProject:
    directory = project.project_directory
    return replace(
        project,
        base=new,
        files=tuple(_moved(each, old, new) for each in project.files),
        project_directory=None if directory is None else _moved(directory, old, new),
        env_files=tuple(_moved(each, old, new) for each in project.env_files),
    )


def _moved(path: Path, old: Path, new: Path) -> Path:
    return new / path.relative_to(old) if path.is_relative_to(old) else path


def _project(
    checkout: Path, order: Order, project: ComposeProject | None, coolify: CoolifySettings
) -> ComposeProject | None:
    """Return how Coolify's ``up`` calls Compose (AJ 843-893): directory, file, project name and ``--env-file``."""
    folder = checkout / inside(order.base_directory, "--base-directory")
    location = inside(order.compose_location, "--compose-location")
    if location:
        file = folder / location
        if not file.is_file():
            raise ConfigurationError(
                f"there is no {file.relative_to(checkout)} in the commit that is to be deployed",
                "Correct base directory and Docker Compose location, in Coolify and in the hook's options alike.",
            )
        project = ComposeProject(base=checkout, files=(file,), project_directory=folder)
    if project is None:
        return None
    env_file = _env_file(coolify)
    if env_file is not None and not project.env_files:
        project = replace(project, env_files=(env_file,))
    return replace(project, project_name=project.project_name or coolify.application or None)


def _env_file(coolify: CoolifySettings) -> Path | None:
    """Return the ``.env`` of the last deployment: the next one's is written too late for anybody to see it."""
    path = coolify.root / "applications" / coolify.application / ".env"
    try:
        return path if coolify.application and path.is_file() else None
    except OSError:  # permission; who needs the folder says so
        return None


def compose_environ(environ: Mapping[str, str], configuration: Configuration, commit: str) -> dict[str, str]:
    """Return the environment in which Coolify's ``up`` calls Compose (AJ 2259-2288), for a project still to be found.

    Args:
        environ: Ours; the commit in it is the one that runs.
        configuration: From ``configuration_of``.
        commit: What is judged.
    """
    made = {**environ, _COMMIT: commit}
    env_file = _env_file(configuration.coolify)
    if configuration.project is None and configuration.coolify.application:
        made.setdefault("COMPOSE_PROJECT_NAME", configuration.coolify.application)
        if env_file is not None:
            made.setdefault("COMPOSE_ENV_FILES", str(env_file))
    return made


@frozen
class Approvable:
    """A pin and the image it names.

    Args:
        pin: Where it stands.
        reference: The value of the variable, an image by digest.
        image: The same, taken apart.
    """

    pin: Pin
    reference: str
    image: ImageReference


def find_pins(
    configuration: Configuration, environ: Mapping[str, str]
) -> tuple[tuple[Approvable, ...], tuple[Path, ...]]:
    """Return the pins by digest, and the compose files, as the session finds them."""
    pins, project = configuration.pins, configuration.project
    if not pins or project is None or not project.files:
        from preflight.pins.detect import detect

        found = detect(
            configuration.base, environ, find_git_root(configuration.base), project=configuration.project, pins=pins
        )
        pins, project = found.pins, found.project
    approvable = (each for each in (_approvable(pin) for pin in pins) if each is not None)
    return tuple(approvable), project.files


def _approvable(pin: Pin) -> Approvable | None:
    try:
        value = read_pin_value(pin).text
        image = parse_reference(value)
    except (CouldNotLook, ReferenceProblem):
        return None  # the checks say what is wrong with it
    return Approvable(pin, value, image) if image.digest else None

"""``preflight init``: look at the folder and write a commented configuration."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight.cli.options import option
from preflight.errors import ConfigurationError, ExitCode
from preflight.run.config import CONFIG_NAME

if TYPE_CHECKING:
    from preflight.pins.detect import Detection
    from preflight.running.deployed_as import DeployedAs

_ENGINE_S = 5.0


@click.command()
@option("--force", is_flag=True, help="Replace a preflight.yaml that is there.")
@option("--coolify", is_flag=True, help="Write nothing; print what to paste into Coolify's UI.")
@option("--application", default="", metavar="UUID", help="With --coolify: UUID of the application.")
@option("--image", default="", metavar="NAME", help="With --coolify: name of preflight's image on the server.")
def init(*, force: bool, coolify: bool, application: str, image: str) -> int:
    """Look at this folder and write a commented preflight.yaml.

    Nothing is overwritten without --force.
    """
    if coolify:
        return _paste(application, image)
    from preflight.git.root import find_git_root
    from preflight.lib.files import replace_file
    from preflight.pins.detect import detect
    from preflight.run.config.template import template

    target = Path.cwd() / CONFIG_NAME
    found = detect(Path.cwd(), os.environ, find_git_root(Path.cwd()))
    deployed = _deployed(found)
    text = template(deployed.project if deployed else found.project, found.pins, Path.cwd())
    try:
        replace_file(target, text.encode(), overwrite=force)
    except FileExistsError as error:
        raise ConfigurationError(f"{CONFIG_NAME} is there already", "Replace it with --force.") from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ConfigurationError(
            f"{CONFIG_NAME} cannot be written: {reason}", "Correct the folder's permissions."
        ) from error
    for remark in (*found.problems, *found.notes):
        where = f" ({remark.location})" if remark.location is not None else ""
        click.echo(f"preflight: {remark.message}{where}", err=True)
    if deployed:
        click.echo(f"preflight: {deployed.words}", err=True)
    pins = ", ".join(f"{pin.variable} of {pin.service}" for pin in found.pins) or "no pin; name it under pins:"
    click.echo(f"Wrote {CONFIG_NAME}: {pins}.")
    return ExitCode.OK


def _deployed(found: "Detection") -> "DeployedAs | None":
    """Return how running containers were deployed, where that is not what was found; None where nobody tells."""
    from preflight.context import Context
    from preflight.errors import PreflightError
    from preflight.lib.deadline import Deadline
    from preflight.model import Need
    from preflight.run.config import Configuration
    from preflight.run.scene import set_scene
    from preflight.running.deployed_as import deployed_as

    if not found.pins:
        return None
    deadline = Deadline.after(_ENGINE_S)
    known = Configuration(None, Path.cwd(), found.pins, found.project)
    scene = set_scene(known, os.environ, frozenset({Need.ENGINE}), deadline, registry_insecure=frozenset())
    try:
        return deployed_as(Context(scene.pins, scene.project, scene.doors, deadline))
    except PreflightError:  # a developer's machine need not have an engine, nor the containers
        return None


def _paste(application: str, image: str) -> int:
    """Print the texts for Coolify's UI, made for what lies here."""
    from dataclasses import replace

    from preflight.coolify.settings import is_uuid
    from preflight.git.root import find_git_root
    from preflight.hook.application_fields import application_fields
    from preflight.hook.ui_texts import instructions
    from preflight.lib.deadline import Deadline
    from preflight.pins.detect import detect
    from preflight.run.config import Configuration, find_config, read_config

    if application and not is_uuid(application):
        raise ConfigurationError("--application is no UUID of Coolify's", "Copy it from the application's address.")
    here = Path.cwd()
    path = find_config(here)
    found = Configuration(None, here) if path is None else read_config(path, trusted=False)
    root = find_git_root(found.base)
    project = detect(found.base, os.environ, root, project=found.project, pins=found.pins).project
    place = application_fields(next(iter(project.files), None), root, os.environ, Deadline.after(10))
    uuid = application or found.coolify.application
    place = replace(place, application=uuid or place.application, image=image or place.image)
    click.echo(instructions(place), nl=False)
    return ExitCode.OK

"""``preflight init``: look at the folder and write a commented configuration."""

import os
from pathlib import Path

import click

from preflight.cli.options import option
from preflight.config import CONFIG_NAME
from preflight.errors import ConfigurationError, ExitCode


@click.command()
@option("--force", is_flag=True, help="Replace a preflight.yaml that is there.")
def init(force: bool) -> int:  # noqa: FBT001 -- click hands options over by name
    """Look at this folder and write a commented preflight.yaml.

    Nothing is overwritten without --force.
    """
    from preflight.config import find_git_root
    from preflight.config.template import template
    from preflight.detect.look import detect
    from preflight.files import replace_file

    target = Path.cwd() / CONFIG_NAME
    found = detect(Path.cwd(), os.environ, find_git_root(Path.cwd()))
    text = template(found.project, found.pins, Path.cwd())
    try:
        replace_file(target, text.encode(), overwrite=force)
    except FileExistsError as error:
        raise ConfigurationError(f"{CONFIG_NAME} is there already", "Replace it with --force.") from error
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise ConfigurationError(
            f"{CONFIG_NAME} cannot be written: {reason}", "Mend the folder's permissions."
        ) from error
    for remark in (*found.problems, *found.notes):
        where = f" ({remark.location})" if remark.location is not None else ""
        click.echo(f"preflight: {remark.message}{where}", err=True)
    pins = ", ".join(f"{pin.variable} of {pin.service}" for pin in found.pins) or "no pin; name it under pins:"
    click.echo(f"Wrote {CONFIG_NAME}: {pins}.")
    return ExitCode.OK

"""``preflight sentinel verify``: wait until the containers carry what the pin file was armed with."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from preflight.cli.options import config_option
from preflight.cli.sentinel_options import Talk, could_not, file_option, wait_option
from preflight.errors import CouldNotLook

_EPILOG = """\
Exit codes: 0 every container of the service carries it; 1 not in time, or one made since does not; 2 the command line
or the configuration is wrong; 3 not armed, or the containers could not be seen; 129, 130, 131, 143 interrupted.
"""


@click.command(epilog=_EPILOG)
@config_option
@file_option
@wait_option
def verify(configuration: Any, files: Sequence[Path], wait: float) -> int:
    """Wait until the containers carry the sentinel.

    --wait says how long; 0 looks once.
    """
    from preflight.sentinel.flow import verify
    from preflight.sentinel.surroundings import Surroundings

    try:
        return verify(Surroundings(configuration, dict(os.environ), Path.cwd(), files), wait, Talk())
    except CouldNotLook as error:
        return could_not(error)

"""What a probe renders: how Compose is called, and which files hold the pin where it reads them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.context import ComposeProject, Context, Pin
from preflight.errors import CouldNotLook
from preflight.files import is_regular_file
from preflight.text import printable

if TYPE_CHECKING:
    from preflight.compose.locate import ComposeSource


@dataclass(frozen=True)
class Reason:
    """Why a sentinel does not arrive, and what to do."""

    message: str
    hint: str


@dataclass(frozen=True)
class Plan:
    """One probe.

    Args:
        pin: Whose file is armed, in the copy.
        project: How Compose is called.
        environ: The environment it is called in.
        armed: The files that get the sentinel; absolute, of the original.
        lost: What is said when the sentinel does not arrive.
        like: Whose call of Compose this is, for people.
        replaced: Files that say something else than the original: place to content.
        images: Ids or references of images to try first, best first.
        notes: What else the operator should know.
    """

    pin: Pin
    project: ComposeProject
    environ: Mapping[str, str]
    armed: tuple[Path, ...]
    lost: Reason
    like: str
    replaced: Mapping[Path, bytes] = field(default_factory=dict, repr=False)
    images: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def plan_plain(ctx: Context, pin: Pin) -> Plan:
    """Return the probe of what ``docker compose up`` in the checkout would do.

    Raises:
        CouldNotLook: The pin file or the compose files cannot be read.
    """
    if not is_regular_file(pin.file):
        raise CouldNotLook(f"there is no pin file {ctx.show(pin.file)}", "Correct the path, or create the file.")
    source = ctx.doors.compose.source(ctx.deadline)
    service, name = printable(pin.service, 60), printable(pin.file.name, 80)
    return Plan(
        pin=pin,
        project=ctx.project,
        environ=ctx.environ,
        armed=(pin.file, *same_files(source, pin)),
        lost=Reason(
            f"what Compose makes of {service} does not come from {ctx.show(pin.file)}",
            f"List {name} in env_file: of {service}; `preflight run --only env-file-syntax` says what stands there.",
        ),
        like="as `docker compose up` here",
    )


def same_files(source: "ComposeSource", pin: Pin) -> tuple[Path, ...]:
    """Return every other name by which the service's ``env_file:`` reaches the pin file (links)."""
    real = os.path.realpath(pin.file)
    paths = (source.path_now(entry) for entry in source.env_file_entries(pin.service))
    return tuple(path for path in paths if path is not None and os.path.realpath(path) == real)

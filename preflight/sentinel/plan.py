"""What a probe renders: how Compose is called, and which files hold the pin where it reads them."""

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.compose.read.feed import read_feed
from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.files import is_regular_file
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.project import ComposeProject, Pin

if TYPE_CHECKING:
    from preflight.compose.read.locate import ComposeSource


@frozen
class Reason:
    """Why a sentinel does not arrive, and what to do."""

    message: str
    hint: str


@frozen
class ProbePlan:
    """One probe.

    Args:
        pin: Whose file is armed, in the copy.
        project: How Compose is called.
        environ: The environment it is called in.
        armed: The files that get the sentinel; absolute, of the original.
        lost: What is said when the sentinel does not arrive.
        like: Whose call of Compose this is, for people.
        replaced: Files that say something else than the original: place to content.
        named: The compose file, as far as we can read it, names one of the armed files for the service.
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
    named: bool = False
    images: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def plan_plain(ctx: Context, pin: Pin) -> ProbePlan:
    """Return the probe of what ``docker compose up`` in the checkout would do.

    Raises:
        CouldNotLook: The pin file or the compose files cannot be read.
    """
    if not is_regular_file(pin.file):
        raise CouldNotLook(f"there is no pin file {ctx.show(pin.file)}", "Correct the path, or create the file.")
    source = ctx.doors.compose.source(ctx.deadline)
    reached = same_files(source, pin)
    project = ctx.project
    if not project.files and "COMPOSE_FILE" in ctx.environ:  # its paths may be absolute, and lead out of the copy
        project = replace(project, files=source.files)
    service, name = printable(pin.service, 60), printable(pin.file.name, 80)
    return ProbePlan(
        pin=pin,
        project=project,
        environ=ctx.environ,
        armed=(pin.file, *reached),
        lost=Reason(
            f"what Compose makes of {service} does not come from {ctx.show(pin.file)}",
            f"List {name} in env_file: of {service}; `preflight run --only env-file-syntax` says what stands there.",
        ),
        like="as `docker compose up` here",
        named=bool(reached),
    )


def same_files(source: "ComposeSource", pin: Pin) -> tuple[Path, ...]:
    """Return every other name by which the service's ``env_file:`` reaches the pin file (links)."""
    return tuple(each.path for each in read_feed(source, pin).pins if each.path is not None)

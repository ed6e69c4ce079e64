"""`preflight sentinel probe`: what would a container of the service be made with, if its pin file were armed?

Compose renders the service in a mirror in which the pin file is armed; the engine makes a container of the result,
which is read and removed without ever being started. Of production nothing is read but files, and nothing written.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from preflight.compose.ask.answer import ServiceAnswer
from preflight.compose.ask.door import Compose
from preflight.compose.read.files import find_files
from preflight.context import Context
from preflight.engine.created_container import ContainerSpec
from preflight.envfile import MAX_BYTES, EnvFileSyntaxError, parse_env
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.lib.files import read_bytes
from preflight.lib.records import frozen
from preflight.lib.temporary import is_left, me, remove_left_folders, remove_own_folders, temporary_folder
from preflight.lib.text import plural, printable
from preflight.pins.sentinel import SENTINEL
from preflight.project import ComposeProject, Pin
from preflight.sentinel.file import armed, disarmed, new_token
from preflight.sentinel.mirror import Mirror
from preflight.sentinel.plan import ProbePlan, Reason, plan_plain

_KIND = "probe"
PREFIX = f"preflight-{_KIND}-"
_MAX_COMPOSE = 8 * 1024 * 1024


class Outcome(StrEnum):
    """What became of the sentinel."""

    ARRIVES = "arrives"
    SHADOWED = "shadowed"
    LOST = "lost"


@frozen
class Probed:
    """What one probe found.

    Args:
        pin: Whose file was armed, in the copy.
        outcome: What became of it.
        message: Says so, in one line.
        hint: What to do; "" where all is well.
        notes: What else the operator should know.
    """

    pin: Pin
    outcome: Outcome
    message: str
    hint: str = ""
    notes: tuple[str, ...] = ()


def sweep(ctx: Context) -> tuple[str, ...]:
    """Remove what probes left that were killed; return what was removed, for people.

    Raises:
        CouldNotLook: The engine cannot be asked, or does not remove it.
    """
    engine, said = ctx.doors.engine, []
    left = [name for name, owner in engine.leftover_containers(ctx.deadline) if is_left(owner)]
    for name in left:
        engine.remove_created(name, ctx.deadline)
    if left:
        said.append(f"removed {plural(len(left), 'container')} that an earlier probe left when it was killed")
    if folders := remove_left_folders(_KIND):
        said.append(f"removed {plural(folders, 'temporary folder')} that an earlier probe left when it was killed")
    return tuple(said)


def probe(ctx: Context, pin: Pin) -> Probed:
    """Probe one pin; see the module.

    Raises:
        CouldNotLook: Something could not be read, rendered or made.
    """
    return carry_out(ctx, _plan(ctx, pin))


def _plan(ctx: Context, pin: Pin) -> ProbePlan:
    coolify = ctx.doors.coolify
    try:
        resource = coolify.resource(pin.service, ctx.deadline)
    except DoesNotApply:
        return plan_plain(ctx, pin)
    if coolify.settings.pin_in == "ui":
        raise CouldNotLook(
            "coolify.pin_in is ui: the containers get the pin from Coolify's UI, so a sentinel in the file proves "
            "nothing",
            "Use `preflight run`, which compares the UI with the file; or set pin_in: file.",
        )
    from preflight.sentinel.coolify_deployment import plan_coolify

    return plan_coolify(ctx, pin, resource)


def carry_out(ctx: Context, plan: ProbePlan) -> Probed:
    """Render, make, look, remove.

    Raises:
        CouldNotLook: Something could not be read, rendered or made.
    """
    token = new_token()
    try:
        mirror = Mirror(temporary_folder(_KIND))
        mirror.make(_changed(plan, mirror, token))
        answer = Compose(_mirrored(plan.project, mirror), _environ(plan, mirror)).config(ctx.deadline)
        if answer.refusal is not None:
            words = mirror.outside(answer.refusal.message)
            return _lost(plan, Reason(f"Compose refuses the project: {words}", mirror.outside(answer.refusal.hint)))
        service = answer.services.get(plan.pin.service)
    finally:
        remove_own_folders(_KIND)
    if service is None:
        name = printable(plan.pin.service, 60)
        raise CouldNotLook(
            f"Compose makes no service {name} of this project", f"Correct the pin's service, or switch {name} on."
        )
    if service.env_files is not None:  # Compose 2.24.7: merged neither into `environment` nor anywhere else
        raise CouldNotLook(
            "this Compose does not tell what it takes from env files (2.24.7 is the one)",
            "Install a newer Docker Compose, then probe again.",
        )
    return _judge(plan, token, _made_with(ctx, plan, service))


def _changed(plan: ProbePlan, mirror: Mirror, token: str) -> dict[Path, bytes]:
    """Return the files that differ in the mirror: armed, replaced, or naming a place that must lead into it."""
    pins = {path: armed(disarmed(_read(path, plan)), token) for path in plan.armed}
    folders = {path.parent for path in plan.armed}
    return {**_redirected(plan, mirror, folders), **pins}


def _read(path: Path, plan: ProbePlan) -> bytes:
    known = plan.replaced.get(path)
    return read_bytes(path, limit=MAX_BYTES, what="the pin file") if known is None else known


def _redirected(plan: ProbePlan, mirror: Mirror, folders: set[Path]) -> dict[Path, bytes]:
    """Return the compose and env files, those that are replaced or name the pin's folder by an absolute path."""
    files = plan.project.files or find_files(plan.project, plan.environ).files
    changed = {path: mirror.redirected(data, folders) for path, data in plan.replaced.items()}
    for path in {*files, *plan.project.env_files} - changed.keys():
        data = read_bytes(path, limit=_MAX_COMPOSE, what="the file")
        if (after := mirror.redirected(data, folders)) != data:
            changed[path] = after
    return {**changed, **{path: _same(path) for path in files if path not in changed}}


def _same(path: Path) -> bytes:
    return read_bytes(path, limit=_MAX_COMPOSE, what="the compose file")


def _mirrored(project: ComposeProject, mirror: Mirror) -> ComposeProject:
    directory = project.project_directory
    return replace(
        project,
        base=mirror.at(project.base),
        files=tuple(mirror.at(path) for path in project.files),
        project_directory=None if directory is None else mirror.at(directory),
        env_files=tuple(mirror.at(path) for path in project.env_files),
    )


def _environ(plan: ProbePlan, mirror: Mirror) -> Mapping[str, str]:
    """Return the environment for Compose: where the pin lies below the home folder, `~` leads into the mirror."""
    home = plan.environ.get("HOME", "")
    if home.startswith("/") and any(path.is_relative_to(home) for path in plan.armed):
        return {**plan.environ, "HOME": str(mirror.at(Path(home)))}
    return plan.environ


def _made_with(ctx: Context, plan: ProbePlan, service: ServiceAnswer) -> Mapping[str, str]:
    """Return what a container of the service is made with."""
    given = {name: value for name, value in service.environment.items() if value is not None}
    name = f"{PREFIX}{os.urandom(6).hex()}"
    return ctx.doors.engine.created_environment(
        ContainerSpec(name, me(), _image(ctx, plan, service), given), ctx.deadline
    )


def _image(ctx: Context, plan: ProbePlan, service: ServiceAnswer) -> str:
    """Return the id of an image that is here: the service's, else its container's, else any; nothing is pulled.

    An image brings variables of its own, but what a container is given overrides them: any will do.
    """
    engine = ctx.doors.engine
    written = service.raw.get("image")
    for reference in (*([written] if isinstance(written, str) else []), *plan.images):
        found = engine.find_image(reference, ctx.deadline)
        if found is not None:
            return found.id
    images = sorted(engine.images(ctx.deadline), key=lambda image: (not image.tags, image.tags, image.id))
    if not images:
        raise CouldNotLook(
            "this host has no image at all, so no container can be made to look at",
            f"Pull the image of {printable(plan.pin.service, 60)}, then probe again.",
        )
    return images[0].id


def _judge(plan: ProbePlan, token: str, inside: Mapping[str, str]) -> Probed:
    pin, service = plan.pin, printable(plan.pin.service, 60)
    if SENTINEL in inside and inside[SENTINEL] != token:
        message = f"{service}: something else gives it a {SENTINEL} of its own ({plan.like})"
        return Probed(pin, Outcome.SHADOWED, message, f"Take {SENTINEL} out of there, then probe again.", plan.notes)
    if SENTINEL not in inside:
        if plan.named:
            raise CouldNotLook(
                f"env_file: of {service} seems to name the pin file, but not in a way that a copy can follow",
                "Write its path relative to the project directory, without variables; or use `sentinel arm`.",
            )
        return _lost(plan, plan.lost)
    expected = _pinned(plan)
    if expected is not None and inside.get(pin.variable) != expected:
        return Probed(
            pin,
            Outcome.SHADOWED,
            f"{service}: the sentinel arrives ({plan.like}), but {pin.variable} has another value than in the file",
            "Something overrides the file: `preflight run --only env-shadowing` says what.",
            plan.notes,
        )
    through = ", ".join(printable(str(path)) for path in dict.fromkeys(plan.armed))
    return Probed(
        pin, Outcome.ARRIVES, f"{service}: the sentinel arrives, {plan.like}, through {through}", "", plan.notes
    )


def _lost(plan: ProbePlan, reason: Reason) -> Probed:
    service = printable(plan.pin.service, 60)
    message = f"{service}: the sentinel does not arrive, {plan.like}: {reason.message}"
    return Probed(plan.pin, Outcome.LOST, message, reason.hint, plan.notes)


def _pinned(plan: ProbePlan) -> str | None:
    """Return the pin's value as the file says it; None where it is not written out there."""
    for path in plan.armed:
        try:
            assigned = parse_env(_read(path, plan).decode("utf-8-sig"))
        except (EnvFileSyntaxError, UnicodeDecodeError) as error:
            raise CouldNotLook(f"{printable(str(path))} is no env file", "Correct it.") from error
        found = [each for each in assigned if each.name == plan.pin.variable]
        if found:
            return None if found[-1].references else found[-1].value
    return None

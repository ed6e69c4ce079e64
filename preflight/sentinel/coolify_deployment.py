"""How a probe imitates the `up` of Coolify: where it runs, with which files, and where the pin would lie there.

Modes that run on the host are rendered in the folder that is there. Default mode runs in a fresh clone in the helper
(AJ 887-893): the checkout stands in for that clone, with the compose file and `.env` that Coolify wrote.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from preflight.compose.labels import CONFIG_FILES, WORKING_DIR
from preflight.compose.read.feed import Feed, read_feed
from preflight.context import Context
from preflight.coolify.host.deployed import Deployed, up_project
from preflight.coolify.host.mode import HELPER_FOLDER, Mode
from preflight.coolify.judge.cause import Lost, find_cause
from preflight.coolify.judge.location import find_location
from preflight.coolify.judge.remedies import REDEPLOY, ways_out
from preflight.coolify.resource import Resource, Situation
from preflight.errors import CouldNotLook
from preflight.lib.files import is_regular_file, read_bytes
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.project import ComposeProject, Pin
from preflight.sentinel.plan import ProbePlan, Reason, same_files

_MAX_BYTES = 8 * 1024 * 1024
_BARE_NAMES = ("PATH", "HOME", "DOCKER_CONFIG", "DOCKER_HOST", "DOCKER_CONTEXT")
"""What a command over ssh has of our environment, as far as Compose cares."""


@frozen
class _Found:
    ctx: Context
    pin: Pin
    resource: Resource
    deployed: Deployed
    mode: Mode
    git_root: Path | None

    @property
    def situation(self) -> Situation:
        return self.mode.situation


def plan_coolify(ctx: Context, pin: Pin, resource: Resource) -> ProbePlan:
    """Return the probe of what Coolify's next `up` would do.

    Raises:
        CouldNotLook: What Coolify wrote cannot be read, or its settings were changed since.
    """
    from preflight.git.root import find_git_root

    deployed = ctx.doors.coolify.deployed(resource, ctx.deadline)
    mode = ctx.doors.coolify.mode(resource, ctx.deadline)
    if mode.next is not None and mode.next is not mode.situation:
        raise CouldNotLook(
            f"Coolify's settings were changed since the last deployment, from {mode.situation} to {mode.next}",
            "What `up` will read is not on this server yet: deploy once in Coolify, then probe again.",
        )
    found = _Found(ctx, pin, resource, deployed, mode, find_git_root(pin.file.parent))
    return _in_clone(found) if mode.situation is Situation.DEFAULT else _on_host(found)


def _on_host(found: _Found) -> ProbePlan:
    armed = _copies(found)
    notes = _outside_note(found, armed)
    project = up_project(found.resource, found.situation, found.deployed.file)
    return _plan(found, project, armed, {}, notes, named=any(each.path in armed for each in _feed(found).env_files))


def _in_clone(found: _Found) -> ProbePlan:
    """Let the checkout stand in for the clone in the helper, what Coolify wrote over it included (AJ 1582)."""
    base, location = _clone_place(found)
    file, variables = base / location, base / ".env"
    replaced = {file: read_bytes(found.deployed.file, limit=_MAX_BYTES, what="the deployed compose file")}
    if found.deployed.variables is not None:
        replaced[variables] = read_bytes(found.resource.env_file, limit=_MAX_BYTES, what="Coolify's .env")
    project = ComposeProject(
        base=base,
        files=(file,),
        project_directory=base,
        env_files=(variables,) if variables in replaced else (),
        project_name=found.resource.uuid,
    )
    note = "Default mode runs in Coolify's helper: imitated here with the checkout, and this host's Compose."
    return _plan(found, project, (found.pin.file,), replaced, (note,))


def _clone_place(found: _Found) -> tuple[Path, str]:
    """Return the base directory in the checkout, and the compose file's place below it."""
    root = found.git_root or found.ctx.project.base
    for container in found.resource.containers:
        working = container.labels.get(WORKING_DIR, "")
        file = container.labels.get(CONFIG_FILES, "").split(",")[0]
        if working.startswith(HELPER_FOLDER) and file.startswith(f"{working}/") and ".." not in Path(file).parts:
            below = Path(working.removeprefix(HELPER_FOLDER)).parts[1:]
            return root.joinpath(*below), file.removeprefix(f"{working}/")
    application = found.ctx.doors.coolify.application(found.resource, found.ctx.deadline)
    if application is not None and application.base_directory and application.docker_compose_location:
        base = application.base_directory.strip("/")
        return root / base, application.docker_compose_location.lstrip("/")
    files = found.ctx.project.files
    folder = found.ctx.project.project_directory or (files[0].parent if files else root)
    return folder, files[0].name if files else found.deployed.file.name


def _copies(found: _Found) -> tuple[Path, ...]:
    """Return where the pin file lies for `up` on the host; nowhere, where nothing brings it there."""
    pin, folder = found.pin, found.resource.folder
    named = [each.path for each in _feed(found).pins if each.path is not None and each.is_there]
    by_hand = [path for path in named if found.situation is Situation.SERVICE or not path.is_relative_to(folder)]
    own = [pin.file] if pin.file.is_relative_to(folder) and is_regular_file(pin.file) else []
    copied = _copied(found) if found.situation.copies_repository else []
    return tuple(dict.fromkeys([*own, *same_files(found.deployed.source, pin), *by_hand, *copied]))


def _feed(found: _Found) -> Feed:
    """Return what feeds the pin as `up` on the host reads it."""
    return read_feed(found.deployed.source, found.pin, copied=True)


def _copied(found: _Found) -> list[Path]:
    """Return the copy that Preserve Repository makes: of the base directory's content (AJ 1047).

    Where the base directory is not known, the newest is it: each deployment copies a fresh clone, and deletes nothing.
    """
    parts, folder = found.pin.file.parts, found.resource.folder
    application = found.ctx.doors.coolify.application(found.resource, found.ctx.deadline)
    if application is not None and application.base_directory and found.git_root is not None:
        base = found.git_root / application.base_directory.strip("/")
        if not found.pin.file.is_relative_to(base):
            return []
        place = folder / found.pin.file.relative_to(base)
        return [place] if is_regular_file(place) else []
    places = [folder.joinpath(*parts[start:]) for start in range(1, len(parts))]
    there = [place for place in places if is_regular_file(place)]
    return sorted(there, key=lambda path: path.stat().st_mtime, reverse=True)[:1]


def _outside_note(found: _Found, armed: tuple[Path, ...]) -> tuple[str, ...]:
    if found.situation.copies_repository:
        return ()
    return tuple(
        f"{printable(str(path))} is put there by hand: whether it follows the one in git is not shown."
        for path in armed[:1]
        if path != found.pin.file
    )


def _plan(
    found: _Found,
    project: ComposeProject,
    armed: tuple[Path, ...],
    replaced: Mapping[Path, bytes],
    notes: tuple[str, ...],
    *,
    named: bool = False,
) -> ProbePlan:
    environ = {name: value for name, value in found.ctx.environ.items() if name in _BARE_NAMES}
    newest = found.resource.containers[:1]
    if found.mode.problem is not None:
        notes = (*notes, f"Whether its settings were changed since is not known: {found.mode.problem.message}.")
    return ProbePlan(
        pin=found.pin,
        project=project,
        environ={**environ, "COOLIFY_RESOURCE_UUID": found.resource.uuid},
        armed=armed,
        lost=_reason(found),
        like=f"as Coolify's `up` ({found.situation})",
        replaced=replaced,
        named=named,
        images=tuple(each.image_id for each in newest if each.image_id),
        notes=notes,
    )


def _reason(found: _Found) -> Reason:
    """Return why the pin cannot arrive, which is why its sentinel does not."""
    location = find_location(found.ctx)
    cause = find_cause(
        Lost(
            pin=found.pin,
            expected="",
            created=datetime.max.replace(tzinfo=UTC),
            mode=found.mode,
            deployed=None if found.situation is Situation.DEFAULT else found.deployed,  # lies beside none of its files
            location=location,
        )
    )
    if cause is not None:
        return Reason(cause.words, cause.remedy)
    name = printable(found.pin.file.name, 80)
    if not found.situation.copies_repository:
        words = f"the {name} in {printable(str(found.resource.folder))} is not the one in git: nothing copies that"
    else:
        words = f"`up` reads another {name} than the one that is copied from git"
    return Reason(words, ways_out(found.situation, found.pin, location) + REDEPLOY)

"""Why a container that Coolify made does not carry what the pin file says."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from preflight.compose.entries import EnvFileEntry, EnvironmentEntry
from preflight.context import Pin
from preflight.coolify.deployed import Deployed
from preflight.coolify.mode import Mode
from preflight.coolify.resource import Situation
from preflight.coolify.ways import UI, Place, ways_out
from preflight.envfile import Assignment, read_env_file
from preflight.envfile.template import mentioned
from preflight.errors import CouldNotLook
from preflight.files import is_regular_file
from preflight.text import printable


class CauseKind(StrEnum):
    """What became of the pin."""

    REPLACED = "replaced-by-coolify"
    NOT_FOUND = "file-not-found"
    SHADOWED = "shadowed-by-ui"
    STALE = "stale"


@dataclass(frozen=True)
class Cause:
    """Why a container differs.

    Args:
        kind: What became of the pin.
        words: Continues "container X has another Y: ".
        remedy: What to do.
    """

    kind: CauseKind
    words: str
    remedy: str


@dataclass(frozen=True)
class Lost:
    """A pin that did not arrive.

    Args:
        pin: It.
        expected: Its value in the pin file.
        found: The container's value, None if it has none.
        created: When the container was made.
        mode: How Coolify deploys.
        deployed: What lies in the folder.
        pin_in: See ``CoolifySettings``.
        place: Of the repository's compose file.
    """

    pin: Pin
    expected: str
    found: str | None
    created: datetime
    mode: Mode
    deployed: Deployed
    pin_in: str = "file"
    place: Place | None = None


def find_cause(lost: Lost) -> Cause | None:
    """Return why the pin did not arrive; None where what Coolify left on the host does not tell.

    Raises:
        CouldNotLook: What Coolify left cannot be read.
    """
    if lost.pin_in == "ui":
        return _with_pin_in_ui(lost)
    entry = _entry_of(lost)
    if entry is None:
        return _replaced(lost)
    if entry.path is None or not is_regular_file(entry.path):
        return _not_found(lost, entry)
    return _shadowed(lost) or _stale(lost, entry.path)


def _variable(lost: Lost) -> Assignment | None:
    """Return the pin's variable in the UI, as of the last deployment."""
    return lost.deployed.variables.last(lost.pin.variable) if lost.deployed.variables else None


def _entry_of(lost: Lost) -> EnvFileEntry | None:
    """Return the deployed entry that means the pin file; Coolify's own ``.env`` never is, whatever the pin's name."""
    own = lost.deployed.resource.env_file
    entries = [each for each in lost.deployed.entries(lost.pin.service) if each.path != own]
    named = [each for each in entries if Path(each.text).name == lost.pin.file.name]
    return named[-1] if named else None


def _with_pin_in_ui(lost: Lost) -> Cause | None:
    name, variable = lost.pin.variable, _variable(lost)
    if variable is None or variable.value != lost.expected:
        what = f"has no {name}" if variable is None else f"says something else for {name}"
        return Cause(
            CauseKind.SHADOWED,
            f"Coolify's UI {what}",
            f"Set {name} in Coolify's UI to what {printable(lost.pin.file.name)} says, then redeploy.",
        )
    return _made_before(lost, lost.deployed.resource.env_file)


def _replaced(lost: Lost) -> Cause:
    service, variable = printable(lost.pin.service, 60), _variable(lost)
    ways = ways_out(lost.mode.situation, lost.pin, lost.place)
    if lost.mode.situation.keeps_env_file:
        return Cause(
            CauseKind.REPLACED,
            f"the {lost.deployed.file.name} that Coolify deployed does not name {printable(lost.pin.file.name)}",
            f"Redeploy {service} from the branch that names it in env_file:.",
        )
    instead = f"; {lost.pin.variable} comes from Coolify's UI instead" if variable else ""
    return Cause(CauseKind.REPLACED, f"replaced by Coolify: env_file: became its own .env{instead}", ways)


def _not_found(lost: Lost, entry: EnvFileEntry) -> Cause:
    where = printable(str(entry.path or entry.text))
    elsewhere = _copy_elsewhere(lost, entry)
    if elsewhere is not None:
        inside = elsewhere.relative_to(lost.deployed.resource.folder)
        remedy = f"The file lies at {printable(str(inside))} there: "
        remedy += (
            f"{_base_directory(lost.place)} in Coolify, or write ./{printable(str(inside))} in env_file:; redeploy."
        )
    elif lost.mode.situation is Situation.SERVICE:
        remedy = ways_out(lost.mode.situation, lost.pin, lost.place)
    else:
        remedy = f"Switch Preserve Repository on and set {_base_directory(lost.place)} in Coolify; or "
        remedy += f"{UI.format(variable=lost.pin.variable)}. Then redeploy."
    return Cause(CauseKind.NOT_FOUND, f"file not found where Coolify looks: {where}", remedy)


def _base_directory(place: Place | None) -> str:
    return "the pin file's folder as Base Directory" if place is None else f"Base Directory {place.base_directory}"


def _copy_elsewhere(lost: Lost, entry: EnvFileEntry) -> Path | None:
    """Return where the repository's copy of the file does lie, if it is below the folder."""
    folder = lost.deployed.resource.folder
    parts = lost.pin.file.parts
    places = [folder.joinpath(*parts[start:]) for start in range(len(parts) - 1, 0, -1)]
    return next((place for place in places if place != entry.path and is_regular_file(place)), None)


def _shadowed(lost: Lost) -> Cause | None:
    name, service = lost.pin.variable, lost.pin.service
    variable = _variable(lost)
    if lost.mode.situation is Situation.SERVICE and variable is not None:
        blank = " (blank)" if variable.value == "" else ""
        return Cause(
            CauseKind.SHADOWED,
            f"shadowed by the UI: {name}{blank} stands in .env, which Coolify appends last",
            f"Delete {name} from the variables of the stack in Coolify, then redeploy.",
        )
    written = lost.deployed.source.environment_entries(service, name)
    if not written:
        return None
    through = variable is not None and _takes_from_outside(written[-1], name)
    if through:
        return Cause(
            CauseKind.SHADOWED,
            f"shadowed by the UI: environment: takes {name} from there",
            f"Delete {name} from Coolify's UI, and take it out of environment: of {printable(service, 60)}; redeploy.",
        )
    return Cause(
        CauseKind.SHADOWED,
        f"shadowed by environment: of {printable(service, 60)} in the deployed file",
        f"Take {name} out of environment: (and build: args:, which Coolify copies there); redeploy.",
    )


def _takes_from_outside(entry: EnvironmentEntry, name: str) -> bool:
    return not entry.has_value or name in mentioned(entry.value or "")


def _stale(lost: Lost, copy: Path) -> Cause | None:
    assignment = read_env_file(copy).last(lost.pin.variable)
    if assignment is None or assignment.value != lost.expected:
        return Cause(
            CauseKind.STALE,
            f"stale: the copy that Coolify made, {printable(str(copy))}, is not what the checkout says",
            "Redeploy it in Coolify from the branch that holds the pin (Preserve Repository must be on).",
        )
    return _made_before(lost, copy)


def _made_before(lost: Lost, source: Path) -> Cause | None:
    try:
        changed = datetime.fromtimestamp(source.stat().st_mtime, UTC)
    except OSError as error:
        raise CouldNotLook(f"{printable(str(source))} cannot be looked at", "Run preflight as root.") from error
    if lost.created >= changed:
        return None
    return Cause(CauseKind.STALE, f"stale: made before {printable(str(source))} changed", "Redeploy it in Coolify.")

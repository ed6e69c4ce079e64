"""Why a container that Coolify made does not carry what the pin file says."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from preflight.compose.read.feed import EnvFileFeed, read_feed
from preflight.coolify.host.deployed import Deployed
from preflight.coolify.host.mode import Mode
from preflight.coolify.judge.location import ComposeLocation, find_copy_elsewhere, find_newer_copy
from preflight.coolify.judge.previews import REMEDY, preview_of, preview_that_overwrote
from preflight.coolify.judge.remedies import REDEPLOY, base_directory, copy_it, move_inside, ways_out
from preflight.coolify.judge.ui_rows import RowHolder, remove_row
from preflight.coolify.resource import Situation
from preflight.envfile import Assignment, read_env_file
from preflight.errors import CouldNotLook
from preflight.lib.files import is_regular_file
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.project import Pin


class CauseKind(StrEnum):
    """What became of the pin."""

    REPLACED = "replaced-by-coolify"
    NOT_FOUND = "file-not-found"
    SHADOWED = "shadowed-by-ui"
    STALE = "stale"
    LEFTOVER = "leftover"
    PREVIEW = "overwritten-by-preview"


@frozen
class Cause:
    """Why a container differs.

    Args:
        kind: What became of the pin.
        words: Continues "container X has another Y: ".
        remedy: What to do.
        redeploy_fixes: Deploying again is all there is to do.
        removed: The repository, or Coolify's settings, were changed since, so that the next deployment removes it.
    """

    kind: CauseKind
    words: str
    remedy: str
    redeploy_fixes: bool = False
    removed: bool = False


@frozen
class Lost:
    """A pin that did not arrive.

    Args:
        pin: The pin.
        expected: The value of the pin in the pin file.
        created: When the container was made.
        mode: How Coolify deploys.
        deployed: What lies in the folder; None where that cannot be read.
        pin_in: See ``CoolifySettings``.
        location: The location of the repository's compose file.
        holders: The lines of it that keep the variable in Coolify's UI.
    """

    pin: Pin
    expected: str
    created: datetime
    mode: Mode
    deployed: Deployed | None
    pin_in: str = "file"
    location: ComposeLocation | None = None
    holders: tuple[RowHolder, ...] = ()


def find_cause(lost: Lost) -> Cause | None:
    """Return why the pin did not arrive; None where what Coolify left on the host does not tell.

    Raises:
        CouldNotLook: What Coolify left cannot be read.
    """
    if lost.deployed is None:
        known = lost.pin_in == "file" and not lost.mode.situation.keeps_env_file
        return _replaced_by_own(lost, None) if known else None
    search = _CauseSearch(lost, lost.deployed)
    if lost.pin_in == "ui":
        return search.pin_in_ui()
    entry = search.feed.pin
    if entry is None:
        if not lost.mode.situation.keeps_env_file:
            return _replaced_by_own(lost, search.variable())
        return search.overwritten(lost.deployed.file) or search.not_named()
    if entry.path is None or not is_regular_file(entry.path):
        return search.not_found(entry)
    return search.shadowed() or search.stale(entry.path)


def _replaced_by_own(lost: Lost, variable: Assignment | None) -> Cause:
    instead = f"; {lost.pin.variable} comes from Coolify's UI instead" if variable else ""
    return Cause(
        CauseKind.REPLACED,
        f"replaced by Coolify: env_file: became its own .env{instead}",
        ways_out(lost.mode.situation, lost.pin, lost.location) + REDEPLOY,
    )


def _made_before(lost: Lost, source: Path) -> Cause | None:
    try:
        changed = datetime.fromtimestamp(source.stat().st_mtime, UTC)
    except OSError as error:
        raise CouldNotLook(f"{printable(str(source))} cannot be looked at", "Run preflight as root.") from error
    if lost.created >= changed:
        return None
    words = f"stale: made before {printable(str(source))} changed"
    return Cause(CauseKind.STALE, words, "Redeploy it in Coolify.", redeploy_fixes=True)


class _CauseSearch:
    """Looks at what was deployed, from one suspicion to the next."""

    def __init__(self, lost: Lost, deployed: Deployed) -> None:
        self._lost, self._deployed = lost, deployed
        self._pin, self._folder = lost.pin, deployed.resource.folder
        self._service = printable(lost.pin.service, 60)
        self.feed = read_feed(deployed.source, lost.pin, copied=True)

    def variable(self) -> Assignment | None:
        """Return the pin's variable in the UI, as of the last deployment."""
        return self._deployed.variables.last(self._pin.variable) if self._deployed.variables else None

    def pin_in_ui(self) -> Cause | None:
        """The UI is where the pin comes from."""
        name, variable = self._pin.variable, self.variable()
        preview = preview_of(self._deployed.variables) if self._deployed.variables else ""
        if preview and self._lost.mode.situation in {Situation.RAW, Situation.RAW_PRESERVED}:
            return self.overwritten(self._deployed.resource.env_file)
        if preview:
            what = f"said something else for {name} when it was made (.env holds preview {preview}'s by now)"
        elif variable is not None and variable.value == self._lost.expected:
            return _made_before(self._lost, self._deployed.resource.env_file)
        else:
            what = f"has no {name}" if variable is None else f"says something else for {name}"
        return Cause(
            CauseKind.SHADOWED,
            f"Coolify's UI {what}",
            f"Set {name} in Coolify's UI to what {printable(self._pin.file.name)} says, then redeploy.",
        )

    def not_named(self) -> Cause:
        """The mode keeps ``env_file:``, but the pin file does not stand there."""
        return Cause(
            CauseKind.REPLACED,
            f"the {self._deployed.file.name} that Coolify deployed does not name {printable(self._pin.file.name)}",
            f"Redeploy {self._service} from the branch that names it in env_file:.",
        )

    def not_found(self, entry: EnvFileFeed) -> Cause:
        """The entry is there, its file is not."""
        where = printable(str(entry.path or entry.text))
        return Cause(CauseKind.NOT_FOUND, f"file not found where Coolify looks: {where}", self._to_find(entry))

    def _to_find(self, entry: EnvFileFeed) -> str:
        elsewhere, location = find_copy_elsewhere(self._folder, self._pin.file, entry.path), self._lost.location
        if entry.path is not None and entry.path.is_dir():
            return f"A folder lies in its place: remove {printable(str(entry.path))} on the server, then redeploy."
        if entry.text.startswith("/"):
            return f"Name it in env_file: of {self._service} by a path relative to the compose file, then redeploy."
        if entry.text.startswith("../") and self._lost.mode.situation is not Situation.SERVICE:
            return move_inside(self._lost.mode.situation, self._pin, location) + REDEPLOY
        if elsewhere is not None:
            path = printable(str(elsewhere))
            return f"Its copy lies at {path} there: set {base_directory(location)} in Coolify, then redeploy."
        return copy_it(self._lost.mode.situation, self._pin, location) + REDEPLOY

    def shadowed(self) -> Cause | None:
        """Something overrides the file."""
        name, variable = self._pin.variable, self.variable()
        if variable is not None and variable.value != self._lost.expected and self.feed.dotenv_overrides(self.feed.pin):
            blank = " (blank)" if variable.value == "" else ""
            return Cause(
                CauseKind.SHADOWED,
                f"shadowed by the UI: {name}{blank} stands in .env, which comes after the pin file",
                remove_row(name, self._lost.holders) + REDEPLOY,
            )
        if self.feed.environment is None:
            return None
        if variable is not None and self.feed.is_from_outside:
            return Cause(
                CauseKind.SHADOWED,
                f"shadowed by the UI: environment: takes {name} from there",
                remove_row(name, self._lost.holders or (RowHolder(self._pin.service, name),)) + REDEPLOY,
            )
        return Cause(
            CauseKind.SHADOWED,
            f"shadowed by environment: of {self._service} in the deployed file",
            f"Take {name} out of environment: (and build: args:, which Coolify copies there); redeploy.",
        )

    def overwritten(self, file: Path) -> Cause | None:
        """Return that a preview put its own file over production's, where one was deployed last."""
        preview = preview_that_overwrote(self._deployed, self._pin.service)
        if not preview:
            return None
        words = f"a preview deployment (pull request {preview}) overwrote {printable(str(file))}"
        return Cause(CauseKind.PREVIEW, words, REMEDY)

    def stale(self, copy: Path) -> Cause | None:
        """The file is there and nothing overrides it."""
        assignment = read_env_file(copy).last(self._pin.variable)
        if assignment is not None and assignment.value == self._lost.expected:
            return _made_before(self._lost, copy)
        if preview := self.overwritten(copy):
            return preview
        shown = printable(str(copy))
        elsewhere = find_newer_copy(self._folder, self._pin.file, copy)
        if elsewhere is not None:
            return Cause(
                CauseKind.LEFTOVER,
                f"stale: {shown} is left over from earlier; today's copy lies at {printable(str(elsewhere))} there",
                f"Set {base_directory(self._lost.location)} in Coolify, then redeploy: that replaces it.",
            )
        words = f"stale: the copy that Coolify reads, {shown}, is not what the checkout says"
        situation = self._lost.mode.situation
        if situation.copies_repository:
            again = "Redeploy it in Coolify from the branch that holds the pin; Preserve Repository must be on."
            return Cause(CauseKind.STALE, words, again)
        return Cause(CauseKind.LEFTOVER, words, copy_it(situation, self._pin, self._lost.location) + REDEPLOY)

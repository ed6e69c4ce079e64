"""Whether a pin can arrive with the next deployment: what Coolify's mode does to it. The check gives it words."""

import os.path
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.compose.read.feed import EnvFileFeed, read_feed
from preflight.compose.read.locate import ComposeSource
from preflight.context import Context
from preflight.coolify.host.mode import Mode
from preflight.coolify.judge.location import ComposeLocation, find_newer_copy, location_of
from preflight.coolify.judge.parser_refusals import find_refusals
from preflight.coolify.judge.parser_rules import Fate, fate_of
from preflight.coolify.judge.previews import are_deployed, reach_production
from preflight.coolify.judge.refusal import Refusal, RefusalKind
from preflight.coolify.resource import Kind, Resource, Situation
from preflight.errors import CouldNotLook
from preflight.git.root import find_git_root
from preflight.lib.files import is_regular_file, same_file
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.project import Pin

if TYPE_CHECKING:
    from preflight.coolify.api.client import Application

_NAMED_FILE = regex(r"(?:^|\s)(?:-f[\s=]*|--file[\s=]+)[\"']?([^\s\"']+)")
_DEFAULT = frozenset({Situation.DEFAULT, Situation.DEFAULT_PRESERVED})


class Arrival(StrEnum):
    """Whether the pin can arrive, and if not, why."""

    ARRIVES = "arrives"
    FROM_UI = "arrives from the UI"
    REPLACED = "env_file: is replaced"
    KEPT_FOR_NOW = "env_file: is kept by this version only"
    NOT_COPIED = "the repository is not copied"
    PERHAPS_COPIED = "nothing tells whether the repository is copied"
    ELSEWHERE = "the copy lies elsewhere"
    IN_STACK = "only the copy in the stack's folder arrives"
    NOT_IN_STACK = "no copy in the stack's folder"
    NOT_LISTED = "the repository does not list it"
    NO_FILE = "the absolute path names no file here"
    UI_NOT_READ = "a variable of the UI reaches no container"
    OVERRIDDEN = "a build argument overrides the UI's variable"
    OWN_COMMAND = "a custom start command names its own files"
    OUTSIDE = "the path leads out of the folder that Coolify copies to"
    IN_OTHER_FILE = "listed in a compose file that Coolify does not deploy"
    REFUSED = "Coolify cannot deploy the file"


@frozen
class NextDeployment:
    """What becomes of one pin.

    Args:
        pin: The pin.
        resource: The Coolify resource.
        mode: How it is deployed.
        fate: The fate of ``env_file:`` with the next deployment.
        arrival: The verdict.
        entry: The repository's entry for the pin file.
        location: Base directory and compose location with which the paths hold.
        copy: Where the next deployment copies the pin file to, from the resource's folder; "" if nowhere or unknown.
        wanted: Where Compose looks for it, likewise.
        custom_start: A command of the operator's own runs in place of `up`.
        other_file: The compose file that Coolify deploys, where it is none of this run's.
        deploys: The one of this run's compose files that Coolify deploys; None where nothing tells.
        refusals: What makes the deployment fail, or takes Coolify's labels away.
        in_raw: What would, once raw mode is on, where that is the way out.
        file: The compose file those are in.
        previews: Whether previews are deployed that would change production's pin; None where nothing tells.
    """

    pin: Pin
    resource: Resource
    mode: Mode
    fate: Fate
    arrival: Arrival
    entry: EnvFileFeed | None = None
    location: ComposeLocation | None = None
    copy: str = ""
    wanted: str = ""
    custom_start: bool = False
    other_file: str = ""
    deploys: Path | None = None
    refusals: tuple[Refusal, ...] = ()
    in_raw: tuple[Refusal, ...] = ()
    file: Path | None = None
    previews: bool | None = False

    @property
    def coming(self) -> Situation:
        """How it will be deployed next."""
        return self.mode.coming


def look_at_next_deployment(ctx: Context, pin: Pin) -> NextDeployment:
    """Tell what the next deployment does to a pin.

    Raises:
        DoesNotApply: Coolify does not deploy it here.
        CouldNotLook: Which resource, or in which mode, cannot be told; or the repository's files cannot be read.
    """
    coolify, deadline = ctx.doors.coolify, ctx.deadline
    resource = coolify.resource(pin.service, deadline)
    mode = coolify.mode(resource, deadline)
    try:
        source = ctx.doors.compose.source(deadline)
    except ComposeFileProblem as problem:
        if not problem.is_yaml or len(ctx.project.files) > 1:
            raise
        fate, found = fate_of(mode.coming, resource.version), _refusals(problem.path, mode.coming, resource)
        return NextDeployment(pin, resource, mode, fate, Arrival.REFUSED, refusals=found, file=problem.path)
    return _Forecast(ctx, pin, resource, mode, source).next_deployment(_application(ctx, resource))


def _refusals(file: Path, situation: Situation, resource: Resource) -> tuple[Refusal, ...]:
    return find_refusals(file, situation, resource.version)


def _application(ctx: Context, resource: Resource) -> "Application | None":
    try:
        return ctx.doors.coolify.application(resource, ctx.deadline)
    except CouldNotLook:  # the mode says so
        return None


_GOOD = frozenset({Arrival.ARRIVES, Arrival.FROM_UI, Arrival.KEPT_FOR_NOW, Arrival.IN_STACK})


class _Forecast:
    """Tells what becomes of one pin."""

    def __init__(self, ctx: Context, pin: Pin, resource: Resource, mode: Mode, source: ComposeSource) -> None:
        self._ctx, self._pin, self._resource, self._mode, self._source = ctx, pin, resource, mode, source
        self._fate = fate_of(mode.coming, resource.version)
        self._feed = read_feed(source, pin)
        self._root = find_git_root(pin.file.parent)

    def next_deployment(self, application: "Application | None") -> NextDeployment:
        wanted = self._wanted()
        copy = self._copy(application)
        if copy is None and self._mode.coming is Situation.RAW_PRESERVED:
            # the base directory is not known; but it was the same last time, unless somebody changed it since
            last = find_newer_copy(self._resource.folder, self._pin.file, self._resource.folder / wanted)
            copy = None if last is None or not wanted else str(last)
        custom = bool(application and (application.custom_start_command or "").strip())
        deploys, other = self._deploys(application), self._other_file(application)
        file = deploys or self._source.files[0]
        refusals = () if other else (*_refusals(file, self._mode.coming, self._resource), *self._lost(file))
        arrival = self._arrival(application, copy, wanted)
        is_refused = any(each.kind is not RefusalKind.NO_LABELS for each in refusals)
        advised = arrival is Arrival.REPLACED and not refusals and not other
        return NextDeployment(
            pin=self._pin,
            resource=self._resource,
            mode=self._mode,
            fate=self._fate,
            arrival=Arrival.REFUSED if is_refused and arrival in _GOOD else arrival,
            entry=self._feed.pin,
            location=location_of(self._source),
            copy=copy or "",
            wanted=wanted,
            custom_start=custom,
            other_file=other,
            deploys=deploys,
            refusals=refusals,
            in_raw=_refusals(file, Situation.RAW_PRESERVED, self._resource) if advised else (),
            file=file,
            previews=self._previews(application) if arrival in {Arrival.ARRIVES, Arrival.FROM_UI} else False,
        )

    def _lost(self, file: Path) -> Iterator[Refusal]:
        """Yield that the service comes with ``include:``, which only raw mode keeps (P 393-398)."""
        keeps = self._mode.coming in {Situation.RAW, Situation.RAW_PRESERVED}
        if not keeps and self._source.written(file, self._pin.service) is None:
            place = self._source.service_line(self._pin.service)
            if place is not None and not any(same_file(place[0], each) for each in self._source.files):
                yield Refusal(RefusalKind.LOST, "include", None, self._pin.service)

    def _previews(self, application: "Application | None") -> bool | None:
        in_ui = self._ctx.doors.coolify.settings.pin_in == "ui"
        if not reach_production(self._mode.coming, self._feed, in_ui=in_ui):
            return False
        return are_deployed(self._resource, application)

    def _arrival(self, application: "Application | None", copy: str | None, wanted: str) -> Arrival:
        if application is not None and self._names_own_files(application.custom_start_command or ""):
            return Arrival.OWN_COMMAND
        if self._ctx.doors.coolify.settings.pin_in == "ui":
            return self._from_ui()
        if self._fate is Fate.REPLACED or (self._fate is Fate.REPLACED_WITH_VARIABLES and self._has_variables()):
            return Arrival.REPLACED
        return self._from_file(application, copy, wanted)

    def _names_own_files(self, command: str) -> bool:
        """Whether a command reads files that Coolify does not write: in default mode any that it names (D 1663)."""
        ours = {each.name for each in (*self._source.files, self._resource.compose_file)}
        named = [Path(each).name for each in _NAMED_FILE.findall(command)]
        return any(self._mode.coming in _DEFAULT or each not in ours for each in named)

    def _from_file(self, application: "Application | None", copy: str | None, wanted: str) -> Arrival:
        if self._feed.pin is None:
            return Arrival.NOT_LISTED
        if self._is_in_other_file(self._feed.pin, application):
            return Arrival.IN_OTHER_FILE
        if self._mode.coming in _DEFAULT:  # the checkout is where `up` runs
            return Arrival.KEPT_FOR_NOW
        there = self._mode.coming is Situation.SERVICE or wanted.startswith(("/", "../"))
        return self._put_there(wanted) if there else self._copied(copy, wanted)

    def _put_there(self, wanted: str) -> Arrival:
        """Judge a file that no deployment brings."""
        there = is_regular_file(self._resource.folder / wanted)
        if Path(wanted).is_absolute():
            return Arrival.ARRIVES if there else Arrival.NO_FILE
        if self._mode.coming is Situation.SERVICE:
            return Arrival.IN_STACK if there else Arrival.NOT_IN_STACK
        return Arrival.ARRIVES if there else Arrival.OUTSIDE

    def _copied(self, copy: str | None, wanted: str) -> Arrival:
        if self._mode.coming is Situation.RAW:
            unknown = self._mode.next is None and self._mode.preserved is None
            return Arrival.PERHAPS_COPIED if unknown else Arrival.NOT_COPIED
        return Arrival.ELSEWHERE if copy is not None and copy != wanted else Arrival.ARRIVES

    def _from_ui(self) -> Arrival:
        if self._fate.brings_variables:
            build_arg, in_git = self._feed.build_arg, self._mode.coming is not Situation.SERVICE
            is_overridden = in_git and build_arg is not None and build_arg.is_fixed
            return Arrival.OVERRIDDEN if is_overridden else Arrival.FROM_UI
        is_read = self._feed.environment is None and self._feed.has_dotenv
        return Arrival.FROM_UI if is_read or self._feed.is_from_outside else Arrival.UI_NOT_READ

    def _has_variables(self) -> bool:
        """Whether the last deployment wrote any variable, so that this version replaces ``env_file:``."""
        try:
            variables = self._ctx.doors.coolify.deployed(self._resource, self._ctx.deadline).variables
        except CouldNotLook:
            return True
        return variables is not None and bool(variables.assignments)

    def _wanted(self) -> str:
        """Return where Compose will look for the pin, from the resource's folder; absolute if written so."""
        entry = self._feed.pin
        if entry is None or entry.path is None:
            return ""
        if entry.text.startswith(("/", "~")):
            return str(entry.path)
        return os.path.relpath(entry.path, self._source.folder)

    def _copy(self, application: "Application | None") -> str | None:
        """Return where the copy will lie, "" if it is not copied, None where the base directory is not known."""
        if application is None or application.base_directory is None or self._root is None:
            return None
        copy = os.path.relpath(os.path.realpath(self._pin.file), os.path.realpath(self._base(application)))
        return "" if copy.startswith("..") else copy

    def _is_in_other_file(self, entry: EnvFileFeed, application: "Application | None") -> bool:
        """Whether an entry stands in a file laid over the one that is deployed: `up` gets one `-f` only (AJ 843-893).

        What the deployed file includes or extends is read as well.
        """
        if self._resource.kind is not Kind.APPLICATION or len(self._source.files) == 1 or entry.place is None:
            return False
        file, _ = entry.place
        if not any(same_file(file, each) for each in self._source.files):
            return False
        deployed = self._deploys(application)
        return deployed is None or not same_file(deployed, file)

    def _deploys(self, application: "Application | None") -> Path | None:
        if len(self._source.files) == 1:
            return self._source.files[0]
        location = self._location(application)
        if location is None:
            return None
        return next((each for each in self._source.files if same_file(location, each)), None)

    def _other_file(self, application: "Application | None") -> str:
        file = self._location(application)
        if file is None or any(same_file(file, each) for each in self._source.files):
            return ""
        return os.path.normpath(os.path.relpath(file, self._root))

    def _location(self, application: "Application | None") -> Path | None:
        """Return the compose file that Coolify's settings name."""
        if application is None or self._root is None:
            return None
        if not application.docker_compose_location or application.base_directory is None:
            return None
        return self._base(application) / application.docker_compose_location.strip("/")

    def _base(self, application: "Application") -> Path:
        return (self._root or Path("/")) / (application.base_directory or "").strip("/")

"""In which mode Coolify deploys, and whether the pin can arrive that way."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    DoesNotApply,
    Failure,
    Finding,
    Json,
    Location,
    Need,
    NoSettings,
    Pin,
    Status,
    Subject,
    could_not_look,
    passed,
    skipped,
)
from preflight.coolify.judge.arrival_words import LOOK_AT_COMMAND, Words, arrival_words
from preflight.coolify.judge.next_deployment import Arrival, look_at_next_deployment
from preflight.coolify.judge.previews import PREVIEWS_OFF
from preflight.coolify.judge.refusal import RefusalKind
from preflight.coolify.judge.refusal_words import first_of_each_kind, fix, says
from preflight.coolify.judge.remedies import afterwards
from preflight.coolify.resource import Situation
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.judge.next_deployment import NextDeployment

_PREVIEWS_OFF = f"{PREVIEWS_OFF[0].upper()}{PREVIEWS_OFF[1:]}."

ENV_FILE_REPLACED = Failure(
    "env-file-replaced",
    "Coolify replaces `env_file:` by its own .env, as default mode does.",
    "Switch Raw Compose Deployment and Preserve Repository on; or set the variable in the UI and `pin_in: ui`.",
)
OLD_COOLIFY = Failure(
    "old-coolify",
    "Coolify keeps `env_file:` in this mode only because it is an old version.",
    "Switch Raw Compose Deployment and Preserve Repository on before you update Coolify.",
    Status.WARN,
    Status.WARN,
)
NOT_COPIED = Failure(
    "not-copied",
    "Coolify keeps `env_file:`, but does not copy the repository, so the pin file does not arrive.",
    "Switch Preserve Repository on.",
)
COPIED_ELSEWHERE = Failure(
    "copied-elsewhere",
    "Coolify copies the pin file to another folder than Compose looks in.",
    "Set the base directory and the compose location that the message names.",
)
PATH_OUTSIDE = Failure(
    "path-outside",
    "The path in `env_file:` leads out of the folder that Coolify copies to.",
    "Move the pin file into that folder.",
)
NO_FILE = Failure(
    "no-file",
    "`env_file:` names the pin file by an absolute path, and there is no such file on this host.",
    "Put the pin file there, or name it by a relative path.",
)
STACK_COPY = Failure(
    "stack-copy",
    "A service stack reads a copy of the pin file that no deployment refreshes.",
    "Update that file mount (Storages) whenever the pin changes, or deploy an application from git.",
    Status.WARN,
    Status.WARN,
)
NOT_IN_STACK = Failure(
    "not-in-stack",
    "A service stack has no repository, and its folder does not have the pin file.",
    "Put the pin file into its folder by a file mount (Storages).",
)
NOT_LISTED = Failure(
    "not-listed",
    "The service does not list the pin file.",
    "`preflight run --only env-file-syntax` says what to write.",
)
LISTED_ELSEWHERE = Failure(
    "listed-in-other-file",
    "The pin file is listed in a compose file that Coolify does not deploy: it deploys one.",
    "Move the entry into the file that Coolify deploys.",
)
UI_NOT_READ = Failure(
    "ui-not-read",
    "With `pin_in: ui`, the variable of Coolify's UI reaches no container.",
    "Switch Raw Compose Deployment off.",
)
BUILD_ARGUMENT = Failure(
    "build-argument",
    "With `pin_in: ui`, a build argument of that name overrides the variable of Coolify's UI.",
    "Rename the build argument.",
)
PREVIEWS = Failure(
    "previews",
    "Preview deployments are on, and in this mode one changes production's pin.",
    _PREVIEWS_OFF,
    Status.WARN,
    Status.WARN,
)
PREVIEWS_UNKNOWN = Failure(
    "previews-unknown",
    "Nothing tells whether preview deployments are on; in this mode one changes production's pin.",
    f"{_PREVIEWS_OFF} Where they are off, the API tells so (PREFLIGHT_COOLIFY_URL and PREFLIGHT_COOLIFY_TOKEN).",
    Status.WARN,
    Status.WARN,
)
START_COMMAND = Failure(
    "start-command",
    "A custom start command runs in place of Coolify's `up`.",
    LOOK_AT_COMMAND,
    Status.WARN,
    Status.WARN,
)
OWN_FILES = Failure(
    "start-command-files",
    "A custom start command names files of its own, so nothing tells what the containers read.",
    "Empty the custom start command.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
OTHER_COMPOSE_FILE = Failure(
    "other-compose-file",
    "Coolify deploys another compose file than the one that is judged here.",
    "Correct Compose Location in Coolify, or name that file in preflight.yaml.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
YAML_REFUSED = Failure(
    "yaml-refused",
    "Coolify's YAML reader refuses the compose file.",
    "Remove the byte order mark, tags (!reset, !override), repeated keys, keys without a colon, tabs and documents.",
)
VARIABLE_NAME = Failure(
    "variable-name",
    "Coolify takes the text after a $ for the name of a variable, and stops because it is not one.",
    "Move the value into an env file or into Coolify's UI.",
)
NUMBERED = Failure(
    "numbered-argument",
    "Coolify gives a build argument without a value a number for its name, which Compose refuses.",
    "Write `environment:` and build `args:` both as lists or both as maps.",
)
EMPTY_LIST = Failure(
    "empty-list",
    "Coolify writes an empty list as an empty map, which Compose refuses.",
    "Remove the key, or put something into the list.",
)
NUMBER_KEY = Failure(
    "number-key",
    "Coolify writes a key that is a number without its quotes, which Compose refuses.",
    "Give the key a name with a letter in it.",
)
REPLICAS = Failure(
    "replicas",
    "The service has several replicas, and Coolify gives it a container name, which Compose refuses.",
    "Take `replicas:` or `scale:` out, or write the service once for each container.",
)
VOLUME_PATH = Failure(
    "volume-path",
    "A path in `volumes:` has characters that Coolify refuses, among them `${`.",
    "Write the path out; only a source may begin with a variable.",
)
LOST_KEY = Failure(
    "lost-key",
    "Default mode and service stacks leave top-level `include:` and `models:` out, and a service needs them.",
    "Write what they bring into the compose file, or switch on Raw Compose Deployment.",
)
LABELS_MAP = Failure(
    "labels-map",
    "`labels:` is a map, to which raw mode adds entries that Compose refuses.",
    "Write the labels as a list.",
)
LABELS_TRUE = Failure(
    "labels-true",
    "`labels:` is a map with the value true, so raw mode adds no label and Coolify finds no container.",
    "Write the labels as a list.",
    Status.WARN,
    Status.WARN,
)
REFUSED_IN_RAW = Failure(
    "refused-in-raw-mode",
    "Raw Compose Deployment, the way out, would fail on this compose file.",
    "Correct the file before you switch the mode.",
    Status.WARN,
    Status.WARN,
)

_BY_ARRIVAL = {
    Arrival.REPLACED: ENV_FILE_REPLACED,
    Arrival.KEPT_FOR_NOW: OLD_COOLIFY,
    Arrival.NOT_COPIED: NOT_COPIED,
    Arrival.ELSEWHERE: COPIED_ELSEWHERE,
    Arrival.OUTSIDE: PATH_OUTSIDE,
    Arrival.NO_FILE: NO_FILE,
    Arrival.IN_STACK: STACK_COPY,
    Arrival.NOT_IN_STACK: NOT_IN_STACK,
    Arrival.NOT_LISTED: NOT_LISTED,
    Arrival.IN_OTHER_FILE: LISTED_ELSEWHERE,
    Arrival.UI_NOT_READ: UI_NOT_READ,
    Arrival.OVERRIDDEN: BUILD_ARGUMENT,
    Arrival.OWN_COMMAND: OWN_FILES,
}
_BY_REFUSAL = {
    RefusalKind.UNREADABLE: YAML_REFUSED,
    RefusalKind.NO_KEY: VARIABLE_NAME,
    RefusalKind.NUMBERED: NUMBERED,
    RefusalKind.EMPTY_LIST: EMPTY_LIST,
    RefusalKind.NUMBER_KEY: NUMBER_KEY,
    RefusalKind.REPLICAS: REPLICAS,
    RefusalKind.PATH: VOLUME_PATH,
    RefusalKind.LOST: LOST_KEY,
    RefusalKind.MAP_LABELS: LABELS_MAP,
    RefusalKind.NO_LABELS: LABELS_TRUE,
}


class CoolifyMode(Check[NoSettings]):
    """The mode decides what becomes of `env_file:`; what the next deployment does counts."""

    about = About(
        id="coolify-mode",
        title="Coolify deploys in a mode in which the pin arrives",
        area=Area.COOLIFY,
        tags=frozenset({"coolify", "pin"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.GIT, Need.DEPLOYMENT}),
        asks=(
            "Is this an application in default mode, in Raw Compose Deployment, with Preserve Repository, or a service "
            "stack? Told by the labels of its containers, the deployed file and, with a token, the API. What does that "
            "mode, in that version of Coolify, do to `env_file:`, and does the pin file reach the place it names?"
        ),
        why=(
            "By default Coolify replaces the `env_file:` of every service by its own `.env` (since 4.0.0-beta.435 "
            "always): the pin is gone without a message, and the container runs what the UI says, or nothing."
        ),
        failures=(
            *_BY_ARRIVAL.values(),
            PREVIEWS,
            PREVIEWS_UNKNOWN,
            START_COMMAND,
            OTHER_COMPOSE_FILE,
            *_BY_REFUSAL.values(),
            REFUSED_IN_RAW,
        ),
    )

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Judge each pin; what holds for several pins of one service is said once."""
        said: list[Finding] = []
        for pin in ctx.pins:
            for finding in self._about_pin(ctx, pin):
                if finding not in said:
                    said.append(finding)
                    yield finding

    @staticmethod
    def _about_pin(ctx: Context, pin: Pin) -> Iterator[Finding]:
        subject = Subject("service", pin.service)
        try:
            yield from _ModeFindings(ctx, look_at_next_deployment(ctx, pin)).findings()
        except DoesNotApply as reason:
            yield skipped(reason.message, subject, hint=reason.hint)
        except CouldNotLook as problem:
            yield could_not_look(f"{pin.service}: {problem.message}", subject, problem.need, hint=problem.hint)


class _ModeFindings:
    """Says what the next deployment does to one pin."""

    def __init__(self, ctx: Context, found: "NextDeployment") -> None:
        self._ctx, self._found = ctx, found
        self._service = printable(found.pin.service, 60)
        self._subject = Subject("service", self._service)

    def findings(self) -> Iterator[Finding]:
        found = self._found
        yield from self._refused()
        if found.arrival is not Arrival.REFUSED:
            yield self._arrival(arrival_words(found, self._ctx.show))
        if found.mode.problem is not None:
            yield could_not_look(
                f"{self._service}: whether the next deployment is like the last is not known: "
                f"{found.mode.problem.message}",
                self._subject,
                hint=found.mode.problem.hint,
            )
        if found.custom_start and found.arrival is not Arrival.OWN_COMMAND:
            yield self._say(START_COMMAND, "a custom start command runs in place of Coolify's `up`")
        if found.other_file:
            other = printable(found.other_file, 80)
            way_out = (
                f"Correct Compose Location in Coolify, or write `compose: {{files: [{other}]}}` into preflight.yaml."
            )
            yield self._say(OTHER_COMPOSE_FILE, f"Coolify deploys {other}, which is not what is judged here", way_out)
        does = "in raw mode a preview deployment changes production's pin"
        if found.previews:
            yield self._say(PREVIEWS, f"previews are deployed, and {does}")
        elif found.previews is None:
            yield self._say(PREVIEWS_UNKNOWN, f"nothing tells whether previews are deployed; {does}")

    def _say(self, failure: Failure, what: str, hint: str = "") -> Finding:
        return self._ctx.found(failure, f"{self._service}: {what}", self._subject, hint=hint)

    def _arrival(self, words: Words) -> Finding:
        """Say whether the pin arrives."""
        found, line = self._found, self._line(words.what)
        failure = _BY_ARRIVAL.get(found.arrival)
        if failure is None and not words.hint:
            return passed(line, self._subject, at=self._at(), **self._evidence())
        unknown = found.arrival is Arrival.IN_OTHER_FILE and found.deploys is None
        if failure is None or unknown:
            return could_not_look(line, self._subject, hint=words.hint, at=self._at(), **self._evidence())
        hint = words.hint + (afterwards(before=self._ctx.before) if words.in_coolify else "")
        return self._ctx.found(failure, line, self._subject, hint=hint, at=self._at(), **self._evidence())

    def _refused(self) -> Iterator[Finding]:
        found, file = self._found, self._found.file or self._found.pin.file
        for refusal, more in first_of_each_kind((*found.refusals, *found.in_raw)):
            in_raw = refusal in found.in_raw
            coming = Situation.RAW_PRESERVED if in_raw else found.coming
            words = says(refusal, coming, printable(self._ctx.show(file), 80))
            yield self._ctx.found(
                REFUSED_IN_RAW if in_raw else _BY_REFUSAL[refusal.kind],
                f"{self._service}: {words}{more}",
                self._subject,
                hint=fix(refusal),
                at=self._ctx.at(file, refusal.line),
                **self._evidence(),
            )

    def _line(self, what: str) -> str:
        mode = self._found.mode
        if mode.next is None:
            return f"{self._service}: {mode.situation} {what}"
        return f"{self._service}: deployed in {mode.situation}, but next in {mode.next}, which {what}"

    def _at(self) -> Location | None:
        entry = self._found.entry
        return None if entry is None or entry.place is None else self._ctx.at(*entry.place)

    def _evidence(self) -> dict[str, Json]:
        found = self._found
        evidence: dict[str, Json] = {
            "application": found.resource.uuid,
            "found_by": found.resource.found_by,
            "mode": found.mode.situation.value,
            "because": list(found.mode.because),
            "env_file": found.fate.value,
        }
        if found.mode.next is not None:
            evidence["next"] = found.mode.next.value
        if found.resource.version is not None:
            evidence["coolify"] = found.resource.version
        return evidence

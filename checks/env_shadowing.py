"""Nothing may override the pin file on its way into the container."""

from collections.abc import Iterable, Iterator

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Failure,
    Finding,
    Json,
    Need,
    NoSettings,
    Status,
    Subject,
    could_not_look,
    passed,
    skipped,
)
from preflight.compose.shadow.analyse import analyse_shadowing
from preflight.compose.shadow.model import Shadow, Shadowing, ShadowKind
from preflight.compose.shadow.origins import SourceKind, ValueSource
from preflight.coolify.settings import is_left_to_ui
from preflight.errors import DeadlineExceeded
from preflight.lib.nearest import nearest
from preflight.lib.reference import is_plain_reference
from preflight.lib.text import printable

_OUTSIDE = "the shell or .env"


REFUSED = Failure("refused", "Compose refuses the project.", "Correct what Compose names.")
NO_SERVICE = Failure(
    "no-service", "The project has no such service.", "Correct the service of the pin, or the compose files."
)
PROFILE_OFF = Failure(
    "profile-off", "The service is not deployed: none of its profiles is on.", "Name the profile, or leave the pin out."
)
ENVIRONMENT = Failure(
    "environment",
    "`environment:` of the service names the variable, which overrides every env file.",
    "Delete that line.",
)
NOT_LISTED = Failure(
    "not-listed",
    "The service does not list the pin file in `env_file:`.",
    "List it, in long form with required: false.",
)
MISSING = Failure(
    "missing", "The file that `env_file:` lists does not exist.", "Check out the repository, or correct the path."
)
UNDEFINED = Failure("undefined", "The pin file gives the variable no value.", "Write NAME=IMAGE@sha256:… into it.")
LATER_FILE = Failure(
    "later-file",
    "An env file after the pin file sets the variable, too.",
    "Delete the line, or the file from the list.",
)
LATER_BARE = Failure(
    "later-bare",
    "An env file after the pin file names the variable without a value, and another source supplies it.",
    "Delete the line, or the file from the list.",
)
LATER_BARE_OPEN = Failure(
    "later-bare-open",
    "An env file after the pin file names the variable without a value: the shell would supply it.",
    "Delete the line, or the file from the list.",
    Status.WARN,
    Status.WARN,
)
REFERENCE = Failure(
    "reference", "The pin's value interpolates a variable that is set outside.", "Write the value out, without `$`."
)
REFERENCE_OPEN = Failure(
    "reference-open",
    "The pin's value interpolates a variable that nothing sets today.",
    "Write the value out, without `$`.",
    Status.WARN,
    Status.WARN,
)
OPEN_PATH = Failure(
    "open-path",
    "A variable from outside can change which env file the service reads.",
    "Write the path out.",
    Status.WARN,
    Status.WARN,
)
OPEN_FORMAT = Failure(
    "open-format",
    "A variable from outside can change how the pin file is read.",
    "Write `format:` out, or delete it.",
    Status.WARN,
    Status.WARN,
)
OPEN_NAME = Failure(
    "open-name",
    "A variable from outside can give an entry of `environment:` the name of the pin's variable.",
    "Write the name out.",
    Status.WARN,
    Status.WARN,
)
OPEN_EXTENDS = Failure(
    "open-extends",
    "A variable from outside decides which service or file the service extends.",
    "Write `extends:` out.",
    Status.WARN,
    Status.WARN,
)
OPEN_INCLUDE = Failure(
    "open-include",
    "A variable from outside decides which compose file the service comes from.",
    "Write `include:` out.",
    Status.WARN,
    Status.WARN,
)
LATER_FILE_OPEN = Failure(
    "later-file-open",
    "An env file sets the variable, too: this Compose passes over it, a newer one does not.",
    "Delete the line, or the file from the list.",
    Status.WARN,
    Status.WARN,
)
MODEL = Failure(
    "model",
    "`models:` of the service puts the address or name of a model into the variable, which overrides every env file.",
    "Give `model_var` or `endpoint_var` another name.",
)
DIFFERENT = Failure(
    "different",
    "The service gets another value than the pin file says.",
    "Look in `docker compose config` where it comes from.",
)

_FAILURES = {
    (ShadowKind.REFUSED, True): REFUSED,
    (ShadowKind.NO_SERVICE, True): NO_SERVICE,
    (ShadowKind.PROFILE_OFF, True): PROFILE_OFF,
    (ShadowKind.ENVIRONMENT, True): ENVIRONMENT,
    (ShadowKind.NOT_LISTED, True): NOT_LISTED,
    (ShadowKind.MISSING, True): MISSING,
    (ShadowKind.UNDEFINED, True): UNDEFINED,
    (ShadowKind.LATER_FILE, True): LATER_FILE,
    (ShadowKind.LATER_FILE, False): LATER_FILE_OPEN,
    (ShadowKind.LATER_BARE, True): LATER_BARE,
    (ShadowKind.LATER_BARE, False): LATER_BARE_OPEN,
    (ShadowKind.REFERENCE, True): REFERENCE,
    (ShadowKind.REFERENCE, False): REFERENCE_OPEN,
    (ShadowKind.OPEN_PATH, False): OPEN_PATH,
    (ShadowKind.OPEN_FORMAT, False): OPEN_FORMAT,
    (ShadowKind.OPEN_NAME, False): OPEN_NAME,
    (ShadowKind.OPEN_EXTENDS, False): OPEN_EXTENDS,
    (ShadowKind.OPEN_INCLUDE, False): OPEN_INCLUDE,
    (ShadowKind.MODEL, True): MODEL,
    (ShadowKind.DIFFERENT, True): DIFFERENT,
}
"""What overrides the pin, and whether it does so today, to the declared failure."""


class EnvShadowing(Check[NoSettings]):
    """The value in the pin file is the value in the container, and nothing outside can change that."""

    about = About(
        id="env-shadowing",
        title="Nothing overrides the pin file",
        area=Area.COMPOSE,
        tags=frozenset({"compose", "pin"}),
        needs=frozenset({Need.PIN, Need.COMPOSE}),
        asks=(
            "Does Compose give the service exactly what the pin file says, and would it still do so if somebody set "
            "a variable in the shell or in .env?"
        ),
        why=(
            "`environment:`, a later env file or an interpolation overrides the pin file silently: the rollout then "
            "runs another image than the one that was reviewed. An equal value overrides the next pin."
        ),
        failures=tuple(_FAILURES.values()),
    )

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Judge each pin."""
        for pin in ctx.pins:
            try:
                found = analyse_shadowing(ctx, pin)
            except DeadlineExceeded:
                raise
            except CouldNotLook as error:  # another pin still gets its own answer
                subject = Subject("variable", pin.variable)
                yield could_not_look(f"{pin.service}: {error.message}", subject, error.need, hint=error.hint)
                continue
            yield from _ShadowFindings(ctx, found).findings()


class _ShadowFindings:
    """Puts what was found about one pin into words."""

    def __init__(self, ctx: Context, found: Shadowing) -> None:
        self._ctx = ctx
        self._found = found
        self._variable, self._service = found.pin.variable, found.pin.service
        self._file = ctx.show(found.pin.file)

    def findings(self) -> Iterator[Finding]:
        """Return one finding for each thing that overrides the pin or could; a pass if there is none."""
        if not self._found.shadows:
            message = f"nothing overrides the pin: {self._service} gets {self._variable} from {self._file} alone"
            message += ", once Coolify has taken out its own keys" if self._found.stripped else ""
            yield passed(message, Subject("variable", self._variable), at=None, **self._evidence())
        excused = [shadow for shadow in self._found.shadows if self._is_excused(shadow)]
        if excused:
            yield skipped(
                f"{self._service} gets {self._variable} from Coolify's UI (pin_in: ui), not from {self._file}",
                hint="The check coolify-ui-shadowing compares the two.",
            )
        for shadow in self._found.shadows:
            if shadow in excused:
                continue
            message, hint = self._say(shadow)
            at = self._ctx.at(shadow.path, shadow.line) if shadow.path else None
            failure = _FAILURES[shadow.kind, shadow.overrides]
            yield self._ctx.found(failure, message, self._subject(shadow), hint=hint, at=at, **self._evidence(shadow))

    def _subject(self, shadow: Shadow) -> Subject:
        about_service = shadow.kind in (ShadowKind.REFUSED, ShadowKind.NO_SERVICE, ShadowKind.PROFILE_OFF)
        return Subject("service", self._service) if about_service else Subject("variable", self._variable)

    def _is_excused(self, shadow: Shadow) -> bool:
        """Whether Coolify has put its own .env, or the very value, in place of the pin file, as it was meant to."""
        equal = self._found.value is not None and self._found.value == self._found.own
        replaced = shadow.kind is ShadowKind.NOT_LISTED or (shadow.kind is ShadowKind.ENVIRONMENT and equal)
        return replaced and is_left_to_ui(self._ctx.doors.coolify.settings, self._found.read)

    def _say(self, shadow: Shadow) -> tuple[str, str]:
        match shadow.kind:
            case ShadowKind.REFUSED | ShadowKind.NO_SERVICE | ShadowKind.PROFILE_OFF:
                return self._no_answer(shadow)
            case ShadowKind.ENVIRONMENT:
                return self._environment(shadow)
            case ShadowKind.NOT_LISTED | ShadowKind.MISSING | ShadowKind.UNDEFINED:
                return self._not_fed(shadow)
            case ShadowKind.LATER_FILE | ShadowKind.LATER_BARE:
                return self._later(shadow)
            case ShadowKind.MODEL | ShadowKind.DIFFERENT:
                return self._otherwise(shadow)
            case _:
                return self._open(shadow)

    def _otherwise(self, shadow: Shadow) -> tuple[str, str]:
        if shadow.kind is ShadowKind.MODEL:
            model = printable(shadow.names[0], 60)
            return (
                f"models: of {self._service} overrides the pin: {model} sets {self._variable} at `docker compose up`",
                f"Give model_var or endpoint_var of that model another name than {self._variable}.",
            )
        message = f"{self._service} gets another {self._variable} than {self._file} says"
        if self._found.value is None:
            message = f"{self._service} gets no {self._variable}, though {self._file} gives it a value"
        return message, f"Run `{self._ctx.doors.compose.command('config')}` and look where it comes from."

    def _no_answer(self, shadow: Shadow) -> tuple[str, str]:
        if shadow.refusal is not None:
            return f"Compose refuses the project: {shadow.refusal.message}", shadow.refusal.hint
        if shadow.kind is ShadowKind.PROFILE_OFF:
            profiles = ", ".join(map(printable, shadow.names))
            hint = (
                "Is it deployed with --profile? Then name that in compose: {profiles: […]}, or set COMPOSE_PROFILES. "
                "If not, name the pins of the other services under pins: in preflight.yaml (`preflight init`)."
            )
            return f"{self._service} is not deployed: none of its profiles ({profiles}) is on", hint
        meant = nearest(self._service, shadow.names)
        known = ", ".join(map(printable, shadow.names[:5])) or "none"
        hint = f"Correct the service of the pin, or the compose files. Services here: {known}."
        return f"there is no service {self._service} in the project{meant}", hint

    def _environment(self, shadow: Shadow) -> tuple[str, str]:
        hint = f"Delete {self._variable} from environment: of {self._service}; then {self._file} feeds it."
        if self._found.value is not None and self._found.value == self._found.own:
            hint += " It is equal today, but will not follow the next pin."
        return f"environment: of {self._service} overrides the pin: {self._variable} {self._taken(shadow)}", hint

    def _taken(self, shadow: Shadow) -> str:
        kinds = {source.kind for source in shadow.sources}
        if SourceKind.LITERAL in kinds:
            return "is written out" if self._found.value else "is set to nothing"
        if SourceKind.NOTHING in kinds:
            return "is removed, as nothing sets it" if shadow.bare else "is emptied, as nothing sets it"
        return f"comes from {self._from(shadow)}"

    def _from(self, shadow: Shadow) -> str:
        """Say where looked-up variables come from, e.g. "the shell" or ".env:3"."""
        return " and ".join(dict.fromkeys(self._source(source) for source in shadow.sources))

    def _source(self, source: ValueSource) -> str:
        match source.kind:
            case SourceKind.SHELL:
                return "the shell"
            case SourceKind.FILE if source.path is not None:
                return str(self._ctx.at(source.path, source.line))
            case SourceKind.DEFAULT:
                return f"the default of ${{{source.name}}}"
            case _:
                return "an env file of an include"

    def _not_fed(self, shadow: Shadow) -> tuple[str, str]:
        listing = f"env_file: of {self._service}"
        if shadow.kind is ShadowKind.NOT_LISTED:
            reason = f" (its path depends on {_dollar(shadow.names)})" if shadow.names else ""
            return f"{listing} does not list {self._file}{reason}", self._list_it()
        if shadow.kind is ShadowKind.MISSING:
            return (
                f"{self._file} is not there, so {self._service} gets no {self._variable} from it",
                "Deploy it with the repository (git checkout), or correct the pin's path.",
            )
        if shadow.bare:
            message = f"{self._file} names {self._variable} without a value, so the shell decides"
        else:
            message = f"{self._file} does not give {self._variable} a value"
        return message, f"Write `{self._variable}=NAME@sha256:…` into {self._file}."

    def _list_it(self) -> str:
        if [path.name for path in self._found.read] == [".env"]:
            return "Is this the file that Coolify wrote? It puts .env in place of all env files: use its raw mode."
        return f"Add {self._file} to env_file: of {self._service}, in long form with `required: false`."

    def _later(self, shadow: Shadow) -> tuple[str, str]:
        hint = f"Delete {self._variable} from that file, or the file from env_file: of {self._service}."
        later = "a later env file"
        if shadow.kind is ShadowKind.LATER_FILE and not shadow.overrides:
            return f"{later} sets {self._variable} too: this Compose takes the pin, a newer one that file", hint
        if shadow.kind is ShadowKind.LATER_FILE:
            return f"{later} overrides the pin: it sets {self._variable} too", hint
        if shadow.overrides:
            source = self._from(shadow) or _OUTSIDE
            return f"{later} names {self._variable} without a value: {source} overrides the pin", hint
        return f"{later} names {self._variable} without a value: once the shell sets it, that counts", hint

    def _open(self, shadow: Shadow) -> tuple[str, str]:
        names = _dollar(shadow.names)
        if shadow.kind is ShadowKind.OPEN_PATH:
            return (
                f"which env file {self._service} reads depends on {names}",
                f"Write the path out in env_file: of {self._service}.",
            )
        if shadow.kind is not ShadowKind.REFERENCE:
            return self._open_structure(shadow)
        hint = f"Write the value out in {self._file}, without ${{…}}."
        if shadow.overrides:
            source = self._from(shadow) or _OUTSIDE
            return f"the value of {self._variable} takes {names} from outside: {source}", hint
        return f"the value of {self._variable} is open: whoever sets {names} changes it", hint

    def _open_structure(self, shadow: Shadow) -> tuple[str, str]:
        names = _dollar(shadow.names)
        match shadow.kind:
            case ShadowKind.OPEN_FORMAT:
                message = f"how {self._service} reads {self._file} depends on {names}"
                return message, f"Write format: out in env_file: of {self._service}, or delete it."
            case ShadowKind.OPEN_NAME:
                message = (
                    f"a name in environment: of {self._service} depends on {names} and can become {self._variable}"
                )
                return message, f"Write that name out in environment: of {self._service}."
            case ShadowKind.OPEN_EXTENDS:
                return f"what {self._service} extends depends on {names}", "Write file and service of extends: out."
            case _:
                message = f"which compose file {self._service} comes from depends on {names}"
                return message, "Write the entry of include: out."

    def _evidence(self, shadow: Shadow | None = None) -> dict[str, Json]:
        """Return what backs the finding; a value only where it is an image reference."""
        found = self._found
        values = {"value": found.value, "pinned": found.own}
        evidence: dict[str, Json] = {"service": self._service, "variable": self._variable}
        evidence |= {name: value for name, value in values.items() if value and is_plain_reference(value)}
        evidence["env_files"] = [self._ctx.show(path) for path in found.read]
        evidence["also_in_shell"] = found.in_shell
        if shadow is not None:
            evidence["cause"] = shadow.kind.value
        return evidence


def _dollar(names: tuple[str, ...]) -> str:
    return ", ".join(f"${{{printable(name, 60)}}}" for name in names)

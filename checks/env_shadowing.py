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
from preflight.compose.shadow.words import ShadowWords
from preflight.coolify.settings import is_left_to_ui
from preflight.errors import DeadlineExceeded
from preflight.lib.reference import is_plain_reference

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
OPEN_MODEL = Failure(
    "open-model",
    "A variable from outside can make a model of the service set the pin's variable at `up`.",
    "Write `model_var`, `endpoint_var` or the model's name out.",
    Status.WARN,
    Status.WARN,
)
PROVIDER = Failure(
    "provider",
    "The service depends on one with a `provider:`, which can set the pin's variable at `up`.",
    "Take that service out of `depends_on:`, or see that its provider sets no such variable.",
    Status.WARN,
    Status.WARN,
)
OPEN_PROFILE = Failure(
    "open-profile",
    "A variable from outside decides whether the service is deployed.",
    "Write its `profiles:` out, and `COMPOSE_PROFILES` in .env.",
    Status.WARN,
    Status.WARN,
)
OPEN_FILES = Failure(
    "open-files",
    "A variable from outside decides which compose files Compose reads.",
    "Write `COMPOSE_FILE` and `COMPOSE_PATH_SEPARATOR` in .env out.",
    Status.WARN,
    Status.WARN,
)
NOT_FOLLOWED = Failure(
    "not-followed",
    "Compose gives the service the pin today, but the compose files cannot be followed to what could change that.",
    "Put the file that the message names into the repository.",
    Status.WARN,
    Status.WARN,
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
    (ShadowKind.OPEN_PROFILE, False): OPEN_PROFILE,
    (ShadowKind.OPEN_FILES, False): OPEN_FILES,
    (ShadowKind.NOT_FOLLOWED, False): NOT_FOLLOWED,
    (ShadowKind.MODEL, True): MODEL,
    (ShadowKind.OPEN_MODEL, False): OPEN_MODEL,
    (ShadowKind.PROVIDER, False): PROVIDER,
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
    """Turns what was found about one pin into findings."""

    def __init__(self, ctx: Context, found: Shadowing) -> None:
        self._ctx = ctx
        self._found = found
        self._words = ShadowWords(ctx, found)
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
            message, hint = self._words.say(shadow)
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

"""Says in words what overrides a pin, or could, and what to do about it."""

from preflight.compose.shadow.model import Shadow, Shadowing, ShadowKind
from preflight.compose.shadow.origins import SourceKind, ValueSource
from preflight.context import Context
from preflight.lib.nearest import nearest
from preflight.lib.text import printable

_OUTSIDE = "the shell or .env"


class ShadowWords:
    """Puts what was found about one pin into words.

    Args:
        ctx: The context of the check.
        found: What was found.
    """

    def __init__(self, ctx: Context, found: Shadowing) -> None:
        self._ctx, self._found = ctx, found
        self._variable, self._service = found.pin.variable, found.pin.service
        self._file = ctx.show(found.pin.file)

    def say(self, shadow: Shadow) -> tuple[str, str]:
        """Return message and remedy."""
        match shadow.kind:
            case ShadowKind.REFUSED | ShadowKind.NO_SERVICE | ShadowKind.PROFILE_OFF:
                words = self._no_answer(shadow)
            case ShadowKind.ENVIRONMENT:
                words = self._environment(shadow)
            case ShadowKind.NOT_LISTED | ShadowKind.MISSING | ShadowKind.UNDEFINED:
                words = self._not_fed(shadow)
            case ShadowKind.LATER_FILE | ShadowKind.LATER_BARE:
                words = self._later(shadow)
            case ShadowKind.OPEN_PATH | ShadowKind.REFERENCE:
                words = self._open_value(shadow)
            case ShadowKind.MODEL | ShadowKind.OPEN_MODEL | ShadowKind.PROVIDER:
                words = self._at_up(shadow)
            case ShadowKind.NOT_FOLLOWED | ShadowKind.DIFFERENT:
                words = self._otherwise(shadow)
            case _:
                words = self._open_structure(shadow)
        return words

    def _at_up(self, shadow: Shadow) -> tuple[str, str]:
        name, at_up = printable(shadow.names[0], 60), f"{self._variable} at `docker compose up`"
        match shadow.kind:
            case ShadowKind.MODEL:
                message = f"models: of {self._service} overrides the pin: {name} sets {at_up}"
                return message, f"Give model_var or endpoint_var of that model another name than {self._variable}."
            case ShadowKind.OPEN_MODEL:
                message = f"models: of {self._service} can set {at_up}: its names depend on {_dollar(shadow.names)}"
                return message, f"Write these names out in models: of {self._service}."
            case _:
                message = f"{self._service} depends on {name}, whose provider can set {at_up}"
                return message, f"Take {name} out of depends_on:, or see that its provider sets no such variable."

    def _otherwise(self, shadow: Shadow) -> tuple[str, str]:
        if shadow.refusal is not None:
            message = f"{self._service} gets the pin today, but what could change it is not known: "
            return message + shadow.refusal.message, shadow.refusal.hint
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
        counts = "once the shell sets it, that counts"
        if self._found.in_shell:
            counts = "this Compose takes the pin, a newer one what the shell says"
        return f"{later} names {self._variable} without a value: {counts}", hint

    def _open_value(self, shadow: Shadow) -> tuple[str, str]:
        names = _dollar(shadow.names)
        if shadow.kind is ShadowKind.OPEN_PATH:
            return (
                f"which env file {self._service} reads depends on {names}",
                f"Write the path out in env_file: of {self._service}.",
            )
        hint = f"Write the value out in {self._file}, without ${{…}}."
        if shadow.overrides:
            source = self._from(shadow) or _OUTSIDE
            return f"the value of {self._variable} takes {names} from outside: {source}", hint
        return f"the value of {self._variable} is open: whoever sets {names} changes it", hint

    def _open_structure(self, shadow: Shadow) -> tuple[str, str]:
        names = _dollar(shadow.names)
        match shadow.kind:
            case ShadowKind.OPEN_PROFILE:
                return f"whether {self._service} is deployed depends on {names}", "Write the profiles out there."
            case ShadowKind.OPEN_FILES:
                return f"which compose files count depends on {names}", "Write its value out there."
            case ShadowKind.OPEN_FORMAT:
                message = f"how {self._service} reads an env file depends on {names}"
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


def _dollar(names: tuple[str, ...]) -> str:
    return ", ".join(f"${{{printable(name, 60)}}}" for name in names)

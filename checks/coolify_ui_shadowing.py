"""Coolify's UI has variables of its own, and depending on the mode one of the pin's name beats the pin."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    DoesNotApply,
    Finding,
    Json,
    Location,
    Need,
    NoSettings,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
)
from preflight.coolify.host.deployed import NeverDeployed
from preflight.coolify.judge.ui_reach import UiEffect
from preflight.coolify.judge.ui_rows import remove_row
from preflight.coolify.judge.ui_variables import UiPinState, UiWhen, look_at_ui, token_caution
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.judge.ui_variables import UiLook, UiShadow

_SINCE = {
    UiWhen.NOW: "",
    UiWhen.COMING: ", with the next deployment",
    UiWhen.LEAVING: ", until the next deployment: it is gone from the UI",
}
_EQUAL = " It is equal today, but will not follow the next pin."
_BAD = {
    UiPinState.ABSENT: "has no {variable}",
    UiPinState.BLANK: "has a blank {variable}",
    UiPinState.OTHER: "says something else for {variable} than {file}",
    UiPinState.UNRESOLVED: "has a {variable} that refers to a shared variable which Coolify does not know",
    UiPinState.BROKEN: "has a {variable} whose ${{…}} is malformed: Compose refuses it, so nothing is deployed",
    UiPinState.BEATEN: "does not decide on {variable}: environment: gives the container something else",
    UiPinState.NOT_REACHING: "does not reach the container with {variable}: {situation} only interpolates",
}
_TO_HAVE_VALUES = (
    "Give preflight a token with read:sensitive, or deploy in Coolify and run preflight again: then .env tells it."
)


class CoolifyUiShadowing(Check[NoSettings]):
    """No variable of Coolify's UI gets between the pin file and the container."""

    about = About(
        id="coolify-ui-shadowing",
        title="No variable of Coolify's UI gets at the pin",
        area=Area.COOLIFY,
        tags=frozenset({"coolify", "pin"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.DEPLOYMENT}),
        asks=(
            "Is the pin's variable, or one that its value names (`${TAG}`), set in Coolify's UI in a way that counts "
            "in the mode the application is deployed in? Looked at are the `.env` beside the deployed file and, with a "
            "token, the API; previews' and build-only variables do not count. With `coolify: {pin_in: ui}` the rule "
            "is turned round: the variable must be there, and say what the pin file says."
        ),
        why=(
            "Coolify writes its UI's variables into `.env`. In default mode that is all a container gets, in a service "
            "stack it is read after the pin file, in raw mode it feeds `${…}`: a forgotten row, even a blank one, then "
            "decides which image runs, and no change in git changes it."
        ),
        failures=(
            (
                "Default mode drops the pin file: the UI's variable is all that the container gets.",
                "Switch Raw Compose Deployment and Preserve Repository on and delete it, or write `pin_in: ui`.",
            ),
            ("`.env` is read after the pin file and sets the variable.", "Delete it in Coolify's UI; redeploy."),
            (
                "`environment:` takes the variable from the UI (`X: ${X}`, `X:`), where Coolify makes a blank row.",
                "Take the line out of the compose file, redeploy, then delete the row in Coolify's UI.",
            ),
            ("The pin's value names a variable that the UI or Coolify itself sets.", "Write the value out."),
            (
                "A path in `env_file:` names one (warning as long as the pin file is the one that is read).",
                "Write the path out.",
            ),
            (
                "`pin_in: ui`: the variable is not there, blank, another, an unknown shared one, beaten or not read.",
                "Set it in Coolify's UI to what the pin file says; redeploy.",
            ),
            ("The UI was changed since the last deployment (warning where that mends it).", "Redeploy in Coolify."),
            ("`pin_in: ui`, and the token may not see the new value.", "Use a token with read:sensitive, or deploy."),
            (
                "`.env` is a folder, half-written, absent, or holds a preview's values.",
                "Redeploy production in Coolify, or give preflight the API.",
            ),
            ("The API refuses or does not answer.", "Do as it says; `--offline` looks at `.env` only."),
            ("The file of the API token is open to other users (warning).", "chmod 600 FILE"),
        ),
    )

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge each pin."""
        looked = False
        for pin in ctx.pins:
            try:
                look = look_at_ui(ctx, pin)
            except DoesNotApply as reason:
                yield skipped(reason.message, hint=reason.hint)
            except CouldNotLook as problem:
                yield could_not_look(f"{pin.service}: {problem.message}", hint=problem.hint)
            else:
                looked = True
                yield from _UiFindings(ctx, look).findings()
        if looked and (caution := token_caution(ctx)):
            yield warned(caution, hint="chmod 600 that file, or put the token where only its user can read it.")


class _UiFindings:
    """Puts what was found about one pin into words."""

    def __init__(self, ctx: Context, look: "UiLook") -> None:
        self._ctx, self._look = ctx, look
        self._variable, self._service = look.pin.variable, look.pin.service
        self._file = ctx.show(look.pin.file)

    def findings(self) -> Iterator[Finding]:
        """Say what gets at the pin, and what could not be seen."""
        if self._look.last is not None or self._look.coming is not None:
            yield self._pin_in_ui()
            return
        for shadow in self._look.shadows:
            yield self._shadow(shadow)
        problem = self._look.evidence.no_ui if self._look.reach.effects else None
        if problem is not None:
            yield could_not_look(f"{self._service}: {problem.message}", hint=problem.hint)
        elif not self._look.shadows:
            yield passed(self._nothing(), at=None, **self._evidence())
        yield from self._oddity()

    def _nothing(self) -> str:
        name, situation = self._variable, self._look.situation
        if self._look.is_set:
            return (
                f"{self._service}: {name} is set in Coolify's UI, but reaches no container in this mode ({situation})"
            )
        if self._look.reach.drops_file:
            but = f"{situation} {'does not find' if situation.keeps_env_file else 'drops'} the pin file"
            return f"{self._service}: {name} is not set in Coolify's UI (but {but})"
        known_now = self._look.evidence.ui is not None or not self._look.reach.effects
        when = "" if known_now else ", as of the last deployment"
        return f"{self._service}: nothing in Coolify's UI gets at {name}{when} ({situation})"

    def _oddity(self) -> Iterator[Finding]:
        """Tell of an ``.env`` that says nothing although the API does."""
        problem = self._look.evidence.no_last
        is_odd = problem is not None and not isinstance(problem, NeverDeployed) and not self._look.evidence.preview
        if problem is not None and is_odd and self._look.evidence.ui is not None:
            yield warned(f"{self._service}: {problem.message}", hint=problem.hint)

    def _shadow(self, shadow: "UiShadow") -> Finding:
        message, hint = self._say(shadow)
        is_open = shadow.effect is UiEffect.PATH and self._look.reach.reads_file
        verdict = warned if is_open or shadow.when is UiWhen.LEAVING else failed
        if shadow.when is UiWhen.LEAVING:
            hint = "Redeploy in Coolify; the UI no longer has it."
        elif self._look.is_equal and shadow.name == self._variable:
            hint += _EQUAL
        return verdict(
            message + _SINCE[shadow.when], hint=hint, at=self._place(shadow), **self._evidence(), **_about(shadow)
        )

    def _say(self, shadow: "UiShadow") -> tuple[str, str]:
        name, whose = self._named(shadow), "Coolify itself" if shadow.is_own else "Coolify's UI"
        match shadow.effect:
            case UiEffect.ONLY_SOURCE:
                return (
                    f"{self._service} gets {name} from {whose} alone: {self._look.situation} drops the pin file",
                    self._keep_file_or_ui(shadow),
                )
            case UiEffect.BEATS:
                return f"{name} from {whose} beats the pin file: {self._service} reads .env last", self._delete(shadow)
            case UiEffect.INTERPOLATED:
                return (
                    f"environment: of {self._service} takes {self._variable} from {whose}: {name}",
                    self._delete(shadow),
                )
            case UiEffect.PATH:
                return (
                    f"which env file {self._service} reads depends on {name} from {whose}",
                    f"Write the path out in env_file: of {self._service}, without ${{…}}; then redeploy.",
                )
            case UiEffect.REFERENCED:
                return (
                    f"the value of {self._variable} takes {name} from {whose}",
                    f"Write the value out in {self._file}, without ${{…}}.",
                )

    def _keep_file_or_ui(self, shadow: "UiShadow") -> str:
        keep = "keep it there and write `coolify: {pin_in: ui}` into preflight.yaml."
        if not shadow.holders:
            return f"In Coolify {self._look.raw_and_preserve} and delete {self._variable} from its UI; or {keep}"
        return f"In Coolify {self._look.raw_and_preserve}. {remove_row(shadow.name, shadow.holders)} Or {keep}"

    def _named(self, shadow: "UiShadow") -> str:
        name = printable(shadow.name, 60)
        if shadow.known is None:
            return name
        if shadow.known.shared:
            return f"{name} ({{{{{shadow.known.shared}}}}})"
        if shadow.known.is_broken:
            return f"{name} (its ${{…}} is malformed)"
        return f"{name} (blank)" if shadow.known.is_blank else name

    def _delete(self, shadow: "UiShadow") -> str:
        """Say how to be rid of it: a row that the compose file interpolates cannot be deleted before that does."""
        name, way = printable(shadow.name, 60), remove_row(shadow.name, shadow.holders)
        if shadow.made_by_coolify:
            way += f" Coolify made that row itself because of ${{{name}}}, and keeps it while the line is there."
        return way

    def _place(self, shadow: "UiShadow") -> Location | None:
        if shadow.effect is UiEffect.REFERENCED:
            return self._ctx.at(self._look.pin.file)
        if shadow.effect is UiEffect.INTERPOLATED and shadow.entry is not None:
            return self._ctx.at(shadow.entry.path, shadow.entry.line)
        line = shadow.known.line if shadow.known else None
        return None if line is None else self._ctx.at(self._look.resource.env_file, line)

    def _pin_in_ui(self) -> Finding:
        """The rule turned round."""
        last, coming, evidence = self._look.last, self._look.coming, self._look.evidence
        if coming is None and evidence.no_ui is not None and last in {None, UiPinState.EQUAL}:
            return could_not_look(f"{self._service}: {evidence.no_ui.message}", hint=evidence.no_ui.hint)
        decisive = last if coming in {None, UiPinState.HIDDEN} and last is not None else coming
        if decisive is UiPinState.EQUAL:
            return self._right()
        if coming is UiPinState.HIDDEN and last in {None, UiPinState.ABSENT, UiPinState.NOT_REACHING}:
            return could_not_look(
                f"{self._service}: {self._variable} was set in Coolify's UI since, but the token may not see its value",
                hint=_TO_HAVE_VALUES,
            )
        return self._wrong(decisive or UiPinState.ABSENT)

    def _right(self) -> Finding:
        last, coming = self._look.last, self._look.coming
        if last not in {None, UiPinState.EQUAL}:
            return warned(
                f"{self._service}: {self._variable} is right in Coolify's UI, but not deployed yet",
                hint="Redeploy in Coolify.",
                at=None,
                **self._evidence(),
            )
        when = {None: " as of the last deployment", UiPinState.HIDDEN: " as of the last deployment"}.get(coming, "")
        return passed(
            f"{self._service}: {self._variable} in Coolify's UI is what {self._file} says{when}",
            at=None,
            **self._evidence(),
        )

    def _wrong(self, state: UiPinState) -> Finding:
        since = self._look.last is UiPinState.EQUAL and self._look.coming is state
        words = _BAD[state].format(variable=self._variable, file=self._file, situation=self._look.situation)
        hint = f"Set {self._variable} in Coolify's UI to what {self._file} says, then redeploy."
        if state is UiPinState.BEATEN:
            hint = f"Take {self._variable} out of environment: (and build: args:) of {self._service}; redeploy."
        if state is UiPinState.NOT_REACHING:
            hint = (
                "Write `coolify: {pin_in: file}` into preflight.yaml, or switch Raw Compose Deployment off in Coolify."
            )
        known = (self._look.evidence.last or {}).get(self._variable)
        at = self._ctx.at(self._look.resource.env_file, known.line) if known and known.line and not since else None
        return failed(
            f"{self._service}: Coolify's UI {words}{_SINCE[UiWhen.COMING] if since else ''}",
            hint=hint,
            at=at,
            **self._evidence(),
        )

    def _evidence(self) -> dict[str, Json]:
        found = self._look.evidence
        evidence: dict[str, Json] = {"situation": self._look.situation.value, "looked_at": list(found.places)}
        if found.preview:
            evidence["env_holds_preview"] = found.preview
        return evidence


def _about(shadow: "UiShadow") -> dict[str, Json]:
    return {"variable": printable(shadow.name, 60), "effect": shadow.effect.value, "when": shadow.when.value}

"""Coolify's UI has variables of its own, and depending on the mode one of the pin's name overrides the pin."""

from collections.abc import Iterator
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
    Status,
    Subject,
    could_not_look,
    passed,
    skipped,
)
from preflight.coolify.host.deployed import NeverDeployed
from preflight.coolify.judge.remedies import afterwards
from preflight.coolify.judge.ui_reach import UiEffect
from preflight.coolify.judge.ui_variables import UiPinState, UiWhen, look_at_ui, token_caution
from preflight.coolify.judge.ui_words import SINCE, nothing_words, shadow_words, state_words
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.judge.ui_variables import UiLook, UiShadow

ONLY_SOURCE = Failure(
    "only-source",
    "The container gets the variable from Coolify's UI alone: the mode drops the pin file.",
    "Switch Raw Compose Deployment and Preserve Repository on and delete it in the UI; or write `pin_in: ui`.",
)
OVERRIDDEN = Failure(
    "overridden",
    "`.env` is read after the pin file and sets the variable.",
    "Delete the variable in Coolify's UI.",
)
INTERPOLATED = Failure(
    "interpolated",
    "`environment:` takes the variable from Coolify's UI, where Coolify itself makes a blank row.",
    "Take the line out of the compose file; once that is deployed, delete the row in Coolify's UI.",
)
REFERENCED = Failure(
    "referenced",
    "The pin's value names a variable that Coolify's UI or Coolify itself sets.",
    "Write the value out.",
)
PATH = Failure(
    "path",
    "A variable of Coolify's UI decides which env file is read, and it is not the pin file.",
    "Write the path out in `env_file:`.",
)
OPEN_PATH = Failure(
    "open-path",
    "A variable of Coolify's UI decides which env file is read; today it is the pin file.",
    "Write the path out in `env_file:`.",
    Status.WARN,
    Status.WARN,
)
REMOVED = Failure(
    "removed-from-ui",
    "A variable that is gone from Coolify's UI changes the pin until the next deployment.",
    "Deploy it in Coolify.",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
ABSENT = Failure(
    "absent",
    "With `pin_in: ui`, Coolify's UI does not have the variable.",
    "Set it in Coolify's UI to what the pin file says.",
)
BLANK = Failure(
    "blank",
    "With `pin_in: ui`, the variable in Coolify's UI is blank.",
    "Set it in Coolify's UI to what the pin file says.",
)
OTHER_VALUE = Failure(
    "other-value",
    "With `pin_in: ui`, the variable in Coolify's UI says something else than the pin file.",
    "Set it in Coolify's UI to what the pin file says.",
)
UNRESOLVED = Failure(
    "unresolved",
    "With `pin_in: ui`, the variable refers to a shared variable that Coolify does not know.",
    "Set it in Coolify's UI to what the pin file says.",
)
MALFORMED = Failure(
    "malformed",
    "With `pin_in: ui`, the variable holds a malformed ${…}, which Compose refuses.",
    "Set it in Coolify's UI to what the pin file says.",
)
BY_ENVIRONMENT = Failure(
    "overridden-by-environment",
    "With `pin_in: ui`, `environment:` overrides the variable of Coolify's UI.",
    "Take the variable out of `environment:` and build `args:`.",
)
NOT_REACHING = Failure(
    "not-reaching",
    "With `pin_in: ui`, the mode gives the variable of Coolify's UI to no container.",
    "Write `pin_in: file`, or switch Raw Compose Deployment off.",
)
NOT_DEPLOYED = Failure(
    "not-deployed",
    "With `pin_in: ui`, the variable is right in Coolify's UI, but not deployed yet.",
    "Deploy it in Coolify.",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
ODD_ENV = Failure(
    "env-unreadable",
    "The deployed .env does not tell the variables, although Coolify's API does.",
    "Look at that file; Coolify writes it with each deployment.",
    Status.WARN,
    Status.WARN,
)
TOKEN_FILE = Failure(
    "token-file-open",
    "Other users can read the file with the API token.",
    "chmod 600 that file, or put the token where only its user can read it.",
    Status.WARN,
    Status.WARN,
)

_TO_HAVE_VALUES = (
    "Give preflight a token with read:sensitive, or deploy in Coolify and run preflight again: then .env tells it."
)
_BY_EFFECT = {
    UiEffect.ONLY_SOURCE: ONLY_SOURCE,
    UiEffect.OVERRIDES: OVERRIDDEN,
    UiEffect.INTERPOLATED: INTERPOLATED,
    UiEffect.REFERENCED: REFERENCED,
    UiEffect.PATH: PATH,
}
_BY_STATE = {
    UiPinState.ABSENT: ABSENT,
    UiPinState.BLANK: BLANK,
    UiPinState.OTHER: OTHER_VALUE,
    UiPinState.UNRESOLVED: UNRESOLVED,
    UiPinState.BROKEN: MALFORMED,
    UiPinState.OVERRIDDEN: BY_ENVIRONMENT,
    UiPinState.NOT_REACHING: NOT_REACHING,
}


class CoolifyUiShadowing(Check[NoSettings]):
    """No variable of Coolify's UI gets between the pin file and the container."""

    about = About(
        id="coolify-ui-shadowing",
        title="No variable of Coolify's UI overrides the pin",
        area=Area.COOLIFY,
        tags=frozenset({"coolify", "pin"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.DEPLOYMENT}),
        asks=(
            "Is the pin's variable, or one that its value names (`${TAG}`), set in Coolify's UI in a way that counts "
            "in the mode the application is deployed in? Looked at are the `.env` beside the deployed file and, with a "
            "token, the API; previews' and build-only variables do not count. With `coolify: {pin_in: ui}` the rule "
            "is reversed: the variable must be there, and say what the pin file says."
        ),
        why=(
            "Coolify writes its UI's variables into `.env`. In default mode that is all a container gets, in a service "
            "stack it is read after the pin file, in raw mode it feeds `${…}`: a forgotten row, even a blank one, then "
            "decides which image runs, and no change in git changes it."
        ),
        failures=(*_BY_EFFECT.values(), OPEN_PATH, REMOVED, *_BY_STATE.values(), NOT_DEPLOYED, ODD_ENV, TOKEN_FILE),
    )

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge each pin."""
        looked = False
        for pin in ctx.pins:
            subject = Subject("service", pin.service)
            try:
                look = look_at_ui(ctx, pin)
            except DoesNotApply as reason:
                yield skipped(reason.message, subject, hint=reason.hint)
            except CouldNotLook as problem:
                yield could_not_look(f"{pin.service}: {problem.message}", subject, problem.need, hint=problem.hint)
            else:
                looked = True
                yield from _UiFindings(ctx, look).findings()
        if looked and (caution := token_caution(ctx)):
            yield ctx.found(TOKEN_FILE, caution)


class _UiFindings:
    """Puts what was found about one pin into words."""

    def __init__(self, ctx: Context, look: "UiLook") -> None:
        self._ctx, self._look = ctx, look
        self._service, self._subject = look.pin.service, Subject("variable", look.pin.variable)
        self._file = ctx.show(look.pin.file)

    def findings(self) -> Iterator[Finding]:
        """Say what changes the pin, and what could not be seen."""
        if self._look.last is not None or self._look.coming is not None:
            yield self._pin_in_ui()
            return
        for shadow in self._look.shadows:
            yield self._shadow(shadow)
        problem = self._look.evidence.no_ui if self._look.reach.effects else None
        if problem is not None:
            yield self._unknown(problem.message, problem.hint)
        elif not self._look.shadows:
            yield passed(nothing_words(self._look), self._subject, at=None, **self._evidence())
        yield from self._oddity()

    def _unknown(self, message: str, hint: str) -> Finding:
        return could_not_look(f"{self._service}: {message}", self._subject, hint=hint)

    def _oddity(self) -> Iterator[Finding]:
        """Tell of an ``.env`` that says nothing although the API does."""
        problem = self._look.evidence.no_last
        is_odd = problem is not None and not isinstance(problem, NeverDeployed) and not self._look.evidence.preview
        if problem is not None and is_odd and self._look.evidence.ui is not None:
            yield self._ctx.found(
                ODD_ENV, f"{self._service}: {problem.message}", Subject("service", self._service), hint=problem.hint
            )

    def _shadow(self, shadow: "UiShadow") -> Finding:
        words, failure = shadow_words(self._look, shadow, self._file), _BY_EFFECT[shadow.effect]
        in_coolify = shadow.effect not in {UiEffect.PATH, UiEffect.REFERENCED}
        hint = words.hint + (afterwards(before=self._ctx.before) if in_coolify else "")
        if shadow.effect is UiEffect.PATH and self._look.reach.reads_file:
            failure = OPEN_PATH
        if shadow.when is UiWhen.LEAVING:
            failure, hint = REMOVED, ""
        return self._ctx.found(
            failure,
            words.message,
            Subject("variable", printable(shadow.name, 60)),
            hint=hint,
            at=self._place(shadow),
            **self._evidence(),
            **_about(shadow),
        )

    def _place(self, shadow: "UiShadow") -> Location | None:
        if shadow.effect is UiEffect.REFERENCED:
            return self._ctx.at(self._look.pin.file)
        if shadow.effect is UiEffect.INTERPOLATED and shadow.entry is not None:
            return self._ctx.at(shadow.entry.path, shadow.entry.line)
        line = shadow.known.line if shadow.known else None
        return None if line is None else self._ctx.at(self._look.resource.env_file, line)

    def _pin_in_ui(self) -> Finding:
        """With ``pin_in: ui`` the variable must be there."""
        last, coming, evidence = self._look.last, self._look.coming, self._look.evidence
        if coming is None and evidence.no_ui is not None and last in {None, UiPinState.EQUAL}:
            return self._unknown(evidence.no_ui.message, evidence.no_ui.hint)
        decisive = last if coming in {None, UiPinState.HIDDEN} and last is not None else coming
        if decisive is UiPinState.EQUAL:
            return self._right()
        if coming is UiPinState.HIDDEN and last in {None, UiPinState.ABSENT, UiPinState.NOT_REACHING}:
            variable = self._look.pin.variable
            message = f"{variable} was set in Coolify's UI since, but the token may not see its value"
            return self._unknown(message, _TO_HAVE_VALUES)
        return self._wrong(decisive or UiPinState.ABSENT)

    def _right(self) -> Finding:
        variable, evidence = self._look.pin.variable, self._evidence()
        if self._look.last not in {None, UiPinState.EQUAL}:
            message = f"{self._service}: {variable} is right in Coolify's UI, but not deployed yet"
            return self._ctx.found(NOT_DEPLOYED, message, self._subject, hint="", at=None, **evidence)
        when = " as of the last deployment" if self._look.coming in {None, UiPinState.HIDDEN} else ""
        message = f"{self._service}: {variable} in Coolify's UI is what {self._file} says{when}"
        return passed(message, self._subject, at=None, **evidence)

    def _wrong(self, state: UiPinState) -> Finding:
        since = self._look.last is UiPinState.EQUAL and self._look.coming is state
        words = state_words(self._look, state, self._file)
        in_coolify = state is not UiPinState.OVERRIDDEN
        known = (self._look.evidence.last or {}).get(self._look.pin.variable)
        at = self._ctx.at(self._look.resource.env_file, known.line) if known and known.line and not since else None
        return self._ctx.found(
            _BY_STATE[state],
            words.message + (SINCE[UiWhen.COMING] if since else ""),
            self._subject,
            hint=words.hint + (afterwards(before=self._ctx.before) if in_coolify else ""),
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

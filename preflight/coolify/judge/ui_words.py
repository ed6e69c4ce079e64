"""What variables of Coolify's UI do to a pin, and the way out, in words."""

from preflight.coolify.judge.remedies import raw_and_preserve
from preflight.coolify.judge.ui_reach import UiEffect
from preflight.coolify.judge.ui_rows import remove_row
from preflight.coolify.judge.ui_variables import UiLook, UiPinState, UiShadow, UiWhen
from preflight.lib.records import frozen
from preflight.lib.text import printable

SINCE = {
    UiWhen.NOW: "",
    UiWhen.COMING: ", with the next deployment",
    UiWhen.LEAVING: ", until the next deployment: it is gone from the UI",
}
"""Since when, or until when, a variable has its effect; follows the message."""
_EQUAL = " It is equal today, but will not follow the next pin."
_BAD = {
    UiPinState.ABSENT: "has no {variable}",
    UiPinState.BLANK: "has a blank {variable}",
    UiPinState.OTHER: "says something else for {variable} than {file}",
    UiPinState.UNRESOLVED: "has a {variable} that refers to a shared variable which Coolify does not know",
    UiPinState.BROKEN: "has a {variable} whose ${{…}} is malformed: Compose refuses it, so nothing is deployed",
    UiPinState.OVERRIDDEN: "does not decide on {variable}: environment: gives the container something else",
    UiPinState.NOT_REACHING: "does not reach the container with {variable}: {situation} only interpolates",
}


@frozen
class Words:
    """A message of one line, and what to do."""

    message: str
    hint: str


def shadow_words(look: UiLook, shadow: UiShadow, file: str) -> Words:
    """Return what one variable does to the pin, and how to end that.

    Args:
        look: What was found about the pin.
        shadow: The variable.
        file: The pin file, as the operator would type it.
    """
    service, variable, name = look.pin.service, look.pin.variable, _named(shadow)
    whose = "Coolify itself" if shadow.is_own else "Coolify's UI"
    message, hint = {
        UiEffect.ONLY_SOURCE: (
            f"{service} gets {name} from {whose} alone: {look.situation} drops the pin file",
            _keep_file_or_ui(look, shadow),
        ),
        UiEffect.OVERRIDES: (f"{name} from {whose} overrides the pin: {service} reads .env last", _delete(shadow)),
        UiEffect.INTERPOLATED: (f"environment: of {service} takes {variable} from {whose}: {name}", _delete(shadow)),
        UiEffect.PATH: (
            f"which env file {service} reads depends on {name} from {whose}",
            f"Write the path out in env_file: of {service}, without ${{…}}.",
        ),
        UiEffect.REFERENCED: (
            f"the value of {variable} takes {name} from {whose}",
            f"Write the value out in {file}, without ${{…}}.",
        ),
    }[shadow.effect]
    is_equal = look.is_equal and shadow.name == variable
    return Words(message + SINCE[shadow.when], hint + (_EQUAL if is_equal else ""))


def nothing_words(look: UiLook) -> str:
    """Return that no variable of the UI changes the pin, and what is known of the UI."""
    service, name, situation = look.pin.service, look.pin.variable, look.situation
    if look.is_set:
        return f"{service}: {name} is set in Coolify's UI, but reaches no container in this mode ({situation})"
    if look.reach.drops_file:
        but = f"{situation} {'does not find' if situation.keeps_env_file else 'drops'} the pin file"
        return f"{service}: {name} is not set in Coolify's UI (but {but})"
    known_now = look.evidence.ui is not None or not look.reach.effects
    when = "" if known_now else ", as of the last deployment"
    return f"{service}: nothing in Coolify's UI overrides the pin{when} ({situation})"


def state_words(look: UiLook, state: UiPinState, file: str) -> Words:
    """Return what is wrong with a pin that is kept in the UI, and how to correct it."""
    service, variable = look.pin.service, look.pin.variable
    hint = f"Set {variable} in Coolify's UI to what {file} says."
    if state is UiPinState.OVERRIDDEN:
        hint = f"Take {variable} out of environment: (and build: args:) of {service}."
    if state is UiPinState.NOT_REACHING:
        hint = "Write `coolify: {pin_in: file}` into preflight.yaml, or switch Raw Compose Deployment off in Coolify."
    words = _BAD[state].format(variable=variable, file=file, situation=look.situation)
    return Words(f"{service}: Coolify's UI {words}", hint)


def _keep_file_or_ui(look: UiLook, shadow: UiShadow) -> str:
    keep = "keep it there and write `coolify: {pin_in: ui}` into preflight.yaml."
    switch = raw_and_preserve(look.location)
    if not shadow.holders:
        return f"In Coolify {switch} and delete {look.pin.variable} from its UI; or {keep}"
    return f"In Coolify {switch}. {remove_row(shadow.name, shadow.holders)} Or {keep}"


def _named(shadow: UiShadow) -> str:
    name = printable(shadow.name, 60)
    if shadow.known is None:
        return name
    if shadow.known.shared:
        return f"{name} ({{{{{shadow.known.shared}}}}})"
    if shadow.known.is_broken:
        return f"{name} (its ${{…}} is malformed)"
    return f"{name} (blank)" if shadow.known.is_blank else name


def _delete(shadow: UiShadow) -> str:
    """Say how to remove a row: one that the compose file interpolates cannot be deleted while it does."""
    name, way = printable(shadow.name, 60), remove_row(shadow.name, shadow.holders)
    if shadow.made_by_coolify:
        way += f" Coolify made that row itself because of ${{{name}}}, and keeps it while the line is there."
    return way

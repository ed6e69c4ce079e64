"""Does anything beat the pin file? The answer in values; the check gives it words.

Truth comes from Compose (``declared``); files are read only to say where (``shadow_search``).
"""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.compose.origins import Source
from preflight.compose.refusal import Refusal
from preflight.context import Context, Pin

if TYPE_CHECKING:
    from preflight.compose.places import Places


class ShadowKind(StrEnum):
    """What stands between the pin file and the container."""

    REFUSED = "refused"
    NO_SERVICE = "no-service"
    PROFILE_OFF = "profile-off"
    ENVIRONMENT = "environment"
    NOT_LISTED = "not-listed"
    MISSING = "missing"
    UNDEFINED = "undefined"
    LATER_FILE = "later-file"
    LATER_BARE = "later-bare"
    REFERENCE = "reference"
    OPEN_PATH = "open-path"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Shadow:
    """One thing that beats the pin, or could.

    Args:
        kind: Which.
        beats: It does so now; otherwise it could, once somebody sets a name.
        path: The file at fault.
        line: The line in it, from 1.
        names: Profiles, services that exist, or variables that are looked up, according to ``kind``.
        sources: Where the values of these variables come from.
        bare: The variable is named without a value.
        refusal: What Compose says, for ``REFUSED``.
    """

    kind: ShadowKind
    beats: bool = True
    path: Path | None = None
    line: int | None = None
    names: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    bare: bool = False
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Shadowing:
    """What was found about one pin.

    Args:
        pin: The pin.
        shadows: What beats it or could; empty when nothing does.
        value: What the container gets; ``None`` when nothing or not known. To be shown only if it is an image
            reference.
        own: What the pin file says by itself; see ``value``.
        read: The env files of the service, in order.
        in_shell: The variable is also set in the shell, which does no harm by itself.
    """

    pin: Pin
    shadows: tuple[Shadow, ...]
    value: str | None = None
    own: str | None = None
    read: tuple[Path, ...] = ()
    in_shell: bool = False


def analyse_shadowing(ctx: Context, pin: Pin) -> Shadowing:
    """Find out what beats the pin file, for one pin.

    Raises:
        CouldNotLook: Compose cannot be asked, or a file it reads cannot be read here.
    """
    from preflight.compose.declared import ask_about
    from preflight.compose.places import Places
    from preflight.compose.shadow_search import ShadowSearch

    asked = ask_about(ctx.doors.compose, pin.service, pin.variable, pin.file, ctx.deadline)
    places = Places(ctx.project, lambda: ctx.doors.compose.source(ctx.deadline))
    if asked.effective.refusal is not None:
        return Shadowing(pin, (_refused(asked.effective.refusal, places),))
    effective = asked.effective.services.get(pin.service)
    if effective is None or asked.declared is None:
        return Shadowing(pin, (_no_service(ctx, pin),))
    return ShadowSearch(ctx, pin, asked.own, asked.declared, effective, places).judge()


def _refused(refusal: Refusal, places: "Places") -> Shadow:
    """Compose names the file of some errors only; where it does not, our own reader may know."""
    place = (refusal.path, refusal.line) if refusal.path else places.place(refusal.keys) or places.problem()
    path, line = place or (None, None)
    return Shadow(ShadowKind.REFUSED, path=path, line=line, refusal=refusal)


def _no_service(ctx: Context, pin: Pin) -> Shadow:
    everything = ctx.doors.compose.config(ctx.deadline, every_profile=True).services
    switched_off = everything.get(pin.service)
    if switched_off is not None:
        profiles = switched_off.raw.get("profiles")
        names = tuple(map(str, profiles)) if isinstance(profiles, list) else ()
        return Shadow(ShadowKind.PROFILE_OFF, names=names)
    return Shadow(ShadowKind.NO_SERVICE, names=tuple(sorted(everything)))

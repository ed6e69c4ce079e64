"""Does anything override the pin file? Compose decides; files are read only to say where."""

from dataclasses import replace

from preflight.compose.ask.answer import ComposeAnswer
from preflight.compose.ask.refusal import Refusal
from preflight.compose.read.files import is_there
from preflight.compose.shadow.environment_sources import ask_about
from preflight.compose.shadow.model import Shadow, Shadowing, ShadowKind
from preflight.compose.shadow.places import Places
from preflight.compose.shadow.search import ShadowSearch
from preflight.context import Context
from preflight.project import Pin


def analyse_shadowing(ctx: Context, pin: Pin) -> Shadowing:
    """Find out what overrides the pin file, for one pin.

    Raises:
        CouldNotLook: Compose cannot be asked, or a file it reads cannot be read here.
    """
    asked = ask_about(ctx.doors.compose, pin.service, pin.variable, pin.file, ctx.deadline)
    places = Places(ctx.project, lambda: ctx.doors.compose.source(ctx.deadline))
    if asked.effective.refusal is not None:
        return Shadowing(pin, (_refused(asked.effective.refusal, places, pin.service),))
    effective = asked.effective.services.get(pin.service)
    if effective is None or asked.declared is None:
        return Shadowing(pin, (_no_service(ctx, pin),))
    if effective.env_files is not None and (missing := _missing(ctx, asked.effective)):
        return Shadowing(pin, (missing,))
    found = ShadowSearch(ctx, pin, asked.own, asked.declared, effective, places).judge()
    return replace(found, stripped=asked.effective.stripped)


def _refused(refusal: Refusal, places: Places, service: str) -> Shadow:
    """Compose names the file and the reason of some errors only; where it does not, our own reader may know."""
    problem = places.told_by_file(refusal.keys, service) if refusal.vague else None
    if problem is not None:
        told = Refusal(problem.problem, problem.hint)
        return Shadow(ShadowKind.REFUSED, path=problem.path, line=problem.line, refusal=told)
    path, line = refusal.path, refusal.line
    if path is None or line is None:
        found = places.place(refusal.keys) or places.problem()
        path, line = found if found and path in (None, found[0]) else (path, line if path else None)
    return Shadow(ShadowKind.REFUSED, path=path, line=line, refusal=refusal)


def _missing(ctx: Context, answer: ComposeAnswer) -> Shadow | None:
    """Return what `up` will refuse: 2.24.7 reads no env file for `config`, so that one that is required may be missing.

    Raises:
        CouldNotLook: Compose does not tell which services are deployed.
    """
    deployed = ctx.doors.compose.enabled(ctx.deadline)
    for name in sorted(deployed & answer.services.keys()):
        for item in answer.services[name].env_files or ():
            if item.required is not False and not is_there(item.file):
                words = f"an env_file of {name} that is required is not there"
                refusal = Refusal(words, "Put the file there, or list it with `required: false`.")
                return Shadow(ShadowKind.REFUSED, path=item.file, refusal=refusal)
    return None


def _no_service(ctx: Context, pin: Pin) -> Shadow:
    everything = ctx.doors.compose.config(ctx.deadline, every_profile=True).services
    switched_off = everything.get(pin.service)
    if switched_off is not None:
        profiles = switched_off.raw.get("profiles")
        names = tuple(map(str, profiles)) if isinstance(profiles, list) else ()
        return Shadow(ShadowKind.PROFILE_OFF, names=names)
    return Shadow(ShadowKind.NO_SERVICE, names=tuple(sorted(everything)))

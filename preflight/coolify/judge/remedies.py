"""The ways out: what to switch or write so that a pin reaches its containers through Coolify."""

from preflight.coolify.judge.location import ComposeLocation
from preflight.coolify.resource import Situation
from preflight.lib.text import printable
from preflight.project import Pin

REDEPLOY = " Then redeploy."
"""Follows a way out where only a deployment shows that it was taken."""
UI = "set {variable} in Coolify's UI to what the pin file says, and write `coolify: {{pin_in: ui}}` into preflight.yaml"


def afterwards(*, before: bool) -> str:
    """Return what to do after a change in Coolify's settings; before a rollout nobody is told to deploy."""
    if not before:
        return REDEPLOY
    return " Then run preflight again; without Coolify's API it sees the settings of the last deployment."


def raw_and_preserve(location: ComposeLocation | None) -> str:
    """Return the words for the one combination in which Coolify keeps a repository's ``env_file:`` and its file."""
    where = "Base Directory = the folder that the paths in env_file: are relative to"
    if location is not None:
        where = f"Base Directory {printable(location.base_directory)}, Compose Location {printable(location.location)}"
    return f"switch Raw Compose Deployment and Preserve Repository on ({where})"


def base_directory(location: ComposeLocation | None) -> str:
    """Return the words for where the paths in ``env_file:`` hold; both settings change together or nothing deploys."""
    if location is None:
        return "the pin file's folder as Base Directory (and Compose Location from there)"
    return f"Base Directory {printable(location.base_directory)} and Compose Location {printable(location.location)}"


def pin_in_ui(situation: Situation, pin: Pin) -> str:
    """Return the words for a variable in the UI; in raw mode it would reach interpolation only (AJ 843-853)."""
    raw = situation in {Situation.RAW, Situation.RAW_PRESERVED}
    return ("switch Raw Compose Deployment off, " if raw else "") + UI.format(variable=pin.variable)


def move_inside(situation: Situation, pin: Pin, location: ComposeLocation | None) -> str:
    """Return what to do where the path in ``env_file:`` leads out of the folder that Coolify copies to.

    No base directory fixes that: whichever is copied, the copy's top is where relative paths begin (AJ 1047, 843-853).
    """
    folder = printable(location.base_directory) if location is not None else "the folder of the compose file"
    return (
        f"Move {printable(pin.file.name)} into {folder} of the repository (or below it) and name it there in "
        f"env_file:; or {pin_in_ui(situation, pin)}."
    )


def copy_it(situation: Situation, pin: Pin, location: ComposeLocation | None) -> str:
    """Return what to do where the mode keeps ``env_file:`` but the repository's file does not reach the server."""
    if situation is Situation.SERVICE:
        return ways_out(situation, pin, location)
    return (
        f"Switch Preserve Repository on and set {base_directory(location)} in Coolify; or {pin_in_ui(situation, pin)}."
    )


def ways_out(situation: Situation, pin: Pin, location: ComposeLocation | None) -> str:
    """Return what to do in Coolify where the pin file does not arrive, as one line.

    Args:
        situation: In which mode it is deployed.
        pin: What does not arrive.
        location: The location of the compose file.
    """
    if situation is Situation.SERVICE:
        return (
            f"Put {printable(pin.file.name)} into the stack's folder (Storages, a file mount) and delete "
            f"{pin.variable} from its variables in Coolify."
        )
    return f"In Coolify {raw_and_preserve(location)}; or {pin_in_ui(situation, pin)}."

"""What the next deployment does to a pin, and the way out, in words."""

from collections.abc import Callable
from pathlib import Path

from preflight.coolify.judge.next_deployment import Arrival, NextDeployment
from preflight.coolify.judge.remedies import copy_it, move_inside, raw_and_preserve, ways_out
from preflight.lib.records import frozen
from preflight.lib.text import printable

Show = Callable[[Path], str]
"""Returns a path as the operator would type it."""
_START = "Custom Start Command, the application's page in Coolify, Configuration > General"
_SWITCHES = "the application's page in Coolify, Configuration > Advanced"
_API = "give preflight the API (PREFLIGHT_COOLIFY_URL and PREFLIGHT_COOLIFY_TOKEN)"

LOOK_AT_COMMAND = f"Look at its -f, --env-file and --project-directory, or empty it ({_START})."
"""What to do about a custom start command."""


@frozen
class Words:
    """What to say of one pin.

    Args:
        what: Follows the name of the mode.
        hint: What to do; empty where the pin arrives.
        in_coolify: What to do is to change Coolify's settings, not the repository.
    """

    what: str
    hint: str = ""
    in_coolify: bool = False


def arrival_words(found: NextDeployment, show: Show) -> Words:
    """Return what the next deployment does to a pin, and the way out.

    Args:
        found: The verdict.
        show: For the paths.
    """
    return _WORDS[found.arrival](found, show)


def _arrives(found: NextDeployment, _: Show) -> Words:
    is_copied = not found.wanted.startswith(("/", "../"))
    return Words("brings the pin file" if is_copied else "reads the pin file on this host")


def _from_ui(found: NextDeployment, _: Show) -> Words:
    return Words(f"brings {found.pin.variable} of Coolify's UI")


def _replaced(found: NextDeployment, show: Show) -> Words:
    what = f"drops {printable(show(found.pin.file), 80)}: Coolify replaces env_file: by its own .env"
    return Words(what, ways_out(found.coming, found.pin, found.location), in_coolify=True)


def _kept_for_now(found: NextDeployment, _: Show) -> Words:
    what = f"keeps env_file: only as this old Coolify ({found.resource.version}) does"
    return Words(what, f"Before you update Coolify: {raw_and_preserve(found.location)}.")


def _not_copied(found: NextDeployment, _: Show) -> Words:
    wanted = printable(found.wanted, 60)
    what = f"keeps env_file:, but does not copy the repository: {wanted} does not arrive"
    return Words(what, copy_it(found.coming, found.pin, found.location), in_coolify=True)


def _perhaps_copied(found: NextDeployment, _: Show) -> Words:
    why = "".join(f" ({printable(each, 200)})" for each in found.mode.because[1:])  # the first tells of raw mode
    root = "Run preflight as root (sudo); or look" if "may not be read" in why else "Look"
    return Words(
        f"keeps env_file:, but nothing tells whether it copies the repository{why}",
        f"{root} whether Preserve Repository is on ({_SWITCHES}), or {_API}.",
    )


def _elsewhere(found: NextDeployment, _: Show) -> Words:
    lies = f"copies it to {printable(found.copy, 80)}" if found.copy else "does not copy it (it is outside of that)"
    return Words(
        f"looks for {printable(found.wanted, 80)}, but the base directory set in Coolify {lies}",
        f"In Coolify {raw_and_preserve(found.location)}.",
        in_coolify=True,
    )


def _outside(found: NextDeployment, _: Show) -> Words:
    what = f"looks for {printable(found.wanted, 80)}, which leads out of the folder that Coolify copies to"
    return Words(what, move_inside(found.coming, found.pin, found.location))


def _in_stack(found: NextDeployment, show: Show) -> Words:
    file = printable(show(found.pin.file), 80)
    return Words(
        f"reads the copy of {file} in its folder, which no deployment refreshes",
        "Update that file mount (Storages) whenever the pin changes, or deploy an application from git.",
    )


def _not_in_stack(found: NextDeployment, _: Show) -> Words:
    folder = printable(str(found.resource.folder), 120)
    what = f"has no repository, and {printable(found.wanted, 80)} is not in {folder}"
    return Words(what, ways_out(found.coming, found.pin, found.location))


def _not_listed(found: NextDeployment, show: Show) -> Words:
    service, file = printable(found.pin.service, 60), printable(show(found.pin.file), 80)
    what = f"keeps env_file:, but {service} does not list {file}"
    return Words(what, "`preflight run --only env-file-syntax` says what to write.")


def _in_other_file(found: NextDeployment, show: Show) -> Words:
    place = found.entry.place if found.entry else None
    file, other = printable(show(found.pin.file), 80), printable(show(place[0]), 80) if place else ""
    if found.deploys is None:
        return Words(
            f"reads one compose file, and {file} is listed in {other}: nothing tells whether in that",
            "Write into preflight.yaml the one file that Coolify deploys (`compose: {files: [FILE]}`), or "
            + _API
            + ".",
        )
    deploys = printable(show(found.deploys), 80)
    return Words(f"reads {deploys} only, and {file} is listed in {other}", f"Move that entry into {deploys}.")


def _no_file(found: NextDeployment, _: Show) -> Words:
    return Words(
        f"keeps env_file:, but there is no {printable(found.wanted, 120)} on this host",
        f"Put the pin file there, or name it by a relative path and {raw_and_preserve(found.location)}.",
    )


def _ui_not_read(found: NextDeployment, _: Show) -> Words:
    return Words(
        f"gives no variable of Coolify's UI to a container, so {found.pin.variable} does not arrive from there",
        "Switch Raw Compose Deployment off in Coolify; or write `coolify: {pin_in: file}` into preflight.yaml.",
        in_coolify=True,
    )


def _overridden(found: NextDeployment, _: Show) -> Words:
    variable = found.pin.variable
    return Words(
        f"copies build: args: into environment:, where {variable} overrides the UI's",
        f"Rename the build argument {variable} of {printable(found.pin.service, 60)}.",
    )


def _own_command(_: NextDeployment, __: Show) -> Words:
    return Words(
        "is started by a custom command with files of its own, so nothing here tells what it reads",
        f"Empty it ({_START}); coolify-env-file tells what the containers have.",
    )


_WORDS: dict[Arrival, Callable[[NextDeployment, Show], Words]] = {
    Arrival.ARRIVES: _arrives,
    Arrival.FROM_UI: _from_ui,
    Arrival.REPLACED: _replaced,
    Arrival.KEPT_FOR_NOW: _kept_for_now,
    Arrival.NOT_COPIED: _not_copied,
    Arrival.PERHAPS_COPIED: _perhaps_copied,
    Arrival.ELSEWHERE: _elsewhere,
    Arrival.IN_STACK: _in_stack,
    Arrival.NOT_IN_STACK: _not_in_stack,
    Arrival.NOT_LISTED: _not_listed,
    Arrival.NO_FILE: _no_file,
    Arrival.UI_NOT_READ: _ui_not_read,
    Arrival.OVERRIDDEN: _overridden,
    Arrival.OWN_COMMAND: _own_command,
    Arrival.OUTSIDE: _outside,
    Arrival.IN_OTHER_FILE: _in_other_file,
}

"""Which pin a command changes, and where the change goes."""

from typing import TYPE_CHECKING, Any

from preflight.errors import ConfigurationError

if TYPE_CHECKING:
    from preflight.context import Context
    from preflight.pin.deliver import Destination
    from preflight.project import Pin


def the_pin(ctx: "Context", variable: str) -> "Pin":
    """Return the one pin that is meant.

    Raises:
        ConfigurationError: There is no such pin, or several.
    """
    found = [pin for pin in ctx.pins if variable in ("", pin.variable)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(pin.variable for pin in found or ctx.pins)
    what = f"there are {len(found)} pins" if found else f"there is no pin {variable}"
    raise ConfigurationError(what, f"Choose one with --variable: {names}.")


def destination(options: dict[str, Any], message: str) -> "Destination":
    """Return where a change goes, by the options --commit, --push, --branch and --remote."""
    from preflight.pin.deliver import Commit, Push, WorkTree

    if options["push"]:
        return Push(message, options["branch"], options["remote"])
    return Commit(message) if options["commit"] else WorkTree()

"""The image that a pin names, for checks that ask a registry for it."""

from dataclasses import dataclass, replace

from preflight.check import could_not_look
from preflight.context import Context
from preflight.envfile import read_env_file
from preflight.errors import CouldNotLook
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.model import Finding, Location, Need, Subject
from preflight.project import Pin

_HINT = "Write NAME@sha256:<64 hex> into the pin file; a registry can be asked for nothing else."


@dataclass(frozen=True)
class PinnedImage:
    """One pin and its image.

    Args:
        pin: Where it stands.
        image: With its digest, and no tag.
        at: File and line.
    """

    pin: Pin
    image: ImageReference
    at: Location


def read_pinned_image(ctx: Context, pin: Pin) -> PinnedImage | Finding:
    """Return the image by digest that a pin names, or the finding that it names none; its value is not shown."""
    subject = Subject("variable", pin.variable)
    try:
        found = read_env_file(pin.file).last(pin.variable)
    except CouldNotLook as problem:
        return could_not_look(problem.message, subject, Need.PIN, hint=problem.hint, at=ctx.at(pin.file))
    at = ctx.at(pin.file, found.line if found else None)
    try:
        image = parse_reference((found.value if found else None) or "")
    except ReferenceProblem as problem:
        message = f"{pin.variable} names no image to ask for: {problem.message}"
        return could_not_look(message, subject, Need.PIN, hint=_HINT, at=at)
    if image.digest is None:
        return could_not_look(f"{pin.variable} has no digest to ask for", subject, Need.PIN, hint=_HINT, at=at)
    return PinnedImage(pin, replace(image, tag=None), at)

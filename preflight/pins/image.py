"""The images that the pins name, for checks that ask a registry, an engine or a verifier for them."""

from dataclasses import replace

from preflight.check import could_not_look
from preflight.context import Context
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.model import Finding, Location, Subject
from preflight.pins.value import PinUnknown, read_pin_value
from preflight.project import Pin

_HINT = "Write NAME@sha256:<64 hex> into the pin file; a registry can be asked for nothing else."


@frozen
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


@frozen
class PinnedImages:
    """The images of all pins.

    Args:
        pinned: One for each pin that names an image.
        problems: One for each pin that names none.
    """

    pinned: tuple[PinnedImage, ...]
    problems: tuple[Finding, ...]

    @property
    def once_each(self) -> tuple[PinnedImage, ...]:
        """Each image once, with the first pin that names it."""
        first: dict[ImageReference, PinnedImage] = {}
        for each in self.pinned:
            first.setdefault(each.image, each)
        return tuple(first.values())


def read_pinned_images(ctx: Context) -> PinnedImages:
    """Return the image of each pin; a pin that names none is a finding, in which its value is not shown."""
    pinned, problems = list[PinnedImage](), list[Finding]()
    for pin in ctx.pins:
        try:
            pinned.append(read_pinned_image(ctx, pin))
        except PinUnknown as problem:
            subject = Subject("variable", pin.variable)
            problems.append(could_not_look(problem.message, subject, problem.need, hint=problem.hint, at=problem.at))
    return PinnedImages(tuple(pinned), tuple(problems))


def read_pinned_image(ctx: Context, pin: Pin) -> PinnedImage:
    """Return the image by digest that a pin names.

    Raises:
        PinUnknown: It names none.
    """
    value = read_pin_value(pin, ctx.show)
    try:
        image = parse_reference(value.text)
    except ReferenceProblem as problem:
        message = f"{pin.variable} names no image to ask for: {problem.message}"
        raise PinUnknown(message, _HINT, value.at) from problem
    if image.digest is None:
        raise PinUnknown(f"{pin.variable} has no digest to ask for", _HINT, value.at)
    return PinnedImage(pin, replace(image, tag=None), value.at)

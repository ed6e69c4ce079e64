"""What is wrong with the value of a pin, which is to be one image by digest, and how much of it may be shown."""

from enum import StrEnum

from preflight.envfile import Assignment
from preflight.lib.records import frozen
from preflight.lib.reference import (
    ImageReference,
    ReferenceKind,
    ReferenceProblem,
    is_plain_reference,
    parse_reference,
)
from preflight.lib.text import printable

PINNED = "<name>@sha256:<64 lower-case hexadecimal digits>"
"""The form of a pin, in words."""

# What is wrong with these is the digest, so what stands before it is no secret.
_SHOWN = {
    ReferenceKind.DIGEST_ALGORITHM,
    ReferenceKind.DIGEST_SHORT,
    ReferenceKind.DIGEST_LONG,
    ReferenceKind.DIGEST_UPPERCASE,
}


class FaultKind(StrEnum):
    """Why a value is no pin."""

    BARE = "bare"
    """There is no ``=``: the shell gives the value."""
    INTERPOLATED = "interpolated"
    """Variables outside the file decide."""
    NO_REFERENCE = "no reference"
    TAG = "tag"
    """An image without digest."""
    TAG_AND_DIGEST = "tag and digest"


@frozen
class PinFault:
    """What is wrong with the value of a pin.

    Args:
        kind: Which rule it breaks.
        message: One line; quotes of the value only what is surely no secret.
        hint: What to write.
        shown: The value, where it is surely an image; else empty.
    """

    kind: FaultKind
    message: str
    hint: str
    shown: str = ""


def judge_value(variable: str, found: Assignment) -> ImageReference | PinFault:
    """Return the image by digest that a definition of a pin names, or why it names none.

    Args:
        variable: The name of the pin.
        found: The definition that counts.
    """
    if found.value is None:
        message = f"{variable} has no '=', so it takes its value from the shell"
        return PinFault(FaultKind.BARE, message, f"Write {variable}=…")
    if found.references:
        names = printable(", ".join(found.references))
        message = f"{variable} interpolates ${names}: a variable outside changes the pin"
        return PinFault(FaultKind.INTERPOLATED, message, f"Write the value out, without $: {PINNED}")
    try:
        reference = parse_reference(found.value)
    except ReferenceProblem as problem:
        reason = "the value contains a '$'" if "$" in found.value else problem.message
        shown = printable(found.value) if problem.kind in _SHOWN else ""
        message = f"{variable} is no digest-pinned image: {reason}"
        return PinFault(FaultKind.NO_REFERENCE, message, f"Write {variable}={PINNED}", shown)
    if reference.digest is None:
        return _without_digest(variable, reference, sure=is_plain_reference(found.value))
    if reference.tag is not None:
        message = f"{variable} has both the tag '{reference.tag}' and a digest"
        hint = f"Remove ':{reference.tag}': {reference.name}@{reference.digest}"
        return PinFault(FaultKind.TAG_AND_DIGEST, message, hint, str(reference))
    return reference


def _without_digest(variable: str, reference: ImageReference, *, sure: bool) -> PinFault:
    """Return the fault of a value without digest; one that may be a password is not quoted.

    "word" and "word:word" parse as references as well, and so does a password.
    """
    tag = f"the tag '{reference.tag}'" if sure else "a tag"
    what = tag if reference.tag else "an image without tag or digest"
    ask = f"; the digest: docker buildx imagetools inspect {reference.name}:{reference.tag or 'latest'}"
    hint = f"Write {variable}={PINNED}{ask if sure else ''}"
    return PinFault(FaultKind.TAG, f"{variable} is {what}, not a digest", hint, str(reference) if sure else "")

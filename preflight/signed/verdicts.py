"""From what was verified to findings, the same way for every kind of signature."""

from collections.abc import Callable, Iterable, Iterator

from preflight.check import could_not_look, skipped
from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, short_name
from preflight.lib.text import plural, printable
from preflight.model import Finding, Json, Subject
from preflight.pins.image import PinnedImage, read_pinned_images
from preflight.signed.failures import LOOSE_IDENTITY, MISSING, MISSING_REQUIRED, failure_of
from preflight.signed.model import SignerDemand, Verified
from preflight.signed.search import NoVerifier, VerificationOutcome

_NAMED = 3


@frozen
class SignatureWords:
    """How one kind of signature is called.

    Args:
        one: E.g. "signature".
        none_hint: What to do when there is none.
        required: None at all is a failure, and so is that nothing here can verify.
        demand: Who must have signed.
    """

    one: str
    none_hint: str
    required: bool
    demand: SignerDemand


def judge_signatures(
    ctx: Context,
    words: SignatureWords,
    verify: Callable[[ImageReference], VerificationOutcome],
    accept: Callable[[PinnedImage, Verified], Iterable[Finding]],
) -> Iterator[Finding]:
    """Verify each pinned image once, and yield what there is to say of it.

    Args:
        ctx: With the pins.
        words: How to speak of it.
        verify: Looks for signatures.
        accept: What to say of a signature that holds.
    """
    images = read_pinned_images(ctx)
    yield from images.problems
    for pinned in images.once_each:
        yield from _judge(ctx, pinned, words, verify, accept)


def _judge(
    ctx: Context,
    pinned: PinnedImage,
    words: SignatureWords,
    verify: Callable[[ImageReference], VerificationOutcome],
    accept: Callable[[PinnedImage, Verified], Iterable[Finding]],
) -> Iterable[Finding]:
    image, at, subject = short_name(pinned.image), pinned.at, image_subject(pinned.image)
    try:
        outcome = verify(pinned.image)
        if outcome.verified:
            return [*accept(pinned, outcome.verified[0]), *_loose(ctx, pinned, words.demand, outcome.verified[0])]
    except NoVerifier as missing:
        say = could_not_look if words.required else skipped
        return [say(f"{image}: {missing.message}", subject, hint=missing.hint, at=at)]
    except CouldNotLook as problem:
        return [could_not_look(f"{image}: {problem.message}", subject, hint=problem.hint, at=at)]
    return [_not_verified(ctx, pinned, words, outcome)]


def _loose(ctx: Context, pinned: PinnedImage, demand: SignerDemand, verified: Verified) -> Iterator[Finding]:
    """Warn of a pattern that would have let others in as well."""
    from preflight.signed.identity import is_loose

    if demand.setting == "identity" and is_loose(demand.identity, verified.signer.identity):
        name = "/".join(verified.signer.identity.split("/")[3:5])
        message = f"{short_name(pinned.image)}: `identity` also fits names that only begin like {printable(name, 80)}"
        hint = f"Write `repository: {printable(name, 80)}` in place of `identity`, or a slash behind that name."
        yield ctx.found(LOOSE_IDENTITY, message, image_subject(pinned.image), hint=hint, at=pinned.at)


def _not_verified(ctx: Context, pinned: PinnedImage, words: SignatureWords, outcome: VerificationOutcome) -> Finding:
    image, at, subject = short_name(pinned.image), pinned.at, image_subject(pinned.image)
    there: list[Json] = [printable(kind, 120) for kind in outcome.others]
    evidence: dict[str, Json] = {"digest": pinned.image.digest}
    evidence |= {"other_statements": there} if there else {}
    unread = "; ".join(each.message for each in outcome.problems[:_NAMED])
    evidence |= {"not_read": unread} if unread else {}
    if outcome.refused:
        first = outcome.refused[0]
        evidence["refused"] = [f"{each.source}: {each.message}" for each in outcome.refused]
        total = len(outcome.refused)
        which = f"the {words.one}" if total == 1 else f"none of {plural(total, words.one)} holds; the first"
        message = f"{image}: {which} {first.message}" + (f"; not read: {unread}" if unread else "")
        return ctx.found(failure_of(first.reason), message, subject, hint=first.hint, at=at, **evidence)
    if outcome.problems:
        problem = outcome.problems[0]
        return could_not_look(f"{image}: {problem.message}", subject, hint=problem.hint, at=at, **evidence)
    failure = MISSING_REQUIRED if words.required else MISSING
    others = f", only {plural(len(there), 'other statement')}" if there else ""
    message = f"{image}: there is no {words.one}{others}"
    return ctx.found(failure, message, subject, hint=words.none_hint, at=at, **evidence)


def image_subject(image: ImageReference) -> Subject:
    """Return the subject of findings about an image: its name, which stays when the digest changes."""
    return Subject("image", printable(image.name, 160))

"""From what was verified to findings, the same way for every kind of signature."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from preflight.check import could_not_look, failed, skipped, warned
from preflight.context import Context
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.lib.text import plural, printable
from preflight.model import Finding, Json
from preflight.pins.image import PinnedImage, read_pinned_images
from preflight.signed.model import SignerDemand, Verified
from preflight.signed.search import NoVerifier, VerificationOutcome


@frozen
class SignatureWords:
    """How one kind of signature is called.

    Args:
        one: E.g. "signature".
        none_hint: What to do when there is none.
        required: None at all is a failure, and so is that nothing here can verify.
    """

    one: str
    none_hint: str
    required: bool


class SignerSettings(Protocol):
    """What a check's settings say of the signer."""

    @property
    def identity(self) -> str:
        """Regular expression; empty: nobody is demanded."""

    @property
    def issuer(self) -> str:
        """Of the signer's identity token."""

    @property
    def trust_root(self) -> str:
        """File of the check's own; empty: the one for all, else the public one."""

    @property
    def refresh_trust_root(self) -> bool:
        """Fetch the public one anew."""


def signer_demand(ctx: Context, given: SignerSettings, check: str) -> SignerDemand:
    """Return the demand that a check's settings make; a relative path counts from the configuration's folder.

    A trust root of the check's own beats `registry.trust_root`, which is for all.

    Args:
        ctx: For that, and for the folder.
        given: The settings.
        check: Its id.

    Raises:
        DoesNotApply: No identity is demanded: a signature by just anybody proves nothing.
        CouldNotLook: A trust root is named for all, and this check is to fetch the public one.
    """
    if not given.identity:
        raise DoesNotApply(
            "no identity is configured, and a signature by just anybody proves nothing",
            f"In preflight.yaml: checks: {{{check}: {{identity: '^https://github\\.com/OWNER/NAME/'}}}}; "
            f"if nothing is signed: skip: [{check}]",
        )
    common = ctx.options.trust_root
    if given.refresh_trust_root and common is not None:
        raise CouldNotLook(
            "refresh_trust_root fetches the public trust root, but registry.trust_root names another",
            "Keep one of the two in preflight.yaml.",
        )
    root = ctx.project.base / Path(given.trust_root) if given.trust_root else common
    return SignerDemand(given.identity, given.issuer, root, given.refresh_trust_root)


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
        yield from _judge(pinned, words, verify, accept)


def _judge(
    pinned: PinnedImage,
    words: SignatureWords,
    verify: Callable[[ImageReference], VerificationOutcome],
    accept: Callable[[PinnedImage, Verified], Iterable[Finding]],
) -> Iterable[Finding]:
    image, at = short_name(pinned.image), pinned.at
    try:
        outcome = verify(pinned.image)
        if outcome.verified:
            return list(accept(pinned, outcome.verified[0]))
    except NoVerifier as missing:
        say = could_not_look if words.required else skipped
        return [say(f"{image}: {missing.message}", hint=missing.hint, at=at)]
    except CouldNotLook as problem:
        return [could_not_look(f"{image}: {problem.message}", hint=problem.hint, at=at)]
    return [_not_verified(pinned, words, outcome)]


def _not_verified(pinned: PinnedImage, words: SignatureWords, outcome: VerificationOutcome) -> Finding:
    image, at = short_name(pinned.image), pinned.at
    there: list[Json] = [printable(kind, 120) for kind in outcome.others]
    evidence: dict[str, Json] = {"digest": pinned.image.digest}
    evidence |= {"other_statements": there} if there else {}
    if outcome.refused:
        first = outcome.refused[0]
        evidence["refused"] = [f"{each.source}: {each.message}" for each in outcome.refused]
        total = len(outcome.refused)
        which = f"the {words.one}" if total == 1 else f"none of {plural(total, words.one)} holds; the first"
        return failed(f"{image}: {which} {first.message}", hint=first.hint, at=at, **evidence)
    if outcome.problems:
        problem = outcome.problems[0]
        return could_not_look(f"{image}: {problem.message}", hint=problem.hint, at=at, **evidence)
    say = failed if words.required else warned
    others = f", only {plural(len(there), 'other statement')}" if there else ""
    return say(f"{image}: there is no {words.one}{others}", hint=words.none_hint, at=at, **evidence)


def short_name(image: ImageReference) -> str:
    """Return an image by digest, fit for a message."""
    return printable(f"{image.name}@{(image.digest or '')[:19]}…", 160)

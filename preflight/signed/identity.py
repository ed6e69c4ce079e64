"""Whose signature it is: the signer's identity against a regular expression, and the issuer."""

import re

from preflight.lib.patterns import Match, compile_pattern, demand_pattern
from preflight.lib.text import printable
from preflight.signed.model import Reason, Refused, Signer, SignerDemand

_STRANGERS = ("https://github.com/somebody-else/anything/.github/workflows/x.yml@refs/heads/main", "a@b.invalid", "")
_AT_START, _IN_ANY_CASE = r"\A(?:{})", r"\A(?i:{})"


def check_identity_pattern(pattern: str) -> None:
    """Refuse a pattern that proves nothing.

    Raises:
        ValueError: It is no regular expression, or matches anybody.
    """
    demand_pattern("identity", pattern)
    demand_pattern("identity", _AT_START.format(pattern))
    if any(_match(pattern, stranger) for stranger in _STRANGERS):
        raise ValueError("identity: matches anybody, so it proves nothing; name your repository")


def judge_signer(signer: Signer, demand: SignerDemand) -> None:
    """Accept the signer or raise.

    The pattern is matched from the start of the identity, also without `^` (cosign would find it anywhere, so that
    `https://github.com/evil/x/github.com/you/…` fits `github.com/you/`), and cares about upper and lower case.

    Raises:
        Refused: It is somebody else.
    """
    shown = printable(signer.identity, 160)
    found = _match(demand.identity, signer.identity)
    if found and _ends_within_a_name(signer.identity, found.span()[1]):
        raise Refused(
            Reason.IDENTITY,
            f"is by {shown}, and `identity` fits only the beginning of that name",
            "Do not deploy unless you know this signer; end `identity` with a slash behind your repository's name.",
        )
    if not found:
        if _match(demand.identity, signer.identity, _IN_ANY_CASE):
            raise Refused(
                Reason.CASE,
                f"is by {shown}, which differs from `identity` in upper and lower case only",
                f"Write `identity` as the certificate has it: {_like(signer.identity)}",
            )
        raise Refused(
            Reason.IDENTITY,
            f"is by {shown or 'nobody that is named'}, not by who `identity` demands",
            "Do not deploy unless you know this signer; `identity` is matched from the start.",
        )
    if signer.issuer != demand.issuer:
        raise Refused(
            Reason.ISSUER,
            f"is vouched for by the issuer {printable(signer.issuer, 120) or '(none)'}, not {printable(demand.issuer)}",
            "Do not deploy unless you trust that issuer; then set `issuer`.",
        )


def _match(pattern: str, identity: str, shape: str = _AT_START) -> Match | None:
    return compile_pattern(shape.format(pattern)).search(identity)


def _ends_within_a_name(identity: str, end: int) -> bool:
    """Whether a match ends inside the owner's or repository's name: `…/you/app` fits `…/you/app-of-mallory/…`, too."""
    repository = "/".join(identity.split("/")[:5])
    within = identity.startswith("https://") and 0 < end < len(repository)
    return within and "/" not in identity[end - 1 : end + 1]


def _like(identity: str) -> str:
    """Return a pattern for the repository that an identity lies in."""
    words = identity.split("/")
    return printable("^" + re.escape("/".join(words[:5])).replace(r"\-", "-") + "/", 160)

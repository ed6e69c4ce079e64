"""Whose signature it is: the signer's identity against a regular expression, and the issuer."""

import re

from preflight.lib.patterns import Match, compile_pattern, demand_pattern
from preflight.lib.text import printable
from preflight.signed.model import Reason, Refused, Signer, SignerDemand
from preflight.signed.workflow import is_of_pull_request

_STRANGERS = ("https://github.com/somebody-else/anything/.github/workflows/x.yml@refs/heads/main", "a@b.invalid", "")
_OWNER, _REPOSITORY = 1, 2  # in HOST/OWNER/NAME/…
_MORE, _STRANGER = "-of-mallory", "zzz-another-name"
_HOW = {"identity": "matched from the start", "repository": "compared exactly, like `workflow` and `ref`"}
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
            f"is by {shown}, and `{demand.setting}` fits only the beginning of that name",
            "Do not deploy unless you know this signer; end `identity` with a slash behind your repository's name.",
        )
    if not found:
        if _match(demand.identity, signer.identity, _IN_ANY_CASE):
            raise Refused(
                Reason.CASE,
                f"is by {shown}, which differs from `{demand.setting}` in upper and lower case only",
                f"Write `{demand.setting}` as the certificate has it: {_like(signer.identity, demand.setting)}",
            )
        raise Refused(
            Reason.IDENTITY,
            f"is by {shown or 'nobody that is named'}, not by who `{demand.setting}` demands",
            f"Do not deploy unless you know this signer; `{demand.setting}` is {_HOW[demand.setting]}.",
        )
    if is_of_pull_request(signer.identity, signer.ref) and "refs/pull" not in demand.identity:
        raise Refused(
            Reason.IDENTITY,
            f"is by {shown}, a run for a pull request, which anybody can open",
            "Do not deploy it; sign in the workflow of a branch or a tag.",
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


def is_loose(identity: str, signer: str) -> bool:
    """Whether a pattern that fits a signer also fits an owner or a repository whose name only begins alike.

    Args:
        identity: The pattern.
        signer: The identity that it fits; another than a URL says nothing.
    """
    scheme, _, rest = signer.partition("://")
    words = rest.split("/")
    if scheme != "https" or len(words) <= _REPOSITORY or not all(words[: _REPOSITORY + 1]):
        return False

    def fits(place: int, name: str) -> bool:
        other = f"{scheme}://{'/'.join([*words[:place], name, *words[place + 1 :]])}"
        found = _match(identity, other)
        return found is not None and not _ends_within_a_name(other, found.span()[1])

    alike = [place for place in (_OWNER, _REPOSITORY) if fits(place, f"{words[place]}{_MORE}")]
    if _OWNER in alike:
        return True
    return _REPOSITORY in alike and not fits(_REPOSITORY, _STRANGER)  # every repository of an owner is meant so


def _like(identity: str, setting: str) -> str:
    """Return what to write for the repository that an identity lies in."""
    words = identity.split("/")
    if setting == "repository":
        return printable("/".join(words[3:5]), 160)
    return printable("^" + re.escape("/".join(words[:5])).replace(r"\-", "-") + "/", 160)

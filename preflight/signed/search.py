"""Find what is signed about an image and verify it, with whatever can verify here."""

import threading
from collections.abc import Callable, Sequence

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference
from preflight.model import Json
from preflight.signed import sigstore_door, tools
from preflight.signed.attestations import find_attestations
from preflight.signed.find import Found, find_bundles, find_signatures, find_tagged_attestations, kind_of
from preflight.signed.model import COSIGN_SIGNATURE, Refused, SignerDemand, Verified
from preflight.signed.statement import is_provenance


class NoVerifier(CouldNotLook):
    """Nothing here can verify: neither the extra nor a program on PATH."""


@frozen
class VerificationOutcome:
    """What came of looking.

    Args:
        verified: Signatures that hold.
        refused: Those that do not, the most telling first.
        others: Kinds of statements that are there, but were not asked for.
        problems: Why some places could not be looked at.
    """

    verified: tuple[Verified, ...] = ()
    refused: tuple[Refused, ...] = ()
    others: tuple[str, ...] = ()
    problems: tuple[CouldNotLook, ...] = ()


def verify_signatures(ctx: Context, image: ImageReference, demand: SignerDemand) -> VerificationOutcome:
    """Look for a signature of the image's digest that holds.

    Raises:
        NoVerifier: Nothing here can verify.
        CouldNotLook: The trust root or the verifying program is of no use.
    """
    if not sigstore_door.is_installed():
        return VerificationOutcome(verified=_with_tool(lambda: tools.cosign(ctx.environ, image, demand, ctx.deadline)))

    def find() -> Found:
        return find_signatures(ctx.doors.registry, image, ctx.deadline)

    return _judge(ctx, image, demand, (find,), lambda kind: kind in {"", COSIGN_SIGNATURE})


def verify_provenance(
    ctx: Context, image: ImageReference, demand: SignerDemand, repository: str
) -> VerificationOutcome:
    """Look for a build provenance of the image's digest that holds: referrers, then GitHub, then cosign's `.att` tag.

    Args:
        ctx: For the doors.
        image: By digest.
        demand: Who must have signed.
        repository: `OWNER/NAME` whose attestations GitHub is asked for; empty: GitHub is not asked.

    Raises:
        NoVerifier: Nothing here can verify.
        CouldNotLook: The trust root or the verifying program is of no use.
    """
    if not sigstore_door.is_installed():
        return VerificationOutcome(
            verified=_with_tool(lambda: tools.gh(ctx.environ, image, demand, repository, ctx.deadline))
        )

    def registry() -> Found:
        return find_bundles(ctx.doors.registry, image, ctx.deadline)

    def api() -> Found:
        return find_attestations(repository, image.digest or "", ctx.environ, ctx.deadline)

    def tag() -> Found:
        return find_tagged_attestations(ctx.doors.registry, image, ctx.deadline)

    places = (registry, api, tag) if repository else (registry, tag)
    return _judge(ctx, image, demand, places, is_provenance)


def _with_tool(verify: Callable[[], tuple[Verified, ...]]) -> tuple[Verified, ...]:
    try:
        return verify()
    except tools.NotThere as missing:
        raise NoVerifier(missing.message, missing.hint) from missing


def _judge(
    ctx: Context,
    image: ImageReference,
    demand: SignerDemand,
    places: Sequence[Callable[[], Found]],
    wanted: Callable[[str], bool],
) -> VerificationOutcome:
    """Look from place to place until something holds."""
    load = _Loading(ctx, demand)
    found, outcome = Found(()), VerificationOutcome()
    for place in places:
        try:
            found = found.plus(place())
        except CouldNotLook as problem:
            found = found.plus(Found((), (problem,)))
        if not found.materials:
            continue
        outcome = _verify(load.sigstore(), found, image.digest or "", wanted)
        if outcome.verified:
            return outcome
    load.sigstore()  # a trust root that is of no use is worth saying even when there is nothing to verify
    return VerificationOutcome((), outcome.refused, outcome.others, found.problems)


class _Loading:
    """Loads `sigstore` (0.4 s) while the network is asked."""

    def __init__(self, ctx: Context, demand: SignerDemand) -> None:
        self._ctx, self._demand = ctx, demand
        self._made: list[sigstore_door.Sigstore | CouldNotLook] = []
        self._thread = threading.Thread(target=self._load, daemon=True)
        self._thread.start()

    def _load(self) -> None:
        try:
            self._made.append(sigstore_door.Sigstore(self._demand))
        except CouldNotLook as problem:
            self._made.append(problem)

    def sigstore(self) -> sigstore_door.Sigstore:
        """Return it, once it is there.

        Raises:
            CouldNotLook: It is of no use, or not there in time.
        """
        self._thread.join(self._ctx.deadline.remaining("loading sigstore"))
        made = self._made[0] if self._made else CouldNotLook("sigstore did not load in time", "Give more --timeout.")
        if isinstance(made, CouldNotLook):
            raise made
        return made


def _verify(
    sigstore: sigstore_door.Sigstore, found: Found, digest: str, wanted: Callable[[str], bool]
) -> VerificationOutcome:
    verified: list[Verified] = []
    refused: list[Refused] = []
    others: dict[str, None] = {}
    for material in found.materials:
        kind = kind_of(material)
        if not wanted(kind) and kind:
            others[kind] = None
            continue
        try:
            verified.append(sigstore.verify(material, digest))
        except Refused as refusal:
            refused.append(refusal)
    good = tuple(each for each in verified if wanted(each.predicate_type))
    ranked = sorted(refused, key=lambda each: each.reason)
    return VerificationOutcome(good, tuple(ranked), tuple(others), found.problems)


def verification_evidence(verified: Verified) -> dict[str, Json]:
    """Return what backs a verification, fit for a report."""
    facts: dict[str, Json] = {
        "identity": verified.signer.identity,
        "issuer": verified.signer.issuer,
        "found_in": verified.source,
        "verified_by": verified.program,
        "logged": verified.logged.isoformat() if verified.logged else "",
        "predicate_type": verified.predicate_type,
    }
    return {name: value for name, value in facts.items() if value}

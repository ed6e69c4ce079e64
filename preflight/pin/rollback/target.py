"""Which earlier value a pin goes back to, chosen from its history alone."""

from collections.abc import Sequence

from preflight.lib.records import frozen
from preflight.lib.reference import short_digest
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.lib.versions import parse_release_tag
from preflight.pin.refusal import Refused
from preflight.pins.value import past_value_in
from preflight.releases.timeline import PinChange

_COMMIT = regex(r"[0-9a-f]{4,64}")
_NAMED = 5
_HISTORY = "See what there is: preflight pin history"


@frozen
class Step:
    """A way from one pin to another.

    Args:
        present: The change that made the present pin.
        target: The newest change that pinned what it goes to.
        left: The target was rolled back from before.
    """

    present: PinChange
    target: PinChange
    left: bool = False

    @property
    def is_needed(self) -> bool:
        """Whether the two pin different images."""
        return self.present.image != self.target.image


def choose_step(variable: str, changes: Sequence[PinChange], to: str = "") -> Step:
    """Choose what a pin goes to.

    Args:
        variable: The variable of the pin.
        changes: The changes of the pin, newest first.
        to: A release, with or without v, or the first digits (4 at least) of a commit that changed the pin. Empty: the
            release pinned before the present one; releases that were rolled back from are left out.

    Raises:
        Refused: There is no such pin, or the present one names no image.
    """
    if not changes or not changes[0].digest:
        what = "no commit pinned" if not changes else "the last commit pins no image by digest for"
        raise Refused(f"{what} {variable}, so there is nothing to roll back", _HISTORY)
    target = _named(changes, to) if to else _earlier(changes)
    return Step(changes[0], target, target.digest in releases_left(changes))


def earlier_pins(changes: Sequence[PinChange], than: PinChange) -> tuple[PinChange, ...]:
    """Return what was pinned before something else, nearest first, without what was rolled back from.

    Args:
        changes: The changes of the pin, newest first.
        than: One of them, with a digest.
    """
    first: dict[str, None] = {}
    newest: dict[str, PinChange] = {}
    for change in reversed(changes):
        if change.digest:
            first.setdefault(change.digest)
            newest[change.digest] = change
    ages, left = list(first), releases_left(changes)
    older = ages[: ages.index(than.digest)]
    return tuple(newest[digest] for digest in reversed(older) if digest not in left)


def releases_left(changes: Sequence[PinChange]) -> frozenset[str]:
    """Return the digests that were rolled back from, and not pinned again since.

    Args:
        changes: The changes of the pin, newest first.
    """
    left: set[str] = set()
    before = ""
    for change in reversed(changes):
        if change.is_rollback:
            left.add(before)
        left.discard(change.digest)
        before = change.digest or before
    return frozenset(left)


def shown(change: PinChange) -> str:
    """Return release and short digest of a change, for people."""
    return f"{change.release or 'an unnamed release'} ({short_digest(change.digest)})"


def value_of_change(change: PinChange, variable: str) -> str:
    """Return the pin's whole value as a change left it; a tag that stood before the digest is in it."""
    return past_value_in(change.commit.text, variable) or ""


def _earlier(changes: Sequence[PinChange]) -> PinChange:
    found = earlier_pins(changes, changes[0])
    if found:
        return found[0]
    raise Refused(
        f"nothing was pinned before {shown(changes[0])}, as far as the history here goes",
        "In a shallow clone: git fetch --unshallow. Or name the target: --to VERSION|COMMIT.",
    )


def _named(changes: Sequence[PinChange], to: str) -> PinChange:
    version = parse_release_tag(to)
    if version is not None:
        found = [change for change in changes if change.digest and change.release == str(version)]
    elif _COMMIT.fullmatch(to.lower()):
        found = [change for change in changes if change.commit.hash.startswith(to.lower())]
        if len(found) > 1:
            raise Refused(f"--to {to} could be {len(found)} commits", "Give more digits of the commit.")
    else:
        raise Refused(f"--to {printable(to, 60)} is neither a version such as 1.4.1 nor a commit", _HISTORY)
    if found and found[0].digest:
        return found[0]
    if found:
        raise Refused(f"commit {found[0].commit.hash[:9]} pins no image by digest", _HISTORY)
    known = list(dict.fromkeys(change.release for change in changes if change.release))
    kind = f"release {version}" if version is not None else f"commit {to} that changed the pin"
    some = f"; it knows {', '.join(known[:_NAMED])}{' and others' if len(known) > _NAMED else ''}" if known else ""
    raise Refused(f"the history of the pin has no {kind}{some}", _HISTORY)

"""What each commit of a pin file made of the pin: the digest, the release, and whether it went back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from preflight.git.model import Commit
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.pins.value import past_value_in
from preflight.releases.names import named_releases


@frozen
class PinChange:
    """A commit that changed the pin.

    Args:
        commit: The commit.
        image: What it pinned, without a tag; None where the value is no image by digest, or was removed.
        release: The release that it pinned: by its subject, or, for a digest that was pinned before, by that commit's.
        returns_to: The first commit that had the same digest, where this one brings it back.
        is_rollback: Whether it brings back a digest that is older than the one it replaces; otherwise it goes forward
            again.
    """

    commit: Commit
    image: ImageReference | None
    release: str = ""
    returns_to: Commit | None = None
    is_rollback: bool = False

    @property
    def digest(self) -> str:
        """The digest that it pinned; empty without one."""
        return (self.image.digest or "") if self.image is not None else ""


def pin_changes(
    variable: str, commits: Sequence[Commit], *, shallow: bool = False, with_cut: bool = False
) -> tuple[PinChange, ...]:
    """Return the changes of a pin, newest first.

    A change that brings back an earlier digest is a rollback: recognised by its content, whatever its subject says.

    Args:
        variable: The variable of the pin.
        commits: The commits of its file, newest first.
        shallow: The history was cut off: the oldest commit seems to have made the whole file. It is left out, and names
            no release, but a later change may return to what it had.
        with_cut: Keep that oldest commit: it did not make the pin, but surely had it.
    """
    oldest_first = list(reversed(commits))
    changes = list(_changes(variable, oldest_first, cut=shallow))
    return tuple(reversed(changes[1:] if shallow and not with_cut else changes))


def _changes(variable: str, commits: Sequence[Commit], *, cut: bool) -> Iterator[PinChange]:
    first: dict[str, PinChange] = {}  # in the order of age
    before: str | None = None
    replaced = ""
    for place, commit in enumerate(commits):
        value, at_the_cut = past_value_in(commit.text, variable), cut and place == 0
        if value == before and not at_the_cut:
            continue
        before = value
        change = PinChange(commit, _image(value), "" if at_the_cut else _named(commit.subject))
        earlier = first.get(change.digest) if change.digest else None
        if earlier is not None:
            ages = list(first)
            older = ages.index(change.digest) < ages.index(replaced)
            change = replace(change, release=earlier.release, returns_to=earlier.commit, is_rollback=older)
        elif change.digest:
            first[change.digest] = change
        replaced = change.digest or replaced
        yield change


def _named(subject: str) -> str:
    """Return the one release that a subject names; empty for none, or for several."""
    names = named_releases([subject])
    return next(iter(names)) if len(names) == 1 else ""


def _image(value: str | None) -> ImageReference | None:
    try:
        image = replace(parse_reference(value or ""), tag=None)
    except ReferenceProblem:
        return None
    return image if image.digest else None

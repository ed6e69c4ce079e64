"""What each commit of a pin file made of the pin: the digest, the release, and whether it went back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from preflight.envfile import EnvFileSyntaxError, parse_env
from preflight.git.model import Commit
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.releases.names import named_releases


@frozen
class PinChange:
    """A commit that changed the pin.

    Args:
        commit: It.
        image: What it pinned, without a tag; None where the value is no image by digest, or was removed.
        release: The release that it pinned: by its subject, or, for a digest that was pinned before, by that commit's.
        returns_to: The commit that pinned the same digest before, where this one goes back to it.
    """

    commit: Commit
    image: ImageReference | None
    release: str = ""
    returns_to: Commit | None = None

    @property
    def digest(self) -> str:
        """The digest that it pinned; empty without one."""
        return (self.image.digest or "") if self.image is not None else ""


def pin_changes(variable: str, commits: Sequence[Commit], *, shallow: bool = False) -> tuple[PinChange, ...]:
    """Return the changes of a pin, newest first.

    A change that brings back an earlier digest is a rollback: recognised by its content, whatever its subject says.

    Args:
        variable: Of the pin.
        commits: Of its file, newest first.
        shallow: The history was cut off: the oldest commit seems to have made the whole file, and is left out.
    """
    oldest_first = list(reversed(commits))
    known = oldest_first[1:] if shallow else oldest_first
    before = _value(oldest_first[0].text, variable) if shallow and oldest_first else None
    return tuple(reversed([*_changes(variable, known, before)]))


def _changes(variable: str, commits: Sequence[Commit], before: str | None) -> Iterator[PinChange]:
    first: dict[str, PinChange] = {}
    for commit in commits:
        value = _value(commit.text, variable)
        if value == before:
            continue
        before = value
        change = PinChange(commit, _image(value), _named(commit.subject))
        earlier = first.get(change.digest) if change.digest else None
        if earlier is not None:
            change = replace(change, release=earlier.release, returns_to=earlier.commit)
        elif change.digest:
            first[change.digest] = change
        yield change


def _named(subject: str) -> str:
    """Return the one release that a subject names; empty for none, or for several."""
    names = named_releases([subject])
    return next(iter(names)) if len(names) == 1 else ""


def _value(text: str, variable: str) -> str | None:
    try:
        found = [each.value for each in parse_env(text) if each.name == variable]
    except EnvFileSyntaxError:
        return None
    return found[-1] if found else None


def _image(value: str | None) -> ImageReference | None:
    try:
        image = replace(parse_reference(value or ""), tag=None)
    except ReferenceProblem:
        return None
    return image if image.digest else None

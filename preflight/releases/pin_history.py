"""Which digest the commits of a pin file recorded for which release, and whether the release's tag still says so."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.model import Commit
from preflight.lib.parallel import together
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.lib.regex import regex
from preflight.model import Json
from preflight.pins.image import PinnedImage
from preflight.pins.value import past_value_in
from preflight.registry.errors import ManifestUnknown
from preflight.releases.names import Release, named_releases

# "Go back, v1.3.0 is broken" is no pin of 1.3.0.
_UNDOES = regex(r"\b(?:revert|undo|go back|roll(?:ing|ed)?[ -]?back|back out|downgrade)", re.IGNORECASE)


@frozen
class RecordedPin:
    """A commit that pinned the image of a release.

    Args:
        pinned: The pin as it is now, for its file and name.
        release: The version that the commit names, e.g. "1.2.0".
        image: As the commit pinned it, without a tag.
        commit: The commit.
    """

    pinned: PinnedImage
    release: str
    image: ImageReference
    commit: Commit


@frozen
class TagCheck:
    """What a release's tag says today.

    Args:
        record: What was pinned for the release.
        tag: As the registry writes the release.
        digest: At which the tag points; empty if the tag is listed, but does not answer.
    """

    record: RecordedPin
    tag: str
    digest: str

    @property
    def moved(self) -> bool:
        """Whether it points elsewhere, or nowhere."""
        return self.digest != self.record.image.digest

    def evidence(self) -> dict[str, Json]:
        """Return it as plain data."""
        return {
            "image": self.record.image.name,
            "release": self.record.release,
            "tag": self.tag,
            "points_at": self.digest or None,
            "digest": self.record.image.digest,
            "commit": self.record.commit.hash,
            "subject": self.record.commit.subject,
        }


@frozen
class PinHistory:
    """What the commits of one pin's file say of releases.

    Args:
        records: What was pinned by digest for each release ("… for v1.2.0"), newest first, by the newest commit that
            names it. Left out are commits that return to a digest which an earlier commit pinned for another release.
        published: The releases that surely had an image once: those of the records, and those pinned by tag only.
    """

    records: tuple[RecordedPin, ...]
    published: frozenset[str]


def pin_history(pinned: PinnedImage, commits: Sequence[Commit], *, shallow: bool = False) -> PinHistory:
    """Read the commits of a pin's file.

    Only those count that change the pin, to an image of the repository that it is of today, name one release, and
    undo nothing.

    Args:
        pinned: The pin as it is now.
        commits: The commits of its file, newest first.
        shallow: The history was cut off, so that the oldest commit seems to have made the whole file.
    """
    found: dict[str, RecordedPin] = {}
    by_tag: set[str] = set()
    first_named: dict[str, str] = {}
    for record in _changes(pinned, commits, shallow=shallow):
        if record.image.digest is None:
            by_tag.add(record.release)
        elif first_named.setdefault(record.image.digest, record.release) == record.release:
            found.pop(record.release, None)  # the newest commit that names a release also says where it stands
            found[record.release] = record
    return PinHistory(tuple(reversed(found.values())), frozenset(found) | by_tag)


def _changes(pinned: PinnedImage, commits: Sequence[Commit], *, shallow: bool) -> Iterator[RecordedPin]:
    """Yield, oldest first, what the commits that count pinned; the image has its digest, or none."""
    before: str | None = None
    for place, commit in enumerate(reversed(commits)):
        value = past_value_in(commit.text, pinned.pin.variable)
        changed, before = value != before and not (shallow and place == 0), value
        image, names = _image(value), named_releases([commit.subject])
        if not changed or image is None or image.name != pinned.image.name:
            continue
        if len(names) == 1 and not _UNDOES.search(commit.subject):
            yield RecordedPin(pinned, next(iter(names)), image, commit)


def check_tags(
    ctx: Context, records: Iterable[RecordedPin], there: Mapping[str, Release], limit: int
) -> tuple[tuple[TagCheck, ...], CouldNotLook | None]:
    """Ask, side by side, where the tags of recorded releases point.

    Args:
        ctx: For the registry and the deadline.
        records: All of one repository, in the order in which they are worth asking.
        there: By version, the releases that the registry lists; what it does not list is not asked.
        limit: How many releases are asked at most.

    Returns:
        What the tags say; and what kept one from being asked, or None.
    """
    asked = [(record, tag) for record in list(records)[:limit] for tag in _tags(there.get(record.release))]
    calls = [
        partial(ctx.doors.registry.head_manifest, replace(record.image, tag=tag, digest=None), ctx.deadline)
        for record, tag in asked
    ]
    found: list[TagCheck] = []
    problem: CouldNotLook | None = None
    for (record, tag), answer in zip(asked, together(calls, ctx.deadline, "the registry"), strict=True):
        if isinstance(answer, ManifestUnknown):
            found.append(TagCheck(record, tag, ""))
        elif isinstance(answer, CouldNotLook):
            problem = problem or answer
        else:
            found.append(TagCheck(record, tag, answer.digest))
    return tuple(found), problem


def _tags(release: Release | None) -> tuple[str, ...]:
    return release.tags if release else ()


def _image(value: str | None) -> ImageReference | None:
    try:
        return replace(parse_reference(value or ""), tag=None)
    except ReferenceProblem:
        return None

"""What to say of pinned images, their tags and releases; one line each."""

from collections.abc import Sequence

from preflight.lib.reference import ImageReference, short_reference
from preflight.lib.text import plural, printable
from preflight.releases.holding import Hold, Holding
from preflight.releases.moved import MovedTag
from preflight.releases.names import Release
from preflight.releases.rollback import Rollback

_SHORT_COMMIT = 7
_NAMED = 5


def short_image(image: ImageReference) -> str:
    """Return an image with the start of its digest."""
    return printable(short_reference(str(image)), 200)


def start_of(digest: str | None) -> str:
    """Return the start of a digest, which is enough to tell it from others."""
    return f"{printable(digest or '', 80)[:19]}…"


def name_releases(releases: Sequence[Release]) -> str:
    """Return the names of the first few releases, and how many more there are."""
    shown = ", ".join(printable(release.name, 40) for release in releases[:_NAMED])
    return shown if len(releases) <= _NAMED else f"{shown} and {len(releases) - _NAMED} more"


def say_hold(image: ImageReference, hold: Hold, found: Holding, rollback: Rollback | None) -> tuple[str, str]:
    """Say which release tag points at the pinned digest, or why none is known to; and what to do, where it is known."""
    short, release = short_image(image), found.release.name if found.release else ""
    by = rollback.commit.hash[:_SHORT_COMMIT] if rollback else ""
    match hold:
        case Hold.RELEASE:
            back = f"; rolled back to {release} by {by}" if by else ""
            return f"release tag {found.tag} points at the digest{back}: {short} answers", ""
        case Hold.OLDER:
            back = f" (rolled back by {by})" if by else ""
            name, tag = (found.newest.name, found.newest.tags[0]) if found.newest else ("", "")
            message = f"{short} answers, but is release {release}{back}; the newest is {name}"
            return message, f"Pin the digest of {name} (its tag: {tag})."
        case Hold.PRERELEASE:
            return f"{short} is held only by {found.tag}, a pre-release or variant", ""
        case Hold.UNKNOWN:
            reason, hint = (found.problem.message, found.problem.hint) if found.problem else ("", "")
            return f"{short}: not every release tag could be asked: {reason}", hint
        case Hold.NOT_ALL_ASKED:
            left = found.total - found.asked
            asked = f"none of the {found.asked} release tags asked points at it"
            return f"{short}: {asked}; {left} more were not asked", ""
    none = f"none of the {plural(found.total, 'release tag')}" if found.total else "no release tag"
    return f"{short} answers, but {none} points at it{'' if found.total else ': the repository has none'}", ""


def say_moved(moved: MovedTag) -> tuple[str, str]:
    """Say that a tag does not point at what was pinned for its release, and what to do."""
    check, record = moved.check, moved.check.record
    name, tag = record.image.name, check.tag
    if moved.problem is not None:
        message = f"whether tag {tag} was moved or lists what was pinned cannot be told: {moved.problem.message}"
        return message, moved.problem.hint
    pinned = f"commit {record.commit.hash[:12]} pinned {start_of(record.image.digest)} for it"
    again = f"docker buildx imagetools create --tag {name}:{tag} {name}@{record.image.digest}"
    if moved.is_gone:
        gone = f"tag {tag} was pruned: it is listed, but does not answer any more; {pinned}"
        return gone, f"Find what deleted it; then {again}"
    message = f"tag {tag} was moved: it points at {start_of(check.digest)}, but {pinned}"
    return message, f"Use nothing by that tag; find who moved it (or pinned a wrong digest); if it was moved: {again}"

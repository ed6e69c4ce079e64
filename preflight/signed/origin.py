"""Which release a pin was made for, and whether a commit belongs to it."""

from dataclasses import replace

from preflight.context import Context
from preflight.git.address import same_repository
from preflight.git.model import is_commit
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.pins.history import read_past
from preflight.pins.image import PinnedImage
from preflight.releases.names import Release, find_releases, named_releases

_TAGS = "refs/tags/"


@frozen
class Origin:
    """How a commit stands to the release that a pin names.

    Args:
        release: E.g. "1.4.1"; empty if the pin's history names none.
        belongs: Whether the commit is the release's, or came in with it; None if that cannot be told.
        why: In words, when it does not belong or cannot be told.
    """

    release: str
    belongs: bool | None
    why: str = ""


def origin_of(ctx: Context, pinned: PinnedImage, commit: str, repository: str) -> Origin:
    """Tell whether a commit belongs to the release that the pin names in its history ("… for v1.4.1").

    A release's workflow may put its tag on a later commit than the one it built from (one that only bumps versions);
    such a commit belongs to the release if no earlier full release has it.

    Args:
        ctx: For git.
        pinned: The pin whose history is read.
        commit: Full id.
        repository: Address of the repository that has the commit; empty if that is not known.

    Raises:
        CouldNotLook: Git fails.
    """
    release = _named_release(ctx, pinned)
    if not release:
        return Origin("", None, "the pin's history names no release")
    if _is_of_another(ctx, repository):
        return Origin("", None, "this clone is of another repository")
    tag = next((each for each in find_releases(ctx.doors.git.tags(ctx.deadline)) if each.name == release), None)
    if tag is None:
        return Origin(release, None, f"this clone has no tag for {release}")
    return _compare(ctx, tag, commit)


def _compare(ctx: Context, release: Release, commit: str) -> Origin:
    git = ctx.doors.git
    if not is_commit(commit):
        return Origin(release.name, None, "no commit is named")
    if git.commit_of_tag(release.tags[0], ctx.deadline) == commit:
        return Origin(release.name, belongs=True)
    if git.is_shallow(ctx.deadline):
        return Origin(release.name, None, "this clone is shallow")
    if not git.has_commit(commit, ctx.deadline):
        return Origin(release.name, belongs=False, why=f"this clone does not know the commit {commit[:12]}")
    return _by_containment(ctx, release.name, commit)


def _is_of_another(ctx: Context, repository: str) -> bool:
    """Whether the clone has remotes, and none of them is the repository; pins may be kept apart from the source."""
    urls = ctx.doors.git.remote_urls(ctx.deadline)
    return bool(urls) and not any(same_repository(url, repository) for url in urls)


def _by_containment(ctx: Context, release: str, commit: str) -> Origin:
    having = find_releases(ctx.doors.git.tags_with(commit, ctx.deadline))  # newest first
    if release not in {each.name for each in having}:
        return Origin(release, belongs=False, why=f"the commit {commit[:12]} is not in {release}")
    first = _first(having, release)
    if first != release:
        return Origin(release, belongs=False, why=f"the commit {commit[:12]} was released before, in {first}")
    return Origin(release, belongs=True)


def _first(having: tuple[Release, ...], release: str) -> str:
    """Return the oldest full release that has the commit; a pre-release of this one does not count."""
    counted = [each.name for each in having if each.is_final or each.name == release]
    return counted[-1]


def _named_release(ctx: Context, pinned: PinnedImage) -> str:
    """Return the version that the oldest commit of the newest run of commits with this value names."""
    past = read_past(ctx, pinned.pin)
    subjects: list[str] = []
    for commit, value in zip(past.commits, past.values, strict=True):
        if _same_image(value, pinned.image):
            subjects.append(commit.subject)
        elif subjects:
            break
    for subject in reversed(subjects):
        if named := sorted(named_releases([subject])):
            return named[0] if len(named) == 1 else ""
    return ""


def _same_image(value: str | None, image: ImageReference) -> bool:
    try:
        return replace(parse_reference(value or ""), tag=None) == image
    except ReferenceProblem:
        return False


def release_in_ref(ref: str) -> str:
    """Return the version that a ref such as `refs/tags/v1.4.1` names; empty for none."""
    found = find_releases([ref.removeprefix(_TAGS)]) if ref.startswith(_TAGS) else ()
    return found[0].name if found else ""

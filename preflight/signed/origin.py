"""Which release a pin was made for, and whether a commit belongs to it."""

import re
from dataclasses import dataclass, replace

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.pins.history import read_past
from preflight.pins.image import PinnedImage
from preflight.releases.names import Release, find_releases, named_releases

_COMMIT_DIGITS = frozenset({40, 64})
_TAGS = "refs/tags/"
_REMOTE = re.compile(r"(?:^|[/@])github\.com(?::\d+)?[:/]/?([^/]+/[^/]+?)(?:\.git)?/?$", re.IGNORECASE)


@dataclass(frozen=True)
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
        pinned: Its history is read.
        commit: Full id.
        repository: `owner/name` at GitHub, in lower case, that has the commit; empty if it is elsewhere.

    Raises:
        CouldNotLook: Git fails.
    """
    release, git = _named_release(ctx, pinned), GitCommand(ctx.environ)
    if not release:
        return Origin("", None, "the pin's history names no release")
    if _is_of_another(git, ctx, repository):
        return Origin("", None, "this clone is of another repository")
    tag = next((each for each in find_releases(ctx.doors.git.tags(ctx.deadline)) if each.name == release), None)
    if tag is None:
        return Origin(release, None, f"this clone has no tag for {release}")
    return _compare(ctx, git, tag, commit)


def _compare(ctx: Context, git: GitCommand, release: Release, commit: str) -> Origin:
    if len(commit) not in _COMMIT_DIGITS or commit.strip("0123456789abcdef"):
        return Origin(release.name, None, "no commit is named")
    words = ("rev-parse", "--quiet", "--verify", f"{_TAGS}{release.tags[0]}^{{commit}}")
    if git(ctx.project.base, words, ctx.deadline).text.strip() == commit:
        return Origin(release.name, belongs=True)
    if ctx.doors.git.is_shallow(ctx.deadline):
        return Origin(release.name, None, "this clone is shallow")
    if git(ctx.project.base, ("cat-file", "-e", f"{commit}^{{commit}}"), ctx.deadline).exit_code != 0:
        return Origin(release.name, belongs=False, why=f"this clone does not know the commit {commit[:12]}")
    return _by_containment(ctx, git, release.name, commit)


def _is_of_another(git: GitCommand, ctx: Context, repository: str) -> bool:
    """Whether the clone has remotes, and none of them is the repository; pins may be kept apart from the source."""
    done = git(ctx.project.base, ("config", "--get-regexp", r"^remote\..*\.url$"), ctx.deadline)
    urls = [line.partition(" ")[2] for line in done.text.split("\n") if line]
    return bool(urls) and repository not in {_at_github(url) for url in urls} - {""}


def _at_github(url: str) -> str:
    """Return `owner/name` in lower case of a remote at GitHub; no more, for it may hold a password."""
    match = _REMOTE.search(url)
    return match[1].lower() if match else ""


def _by_containment(ctx: Context, git: GitCommand, release: str, commit: str) -> Origin:
    words = ("for-each-ref", "--format=%(refname)", f"--contains={commit}", _TAGS.rstrip("/"))
    done = git(ctx.project.base, words, ctx.deadline)
    if done.exit_code != 0:
        raise CouldNotLook("git could not list the tags that have a commit", f"Look: git tag --contains {commit}")
    names = (line.removeprefix(_TAGS) for line in done.text.split("\n") if line.startswith(_TAGS))
    having = find_releases(names)  # newest first
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

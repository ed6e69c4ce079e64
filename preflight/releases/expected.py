"""Which releases there should be: as git's tags, GitHub's releases or the operator's list have them."""

from dataclasses import replace

from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.github.client import is_repository
from preflight.lib.patterns import demand_pattern
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.releases.names import Release, find_releases

SOURCES = ("auto", "git", "remote", "github", "list")
LIST = "the settings"
_REMOTE_S = 15.0


@frozen
class ReleaseSource:
    """Where the releases stand.

    Args:
        kind: "list" (`releases`), "git" (local tags), "remote" (`git ls-remote`), "github" (its releases), or "auto":
            the list if there is one, else local tags, but the remote's where there are none or the clone is shallow,
            which has only some.
        releases: For "list": versions, with or without v.
        remote: Name of git's remote; its address also says which repository GitHub is asked for.
        repository: For "github": `OWNER/NAME`; empty for the remote's.
        pattern: See ``find_releases``.
        prereleases: Pre-releases count, too; those of a list always do.

    Raises:
        ValueError: The words do not go together; it names the setting.
    """

    kind: str = "auto"
    releases: tuple[str, ...] = ()
    remote: str = "origin"
    repository: str = ""
    pattern: str = ""
    prereleases: bool = False

    def __post_init__(self) -> None:
        if self.kind not in SOURCES:
            raise ValueError(f"source: must be one of {', '.join(SOURCES)}")
        if (self.kind == "list") > bool(self.releases):
            raise ValueError("releases: must name versions when source is list")
        if self.repository and not is_repository(self.repository):
            raise ValueError("repository: must be OWNER/NAME")
        if len(find_releases(self.releases)) < len(set(self.releases)):
            raise ValueError("releases: must be versions such as 1.2.0, each named once")
        if self.pattern:
            demand_pattern("pattern", self.pattern)


@frozen
class ExpectedReleases:
    """What was released, newest first.

    Args:
        releases: None, if there are none or nobody knows.
        source: Who says so, e.g. "git"; without releases, why there are none.
        incomplete: Some may be missing: the clone is shallow.
        unknown: Nobody could be asked: there is no work tree, or a clone without tags whose remote did not answer.
    """

    releases: tuple[Release, ...]
    source: str
    incomplete: bool = False
    unknown: bool = False

    @property
    def is_list(self) -> bool:
        """Whether the operator named each, so that each must be there."""
        return self.source == LIST

    @property
    def final(self) -> "ExpectedReleases":
        """The same without pre-releases."""
        found = tuple(release for release in self.releases if release.is_final)
        reason = f"{self.source} has pre-releases only" if self.releases and not found else self.source
        return replace(self, releases=found, source=reason)


def expected_releases(ctx: Context, source: ReleaseSource) -> ExpectedReleases:
    """Return what was released.

    Raises:
        CouldNotLook: The source cannot say; with "auto", a remote that does not answer is no error. GitHub must have
            a release, for who asks it expects some.
    """
    if source.kind == "list" or (source.kind == "auto" and source.releases):
        return ExpectedReleases(find_releases(source.releases), LIST)
    found = _from_github(ctx, source) if source.kind == "github" else _from_git(ctx, source)
    return found if source.prereleases else found.final


def _from_github(ctx: Context, source: ReleaseSource) -> ExpectedReleases:
    from preflight.releases.github import repository_of_remote, version_tags

    # Half of the time is left for what comes after, should GitHub not answer.
    deadline = ctx.deadline.sooner(ctx.deadline.remaining("GitHub's API") / 2)
    repository = source.repository or repository_of_remote(ctx, source.remote)
    tags = version_tags(repository, ctx.environ, deadline, source.pattern, prereleases=source.prereleases)
    return ExpectedReleases(find_releases(tags, source.pattern), f"GitHub ({repository})")


def _from_git(ctx: Context, source: ReleaseSource) -> ExpectedReleases:
    git, deadline = ctx.doors.git, ctx.deadline
    if source.kind == "remote":
        return _from_remote(ctx, source)
    if git.root(deadline) is None:
        return ExpectedReleases((), "there is no git work tree here", unknown=True)
    local = find_releases(git.tags(deadline), source.pattern)
    shallow = git.is_shallow(deadline)
    if local and not shallow:
        return ExpectedReleases(local, "git")
    where = "this shallow clone" if shallow else "this clone"
    source_here = "git" if local else f"git has no release tags in {where}"
    here = ExpectedReleases(local, source_here, incomplete=shallow, unknown=not local)
    if source.kind == "git":
        return here
    try:
        return _from_remote(ctx, source)
    except CouldNotLook:
        return here if local else replace(here, source=f"{here.source}, and its remote does not answer")


def _from_remote(ctx: Context, source: ReleaseSource) -> ExpectedReleases:
    tags = ctx.doors.git.remote_tags(ctx.deadline.sooner(_REMOTE_S), source.remote)
    found, name = find_releases(tags, source.pattern), f"git's remote {printable(source.remote, 60)}"
    return ExpectedReleases(found, name if found else f"{name} has no release tags")

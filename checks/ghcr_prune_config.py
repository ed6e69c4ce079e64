"""No workflow of this repository can delete what a release consists of."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    DoesNotApply,
    Finding,
    Json,
    Need,
    Pin,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
)
from preflight.github.client import has_token, is_repository
from preflight.lib.records import frozen
from preflight.lib.reference import ImageReference, ReferenceProblem, parse_reference
from preflight.lib.text import plural, printable
from preflight.pins.value import PinUnknown, read_pin_value
from preflight.workflows import has_workflows

if TYPE_CHECKING:
    from preflight.workflows.judge import JudgedStep
    from preflight.workflows.model import Place
    from preflight.workflows.package import Package
    from preflight.workflows.package_versions import PackageVersions
    from preflight.workflows.source import WorkflowProblem
    from preflight.workflows.survey import Survey

_REGISTRY = "ghcr.io"
_ASK_S = 15.0
_SHA_LENGTHS = {40, 64}
_SHOWN = 3


@frozen
class Settings:
    """Settings of `ghcr-prune-config`.

    Args:
        reviewed: Files (from the root of the repository) whose scripts, unknown actions and calls elsewhere a person
            has read and found to spare releases.
        release_tags: Examples of the tags that releases of the image have, such as "1.2.0"; empty: ask the registry,
            and without an answer take "v1.2.0" and "1.2.0" for possible.
        multi_platform: Images have children (platforms or attestations), which bear no tag. False: they have none.
            The registry is asked about the pinned image in any case.
        repository: The repository at GitHub that runs the workflows, as OWNER/NAME; empty: that of git's remote origin.
    """

    reviewed: tuple[str, ...] = ()
    release_tags: tuple[str, ...] = ()
    multi_platform: bool = True
    repository: str = ""

    def __post_init__(self) -> None:
        if self.repository and not is_repository(self.repository):
            raise ValueError("repository must be OWNER/NAME")


@frozen
class _Target:
    """A package to judge, and the pinned image that is in it."""

    package: "Package"
    image: ImageReference


class GhcrPruneConfig(Check[Settings]):
    """Nothing in this repository is set up to delete the pinned image, its children or the tags of releases."""

    about = About(
        id="ghcr-prune-config",
        title="No workflow here can delete releases from ghcr.io",
        area=Area.REGISTRY,
        tags=frozenset({"registry", "git", "workflows"}),
        needs=frozenset({Need.PIN, Need.GIT}),
        asks=(
            "Can a step in .github/workflows (or in a local action, a reusable workflow or a script that they call) "
            "delete versions of the pinned image's package that a release consists of: its tags, its digest, or the "
            "untagged children of a multi-platform image? Judged by version and inputs are fifteen actions that clean "
            "up ghcr.io, such as actions/delete-package-versions, snok/container-retention-policy and "
            "dataaxiom/ghcr-cleanup-action, and scripts that call GitHub's API. Where a step names the repository that "
            "runs it, git's remote origin says which that is. With a token (GHCR_TOKEN or GITHUB_TOKEN, scope "
            "read:packages) GitHub is asked what was deleted lately."
        ),
        why=(
            "ghcr.io prunes nothing by itself; workflows do. A clean-up job works until the day a rollback needs "
            "what it deleted. Not seen from here are other repositories' workflows with a token for the package, and a "
            "default branch (its schedules run) newer than the checkout. Of what make, npm run and the like do, only "
            "calls of GitHub's API are looked for."
        ),
        failures=(
            ("A step deletes tagged versions and nothing spares release tags.", "Add the input that is named."),
            ("A step deletes untagged versions: the children of multi-platform images.", "Use one that reads them."),
            (
                "`ignore-versions` is trusted: for containers it is compared with digests.",
                "Use exclude-tags elsewhere.",
            ),
            ("A script deletes versions of the package.", "Remove it, or read it and name its file under reviewed."),
            ("An input shows only when it runs, e.g. ${{ vars.KEEP }} (warning).", "Write it out."),
            ("Only tags with (or without) a leading v are spared (warning).", "Spare the form that images have."),
            ("A workflow elsewhere, or an unknown action, seems to prune (warning).", "Read it; then reviewed."),
            ("A job that may write packages runs make or a script not in view (warning).", "Read it; then reviewed."),
            ("A workflow is no YAML, too large or unreadable (error).", "Correct it; the others are judged."),
            ("GitHub lists the pinned image, or a release, as deleted (with a token).", "Restore it within 30 days."),
            ("GitHub lists other versions as deleted (warning; with a token).", "Find what deletes them."),
            ("There are no workflows here, or no git work tree (skip).", "Look in the repository that builds it."),
            ("The image is not in ghcr.io (skip).", "Look at the retention rules of that registry."),
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Read the workflows once, then judge them for each package that is pinned."""
        targets: list[_Target] = []
        for found in (_target(ctx, pin) for pin in ctx.pins):
            if isinstance(found, Finding):
                yield found
            elif found.package not in [target.package for target in targets]:
                targets.append(found)
        if targets:
            yield from self._workflows(ctx, targets)
        if not ctx.options.offline and has_token(ctx.environ):
            for target in targets:
                yield from _deleted(ctx, target)

    def _workflows(self, ctx: Context, targets: Sequence[_Target]) -> Iterator[Finding]:
        try:
            root = ctx.doors.git.root(ctx.deadline)
        except CouldNotLook as error:
            yield could_not_look(error.message, hint=error.hint)
            return
        if root is None:
            hint = "Look in the repository that builds the image; a folder that Coolify deploys to has no .git."
            yield skipped("not in a git work tree: there are no workflows to look at", hint=hint)
        else:
            yield from self._judge(ctx, root, targets)

    def _judge(self, ctx: Context, root: Path, targets: Sequence[_Target]) -> Iterator[Finding]:
        if not has_workflows(root):
            yield _no_workflows(targets[0])
            return
        # Here: what reads workflows takes as long to load as a quick run.
        from preflight.workflows.judge import PackageReleases
        from preflight.workflows.source import WorkflowProblem
        from preflight.workflows.survey import survey

        try:
            found = survey(ctx, root, self.settings.repository, self.settings.reviewed)
        except WorkflowProblem as error:
            yield _problem(ctx, error)
            return
        if not found.workflows.files:
            yield _no_workflows(targets[0])
            return
        yield from (_problem(ctx, problem) for problem in found.workflows.problems)
        unseen = found.unseen()
        yield from (_unseen(ctx, each) for each in unseen)
        releases = PackageReleases(self.settings.release_tags, not self.settings.multi_platform or None)
        for target in targets:
            judged = found.judge(ctx, target.package, target.image, releases)
            risky = [each for each in judged if each.risk and not found.is_reviewed(each)]
            yield from (_risk(ctx, each, target.package) for each in risky)
            if not risky and not unseen:
                yield _passed(ctx, found, target, judged)


def _no_workflows(target: _Target) -> Finding:
    hint = f"Look in the repository that builds {target.package}, and at others that hold a token for it."
    return skipped("no workflows in this repository: nothing here is configured to prune", hint=hint)


def _passed(ctx: Context, found: "Survey", target: _Target, judged: Sequence["JudgedStep"]) -> Finding:
    """Say what was read, and that it ends there."""
    workflows = found.workflows
    count = len(workflows.files) - len(workflows.problems)
    evidence: dict[str, Json] = {
        "package": str(target.package),
        "files": [printable(ctx.show(path)) for path in workflows.files],
        "scripts": [printable(ctx.show(path)) for path in workflows.scripts],
        "harmless": [f"{_at(ctx, each.place)}: {_what(each)}" for each in judged],
        "cannot_run": [f"{_at(ctx, place)}: {printable(reason, 200)}" for place, reason in workflows.cannot_run],
        "not_seen": [
            f"{_at(ctx, each.place)}: {printable(each.what, 120)} ({each.reason})" for each in workflows.unseen
        ],
    }
    scripts = f" and {plural(len(workflows.scripts), 'script')}" if workflows.scripts else ""
    return passed(
        f"nothing in {plural(count, 'workflow file')}{scripts} of this repository can delete releases of "
        f"{target.package}; other repositories were not looked at",
        at=None,
        **evidence,
    )


def _target(ctx: Context, pin: Pin) -> _Target | Finding:
    at = ctx.at(pin.file)
    try:
        value = read_pin_value(pin, ctx.show)
    except PinUnknown as problem:
        return could_not_look(problem.message, hint=problem.hint, at=problem.at)
    hint = f"Write {pin.variable}=ghcr.io/OWNER/NAME@sha256:…"
    try:
        image = parse_reference(value.text)
    except ReferenceProblem as problem:
        return could_not_look(f"{pin.variable} names no image: {problem.message}", hint=hint, at=at)
    if image.registry.lower() != _REGISTRY:
        return skipped(
            f"{pin.variable} names an image in {printable(image.registry, 80)}, not {_REGISTRY}",
            hint="Look at the retention rules of that registry.",
            at=at,
        )
    from preflight.workflows.package import Package

    owner, _, name = image.repository.partition("/")
    return _Target(Package(owner, name), image)


def _deleted(ctx: Context, target: _Target) -> Iterator[Finding]:
    """Say what GitHub knows of deletions within the last 30 days: prunings that were, not that may be."""
    from preflight.workflows.package_versions import list_versions

    package = target.package
    try:
        versions = list_versions(package, ctx.environ, ctx.deadline.sooner(_ASK_S))
    except DoesNotApply as reason:
        yield skipped(reason.message, hint=reason.hint or "Set GHCR_TOKEN to a token with the scope read:packages.")
        return
    except CouldNotLook as error:
        yield could_not_look(error.message, hint=error.hint)
        return
    yield _verdict(target, versions, {"package": str(package), **versions.evidence()})


def _verdict(target: _Target, versions: "PackageVersions", evidence: dict[str, Json]) -> Finding:
    from preflight.workflows.package_versions import Loss

    package, pinned = target.package, target.image.digest
    untagged = f"{versions.untagged} of {plural(len(versions.active), 'version')} untagged"
    worst, restore = versions.worst(pinned), ""
    if worst is not None:
        restore = f"gh api -X POST {versions.path}/versions/{worst.id}/restore"
    hint = f"Stop what deletes; restore it within 30 days: {restore}"
    match versions.loss(pinned):
        case Loss.UNTOLD:
            hint = f"Run it with a token of {package.owner}: GitHub tells only them what was deleted."
            message = f"what was deleted from {package} is not told to this token; {untagged}"
            return skipped(message, hint=hint, at=None, **evidence)
        case Loss.NOTHING:
            message = f"nothing was deleted from {package} in the last 30 days; {untagged}"
            return passed(message, at=None, **evidence)
        case Loss.PINNED:
            changed = worst.changed if worst else ""
            message = f"the pinned image was deleted from {package} ({changed})"
            return failed(message, hint=hint, at=None, **evidence)
        case Loss.RELEASES:
            gone = versions.releases_gone
            shown = ", ".join(gone[:_SHOWN]) + (", …" if len(gone) > _SHOWN else "")
            message = f"releases were deleted from {package} in the last 30 days: {shown}"
            return failed(message, hint=hint, at=None, **evidence)
        case Loss.OTHERS:
            deleted = versions.deleted or ()
            what = plural(len(deleted), "version")
            bare = "" if any(each.tags for each in deleted) else ", all untagged: perhaps children of releases"
            message = f"{what} of {package} deleted in the last 30 days, no release tag among them{bare}"
            hint = f"Find what deletes them, here or in another repository; {untagged} are left."
            return warned(message, hint=hint, at=None, **evidence)


def _problem(ctx: Context, problem: "WorkflowProblem") -> Finding:
    at = ctx.at(problem.path, problem.line)
    return could_not_look(f"{printable(str(at))}: {problem.message}", hint=problem.hint, at=at)


def _unseen(ctx: Context, judged: "JudgedStep") -> Finding:
    name = ctx.show(judged.place.path)
    if judged.not_read:
        words = f"job {printable(judged.job.name, 60)} may prune packages: {_what(judged)} was not looked into"
    else:
        words = f"{_what(judged)} may prune packages, but cannot be seen from here: {judged.notes[0]}"
    return warned(
        words,
        hint=f"{judged.protect}; then name {name} under reviewed: for ghcr-prune-config.",
        at=ctx.at(judged.place.path, judged.place.line),
        **_evidence(ctx, judged),
    )


def _risk(ctx: Context, judged: "JudgedStep", package: "Package") -> Finding:
    at, evidence = ctx.at(judged.place.path, judged.place.line), _evidence(ctx, judged)
    hint = printable(". ".join(_sentence(part) for part in (*judged.notes, judged.protect)) + ".", 600)
    if judged.certain:
        targets = " and ".join(judged.targets)
        return failed(f"{_what(judged)} can delete {targets} of {package}", hint=hint, at=at, **evidence)
    when = " before it runs" if judged.unknown else ""
    because = printable(", ".join((*judged.unknown[:_SHOWN], *judged.doubts[:_SHOWN])), 160)
    return warned(
        f"whether {_what(judged)} deletes releases of {package} cannot be told{when}: {because}",
        hint=hint,
        at=at,
        **evidence,
    )


def _evidence(ctx: Context, judged: "JudgedStep") -> dict[str, Json]:
    return {
        "job": printable(judged.job.name, 100),
        "action": printable(judged.what, 200),
        "deletes": list(judged.targets),
        "unknown": [printable(name, 100) for name in (*judged.unknown, *judged.doubts)],
        "called_from": [str(ctx.at(place.path, place.line)) for place in judged.job.via],
    }


def _what(judged: "JudgedStep") -> str:
    """Return the action or call, a commit's id cut short."""
    name, at, reference = judged.what.partition("@")
    short = reference[:7] if len(reference) in _SHA_LENGTHS else reference
    return printable(f"{name}{at}{short}", 120)


def _at(ctx: Context, place: "Place") -> str:
    return printable(str(ctx.at(place.path, place.line)))


def _sentence(words: str) -> str:
    is_name = "-" in words.split(" ", 1)[0]
    return (words if is_name else words[:1].upper() + words[1:]).rstrip(".")

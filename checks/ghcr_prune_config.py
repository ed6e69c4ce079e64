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
    Failure,
    Finding,
    Json,
    Need,
    Pin,
    Status,
    Subject,
    could_not_look,
    passed,
    setting,
    skipped,
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

ACTION_DELETES = Failure(
    "action-deletes-releases",
    "A clean-up action deletes what releases consist of: tagged versions, or untagged children of images.",
    "Add the input that spares releases, or use an action that reads the children of images.",
    before=Status.WARN,
)
ACTION_MAY_DELETE = Failure(
    "action-may-delete",
    "Whether a clean-up action deletes releases only shows when it runs, or depends on the form of release tags.",
    "Write the input out, and spare the form of tags that the images have.",
    Status.WARN,
    Status.WARN,
)
SCRIPT_DELETES = Failure(
    "script-deletes-versions",
    "A script asks GitHub to delete versions of the package.",
    "Remove it; or read which versions it picks and name its file under `reviewed:`.",
    before=Status.WARN,
)
SCRIPT_MAY_DELETE = Failure(
    "script-may-delete",
    "A script asks GitHub to delete versions, and the package only shows when it runs.",
    "Write the package out; or read the script and name its file under `reviewed:`.",
    Status.WARN,
    Status.WARN,
)
UNKNOWN_ACTION = Failure(
    "unknown-action",
    "The name of an action that preflight does not know speaks of deleting packages.",
    "Read what it does, then name the workflow under `reviewed:`.",
    Status.WARN,
    Status.WARN,
)
OUT_OF_VIEW = Failure(
    "out-of-view",
    "A workflow, action or program that may delete packages lies outside this repository.",
    "Read it, then name the workflow that calls it under `reviewed:`.",
    Status.WARN,
    Status.WARN,
)
NOT_READ = Failure(
    "not-read",
    "A job that may delete packages runs a task or script that preflight does not read.",
    "Read it, then name the workflow under `reviewed:`.",
    Status.WARN,
    Status.WARN,
)
PINNED_DELETED = Failure(
    "pinned-deleted",
    "GitHub lists the pinned image as deleted.",
    "Restore it within 30 days, and stop what deletes.",
)
RELEASES_DELETED = Failure(
    "releases-deleted",
    "GitHub lists releases as deleted within the last 30 days.",
    "Restore them within 30 days, and stop what deletes.",
    before=Status.WARN,
)
VERSIONS_DELETED = Failure(
    "versions-deleted",
    "GitHub lists versions as deleted, no release tag among them.",
    "Find what deletes them: they may be children of releases.",
    Status.WARN,
    Status.WARN,
)


@frozen
class Settings:
    """Settings of `ghcr-prune-config`."""

    reviewed: tuple[str, ...] = setting(
        (),
        "Files, from the root of the repository, whose scripts, unknown actions and calls elsewhere a person "
        "has read and found to spare releases.",
    )
    release_tags: tuple[str, ...] = setting(
        (),
        'Examples of the tags that releases of the image have, such as "1.2.0". Empty: the registry is asked; '
        'without an answer "v1.2.0" and "1.2.0" are possible.',
    )
    multi_platform: bool = setting(
        default=True,
        meaning="Images have children (platforms or attestations), which have no tag. False: they have none. "
        "The registry is asked about the pinned image in any case.",
    )
    repository: str = setting(
        "", "The repository at GitHub that runs the workflows, as OWNER/NAME. Empty: that of git's remote origin."
    )

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
            ACTION_DELETES,
            ACTION_MAY_DELETE,
            SCRIPT_DELETES,
            SCRIPT_MAY_DELETE,
            UNKNOWN_ACTION,
            OUT_OF_VIEW,
            NOT_READ,
            PINNED_DELETED,
            RELEASES_DELETED,
            VERSIONS_DELETED,
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
            yield could_not_look(error.message, None, error.need, hint=error.hint)
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
    from preflight.workflows.words import step_name

    workflows = found.workflows
    count = len(workflows.files) - len(workflows.problems)
    evidence: dict[str, Json] = {
        "package": str(target.package),
        "files": [printable(ctx.show(path)) for path in workflows.files],
        "scripts": [printable(ctx.show(path)) for path in workflows.scripts],
        "harmless": [f"{_at(ctx, each.place)}: {step_name(each)}" for each in judged],
        "cannot_run": [f"{_at(ctx, place)}: {printable(reason, 200)}" for place, reason in workflows.cannot_run],
        "not_seen": [
            f"{_at(ctx, each.place)}: {printable(each.what, 120)} ({each.reason})" for each in workflows.unseen
        ],
    }
    scripts = f" and {plural(len(workflows.scripts), 'script')}" if workflows.scripts else ""
    return passed(
        f"nothing in {plural(count, 'workflow file')}{scripts} here can delete releases of {target.package}",
        Subject("image", str(target.package)),
        at=None,
        **evidence,
    )


def _target(ctx: Context, pin: Pin) -> _Target | Finding:
    at, subject = ctx.at(pin.file), Subject("variable", pin.variable)
    try:
        value = read_pin_value(pin, ctx.show)
    except PinUnknown as problem:
        return could_not_look(problem.message, subject, problem.need, hint=problem.hint, at=problem.at)
    hint = f"Write {pin.variable}=ghcr.io/OWNER/NAME@sha256:…"
    try:
        image = parse_reference(value.text)
    except ReferenceProblem as problem:
        return could_not_look(f"{pin.variable} names no image: {problem.message}", subject, hint=hint, at=at)
    if image.registry.lower() != _REGISTRY:
        return skipped(
            f"{pin.variable} names an image in {printable(image.registry, 80)}, not {_REGISTRY}",
            subject,
            hint="Look at the retention rules of that registry.",
            at=at,
        )
    from preflight.workflows.package import Package

    owner, _, name = image.repository.partition("/")
    return _Target(Package(owner, name), image)


def _deleted(ctx: Context, target: _Target) -> Iterator[Finding]:
    """Say what GitHub knows of deletions within the last 30 days: prunings that were, not that may be."""
    from preflight.workflows.package_versions import list_versions

    package, subject = target.package, Subject("image", str(target.package))
    try:
        versions = list_versions(package, ctx.environ, ctx.deadline.sooner(_ASK_S))
    except DoesNotApply as reason:
        yield skipped(
            reason.message, subject, hint=reason.hint or "Set GHCR_TOKEN to a token with the scope read:packages."
        )
        return
    except CouldNotLook as error:
        yield could_not_look(error.message, subject, error.need, hint=error.hint)
        return
    yield _verdict(ctx, target, versions)


def _verdict(ctx: Context, target: _Target, versions: "PackageVersions") -> Finding:
    from preflight.workflows.package_versions import Loss
    from preflight.workflows.words import loss_words

    package, pinned = target.package, target.image.digest
    words, subject = loss_words(versions, package, pinned), Subject("image", str(package))
    evidence: dict[str, Json] = {"package": str(package), **versions.evidence()}
    loss = versions.loss(pinned)
    if loss is Loss.UNTOLD:
        return skipped(words.message, subject, hint=words.hint, at=None, **evidence)
    if loss is Loss.NOTHING:
        return passed(words.message, subject, at=None, **evidence)
    failures = {Loss.PINNED: PINNED_DELETED, Loss.RELEASES: RELEASES_DELETED, Loss.OTHERS: VERSIONS_DELETED}
    return ctx.found(failures[loss], words.message, subject, hint=words.hint, at=None, **evidence)


def _problem(ctx: Context, problem: "WorkflowProblem") -> Finding:
    at = ctx.at(problem.path, problem.line)
    return could_not_look(f"{printable(str(at))}: {problem.message}", _workflow(at.path), hint=problem.hint, at=at)


def _unseen(ctx: Context, judged: "JudgedStep") -> Finding:
    from preflight.workflows.words import unseen_words

    name = ctx.show(judged.place.path)
    words, at = unseen_words(judged, name), ctx.at(judged.place.path, judged.place.line)
    failure = NOT_READ if judged.not_read else OUT_OF_VIEW
    return ctx.found(failure, words.message, _workflow(name), hint=words.hint, at=at, **_evidence(ctx, judged))


def _risk(ctx: Context, judged: "JudgedStep", package: "Package") -> Finding:
    from preflight.workflows.judge import Concern
    from preflight.workflows.words import risk_words

    failure = {
        (Concern.ACTION, True): ACTION_DELETES,
        (Concern.ACTION, False): ACTION_MAY_DELETE,
        (Concern.SCRIPT, True): SCRIPT_DELETES,
        (Concern.SCRIPT, False): SCRIPT_MAY_DELETE,
    }.get((judged.concern, judged.certain), UNKNOWN_ACTION)
    words, at = risk_words(judged, package), ctx.at(judged.place.path, judged.place.line)
    subject = _workflow(ctx.show(judged.place.path))
    return ctx.found(failure, words.message, subject, hint=words.hint, at=at, **_evidence(ctx, judged))


def _workflow(name: str) -> Subject:
    return Subject("workflow", printable(name))


def _evidence(ctx: Context, judged: "JudgedStep") -> dict[str, Json]:
    return {
        "job": printable(judged.job.name, 100),
        "action": printable(judged.what, 200),
        "deletes": list(judged.targets),
        "unknown": [printable(name, 100) for name in (*judged.unknown, *judged.doubts)],
        "called_from": [str(ctx.at(place.path, place.line)) for place in judged.job.via],
    }


def _at(ctx: Context, place: "Place") -> str:
    return printable(str(ctx.at(place.path, place.line)))

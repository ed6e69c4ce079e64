"""Whether a step of a workflow can delete what a release of our package consists of."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import Enum, IntEnum

from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.workflows.model import Job, Place, Step, Unseen, UnseenKind
from preflight.workflows.package import Package
from preflight.workflows.pruners import Exposure, Inputs, Version, find_pruner
from preflight.workflows.repository import ThisRepository
from preflight.workflows.scripts.deletions import Deletion, deletions
from preflight.workflows.unknown_actions import cleans_up, only_builds, prunes_packages
from preflight.workflows.value import Tri, any_of

FORMS = ("v1.20.3", "1.20.3")
"""The forms that a release tag may have where it is not known which tags there are."""


class Risk(IntEnum):
    """Whether a release can be deleted."""

    NONE = 0
    POSSIBLE = 1
    CERTAIN = 2


class Concern(Enum):
    """What a judged step is; each is one kind of finding."""

    ACTION = "an action that prunes, as its inputs say"
    SCRIPT = "a script that asks GitHub to delete versions"
    UNKNOWN_ACTION = "an action that is not known, whose name speaks of deleting packages"
    ELSEWHERE = "a workflow, action or program that cannot be seen from here"
    NOT_READ = "a task or script that was not looked into"


@frozen
class PackageReleases:
    """How releases of our package look.

    Args:
        tags: Their tags, as far as known; empty: each of ``FORMS`` is possible.
        childless: The pinned image is a single manifest without children; None if that is not known.
    """

    tags: tuple[str, ...] = ()
    childless: Tri = None


@frozen
class JudgedStep:
    """One step that prunes, judged.

    Args:
        place: Where it stands.
        job: In which job.
        what: The action or call, as written.
        concern: What it is.
        risk: The worst of all ways in which it can run.
        targets: What can go: "release tags", "untagged children" (platforms and attestations of an index).
        aim: Whether it is after our package.
        protect: What to do.
        notes: What in it does not do what it seems to.
        unknown: Expressions that only show when it runs, and for which it cannot be told.
        doubts: Other reasons for which it cannot be told.
    """

    place: Place
    job: Job
    what: str
    concern: Concern
    risk: Risk
    targets: tuple[str, ...] = ()
    aim: Tri = True
    protect: str = ""
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def opaque(self) -> bool:
        """Whether only a person can read what it picks."""
        return self.concern is not Concern.ACTION

    @property
    def certain(self) -> bool:
        """Whether it surely can delete a release."""
        return self.risk is Risk.CERTAIN

    @property
    def not_read(self) -> bool:
        """Whether it is in view, or should be, but was not looked into."""
        return self.concern is Concern.NOT_READ


def judge_steps(
    steps: Iterable[Step],
    package: Package,
    releases: PackageReleases,
    deadline: Deadline,
    repository: ThisRepository | None = None,
) -> tuple[JudgedStep, ...]:
    """Judge all steps that prune anything; each line once, by the worst way in which it can run.

    Args:
        steps: The steps of the workflows.
        package: Ours.
        releases: How its releases look.
        deadline: For all of it.
        repository: The repository that runs the workflows; None if nothing is known of it.

    Raises:
        DeadlineExceeded: There is no time left.
    """
    worst: dict[tuple[Place, str], JudgedStep] = {}
    for step in steps:
        deadline.remaining("judging the workflows")
        for judged in _judge(step, package, releases, repository or ThisRepository()):
            key = (judged.place, judged.what)
            if key not in worst or _weight(judged) > _weight(worst[key]):
                worst[key] = judged
    return tuple(worst.values())


def judge_unseen(unseen: Iterable[Unseen]) -> tuple[JudgedStep, ...]:
    """Judge what cannot be seen: a risk where name or permissions speak for it.

    What is called several times is one step, at the first place. So is what the scripts of one job run and preflight
    does not read.
    """
    found: dict[tuple[str, str], JudgedStep] = {}
    by_job: dict[tuple[Place, str], list[Unseen]] = {}
    for each in unseen:
        if not _is_plausible(each):
            continue
        if each.kind in {UnseenKind.TASK, UnseenKind.SCRIPT}:
            by_job.setdefault((Place(each.place.path), each.job.name), []).append(each)
            continue
        protect = "Read what it does: preflight sees this repository only"
        judged = _opaque(each.place, each.job, each.what, Concern.ELSEWHERE, protect=protect, reason=each.reason)
        found.setdefault((each.what, each.reason), judged)
    opaque = list(found.values())
    for group in by_job.values():
        first, what = group[0], ", ".join(dict.fromkeys(each.what for each in group))
        concern, protect = Concern.NOT_READ, "Read what it runs"
        opaque.append(_opaque(first.place, first.job, what, concern, protect=protect, reason=first.reason))
    return tuple(opaque)


def _weight(judged: JudgedStep) -> tuple[Risk, bool]:
    return judged.risk, judged.aim is not False


def _opaque(place: Place, job: Job, what: str, concern: Concern, *, protect: str, reason: str) -> JudgedStep:
    return JudgedStep(
        place, job, what, concern, Risk.POSSIBLE, aim=None, protect=protect, notes=(reason,), doubts=(reason,)
    )


def _is_plausible(unseen: Unseen) -> bool:
    """Whether something unseen may delete packages, by its name and by what its job may do."""
    path, writes = unseen.what.partition("@")[0], unseen.job.writes_packages
    if writes is False or (writes is None and unseen.kind in {UnseenKind.TASK, UnseenKind.SCRIPT}):
        return prunes_packages(path)  # with a secret of its own, if at all
    if writes is True and unseen.kind is not UnseenKind.WORKFLOW:
        return True
    if unseen.kind is not UnseenKind.WORKFLOW:
        return cleans_up(path)
    builds = only_builds(path.rpartition("/")[2]) or only_builds(unseen.job.name)
    return cleans_up(path) or cleans_up(unseen.job.name) or (writes is True and not builds)


def _judge(step: Step, package: Package, releases: PackageReleases, repository: ThisRepository) -> list[JudgedStep]:
    if step.script is not None:
        return [_judge_deletion(step, deletion, package) for deletion in deletions(step.script)]
    pruner = find_pruner(step)
    if pruner is not None:
        read = [(each, Inputs(step, pruner.inputs, each, repository)) for each in pruner.versions_of(step)]
        judged = [
            (each, _judge_exposure(step, inputs, pruner.judge(inputs, package), releases)) for each, inputs in read
        ]
        return [_worst_version(step, judged)]
    name = step.uses.partition("@")[0]
    if not prunes_packages(name):
        return []
    protect = "Read what it does: preflight does not know this action, and its name speaks of deleting packages"
    reason = "preflight does not know this action"
    opaque = _opaque(step.place, step.job, step.uses, Concern.UNKNOWN_ACTION, protect=protect, reason=reason)
    return [replace(opaque, notes=())]


def _worst_version(step: Step, judged: Sequence[tuple[Version, JudgedStep]]) -> JudgedStep:
    """Return the worst judgement of all versions that a step may mean; certain only if it is for all of them."""
    version, worst = max(judged, key=lambda each: each[1].risk)
    if min(each.risk for _, each in judged) == worst.risk:
        return worst
    reference = step.uses.partition("@")[2][:7]
    shown = ".".join(map(str, version))
    reason = f"which version {reference} is (up to {shown} it can; a comment such as # v{shown} tells)"
    return replace(worst, risk=Risk.POSSIBLE, doubts=(*worst.doubts, reason))


def _judge_exposure(step: Step, inputs: Inputs, exposure: Exposure, releases: PackageReleases) -> JudgedStep:
    tags, children = _tag_risk(exposure.tagged, releases), _child_risk(exposure, releases)
    risk = max(tags, children)
    if exposure.aim is False or exposure.harmless is True:
        risk = Risk.NONE
    elif exposure.aim is None or exposure.harmless is None:
        risk = min(risk, Risk.POSSIBLE)
    targets = (*(["release tags"] if tags else []), *(["untagged children"] if children else []))
    spared, form = _half_spared(exposure, releases)
    chosen = ("whether whoever starts it makes it a dry run",) if exposure.harmless is None else ()
    is_open = risk is Risk.POSSIBLE
    return JudgedStep(
        step.place,
        step.job,
        step.uses,
        Concern.ACTION,
        risk,
        targets if risk else (),
        exposure.aim,
        exposure.protect,
        (*exposure.notes, *spared),
        inputs.unknown if is_open else (),
        (*exposure.doubts, *form, *chosen) if is_open else (),
    )


def _half_spared(exposure: Exposure, releases: PackageReleases) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say, as a note and as a reason, if it spares release tags of one form only, and nobody knows which there are."""
    spared = [form for form in FORMS if exposure.tagged(form) is False]
    if releases.tags or len(spared) != 1:
        return (), ()
    (other,) = set(FORMS) - set(spared)
    return (f"it spares tags like {spared[0]}, but not {other}",), (f"whether release tags are like {spared[0]}",)


def _tag_risk(tagged: Callable[[str], Tri], releases: PackageReleases) -> Risk:
    answers = [tagged(tag) for tag in releases.tags or FORMS]
    if releases.tags:
        found = any_of(answers)
        return Risk.CERTAIN if found else Risk.POSSIBLE if found is None else Risk.NONE
    if all(answer is True for answer in answers):
        return Risk.CERTAIN
    return Risk.NONE if all(answer is False for answer in answers) else Risk.POSSIBLE


def _child_risk(exposure: Exposure, releases: PackageReleases) -> Risk:
    if exposure.untagged is False or releases.childless:
        return Risk.NONE
    return Risk.CERTAIN if exposure.untagged else Risk.POSSIBLE


def _judge_deletion(step: Step, deletion: Deletion, package: Package) -> JudgedStep:
    aim = deletion.aims_at(package)
    risk = {True: Risk.CERTAIN, None: Risk.POSSIBLE, False: Risk.NONE}[aim]
    if deletion.unknown:
        risk = min(risk, Risk.POSSIBLE)
    protect = "Remove it, or read which versions it picks and name its file under reviewed: for this check"
    targets = ("versions",) if risk else ()
    unknown = deletion.unknown or (("the name of the package",) if risk is Risk.POSSIBLE else ())
    what = f"a script's {deletion.what}"
    return JudgedStep(deletion.place, step.job, what, Concern.SCRIPT, risk, targets, aim, protect, (), unknown)

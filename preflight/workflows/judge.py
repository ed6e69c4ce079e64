"""Whether a step of a workflow can delete what a release of our package consists of."""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum

from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.workflows.model import Job, Place, Step, Unseen
from preflight.workflows.package import Package
from preflight.workflows.pruners import Exposure, find_pruner
from preflight.workflows.scripts import Deletion, deletions
from preflight.workflows.value import Tri, any_of

FORMS = ("v1.20.3", "1.20.3")
"""The forms that a release tag may have where it is not known which tags there are."""

_PACKAGES = r"ghcr|packages?|container|images?|registry|docker|versions?|untag"
_REMOVES = r"prun|clean|retention|delet|purg|untag|remov|expir"
_SUSPICIOUS = re.compile(rf"(?:{_PACKAGES}).*(?:{_REMOVES})|(?:{_REMOVES}).*(?:{_PACKAGES})", re.IGNORECASE)
_CLEANING = re.compile(_REMOVES, re.IGNORECASE)
_HARMLESS = re.compile(r"artifact|cache|workflow-?run|branch|disk|node_modules", re.IGNORECASE)
# A name that says both is about packages after all: delete-ghcr-images-of-branches.
_TELLING = re.compile(r"ghcr|untag|registry|container|packages?-?versions?", re.IGNORECASE)
_MAX_NAME = 300


class Risk(IntEnum):
    """Whether a release can be deleted."""

    NONE = 0
    POSSIBLE = 1
    CERTAIN = 2


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
        risk: The worst of all ways in which it can run.
        targets: What can go: "release tags", "untagged children" (platforms and attestations of an index).
        aim: Whether it is after our package.
        protect: What to do.
        notes: What in it does not do what it seems to.
        unknown: Expressions that only show when it runs.
        opaque: A script, or something that is not known or seen: only a person can read what it picks.
    """

    place: Place
    job: Job
    what: str
    risk: Risk
    targets: tuple[str, ...] = ()
    aim: Tri = True
    protect: str = ""
    notes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    opaque: bool = False


def judge_steps(
    steps: Iterable[Step], package: Package, releases: PackageReleases, deadline: Deadline
) -> tuple[JudgedStep, ...]:
    """Judge all steps that prune anything; each line once, by the worst way in which it can run.

    Raises:
        DeadlineExceeded: There is no time left.
    """
    worst: dict[tuple[Place, str], JudgedStep] = {}
    for step in steps:
        deadline.remaining("judging the workflows")
        for judged in _judge(step, package, releases):
            key = (judged.place, judged.what)
            if key not in worst or (judged.risk, judged.aim is not False) > (
                worst[key].risk,
                worst[key].aim is not False,
            ):
                worst[key] = judged
    return tuple(worst.values())


def judge_unseen(unseen: Iterable[Unseen]) -> tuple[JudgedStep, ...]:
    """Judge calls whose target cannot be seen: a risk where name or permissions speak of deleting packages."""
    return tuple(
        JudgedStep(
            each.place,
            each.job,
            each.what,
            Risk.POSSIBLE,
            aim=None,
            protect="Read what it does: preflight sees this repository only",
            notes=(each.reason,),
            opaque=True,
        )
        for each in unseen
        if _plausible(each)
    )


def _plausible(unseen: Unseen) -> bool:
    if unseen.job.writes_packages:
        return True
    path = unseen.what.partition("@")[0][:_MAX_NAME]
    return unseen.job.writes_packages is None and bool(_CLEANING.search(path) and not _HARMLESS.search(path))


def _judge(step: Step, package: Package, releases: PackageReleases) -> list[JudgedStep]:
    if step.script is not None:
        return [_judge_deletion(step, deletion, package) for deletion in deletions(step.script)]
    pruner = find_pruner(step)
    if pruner is not None:
        exposures = [pruner.judge(step, package, version) for version in pruner.versions_of(step)]
        return [max((_judge_exposure(step, each, releases) for each in exposures), key=lambda each: each.risk)]
    name = step.uses.partition("@")[0][:_MAX_NAME]
    if not _SUSPICIOUS.search(name) or (_HARMLESS.search(name) and not _TELLING.search(name)):
        return []
    protect = "Read what it does: preflight does not know this action, and its name speaks of deleting packages"
    return [JudgedStep(step.place, step.job, step.uses, Risk.POSSIBLE, aim=None, protect=protect, opaque=True)]


def _judge_exposure(step: Step, exposure: Exposure, releases: PackageReleases) -> JudgedStep:
    unknown = tuple(dict.fromkeys(name for value in step.inputs.values() for name in _relevant(value.unknown)))
    tags, children = _tag_risk(exposure, releases), _child_risk(exposure, releases)
    risk = max(tags, children)
    if exposure.aim is False or exposure.harmless is True:
        risk = Risk.NONE
    elif exposure.aim is None or exposure.harmless is None:
        risk = min(risk, Risk.POSSIBLE)
    targets = (
        *(["release tags"] if tags else []),
        *(["untagged children"] if children else []),
    )
    return JudgedStep(
        step.place,
        step.job,
        step.uses,
        risk,
        targets if risk else (),
        exposure.aim,
        exposure.protect,
        (*exposure.notes, *_half_spared(exposure, releases)),
        unknown,
    )


def _half_spared(exposure: Exposure, releases: PackageReleases) -> tuple[str, ...]:
    """Say so if it spares release tags of one form only, and nobody knows which there are."""
    spared = [form for form in FORMS if exposure.tagged(form) is False]
    if releases.tags or len(spared) != 1:
        return ()
    (other,) = set(FORMS) - set(spared)
    return (f"it spares tags like {spared[0]}, but not {other}",)


def _relevant(unknown: Sequence[str]) -> list[str]:
    """Leave out secrets and tokens: they decide who deletes, not what."""
    return [name for name in unknown if not name.lower().startswith("secrets.") and "token" not in name.lower()]


def _tag_risk(exposure: Exposure, releases: PackageReleases) -> Risk:
    answers = [exposure.tagged(tag) for tag in releases.tags or FORMS]
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
    protect = "Remove it, or read which versions it picks and name its file under reviewed: for this check"
    targets = ("versions",) if risk else ()
    what, unknown = f"a script's {deletion.what}", deletion.unknown
    return JudgedStep(deletion.place, step.job, what, risk, targets, aim, protect, unknown=unknown, opaque=True)

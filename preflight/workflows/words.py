"""What workflows can delete, and what GitHub says was deleted, in words."""

from preflight.lib.records import frozen
from preflight.lib.text import plural, printable
from preflight.workflows.judge import JudgedStep
from preflight.workflows.package import Package
from preflight.workflows.package_versions import Loss, PackageVersions

_SHA_LENGTHS = {40, 64}
_SHOWN = 3


@frozen
class Words:
    """A message of one line, and what to do."""

    message: str
    hint: str = ""


def step_name(judged: JudgedStep) -> str:
    """Return the action or call, with the id of a commit cut short."""
    name, at, reference = judged.what.partition("@")
    short = reference[:7] if len(reference) in _SHA_LENGTHS else reference
    return printable(f"{name}{at}{short}", 120)


def risk_words(judged: JudgedStep, package: Package) -> Words:
    """Return what a step does to a package, or why that cannot be told."""
    hint = printable(". ".join(_sentence(part) for part in (*judged.notes, judged.protect)) + ".", 600)
    if judged.certain:
        return Words(f"{step_name(judged)} can delete {' and '.join(judged.targets)} of {package}", hint)
    when = " before it runs" if judged.unknown else ""
    because = printable(", ".join((*judged.unknown[:_SHOWN], *judged.doubts[:_SHOWN])), 160)
    return Words(f"whether {step_name(judged)} deletes releases of {package} cannot be told{when}: {because}", hint)


def unseen_words(judged: JudgedStep, file: str) -> Words:
    """Return what may prune and cannot be seen; the operator can name its file as reviewed."""
    hint = f"{judged.protect}; then name {file} under reviewed: for ghcr-prune-config."
    if judged.not_read:
        job = printable(judged.job.name, 60)
        return Words(f"job {job} may prune packages: {step_name(judged)} was not looked into", hint)
    return Words(f"{step_name(judged)} may prune packages, but cannot be seen from here: {judged.notes[0]}", hint)


def loss_words(versions: PackageVersions, package: Package, pinned: str | None) -> Words:
    """Return what was deleted from a package, and how to restore it."""
    untagged = f"{versions.untagged} of {plural(len(versions.active), 'version')} untagged"
    worst, deleted = versions.worst(pinned), versions.deleted or ()
    restore = f"gh api -X POST {versions.path}/versions/{worst.id}/restore" if worst is not None else ""
    hint = f"Stop what deletes; restore it within 30 days: {restore}"
    match versions.loss(pinned):
        case Loss.UNTOLD:
            message = f"what was deleted from {package} is not told to this token; {untagged}"
            return Words(message, f"Run it with a token of {package.owner}: GitHub tells only them what was deleted.")
        case Loss.NOTHING:
            return Words(f"nothing was deleted from {package} in the last 30 days; {untagged}")
        case Loss.PINNED:
            return Words(f"the pinned image was deleted from {package} ({worst.changed if worst else ''})", hint)
        case Loss.RELEASES:
            gone = versions.releases_gone
            shown = ", ".join(gone[:_SHOWN]) + (", …" if len(gone) > _SHOWN else "")
            return Words(f"releases were deleted from {package} in the last 30 days: {shown}", hint)
        case Loss.OTHERS:
            bare = "" if any(each.tags for each in deleted) else ", all untagged: perhaps children of releases"
            what = f"{plural(len(deleted), 'version')} of {package} deleted in the last 30 days"
            return Words(
                f"{what}, no release tag among them{bare}",
                f"Find what deletes them, here or in another repository; {untagged} are left.",
            )


def _sentence(words: str) -> str:
    is_name = "-" in words.split(" ", 1)[0]
    return (words if is_name else words[:1].upper() + words[1:]).rstrip(".")

"""dataaxiom/ghcr-cleanup-action.

Sources: its README and action.yml, version 1. It reads manifests and never takes the child of an image that stays;
`exclude-tags` beats everything else; without any option that deletes or keeps, it deletes untagged images.
"""

from preflight.workflows.model import Step
from preflight.workflows.package import Package, aims_at, covers
from preflight.workflows.pruners.exposure import Exposure, Pruner, Version, dry_run
from preflight.workflows.value import Tri, Value, all_of, any_of, equals, glob, negate, search

_PROTECT = "Add exclude-tags: v*,*.*.* (all forms that release tags have)"


def judge(step: Step, package: Package, _version: Version) -> Exposure:
    """See ``Judge``."""
    regex = step.input("use-regex").truth
    excluded, deleted = step.input("exclude-tags"), step.input("delete-tags", "tags")

    def tagged(tag: str) -> Tri:
        spared = _matches(excluded, tag, regex)
        named = _matches(deleted, tag, regex)
        kept = step.has("keep-n-tagged") and not deleted.text.strip()
        broken = None if step.input("delete-partial-images").truth is not False else False
        return all_of(negate(spared), any_of([named, kept, broken]))

    notes = []
    if step.has("keep-n-tagged"):
        notes.append("keep-n-tagged only bounds how many are left")
    if step.has("older-than"):
        notes.append("older-than protects young images only; releases grow old")
    return Exposure(_aim(step, package, regex), tagged, False, _PROTECT, tuple(notes), dry_run(step))  # noqa: FBT003


def _aim(step: Step, package: Package, regex: Tri) -> Tri:
    owner = step.input("owner").text.strip()
    if not step.has("package", "packages"):
        return aims_at(package, None, owner)
    names = step.input("package", "packages").text
    if step.input("expand-packages").truth is False:
        return aims_at(package, names.split(","), owner)
    if owner and equals(owner, package.owner) is False:
        return False
    return covers(package, names.split(",")) if regex is False else search(names, package.name)


def _matches(value: Value, tag: str, regex: Tri) -> Tri:
    """Whether a list of patterns covers a tag; an empty one covers none."""
    text = value.text.strip()
    if not text:
        return False
    if regex is None:
        return None
    return search(text, tag) if regex else any_of(glob(word.strip(), tag) for word in text.split(",") if word.strip())


PRUNER = Pruner(("dataaxiom/ghcr-cleanup-action",), judge, ((1, 0),))

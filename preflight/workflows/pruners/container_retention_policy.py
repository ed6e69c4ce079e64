"""snok/container-retention-policy.

Sources: its README and action.yml of versions 2 and 3; for version 3 also its source: a version is spared if any of
its tags matches a pattern with `!`, or one does not match while there are patterns without. Version 3 renamed nearly
all inputs, and an input that a version does not know is passed over with a warning in the log.
"""

from preflight.workflows.model import Step
from preflight.workflows.package import Package, covers
from preflight.workflows.pruners.exposure import Exposure, Pruner, Version, dry_run
from preflight.workflows.value import EMPTY, Tri, Value, all_of, any_of, equals, glob, negate

_SECOND = frozenset({"account-type", "org-name", "skip-tags", "untagged-only", "keep-at-least", "filter-tags"})
_THIRD = frozenset({"account", "image-tags", "tag-selection", "skip-shas", "keep-n-most-recent"})
_RENAMED = {"skip-tags": 'image-tags: "!v*"', "untagged-only": "tag-selection: untagged", "filter-tags": "image-tags"}
_FIRST_NEW = (3, 0)
_PROTECT_2 = "Add skip-tags: v*,*.*.* (all forms that release tags have), and filter-include-untagged: false"
_PROTECT_3 = 'Add image-tags: "!v* !*.*.*" (all forms that release tags have), and tag-selection: tagged'


def judge(step: Step, package: Package, version: Version) -> Exposure:
    """See ``Judge``."""
    return _third(step, package) if version >= _FIRST_NEW else _second(step, package)


def _third(step: Step, package: Package) -> Exposure:
    selection = step.input("tag-selection").text.strip().lower() or "both"
    patterns = _words(step.input("image-tags"))

    def tagged(tag: str) -> Tri:
        spared = any_of(glob(pattern[1:], tag) for pattern in patterns if pattern.startswith("!"))
        positive = [pattern for pattern in patterns if not pattern.startswith("!")]
        meant = any_of(glob(pattern, tag) for pattern in positive) if positive else True
        return all_of(negate(equals(selection, "untagged")), negate(spared), meant)

    # Which digests skip-shas names shows only when it runs: it is made from the manifests of that moment.
    untagged = all_of(negate(equals(selection, "tagged")), None if step.has("skip-shas") else True)
    notes = tuple(
        f"{name} is no input of version 3 (it is {new} there): it protects nothing"
        for name, new in _RENAMED.items()
        if step.has(name)
    )
    if step.has("keep-n-most-recent"):
        notes += ("keep-n-most-recent only bounds how many are left",)
    aim = _aim(step, package, step.input("account"))
    return Exposure(aim, tagged, untagged, _PROTECT_3, notes, dry_run(step))


def _second(step: Step, package: Package) -> Exposure:
    only_untagged = step.input("untagged-only").truth
    skipped, meant = _words(step.input("skip-tags")), _words(step.input("filter-tags"))

    def tagged(tag: str) -> Tri:
        spared = any_of(glob(pattern, tag) for pattern in skipped)
        chosen = any_of(glob(pattern, tag) for pattern in meant) if meant else True
        return all_of(negate(only_untagged), negate(spared), chosen)

    include = step.input("filter-include-untagged")
    untagged: Tri = include.truth if include.text.strip() else True
    if only_untagged is True:
        untagged = True
    notes = tuple(f"{name} only bounds how many are left" for name in ("keep-at-least",) if step.has(name))
    notes += tuple(f"{name} is no input before version 3" for name in sorted(_THIRD - {"account"}) if step.has(name))
    return Exposure(_aim(step, package, step.input("org-name")), tagged, untagged, _PROTECT_2, notes, dry_run(step))


def _aim(step: Step, package: Package, account: Value) -> Tri:
    owner = EMPTY if account.text.strip().lower() in {"user", ""} else account
    if equals(owner.text.strip(), package.owner) is False and owner.text:
        return False
    return covers(package, _words(step.input("image-names", "image-name")))


def _words(value: Value) -> list[str]:
    """Return the patterns of a list, which commas, white space or both part."""
    return [word for word in value.text.replace(",", " ").split() if word]


def _versions(step: Step) -> tuple[Version, ...]:
    """Return the versions whose inputs a step uses."""
    names = set(step.inputs)
    second, third = bool(names & _SECOND), bool(names & _THIRD)
    return ((3, 0),) if third and not second else ((2, 0),) if second and not third else ((2, 0), (3, 0))


class _Retention(Pruner):
    """Where the reference does not tell the version, the inputs do."""

    def versions_of(self, step: Step) -> tuple[Version, ...]:
        found = super().versions_of(step)
        return _versions(step) if found == self.versions else found


PRUNER = _Retention(("snok/container-retention-policy",), judge, ((2, 0), (3, 0)))

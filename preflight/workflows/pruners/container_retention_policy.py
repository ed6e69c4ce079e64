"""snok/container-retention-policy.

Version 3 renamed nearly all inputs, and an input that a version does not know is passed over with a warning in the log.

Read:
    action.yml at v1.0, v1.2.1 (untagged-only, skip-tags, keep-at-least), v1.3.0 (filter-tags, filter-include-untagged),
    v1.5.1, v2.0.0, v2.1.3 (dry-run), v2.2.1; action.yaml at v3.0.0, v3.0.1, v3.1.0. There is no tag v3.
    main.py at v1.2.1 (skip-tags compared exactly), v1.3.0 to v2.2.1 (with fnmatch); from v1.3.0 on, where filter-tags
    is given, a version without tags matches none of it and stays; from v2.1.3 on keep-at-least overrides filter-tags.
    src/core/select_package_versions.rs, src/matchers.rs and src/cli/args.rs at v3.0.0 and v3.1.0: a version is spared
    if any of its tags matches a pattern with `!`, or one does not match while there are patterns without.
    src/core/filter_out_multi_arch_children.rs at v3.1.0 (new): the children of tagged images that stay are spared, with
    tag-selection: untagged too; where a manifest cannot be fetched nothing of the package is deleted.
"""

from preflight.workflows.matching import equals, fnmatch, glob
from preflight.workflows.model import Step
from preflight.workflows.package import Package, covers, owned
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, Version, bystanders, counted, dry_run
from preflight.workflows.pruners.reference import Pruner, only_where
from preflight.workflows.value import Tri, Value, all_of, any_of, negate

_THIRD: Version = (3, 0, 0)
_SPARING_CHILDREN: Version = (3, 1, 0)
_WILDCARDS: Version = (1, 3, 0)
_KEEP_OVERRIDES: Version = (2, 1, 3)
INPUTS = (
    ActionInput("account-type", before=_THIRD, renamed="account", decides=False),
    ActionInput("org-name", before=_THIRD, renamed="account", decides=False),
    ActionInput("untagged-only", "false", since=(1, 2, 0), before=_THIRD, renamed="tag-selection: untagged"),
    ActionInput("skip-tags", since=(1, 2, 0), before=_THIRD, renamed='image-tags: "!v*"'),
    ActionInput("keep-at-least", "0", since=(1, 2, 0), before=_THIRD, renamed="keep-n-most-recent", decides=False),
    ActionInput("filter-tags", since=_WILDCARDS, before=_THIRD, renamed="image-tags"),
    ActionInput("filter-include-untagged", "true", since=_WILDCARDS, before=_THIRD, renamed="tag-selection"),
    ActionInput("dry-run", "false", since=(2, 1, 0)),
    ActionInput("account", since=_THIRD, decides=False),
    ActionInput("image-tags", since=_THIRD),
    ActionInput("skip-shas", since=_THIRD),
    ActionInput("tag-selection", "both", since=_THIRD),
    ActionInput("keep-n-most-recent", "0", since=_THIRD, decides=False),
    ActionInput("image-names"),
    *bystanders("token", "token-type", "cut-off", "timestamp-to-use", "rust-log"),
)
_PROTECT_2 = "Add skip-tags: v*,*.*.* (all forms that release tags have), and filter-include-untagged: false"
_PROTECT_3 = 'Add image-tags: "!v* !*.*.*" (all forms that release tags have)'
_PROTECT_CHILDREN = ", and tag-selection: tagged, or use version 3.1"


def judge(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    return _third(inputs, package) if inputs.version >= _THIRD else _second(inputs, package)


def _third(inputs: Inputs, package: Package) -> Exposure:
    selection = inputs["tag-selection"].text.strip().lower() or "both"
    patterns = _patterns(inputs["image-tags"])

    def tagged(tag: str) -> Tri:
        spared = any_of(glob(pattern[1:], tag) for pattern in patterns if pattern.startswith("!"))
        positive = [pattern for pattern in patterns if not pattern.startswith("!")]
        meant = any_of(glob(pattern, tag) for pattern in positive) if positive else True
        return all_of(negate(equals(selection, "untagged")), negate(spared), meant)

    sparing = inputs.version >= _SPARING_CHILDREN
    # Which digests skip-shas names shows only when it runs: it is made from the manifests of that moment.
    chosen = None if inputs.given("skip-shas") else True
    untagged = all_of(not sparing, negate(equals(selection, "tagged")), chosen)
    doubts = ("which digests skip-shas names",) if untagged is None and chosen is None else ()
    aim = _aim(inputs, package, inputs["account"])
    protect = _PROTECT_3 if sparing else _PROTECT_3 + _PROTECT_CHILDREN
    notes = (*inputs.notes(), *counted(inputs, "keep-n-most-recent"))
    return Exposure(aim, tagged, untagged, protect, notes, dry_run(inputs["dry-run"]), doubts)


def _second(inputs: Inputs, package: Package) -> Exposure:
    matches = fnmatch if inputs.version >= _WILDCARDS else equals
    only_untagged = inputs["untagged-only"].truth
    skipped, filters = inputs.listed("skip-tags"), inputs.listed("filter-tags")
    if inputs.version >= _KEEP_OVERRIDES and inputs["keep-at-least"].text.strip() not in {"", "0"}:
        filters = []

    def spared(tag: str) -> Tri:
        return any_of(matches(pattern, tag) for pattern in skipped)

    by_latest = any_of(matches(each, "latest") for each in filters) is not False and spared("latest") is not True

    def tagged(tag: str) -> Tri:
        beside = None if by_latest else False
        meant = any_of([*(matches(pattern, tag) for pattern in filters), beside]) if filters else True
        return all_of(negate(only_untagged), negate(spared(tag)), meant)

    untagged: Tri = False if filters else inputs["filter-include-untagged"].truth
    if inputs.version < _WILDCARDS:
        untagged = True
    notes = [*inputs.notes(), *counted(inputs, "keep-at-least")]
    if inputs.given("filter-tags") and not filters:
        notes.append("where keep-at-least is above 0, filter-tags is not looked at")
    return Exposure(
        _aim(inputs, package, inputs["org-name"]),
        tagged,
        untagged,
        _PROTECT_2,
        tuple(notes),
        dry_run(inputs["dry-run"]),
        ("whether a release bears the tag latest as well",) if by_latest else (),
    )


def _aim(inputs: Inputs, package: Package, account: Value) -> Tri:
    """Whether it is after our package; `user`, `personal` and nothing mean the owner of the token."""
    if account.text.strip().lower() not in {"user", ""} and not owned(package, account.text):
        return False
    if inputs.version >= _THIRD:
        return covers(package, _patterns(inputs["image-names"]), glob)
    return any_of(fnmatch(pattern, package.name) for pattern in inputs.listed("image-names"))


def _patterns(value: Value) -> list[str]:
    """Return the patterns of a list, which commas, white space or both part."""
    return value.text.strip().strip("\"'").replace(",", " ").split()


class _Retention(Pruner):
    """Where the reference does not tell the version, the inputs do."""

    def versions_of(self, step: Step) -> tuple[Version, ...]:
        found = super().versions_of(step)
        return only_where(found, step, INPUTS) if found == self.versions else found


PRUNER = _Retention(
    ("snok/container-retention-policy",), judge, INPUTS, ((1, 2, 1), (1, 3, 0), (2, 2, 1), (3, 0, 0), (3, 1, 0))
)

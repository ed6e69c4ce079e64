"""stumpylog/image-cleaner-action: two actions, in the folders `untagged` and `ephemeral`.

Both delete nothing unless `do_delete` says so.

Read:
    ephemeral/action.yml and untagged/action.yml at v0.1.0 and v0.12.0, and that no version between changed an input.
    main_untagged.py at v0.1.0, v0.6.0, v0.11.0, v0.12.0: every digest in the index of a tagged image is spared.
    main_ephemeral.py at v0.1.0 and v0.12.0: only images with one tag; match_regex must match where the tag begins; with
    the scheme `branch` those go that no branch is called like, with `pull_request` those whose first group is the
    number of a closed one. utils/__init__.py: a boolean is true for `true` and `1`.
"""

from preflight.workflows.matching import equals, search
from preflight.workflows.package import Package
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, aim_at, bystanders, never
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import Tri, Value, all_of, has_hole, negate

_COMMON = (ActionInput("owner", decides=False), ActionInput("package_name"), ActionInput("do_delete", "false"))
_OTHERS = bystanders("token", "is_org", "log_level")
UNTAGGED_INPUTS = (*_COMMON, *_OTHERS)
EPHEMERAL_INPUTS = (
    *_COMMON,
    ActionInput("scheme", "branch"),
    ActionInput("match_regex", "$^"),
    *bystanders("repo_name"),
    *_OTHERS,
)


def judge_untagged(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    aim, doubts = aim_at(inputs, package, "package_name", inputs["owner"].text)
    harmless = _is_dry(inputs["do_delete"])
    return Exposure(
        aim,
        never,
        untagged=False,
        protect="Set do_delete: false",
        notes=inputs.notes(),
        harmless=harmless,
        doubts=doubts,
    )


def judge_ephemeral(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    pattern, scheme = inputs["match_regex"].text, inputs["scheme"].text.strip().lower()
    by_branch = equals(scheme, "branch")

    def tagged(tag: str) -> Tri:
        matched = search(pattern if pattern.startswith("^") else f"^(?:{pattern})", tag)
        if by_branch is True:
            return matched
        return all_of(matched, None if "(" in pattern or has_hole(pattern) or by_branch is None else False)

    aim, doubts = aim_at(inputs, package, "package_name", inputs["owner"].text)
    if by_branch is not True:
        doubts += ("whether a pull request has the number that match_regex finds in a release's tag",)
    if not has_hole(pattern) and search(pattern, "v1.2.3") is None:
        doubts += ("the regular expression in match_regex",)
    protect = "Let match_regex match no tag of a release, such as ^pr-(\\d+)$"
    harmless = _is_dry(inputs["do_delete"])
    return Exposure(
        aim, tagged, untagged=False, protect=protect, notes=inputs.notes(), harmless=harmless, doubts=doubts
    )


def _is_dry(do_delete: Value) -> Tri:
    if has_hole(do_delete.text):
        return None
    deletes = do_delete.text.strip().lower() in {"true", "1"}
    return None if do_delete.chosen and not deletes else negate(deletes)


UNTAGGED = Pruner(("stumpylog/image-cleaner-action/untagged",), judge_untagged, UNTAGGED_INPUTS)
EPHEMERAL = Pruner(("stumpylog/image-cleaner-action/ephemeral",), judge_ephemeral, EPHEMERAL_INPUTS)

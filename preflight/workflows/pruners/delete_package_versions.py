"""actions/delete-package-versions.

A "version" of a container package has the digest as its name, so what is compared with names (ignore-versions,
delete-only-pre-release-versions) never sees a tag.

Read:
    action.yml at v1.0.0, v2.0.0 (min-versions-to-keep, ignore-versions, delete-only-pre-release-versions), v3.0.0,
    v4.0.0 (package-type; repo is gone), v4.1.0 (delete-only-untagged-versions), v5.0.0.
    src/delete.ts, src/input.ts, src/main.ts at v2.0.0, v3.0.1, v4.0.0, v4.1.1, v5.0.0: what ignore-versions is tested
    against, which inputs count versions; "delete-only-untagged-versions" for packages of type container only.
    README.md at v3.0.1: before version 4 it asks GraphQL, which has no packages of ghcr.io. Such a step is judged like
    version 4 all the same: the next update makes it delete.
    Issues 90, 120, 162: what is untagged are the children of multi-platform images; ignore-versions sees digests.
"""

from preflight.workflows.matching import search
from preflight.workflows.package import CONTAINER, Package
from preflight.workflows.pruners.exposure import (
    ActionInput,
    Exposure,
    Inputs,
    aim_at,
    bystanders,
    counted,
    perhaps,
    unless,
)
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import Tri, all_of, has_hole

INPUTS = (
    ActionInput("package-version-ids"),
    ActionInput("owner", decides=False),
    ActionInput("repo", before=(4, 0, 0), decides=False),
    ActionInput("package-name"),
    ActionInput("package-type", since=(4, 0, 0)),
    ActionInput("num-old-versions-to-delete", "1"),
    ActionInput("min-versions-to-keep", "-1", since=(2, 0, 0), decides=False),
    ActionInput("ignore-versions", "^$", since=(2, 0, 0)),
    ActionInput("delete-only-pre-release-versions", "false", since=(2, 0, 0), decides=False),
    ActionInput("delete-only-untagged-versions", "false", since=(4, 1, 0)),
    *bystanders("token"),
)
_DIGESTS = ("sha256:" + "0123456789abcdef" * 4, "sha256:" + "fedcba9876543210" * 4)
_DIGESTS_COVERED = "whether ignore-versions covers all digests"
_PROTECT = (
    "Remove the step, or use dataaxiom/ghcr-cleanup-action with exclude-tags, which reads tags and manifests: this "
    "action cannot spare a tag"
)
_UNTAGGED = (
    "Remove the step, or use an action that spares the children of multi-platform images "
    "(dataaxiom/ghcr-cleanup-action): delete-only-untagged-versions does not"
)


def judge(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    owner = inputs["owner"] if inputs.given("owner") else inputs.owner
    aim, doubts = aim_at(inputs, package, "package-name", owner.text)
    harmless = _deletes_nothing(inputs)
    if harmless is None and not has_hole(inputs["ignore-versions"].text):
        doubts += (_DIGESTS_COVERED,)
    kind = inputs["package-type"].text.strip().lower()
    if kind and kind not in CONTAINER and not has_hole(kind):
        aim = False
    if inputs.given("package-version-ids"):
        doubts += ("which versions package-version-ids names",)
        return Exposure(aim, perhaps, None, "Remove package-version-ids", harmless=harmless, doubts=doubts)
    only_untagged = inputs["delete-only-untagged-versions"].truth
    protect = _UNTAGGED if only_untagged is True else _PROTECT
    return Exposure(
        aim,
        unless(only_untagged),
        untagged=True,
        protect=protect,
        notes=_notes(inputs),
        harmless=harmless,
        doubts=doubts,
    )


def _deletes_nothing(inputs: Inputs) -> Tri:
    """Whether it deletes nothing: told to delete 0 versions, or ignoring whatever is called like a digest."""
    counts = inputs.given("min-versions-to-keep") or inputs["delete-only-pre-release-versions"].truth is not False
    if inputs["num-old-versions-to-delete"].text.strip() == "0" and not counts:
        return True
    if not inputs.given("ignore-versions"):
        return False
    return all_of(*(search(inputs["ignore-versions"].text, digest) for digest in _DIGESTS))


def _notes(inputs: Inputs) -> tuple[str, ...]:
    notes = list(inputs.notes())
    if inputs.given("ignore-versions"):
        notes.append("ignore-versions is compared with digests, not tags: it protects nothing")
    if inputs["delete-only-pre-release-versions"].truth is not False:
        notes.append("delete-only-pre-release-versions is compared with digests, not tags: it protects nothing")
    if counted(inputs, "min-versions-to-keep"):
        notes.append("min-versions-to-keep only bounds how many are left, children counted like images")
    return tuple(notes)


PRUNER = Pruner(
    ("actions/delete-package-versions",), judge, INPUTS, ((1, 0, 0), (3, 0, 1), (4, 0, 0), (4, 1, 1), (5, 0, 0))
)

"""actions/delete-package-versions.

Sources: its README and action.yml, versions 1 to 5, and its issues 90, 120 and 162. A "version" of a container
package has the digest as its name, so what is compared with names (ignore-versions, delete-only-pre-release-versions)
never sees a tag. delete-only-untagged-versions came with 4.1.
"""

from preflight.workflows.model import Step
from preflight.workflows.package import CONTAINER, Package, aims_at
from preflight.workflows.pruners.exposure import Exposure, Pruner, Version, perhaps, unless
from preflight.workflows.value import HOLE, Tri, all_of, has_hole, search

_UNTAGGED_SINCE = (4, 1)
_DIGESTS = ("sha256:" + "0123456789abcdef" * 4, "sha256:" + "fedcba9876543210" * 4)
_PROTECT = (
    "Remove the step, or use dataaxiom/ghcr-cleanup-action with exclude-tags, which reads tags and manifests: this "
    "action cannot spare a tag"
)
_UNTAGGED = (
    "Remove the step, or use an action that spares the children of multi-platform images "
    "(dataaxiom/ghcr-cleanup-action): delete-only-untagged-versions does not"
)


def judge(step: Step, package: Package, version: Version) -> Exposure:
    """See ``Judge``."""
    aim, harmless = _aim(step, package), _deletes_nothing(step)
    if step.has("package-version-ids"):
        return Exposure(aim, perhaps, None, "Remove package-version-ids", harmless=harmless)
    only_untagged = step.input("delete-only-untagged-versions").truth if version >= _UNTAGGED_SINCE else False
    protect = _UNTAGGED if only_untagged is True else _PROTECT
    return Exposure(aim, unless(only_untagged), True, protect, _notes(step, version), harmless)  # noqa: FBT003


def _aim(step: Step, package: Package) -> Tri:
    kind = step.input("package-type").text.strip().lower()
    if kind and kind not in CONTAINER and not has_hole(kind):
        return False
    name = step.input("package-name").text
    return aims_at(package, [name or HOLE], step.input("owner").text)


def _deletes_nothing(step: Step) -> Tri:
    """Whether it deletes nothing: told to delete 0 versions, or ignoring whatever is called like a digest."""
    number = step.input("num-old-versions-to-delete").text.strip()
    if number == "0" and not step.has("min-versions-to-keep", "delete-only-pre-release-versions"):
        return True
    if not step.has("ignore-versions"):
        return False
    pattern = step.input("ignore-versions").text
    return all_of(*(search(pattern, digest) for digest in _DIGESTS))


def _notes(step: Step, version: Version) -> tuple[str, ...]:
    notes = []
    if step.has("ignore-versions"):
        notes.append("ignore-versions is compared with digests, not tags: it protects nothing")
    if step.input("delete-only-pre-release-versions").truth is not False:
        notes.append("delete-only-pre-release-versions is compared with digests, not tags: it protects nothing")
    if step.has("delete-only-untagged-versions") and version < _UNTAGGED_SINCE:
        notes.append("delete-only-untagged-versions does not exist before version 4.1: it protects nothing")
    if step.has("min-versions-to-keep"):
        notes.append("min-versions-to-keep only bounds how many are left, children counted like images")
    return tuple(notes)


PRUNER = Pruner(("actions/delete-package-versions",), judge, ((1, 0), (3, 0), (5, 0)))

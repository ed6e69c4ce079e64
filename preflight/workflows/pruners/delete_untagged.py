"""Chizkiyahu/delete-untagged-ghcr-action.

Sources: its README and action.yml, versions 1 to 5. Without a package name it goes through all packages of the
repository, or of the owner. `except_untagged_multiplatform` came with version 2, off; since version 3 it is on.
"""

from preflight.workflows.model import Step
from preflight.workflows.package import Package, aims_at
from preflight.workflows.pruners.exposure import Exposure, Pruner, Version, unless
from preflight.workflows.value import Tri, Value, any_of, negate

_PROTECT_TAGGED = "Set untagged_only: true and except_untagged_multiplatform: true"
_PROTECT_CHILDREN = "Set except_untagged_multiplatform: true (version 3 or newer)"
_FIRST_SPARING, _SPARING_BY_DEFAULT = (2, 0), (3, 0)


def judge(step: Step, package: Package, version: Version) -> Exposure:
    """See ``Judge``."""
    only_untagged = _truth(step.input("untagged_only"), default=True)
    spares = _truth(step.input("except_untagged_multiplatform"), default=version >= _SPARING_BY_DEFAULT)
    if version < _FIRST_SPARING:
        spares = False
    untagged = any_of([negate(only_untagged), negate(spares)])
    protect = _PROTECT_CHILDREN if only_untagged is True else _PROTECT_TAGGED
    return Exposure(_aim(step, package), unless(only_untagged), untagged, protect)


def _aim(step: Step, package: Package) -> Tri:
    names = step.input("package_name", "package_names").text
    owner = step.input("repository_owner").text
    aim = aims_at(package, names.split(",") if names.strip() else (), owner)
    repository = step.input("repository").known
    # All packages of a repository that is named: whether ours belongs to it, GitHub knows alone.
    return None if aim is True and not names.strip() and repository else aim


def _truth(value: Value, *, default: bool) -> Tri:
    return value.truth if value.text.strip() else default


PRUNER = Pruner(("chizkiyahu/delete-untagged-ghcr-action",), judge, ((1, 0), (2, 0), (5, 0)))

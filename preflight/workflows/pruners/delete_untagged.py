"""Chizkiyahu/delete-untagged-ghcr-action.

Without a package name it goes through all packages of the repository, or of the owner. With `untagged_only: false` it
deletes whole packages.

Read:
    action.yml and clean_ghcr.py at v.1.0.0, v2.0.0 (except_untagged_multiplatform, off), v2.0.1, v3.0.0, v3.1.0,
    v3.2.0 (package_name may list several), v4.0.0, v4.0.1 (still off), v5.0.0 (on; the repository is by default the one
    that runs it), v6.0.0 (with_sigs: signatures of untagged images go with them), v6.1.0.
    The children of tagged images are read from their manifests where except_untagged_multiplatform is on. Names are
    taken for a list before version 3.2, too: that version would find no package, its next update does.
"""

from preflight.workflows.matching import equals
from preflight.workflows.package import Package, aims_at
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, bystanders, unless
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import Tri, Value, any_of, negate

_SPARES = "except_untagged_multiplatform"
_THIS_REPOSITORY = "${{ github.repository }}"
INPUTS = (
    ActionInput("repository_owner", "${{ github.repository_owner }}", decides=False),
    ActionInput("repository", before=(5, 0, 0)),
    ActionInput("repository", _THIS_REPOSITORY, since=(5, 0, 0)),
    ActionInput("package_name"),
    ActionInput("untagged_only", "true"),
    ActionInput(_SPARES, "false", since=(2, 0, 0), before=(5, 0, 0)),
    ActionInput(_SPARES, "true", since=(5, 0, 0)),
    ActionInput("with_sigs", "false", since=(6, 0, 0), decides=False),
    *bystanders("token", "owner_type"),
)
_PROTECT_TAGGED = f"Set untagged_only: true and {_SPARES}: true"
_PROTECT_CHILDREN = f"Set {_SPARES}: true (version 2 or newer)"
_TRUE, _FALSE = frozenset({"yes", "true", "t", "y", "1"}), frozenset({"no", "false", "f", "n", "0"})


def judge(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    only_untagged, spares = _truth(inputs["untagged_only"]), _truth(inputs[_SPARES])
    if not inputs[_SPARES].given:
        spares = False
    untagged = any_of([negate(only_untagged), negate(spares)])
    protect = _PROTECT_CHILDREN if only_untagged is True else _PROTECT_TAGGED
    aim, doubts = _aim(inputs, package)
    return Exposure(aim, unless(only_untagged), untagged, protect, inputs.notes(), doubts=doubts)


def _aim(inputs: Inputs, package: Package) -> tuple[Tri, tuple[str, ...]]:
    owner = inputs["repository_owner"].text
    names = inputs.listed("package_name")
    aim = aims_at(package, names, owner)
    repository = inputs["repository"].text.strip().rpartition("/")[2]
    if aim is not True or names or not repository or equals(repository, inputs.repository.name) is not False:
        return aim, ()
    return None, (f"whether {package} belongs to the repository {repository}",)


def _truth(value: Value) -> Tri:
    """Return how Python's script of this action reads a boolean."""
    word = value.text.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


PRUNER = Pruner(
    ("chizkiyahu/delete-untagged-ghcr-action",), judge, INPUTS, ((1, 0, 0), (2, 0, 0), (5, 0, 0), (6, 0, 0))
)

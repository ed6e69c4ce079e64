"""Small actions that delete what bears no tag.

Read:
    camargo/delete-untagged-action: action.yml and main.js at v1 (0092392, the only version): each version without a tag
    goes, manifests are not read; the package is by default called like the repository.
    tweedegolf/cleanup-untagged-images-action: action.yml and index.js at ff5f9db (July 2024, no versions): a version
    without a tag stays if it was created within untagged_timestamp_tolerance milliseconds of one with a tag; 0 or less
    switches that off. The owner is that of the repository that runs it.
"""

from preflight.workflows.package import Package, aims_at
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, aim_at, bystanders, never
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import Tri, has_hole

CAMARGO_INPUTS = (
    ActionInput("package-name"),
    ActionInput("repository", "${{ github.repository }}"),
    *bystanders("github-token", "personal-account"),
)
TWEEDEGOLF_INPUTS = (
    ActionInput("package"),
    ActionInput("older_than", "-1", decides=False),
    ActionInput("untagged_timestamp_tolerance", "10000"),
    *bystanders("token"),
)
_PROTECT = "Use an action that reads which children an index has, such as dataaxiom/ghcr-cleanup-action"


def judge_camargo(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    owner, _, name = inputs["repository"].text.partition("/")
    named = inputs["package-name"].text if inputs.given("package-name") else name
    return Exposure(aims_at(package, [named], owner), never, untagged=True, protect=_PROTECT, notes=inputs.notes())


def judge_tweedegolf(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    aim, doubts = aim_at(inputs, package, "package", inputs.owner.text)
    untagged = _ignores_times(inputs["untagged_timestamp_tolerance"].text.strip())
    doubts += ("whether the children of a release were created within untagged_timestamp_tolerance of its index",)
    note = "untagged_timestamp_tolerance compares times of creation, it does not read which children an index has"
    return Exposure(aim, never, untagged, _PROTECT, (*inputs.notes(), note), doubts=doubts)


def _ignores_times(tolerance: str) -> Tri:
    """Whether the comparison of times is off; a number is read as JavaScript does."""
    if has_hole(tolerance):
        return None
    try:
        return True if not tolerance or float(tolerance) <= 0 else None
    except ValueError:
        return None


CAMARGO = Pruner(("camargo/delete-untagged-action",), judge_camargo, CAMARGO_INPUTS)
TWEEDEGOLF = Pruner(("tweedegolf/cleanup-untagged-images-action",), judge_tweedegolf, TWEEDEGOLF_INPUTS)

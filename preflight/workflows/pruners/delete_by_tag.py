"""Small actions that delete the versions which bear a named tag.

Read:
    chipkent/action-cleanup-package: action.yml and docker-cleanup.py at v1.0.0, v1.0.3 (github-org): the version that
    bears the tag goes with all its other tags.
    bots-house/ghcr-delete-image-action: action.yml, index.js, utils.js at v1.0.0, v1.1.0 (untagged-keep-latest): the
    same; with untagged-keep-latest all but the newest versions without a tag go, manifests are not read.
    tweedegolf/cleanup-images-action: action.yml and index.js at 620cf56 (May 2026, no versions): a version goes if each
    of its tags matches one of the expressions in filters; keep_n and older_than spare the newest.
"""

from preflight.workflows.matching import equals, search
from preflight.workflows.package import Package
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, aim_at, bystanders, counted
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import Tri, any_of, has_hole

_BESIDE = "whether a release bears the tag latest as well"
CHIPKENT_INPUTS = (
    ActionInput("package-name"),
    ActionInput("tag"),
    ActionInput("github-org", since=(1, 0, 3), decides=False),
    *bystanders("github-token"),
)
BOTS_HOUSE_INPUTS = (
    ActionInput("owner", decides=False),
    ActionInput("name"),
    ActionInput("tag"),
    ActionInput("untagged-keep-latest", since=(1, 1, 0), decides=False),
    ActionInput("untagged-older-than", since=(1, 1, 0), decides=False),
    *bystanders("token"),
)
TWEEDEGOLF_INPUTS = (
    ActionInput("package"),
    ActionInput("filters"),
    ActionInput("keep_n", decides=False),
    ActionInput("older_than", "-1", decides=False),
    *bystanders("token"),
)


def judge_chipkent(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    return _by_tag(inputs, aim_at(inputs, package, "package-name", inputs["github-org"].text))


def judge_bots_house(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    aim = aim_at(inputs, package, "name", inputs["owner"].text)
    return _by_tag(inputs, aim, untagged=inputs.given("untagged-keep-latest") and not inputs.given("tag"))


def judge_tweedegolf(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    patterns = inputs.lines("filters")

    def tagged(tag: str) -> Tri:
        return any_of(search(pattern, tag) for pattern in patterns)

    aim, doubts = aim_at(inputs, package, "package", inputs.owner.text)
    if any(search(pattern, "v1.2.3") is None for pattern in patterns if not has_hole(pattern)):
        doubts += ("the regular expression in filters",)
    notes = (*inputs.notes(), *counted(inputs, "keep_n"))
    protect = "Let filters match no tag of a release"
    return Exposure(aim, tagged, untagged=False, protect=protect, notes=notes, doubts=doubts)


def _by_tag(inputs: Inputs, aimed: tuple[Tri, tuple[str, ...]], *, untagged: bool = False) -> Exposure:
    named = inputs["tag"].text.strip()
    aim, doubts = aimed

    def tagged(tag: str) -> Tri:
        beside = None if equals(named, "latest") else False
        return any_of([equals(named, tag), beside])

    if equals(named, "latest"):
        doubts += (_BESIDE,)
    protect = "Delete tags of pull requests only, such as pr-${{ github.event.number }}"
    if untagged:
        protect = "Remove untagged-keep-latest, which takes the children of multi-platform images"
    return Exposure(aim, tagged, untagged, protect, inputs.notes(), doubts=doubts)


CHIPKENT = Pruner(("chipkent/action-cleanup-package",), judge_chipkent, CHIPKENT_INPUTS, ((1, 0, 0), (1, 0, 3)))
BOTS_HOUSE = Pruner(
    ("bots-house/ghcr-delete-image-action",), judge_bots_house, BOTS_HOUSE_INPUTS, ((1, 0, 0), (1, 1, 0))
)
TWEEDEGOLF = Pruner(("tweedegolf/cleanup-images-action",), judge_tweedegolf, TWEEDEGOLF_INPUTS)

"""vlaurin/action-ghcr-prune, and its fork Cr34tics/action-ghcr-prune.

What is kept overrides what is pruned, and by default nothing is. `untagged` and `tag-regex` are old names that went on
working.

Read:
    action.yml of vlaurin's at v0.1.0, v0.2.0 (keep-last), v0.3.0 (user), v0.4.0 (keep-tags, keep-tags-regexes), v0.5.0
    (prune-untagged, prune-tags-regexes, keep-younger-than), v0.6.0; index.js and src/version-filter.js at v0.4.0 and
    v0.6.0: a boolean is true for `true` alone, tag-regex counts only without prune-tags-regexes.
    Of the fork, which has no tags: action.yml, index.js, src/pruning.js at 020a832. Since 4bc3bc0 (April 2024)
    prune-untagged spares the children of OCI indexes, and does not know Docker's manifest lists.
"""

from collections.abc import Callable

from preflight.workflows.matching import equals, search
from preflight.workflows.package import Package
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, aim_at, bystanders, counted, dry_run
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import Tri, all_of, any_of, has_hole, negate

_NORMALISED = (0, 5, 0)
_KEEPING = (0, 4, 0)
INPUTS = (
    ActionInput("organization", decides=False),
    ActionInput("user", since=(0, 3, 0), decides=False),
    ActionInput("container"),
    ActionInput("dry-run", "false"),
    ActionInput("untagged", "false"),
    ActionInput("tag-regex"),
    ActionInput("keep-last", "0", since=(0, 2, 0), decides=False),
    ActionInput("keep-tags", since=_KEEPING),
    ActionInput("keep-tags-regexes", since=_KEEPING),
    ActionInput("older-than", "0", decides=False),
    ActionInput("keep-younger-than", "0", since=_NORMALISED, decides=False),
    ActionInput("prune-tags-regexes", since=_NORMALISED),
    ActionInput("prune-untagged", "false", since=_NORMALISED),
    *bystanders("token"),
)
_FORK_INPUTS = (*INPUTS, ActionInput("remove-multi-platform", "false", decides=False))
_PROTECT = r"Add keep-tags-regexes: ^v?\d+\.\d+\.\d+$"
_PROTECT_CHILDREN = ", and remove prune-untagged, which takes the children of multi-platform images"


def judge(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    untagged = any_of([inputs["prune-untagged"].truth, inputs["untagged"].truth])
    return _exposure(inputs, package, untagged, _PROTECT + _PROTECT_CHILDREN, ())


def judge_fork(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``; for the fork, which reads the manifests of tagged images."""
    untagged = any_of([inputs["prune-untagged"].truth, inputs["untagged"].truth])
    shared = inputs["remove-multi-platform"].truth is not False
    doubts = ["whether an image is a Docker manifest list, whose children it does not spare"] if untagged else []
    doubts += ["whether a release shares children with an image that goes (remove-multi-platform)"] if shared else []
    return _exposure(inputs, package, None if doubts else untagged, _PROTECT + _PROTECT_CHILDREN, tuple(doubts))


def _exposure(inputs: Inputs, package: Package, untagged: Tri, protect: str, doubts: tuple[str, ...]) -> Exposure:
    prunes = _prunes(inputs)

    def kept(tag: str) -> Tri:
        exact = any_of(equals(word, tag) for word in inputs.lines("keep-tags"))
        return any_of([exact, *(search(word, tag) for word in inputs.lines("keep-tags-regexes"))])

    by_latest = prunes("latest") is not False and kept("latest") is not True

    def tagged(tag: str) -> Tri:
        return all_of(negate(kept(tag)), any_of([prunes(tag), None if by_latest else False]))

    aim, unnamed = aim_at(inputs, package, "container", inputs.first("organization", "user").text)
    notes = [*inputs.notes(), *counted(inputs, "keep-last")]
    if inputs.given("keep-younger-than") or inputs.given("older-than"):
        notes.append("age protects young images only; releases grow old")
    if by_latest:
        doubts += ("whether a release bears the tag latest as well",)
    doubts += (*unnamed, *(f"the regular expression in {name}" for name in _not_run(inputs)))
    return Exposure(aim, tagged, untagged, protect, tuple(notes), dry_run(inputs["dry-run"]), doubts)


def _prunes(inputs: Inputs) -> Callable[[str], Tri]:
    """Return what tells whether a tag is to be pruned."""
    patterns = inputs.lines("prune-tags-regexes") or inputs.lines("tag-regex")
    return lambda tag: any_of(search(pattern, tag) for pattern in patterns)


def _not_run(inputs: Inputs) -> list[str]:
    """Return the names of inputs that hold a regular expression which cannot be tried."""
    names = ("keep-tags-regexes", "prune-tags-regexes", "tag-regex")
    return [
        name
        for name in names
        if any(search(line, "v1.2.3") is None for line in inputs.lines(name) if not has_hole(line))
    ]


PRUNER = Pruner(("vlaurin/action-ghcr-prune",), judge, INPUTS, ((0, 1, 0), (0, 4, 0), (0, 6, 0)))
FORK = Pruner(("cr34tics/action-ghcr-prune",), judge_fork, _FORK_INPUTS)

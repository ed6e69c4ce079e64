"""vlaurin/action-ghcr-prune, and its fork Cr34tics/action-ghcr-prune.

Sources: its README and action.yml, versions 0.1 to 0.6, where `untagged` and `tag-regex` are old names that went on
working; what is kept beats what is pruned, and by default nothing is.
"""

from preflight.workflows.model import Step
from preflight.workflows.package import Package, aims_at
from preflight.workflows.pruners.exposure import Exposure, Pruner, Version, dry_run
from preflight.workflows.value import HOLE, Tri, all_of, any_of, equals, negate, search

_PROTECT = (
    r"Add keep-tags-regexes: ^v?\d+\.\d+\.\d+$, and remove prune-untagged, which takes the children of "
    "multi-platform images"
)


def judge(step: Step, package: Package, _version: Version) -> Exposure:
    """See ``Judge``."""

    def tagged(tag: str) -> Tri:
        exact = any_of(equals(word, tag) for word in _lines(step, "keep-tags"))
        kept = any_of([exact, *(search(word, tag) for word in _lines(step, "keep-tags-regexes"))])
        named = any_of(search(word, tag) for word in _lines(step, "prune-tags-regexes", "tag-regex"))
        rest = step.input("prune-tags-unkept").truth
        return all_of(negate(kept), any_of([named, rest]))

    owner = step.input("organization", "user").text
    aim = aims_at(package, [step.input("container").text or HOLE], owner)
    untagged = any_of([step.input("prune-untagged").truth, step.input("untagged").truth])
    notes = []
    if step.has("keep-last"):
        notes.append("keep-last only bounds how many are left")
    if step.has("keep-younger-than", "older-than"):
        notes.append("age protects young images only; releases grow old")
    return Exposure(aim, tagged, untagged, _PROTECT, tuple(notes), dry_run(step))


def _lines(step: Step, *names: str) -> list[str]:
    return [line.strip() for name in names for line in step.input(name).text.split("\n") if line.strip()]


PRUNER = Pruner(("vlaurin/action-ghcr-prune", "cr34tics/action-ghcr-prune"), judge, ((0, 6),))

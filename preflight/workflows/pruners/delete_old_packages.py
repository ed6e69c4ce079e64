"""SmartsquareGmbH/delete-old-packages.

Read:
    action.yml at v0.0.1, v0.2.0 (version), v0.3.0 (dry-run), v0.3.1 (user, organization, semver-pattern), v0.5.0
    (type), v0.7.0 (owner and repo are gone), v0.8.0, v1.0.0.
    src/input.ts, src/process/process.ts, src/query/strategies at v0.6.0, v0.8.1 and main: the names of a container's
    version are its tags; one without a tag is never looked at; a version goes if any of its tags fits, beyond the
    number in keep. Before version 0.5 it asks GraphQL, which has no packages of ghcr.io.
"""

from preflight.workflows.matching import search
from preflight.workflows.package import CONTAINER, Package, aims_at
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, bystanders, counted, dry_run
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import HOLE, Tri, any_of, has_hole

INPUTS = (
    ActionInput("user", since=(0, 3, 1), decides=False),
    ActionInput("organization", since=(0, 3, 1), decides=False),
    ActionInput("owner", before=(0, 7, 0), decides=False),
    ActionInput("repo", before=(0, 7, 0), decides=False),
    ActionInput("names"),
    ActionInput("type", since=(0, 5, 0)),
    ActionInput("version", since=(0, 2, 0), before=(0, 5, 0)),
    ActionInput("version-pattern"),
    ActionInput("semver-pattern", since=(0, 3, 1)),
    ActionInput("keep", "2", decides=False),
    ActionInput("dry-run", "false", since=(0, 3, 0)),
    *bystanders("token", "rate-limit"),
)
_PROTECT = r"Let version-pattern match no tag of a release, such as ^pr-\d+$"


def judge(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    pattern, ranged = inputs["version-pattern"].text.strip(), inputs.given("semver-pattern")
    beside = not ranged and bool(pattern) and search(pattern, "latest")

    def tagged(tag: str) -> Tri:
        if ranged:
            return None
        return any_of([search(pattern, tag), None if beside else False]) if pattern else True

    doubts = [] if inputs.lines("names") else ["which package it is after, as names is missing"]
    if ranged:
        doubts.append("which releases the range in semver-pattern covers")
    elif beside:
        doubts.append("whether a release bears the tag latest as well")
    elif pattern and not has_hole(pattern) and search(pattern, "v1.2.3") is None:
        doubts.append("the regular expression in version-pattern")
    aim, harmless = _aim(inputs, package), dry_run(inputs["dry-run"])
    notes = (*inputs.notes(), *counted(inputs, "keep"))
    return Exposure(aim, tagged, untagged=False, protect=_PROTECT, notes=notes, harmless=harmless, doubts=tuple(doubts))


def _aim(inputs: Inputs, package: Package) -> Tri:
    kind = inputs["type"].text.strip().lower()
    if kind and kind not in CONTAINER and not has_hole(kind):
        return False
    return aims_at(package, inputs.lines("names") or [HOLE], inputs.first("organization", "user", "owner").text)


PRUNER = Pruner(("smartsquaregmbh/delete-old-packages",), judge, INPUTS)

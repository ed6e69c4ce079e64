"""quartx-analytics/ghcr-cleaner, and its forks lastbackend/ and headframe-io/workflow-ghcr-cleaner.

Read:
    action.yml and action.py at v1.0.0, v1.0.2 (nothing changed but a message): what bears no tag goes by default, but
    for what the manifests of tagged images that stay name; keep-at-most (off at 0) deletes tagged versions beyond a
    number, among those that a pattern in filter-tags covers and none in skip-tags. Without package-name it goes through
    all packages of the owner, or of the repository in repository-name.
"""

from preflight.workflows.matching import equals, fnmatch
from preflight.workflows.package import Package, aims_at
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, bystanders, counted, dry_run
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import Tri, all_of, any_of, has_hole, negate

INPUTS = (
    ActionInput("repository-owner", "${{ github.repository_owner }}", decides=False),
    ActionInput("repository-name"),
    ActionInput("package-name"),
    ActionInput("keep-at-most", "0"),
    ActionInput("filter-tags"),
    ActionInput("skip-tags"),
    ActionInput("dry-run", "false"),
    *bystanders("token", "owner-type", "delete-untagged"),
)
_PROTECT = "Add skip-tags: v*,*.*.* (all forms that release tags have)"


def judge(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    most = inputs["keep-at-most"].text.strip()
    deletes_tagged: Tri = None if has_hole(most) else most not in {"", "0"}
    skipped, filters = _patterns(inputs, "skip-tags"), _patterns(inputs, "filter-tags")

    def spared(tag: str) -> Tri:
        return any_of(fnmatch(pattern, tag) for pattern in skipped)

    by_latest = any_of(fnmatch(each, "latest") for each in filters) is not False and spared("latest") is not True

    def tagged(tag: str) -> Tri:
        chosen = any_of([*(fnmatch(each, tag) for each in filters), None if by_latest else False]) if filters else True
        return all_of(deletes_tagged, negate(spared(tag)), chosen)

    aim, doubts = _aim(inputs, package)
    if by_latest:
        doubts += ("whether a release bears the tag latest as well",)
    notes = (*inputs.notes(), *(counted(inputs, "keep-at-most") if deletes_tagged else ()))
    return Exposure(
        aim, tagged, untagged=False, protect=_PROTECT, notes=notes, harmless=dry_run(inputs["dry-run"]), doubts=doubts
    )


def _aim(inputs: Inputs, package: Package) -> tuple[Tri, tuple[str, ...]]:
    owner, name = inputs["repository-owner"].text, inputs["package-name"].text.strip("/ ")
    aim = aims_at(package, [name] if name else [], owner)
    repository = inputs["repository-name"].text.strip().rpartition("/")[2]
    if aim is not True or name or not repository or equals(repository, inputs.repository.name) is not False:
        return aim, ()
    return None, (f"whether {package} belongs to the repository {repository}",)


def _patterns(inputs: Inputs, name: str) -> list[str]:
    """Return the patterns of a list, which commas, white space or both part, perhaps in square brackets."""
    return inputs[name].text.strip("[] \n").replace(",", " ").split()


PRUNER = Pruner(
    (
        "quartx-analytics/ghcr-cleaner",
        "lastbackend/workflow-ghcr-cleaner",
        "headframe-io/workflow-ghcr-cleaner",
    ),
    judge,
    INPUTS,
)

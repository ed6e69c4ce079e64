"""dataaxiom/ghcr-cleanup-action.

It reads manifests and never takes the child of an image that stays; `exclude-tags` overrides everything else; a tag of
an image that bears others is only unlinked; without any option that deletes or keeps, it deletes untagged images.

Read:
    action.yml at v1.0.0, v1.0.1 (exclude-tags, keep-n-tagged, dry-run), v1.0.4 (package instead of name), v1.0.6
    (delete-tags), v1.0.8 (older-than, delete-partial-images), v1.0.11 (packages, expand-packages, use-regex), v1.0.16,
    v1.2.1. Package and owner are by default those of the repository that runs it (src/config.ts).
    src/config.ts at v1.1.0 (new): a package with `*` or `?` in it is expanded where expand-packages says nothing.
    src/image-filter.ts, src/deletion-strategy.ts, src/main.ts at v1.2.1: tags and packages are compared as
    wildcard-match or a regular expression has it, packages without the spaces around them, tags with them;
    keep-n-tagged with delete-tags keeps among those.
"""

from preflight.workflows.matching import search, wildcard
from preflight.workflows.package import Package, aims_at, covers, owned
from preflight.workflows.pruners.exposure import ActionInput, Exposure, Inputs, bystanders, counted, dry_run
from preflight.workflows.pruners.reference import Pruner
from preflight.workflows.value import Tri, all_of, any_of, has_hole, negate

_PROTECT = "Add exclude-tags: v*,*.*.* (all forms that release tags have)"
INPUTS = (
    ActionInput("owner", decides=False),
    ActionInput("name", before=(1, 0, 4), renamed="package"),
    ActionInput("package", since=(1, 0, 4)),
    ActionInput("packages", since=(1, 0, 11)),
    ActionInput("expand-packages", since=(1, 0, 11)),
    ActionInput("delete-tags", since=(1, 0, 6)),
    ActionInput("tags"),
    ActionInput("exclude-tags", since=(1, 0, 1)),
    ActionInput("keep-n-tagged", since=(1, 0, 1), decides=False),
    ActionInput("delete-partial-images", since=(1, 0, 8)),
    ActionInput("older-than", since=(1, 0, 8), decides=False),
    ActionInput("use-regex", since=(1, 0, 11)),
    ActionInput("dry-run", since=(1, 0, 1)),
    *bystanders("token", "repository", "keep-n-untagged", "number-untagged", "delete-untagged", "delete-ghost-images"),
    *bystanders("delete-orphaned-images", "validate", "log-level", "registry-url", "github-api-url"),
)
_EXPANDS_BY_ITSELF = (1, 1, 0)


def judge(inputs: Inputs, package: Package) -> Exposure:
    """See ``Judge``."""
    deleted = inputs.first("delete-tags", "tags").text
    partial = inputs["delete-partial-images"].truth

    def tagged(tag: str) -> Tri:
        spared = _matches(inputs, inputs["exclude-tags"].text, tag)
        named = _matches(inputs, deleted, tag)
        kept = inputs.given("keep-n-tagged") and not deleted.strip()
        return all_of(negate(spared), any_of([named, kept, False if partial is False else None]))

    notes = [*inputs.notes(), *counted(inputs, "keep-n-tagged")]
    if inputs.given("older-than"):
        notes.append("older-than protects young images only; releases grow old")
    if any(word != word.strip() for word in inputs["exclude-tags"].text.strip().split(",")):
        notes.append("a space beside a comma in exclude-tags belongs to the tag: such a tag spares nothing")
    doubts = [] if partial is False else ["whether a release lacks one of its platforms (delete-partial-images)"]
    doubts += [f"the regular expression in {name}" for name in _not_run(inputs, package)]
    aim, reasons = _aim(inputs, package)
    harmless = dry_run(inputs["dry-run"])
    return Exposure(
        aim, tagged, untagged=False, protect=_PROTECT, notes=tuple(notes), harmless=harmless, doubts=(*reasons, *doubts)
    )


def _aim(inputs: Inputs, package: Package) -> tuple[Tri, tuple[str, ...]]:
    """Whether it is after our package, and why not more is known."""
    owner = inputs["owner"] if inputs.given("owner") else inputs.owner
    named = inputs.first("package", "packages", "name")
    if not named.given:
        own = inputs.repository.value("the name of this repository", inputs.repository.name)
        return aims_at(package, [own.text], owner.text), own.unknown
    names, expand = named.text, inputs["expand-packages"]
    wild = inputs.version >= _EXPANDS_BY_ITSELF and any(char in names for char in "*?")
    if not (expand.truth if expand.given else wild) and expand.truth is not None:
        return aims_at(package, names.split(","), owner.text), ()
    if not owned(package, owner.text):
        return False, ()
    regex = inputs["use-regex"].truth
    expanded = search(names, package.name) if regex else covers(package, names.split(","), wildcard)
    return (None if regex is None or expand.truth is None else expanded), ()


def _matches(inputs: Inputs, patterns: str, tag: str) -> Tri:
    """Whether a list of patterns covers a tag; an empty one covers none."""
    if not patterns.strip():
        return False
    regex = inputs["use-regex"].truth
    if regex is None:
        return None
    patterns = patterns.strip()
    return search(patterns, tag) if regex else any_of(wildcard(word, tag) for word in patterns.split(","))


def _not_run(inputs: Inputs, package: Package) -> list[str]:
    """Return the names of inputs that hold a regular expression which cannot be tried."""
    if inputs["use-regex"].truth is not True:
        return []
    names = ("exclude-tags", "delete-tags", "tags", "package", "packages")
    texts = {name: inputs[name].text.strip() for name in names if inputs.given(name)}
    return [name for name, text in texts.items() if not has_hole(text) and search(text, package.name) is None]


PRUNER = Pruner(
    ("dataaxiom/ghcr-cleanup-action", "rohanmars/ghcr-cleanup-action"),
    judge,
    INPUTS,
    ((1, 0, 3), (1, 0, 16), (1, 2, 1)),
)

"""The combinations of a job's matrix, as far as it is written out.

Source: GitHub Docs, "Workflow syntax for GitHub Actions", `jobs.<job_id>.strategy.matrix`.
"""

from collections.abc import Iterator
from itertools import islice, product

from preflight.lib.yamlnodes import Mapping, Node, Scalar, Sequence
from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.source import mapping_of
from preflight.workflows.value import Value, unknown

MAX_COMBINATIONS = 256
"""GitHub's own limit."""

Combination = dict[str, Value]
_MAX_DEPTH = 8


def combinations(strategy: Node | None, scope: Scope) -> tuple[list[Combination], bool]:
    """Return the combinations of a matrix, and whether it is written out so that they are all there is.

    Args:
        strategy: What stands under ``strategy:``.
        scope: For expressions within.
    """
    holder = mapping_of(strategy)
    if holder is None:
        return [{}], strategy is None
    matrix = holder.get("matrix")
    if matrix is None:
        return [{}], True
    if not isinstance(matrix, Mapping):
        return [{}], False
    axes, complete = _axes(matrix, scope)
    found = list(islice(_product(axes), MAX_COMBINATIONS + 1))
    excluded, known = _listed(matrix.get("exclude"), scope)
    complete = complete and known
    found = [one for one in found if not any(_covers(each, one) for each in excluded)]
    included, known = _listed(matrix.get("include"), scope)
    complete = complete and known
    found = _include(found, included, axes)
    return (found or [{}], complete) if len(found) <= MAX_COMBINATIONS else ([{}], False)


def _axes(matrix: Mapping, scope: Scope) -> tuple[dict[str, list[Combination]], bool]:
    """Return for each axis its values, each as what it adds to a combination."""
    axes: dict[str, list[Combination]] = {}
    complete = True
    for key, item in matrix.items.items():
        name = key.lower()
        if name in {"include", "exclude"}:
            continue
        if isinstance(item.value, Sequence):
            axes[name] = [dict(_flat(name, each.value, scope)) for each in item.value.items]
        else:
            complete = False
            axes[name] = [{name: unknown(f"matrix.{name}")}]
    return axes, complete


def _product(axes: dict[str, list[Combination]]) -> Iterator[Combination]:
    if not axes:
        return
    for choice in product(*axes.values()):
        yield {name: value for part in choice for name, value in part.items()}


def _listed(node: Node | None, scope: Scope) -> tuple[list[Combination], bool]:
    """Return the entries of ``include`` or ``exclude``, and whether they are written out."""
    if node is None or (isinstance(node, Scalar) and node.is_null):
        return [], True
    if not isinstance(node, Sequence):
        return [], False
    entries = [mapping_of(item.value) for item in node.items]
    found = [
        {name: value for key, item in entry.items.items() for name, value in _flat(key.lower(), item.value, scope)}
        for entry in entries
        if entry is not None
    ]
    return found, None not in entries


def _flat(name: str, node: Node, scope: Scope, depth: int = 0) -> Iterator[tuple[str, Value]]:
    """Yield a value under its name, and each value within it under ``name.key``."""
    if isinstance(node, Scalar):
        yield name, evaluate(node.text, scope)
    elif isinstance(node, Mapping) and depth < _MAX_DEPTH:
        for key, item in node.items.items():
            yield from _flat(f"{name}.{key.lower()}", item.value, scope, depth + 1)
    else:
        yield name, unknown(f"matrix.{name}")


def _covers(part: Combination, whole: Combination) -> bool:
    return bool(part) and all(name in whole and whole[name].text == value.text for name, value in part.items())


def _include(
    found: list[Combination], included: list[Combination], axes: dict[str, list[Combination]]
) -> list[Combination]:
    """Add the entries of ``include``: to each combination of which they change nothing, else as one of their own."""
    originals = [dict(one) for one in found]
    result = [dict(one) for one in found]
    own: list[Combination] = []
    names = {name for values in axes.values() for value in values for name in value}
    for entry in included:
        fixed = {name: value for name, value in entry.items() if name in names}
        hosts = [at for at, one in enumerate(originals) if not fixed or _covers(fixed, one)]
        for at in hosts:
            result[at].update(entry)
        if not hosts:
            own.append(dict(entry))
    return result + own

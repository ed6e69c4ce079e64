"""How a workflow can start, and what its inputs are then."""

from collections.abc import Iterator
from dataclasses import replace

from preflight.lib.yamlfile import Mapping, Node, Scalar, Sequence
from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.source import items_of, mapping_of, text_of
from preflight.workflows.value import EMPTY, Value, unknown

BY_HAND, CALLED = "workflow_dispatch", "workflow_call"
_YAML = "tag:yaml.org,2002:"


def triggers(workflow: Mapping) -> dict[str, Mapping | None]:
    """Return what starts a workflow, and how that is configured."""
    node = workflow.get("on")
    if isinstance(node, Mapping):
        return {name: mapping_of(item.value) for name, item in node.items.items()}
    names = [text_of(each) for each in items_of(node)] if isinstance(node, Sequence) else [text_of(node)]
    return {name: None for name in names if name}


def starts(workflow: Mapping) -> Iterator[Scope]:
    """Yield what the inputs are in each way in which a workflow can start."""
    kinds = triggers(workflow)
    if BY_HAND in kinds:
        yield Scope(inputs=declared_inputs(workflow, BY_HAND))
    if CALLED in kinds and BY_HAND not in kinds:
        yield Scope(inputs=declared_inputs(workflow, CALLED))
    if not kinds or set(kinds) - {BY_HAND, CALLED}:
        yield Scope()


def declared_inputs(workflow: Mapping, trigger: str, without: Value | None = None) -> dict[str, Value]:
    """Return the defaults of a workflow's inputs; see ``defaults``."""
    node = triggers(workflow).get(trigger)
    found = defaults(node.get("inputs") if node else None, without)
    return {name: replace(value, chosen=trigger == BY_HAND) for name, value in found.items()}


def defaults(node: Node | None, without: Value | None) -> dict[str, Value]:
    """Return the defaults of inputs; one that has none gets ``without``, or is unknown where that is None."""
    found: dict[str, Value] = {}
    declared = mapping_of(node)
    for name, item in (declared.items if declared else {}).items():
        body = mapping_of(item.value)
        default = body.get("default") if body else None
        if default is not None:
            found[name.lower()] = value_of(default, Scope())
        elif body is not None and text_of(body.get("type")) == "boolean":
            found[name.lower()] = Value("false")
        else:
            found[name.lower()] = unknown(f"inputs.{name}") if without is None else without
    return found


def value_of(node: Node, scope: Scope) -> Value:
    """Return what stands under a key of ``with:`` or ``env:``."""
    if not isinstance(node, Scalar):
        return unknown("a list or mapping")
    if node.tag and not node.tag.startswith(_YAML):
        return unknown(f"{node.tag} (a YAML tag: put it in quotes)")
    return EMPTY if node.is_null else evaluate(node.text, scope)

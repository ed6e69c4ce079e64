"""What starts a workflow, and what its inputs are then.

Source: GitHub Docs, "Workflow syntax for GitHub Actions": `on`, `on.workflow_call.inputs` and
`on.workflow_dispatch.inputs`.
"""

from collections.abc import Iterator
from dataclasses import replace

from preflight.lib.yamlnodes import Mapping, Node, Scalar, Sequence
from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.source import items_of, mapping_of, text_of
from preflight.workflows.value import EMPTY, Value, unknown

DISPATCH, CALL = "workflow_dispatch", "workflow_call"
_YAML = "tag:yaml.org,2002:"


def triggers(workflow: Mapping) -> dict[str, Mapping | None]:
    """Return what starts a workflow, and how that is configured."""
    node = workflow.get("on")
    if isinstance(node, Mapping):
        return {name: mapping_of(item.value) for name, item in node.items.items()}
    names = [text_of(each) for each in items_of(node)] if isinstance(node, Sequence) else [text_of(node)]
    return {name: None for name in names if name}


def trigger_scopes(workflow: Mapping, scope: Scope) -> Iterator[Scope]:
    """Yield a scope for each way in which a workflow can start, which differ in its inputs."""
    kinds = triggers(workflow)
    if DISPATCH in kinds:
        yield replace(scope, inputs=declared_inputs(workflow, DISPATCH, scope))
    if CALL in kinds and DISPATCH not in kinds:
        yield replace(scope, inputs=declared_inputs(workflow, CALL, scope))
    if not kinds or set(kinds) - {DISPATCH, CALL}:
        yield scope


def declared_inputs(workflow: Mapping, trigger: str, scope: Scope, without: Value | None = None) -> dict[str, Value]:
    """Return the defaults of a workflow's inputs; see ``input_defaults``."""
    node = triggers(workflow).get(trigger)
    found = input_defaults(node.get("inputs") if node else None, scope, without)
    return {name: replace(value, chosen=trigger == DISPATCH) for name, value in found.items()}


def input_defaults(node: Node | None, scope: Scope, without: Value | None) -> dict[str, Value]:
    """Return the defaults of inputs; one that has none gets ``without``, or is unknown where that is None."""
    found: dict[str, Value] = {}
    declared = mapping_of(node)
    nothing_set = Scope(github=scope.github)
    for name, item in (declared.items if declared else {}).items():
        body = mapping_of(item.value)
        default = body.get("default") if body else None
        if default is not None:
            found[name.lower()] = value_of(default, nothing_set)
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

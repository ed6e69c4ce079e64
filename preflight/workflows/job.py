"""What keys of a workflow, job or step say: conditions, permissions, variables, inputs.

Source: GitHub Docs, "Workflow syntax for GitHub Actions", `if`, `permissions`, `env`, `with`; "Workflow commands",
`GITHUB_ENV`.
"""

from preflight.lib.regex import regex
from preflight.lib.yamlnodes import Mapping
from preflight.workflows.expressions import Scope
from preflight.workflows.source import mapping_of, text_of
from preflight.workflows.triggers import value_of
from preflight.workflows.value import Value

_ASSIGNED = regex(r"(?<![\w$.{-])([A-Za-z_]\w*)(?:=|<<)")


def given_inputs(body: Mapping, scope: Scope) -> dict[str, Value]:
    """Return what stands under ``with:``; names in lower case."""
    return _values(body, "with", scope)


def environment(body: Mapping, scope: Scope) -> dict[str, Value]:
    """Return what stands under ``env:``; names in lower case."""
    return _values(body, "env", scope)


def is_switched_off(body: Mapping) -> bool:
    """Whether a job or step has a condition that is never met."""
    condition = text_of(body.get("if")).strip()
    return condition.removeprefix("${{").removesuffix("}}").strip().lower() == "false"


def writes_packages(job: Mapping, workflow: Mapping) -> bool | None:
    """Whether the token of a job may write packages; None if neither job nor workflow says so."""
    node = job.get("permissions") or workflow.get("permissions")
    if isinstance(node, Mapping):
        return text_of(node.get("packages")) == "write"
    words = text_of(node)
    return words == "write-all" if words else None


def set_for_later_steps(run: str) -> frozenset[str]:
    """Return the variables, in lower case, that a script may set for the steps behind it by way of ``GITHUB_ENV``."""
    if "GITHUB_ENV" not in run:
        return frozenset()
    return frozenset(match[1].lower() for match in _ASSIGNED.finditer(run))


def _values(body: Mapping, key: str, scope: Scope) -> dict[str, Value]:
    given = mapping_of(body.get(key))
    return {name.lower(): value_of(item.value, scope) for name, item in given.items.items()} if given else {}

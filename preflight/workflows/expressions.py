"""``${{ … }}`` in workflows, as far as the file itself says what they are.

Resolved are ``env``, ``inputs`` and ``matrix``, literals, and ``a || b`` of those. ``github``, ``vars``, ``secrets``,
``needs``, ``steps`` and every function only show when the workflow runs.
"""

import re
from collections.abc import Mapping
from dataclasses import field, replace

from preflight.lib.records import frozen
from preflight.workflows.value import EMPTY, WORD_HOLE, Value, has_hole, unknown

_EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_PATH = re.compile(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\s*'[^']*'\s*\])*")
_INDEX = re.compile(r"\[\s*'([^']*)'\s*\]")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_LITERAL = re.compile(r"true|false|null|-?\d+(?:\.\d+)?", re.IGNORECASE)
_NO_SLASH = frozenset({"github.event.repository.name", "github.repository_owner", "github.actor", "github.sha"})
_EMPTY_WORDS = frozenset({"", "false", "0", "null"})
_MAX_PARTS = 20


@frozen
class Scope:
    """What names stand for at one place of a workflow. Names are in lower case, as GitHub does not tell case apart.

    Args:
        env: Of workflow, job and step.
        inputs: Of the workflow or the composite action.
        matrix: One combination; ``image.name`` for a value within a value.
        inputs_complete: An input that is not named is empty; otherwise it is unknown.
        matrix_complete: The same for the matrix.
    """

    env: Mapping[str, Value] = field(default_factory=dict)
    inputs: Mapping[str, Value] = field(default_factory=dict)
    matrix: Mapping[str, Value] = field(default_factory=dict)
    inputs_complete: bool = True
    matrix_complete: bool = True

    def with_env(self, env: Mapping[str, Value]) -> "Scope":
        """Return the scope with further variables, which hide those of the same name."""
        return replace(self, env={**self.env, **env})


def evaluate(text: str, scope: Scope) -> Value:
    """Return a text with its expressions resolved, and a hole for each that cannot be."""
    parts: list[str] = []
    unknowns: list[str] = []
    chosen, end = False, 0
    for match in _EXPRESSION.finditer(text):
        value = resolve(match[1].strip(), scope)
        parts += [text[end : match.start()], value.text]
        unknowns += value.unknown
        chosen = chosen or value.chosen
        end = match.end()
    return Value("".join([*parts, text[end:]]), tuple(unknowns), chosen)


def resolve(expression: str, scope: Scope) -> Value:
    """Return what an expression (without its braces) stands for."""
    alternatives = expression.split("||")
    if 1 < len(alternatives) <= _MAX_PARTS and "(" not in expression and "&&" not in expression:
        return _first_true([part.strip() for part in alternatives], expression, scope)
    if match := _TEXT.fullmatch(expression):
        return Value(match[1].replace("''", "'"))
    if _LITERAL.fullmatch(expression):
        return EMPTY if expression.lower() == "null" else Value(expression.lower())
    if _PATH.fullmatch(expression):
        return _look_up(_INDEX.sub(r".\1", expression), scope)
    return unknown(expression)


def _first_true(parts: list[str], expression: str, scope: Scope) -> Value:
    value = EMPTY
    for part in parts:
        value = resolve(part, scope)
        if has_hole(value.text):
            return unknown(expression)
        if value.text.lower() not in _EMPTY_WORDS:
            return value
    return value


def _look_up(path: str, scope: Scope) -> Value:
    lower = path.lower()
    context, _, name = lower.removeprefix("github.event.").partition(".")
    if context == "env":
        return scope.env.get(name, unknown(path))
    if context == "inputs":
        return scope.inputs.get(name, EMPTY if scope.inputs_complete else unknown(path))
    if context == "matrix":
        return scope.matrix.get(name, EMPTY if scope.matrix_complete else unknown(path))
    return unknown(path, WORD_HOLE) if lower in _NO_SLASH else unknown(path)

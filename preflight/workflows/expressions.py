"""``${{ … }}`` in workflows, as far as the file itself and the repository's name say what they are.

Resolved are ``env``, ``inputs`` and ``matrix``, the repository's name and owner, literals, ``a || b`` and
``format('…', a)`` of those. ``vars``, ``secrets``, ``needs``, ``steps`` and the other functions only show when the
workflow runs.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.workflows.repository import ThisRepository
from preflight.workflows.value import EMPTY, NUMBER_HOLE, WORD_HOLE, Value, has_hole, unknown

_PATH = regex(r"[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*|\[\s*'[^']*'\s*\])*")
_INDEX = regex(r"\[\s*'([^']*)'\s*\]")
_TEXT = regex(r"'((?:[^']|'')*)'")
_LITERAL = regex(r"true|false|null|-?\d+(?:\.\d+)?", re.IGNORECASE)
_PLACE = regex(r"\{(\d{1,3})\}")
_NO_SLASH = frozenset({"github.actor", "github.sha", "github.triggering_actor"})
_NUMBERS = frozenset({
    "github.event.number",
    "github.event.issue.number",
    "github.event.pull_request.number",
    "github.run_id",
    "github.run_number",
    "github.run_attempt",
})  # fmt: skip
_EMPTY_WORDS = frozenset({"", "false", "0", "null"})
_MAX_PARTS = 20


@frozen
class Scope:
    """What names stand for at one place of a workflow. Names are in lower case, as GitHub does not tell case apart.

    Args:
        env: The variables of workflow, job and step.
        inputs: The inputs of the workflow or the composite action.
        matrix: One combination; ``image.name`` for a value within a value.
        github: What is known of the context ``github`` (see ``ThisRepository.context``).
        inputs_complete: An input that is not named is empty; otherwise it is unknown.
        matrix_complete: The same for the matrix.
    """

    env: Mapping[str, Value] = field(default_factory=dict)
    inputs: Mapping[str, Value] = field(default_factory=dict)
    matrix: Mapping[str, Value] = field(default_factory=dict)
    github: Mapping[str, Value] = field(default_factory=ThisRepository().context)
    inputs_complete: bool = True
    matrix_complete: bool = True

    def with_env(self, env: Mapping[str, Value]) -> "Scope":
        """Return the scope with further variables, which hide those of the same name."""
        return replace(self, env={**self.env, **env})


def evaluate(text: str, scope: Scope) -> Value:
    """Return a text with its expressions resolved, and a hole for each that cannot be."""
    parts: list[str] = []
    unknowns: list[str] = []
    chosen, behind = False, 0
    for start, end in _expressions(text):
        value = resolve(text[start + 3 : end - 2].strip(), scope)
        parts += [text[behind:start], value.text]
        unknowns += value.unknown
        chosen = chosen or value.chosen
        behind = end
    return Value("".join([*parts, text[behind:]]), tuple(unknowns), chosen)


def _expressions(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each ``${{ … }}`` begins and ends; braces in its quotes do not end it."""
    end = 0
    while (start := text.find("${{", end)) >= 0:
        end = _closing(text, start + 3)
        if end < 0:
            return
        yield start, end


def _closing(text: str, at: int) -> int:
    """Return the place behind the ``}}`` of an expression; -1 if there is none."""
    braces = text.find("}}", at)
    while braces >= 0:
        quote = text.find("'", at, braces)
        if quote < 0:
            return braces + 2
        at = text.find("'", quote + 1) + 1
        if at == 0:
            return -1
        if at > braces:
            braces = text.find("}}", at)
    return -1


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
    if expression.lower().startswith("format(") and expression.endswith(")"):
        return _format(expression, scope)
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


def _format(expression: str, scope: Scope) -> Value:
    """Return what ``format('…{0}…', value)`` makes; no function and no comma in a text may stand in it."""
    inside = expression[len("format(") : -1]
    template, *arguments = [part.strip() for part in inside.split(",", _MAX_PARTS)]
    text = _TEXT.fullmatch(template)
    if text is None or "(" in inside or "{{" in inside or "}}" in inside:
        return unknown(expression)
    values = [resolve(argument, scope) for argument in arguments]
    if any(int(place[1]) >= len(values) for place in _PLACE.finditer(text[1])):
        return unknown(expression)
    filled = _PLACE.sub(lambda place: values[int(place[1])].text, text[1].replace("''", "'"))
    return Value(filled, tuple(name for value in values for name in value.unknown), any(each.chosen for each in values))


def _look_up(path: str, scope: Scope) -> Value:
    lower = path.lower()
    if lower in _NUMBERS:
        return unknown(path, NUMBER_HOLE)
    if lower in _NO_SLASH:
        return unknown(path, WORD_HOLE)
    context, _, name = lower.removeprefix("github.event.").partition(".")
    match context:
        case "env":
            return scope.env.get(name, unknown(path))
        case "inputs":
            return scope.inputs.get(name, EMPTY if scope.inputs_complete else unknown(path))
        case "matrix":
            return scope.matrix.get(name, EMPTY if scope.matrix_complete else unknown(path))
        case _:
            return scope.github.get(lower.removeprefix("github."), unknown(path))

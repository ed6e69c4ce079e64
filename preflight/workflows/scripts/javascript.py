"""Names and expressions of JavaScript: what they stand for where the script or ``env:`` says so.

On the right-hand side of an assignment stands an expression. Only a quoted text is one that is known; ``process.env.X``
is what ``env:`` says, ``context.repo`` of actions/github-script is the repository that runs it, and every other
expression (``cfg.pkg``, a call, a sum) only shows when the script runs. So does a name that is bound more than once, or
as a parameter, in a loop or by destructuring.

Sources: ECMA-262, 12 "Lexical Grammar" and 14.3 "Declarations and the Variable Statement"; README of
actions/github-script (``context``), @actions/github (``context.repo``).
"""

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.workflows.repository import ThisRepository
from preflight.workflows.scripts.brackets import pairs, rest_of_word
from preflight.workflows.value import HOLE, Value, has_hole, unknown

# No alternative that begins to match ever fails, so that nothing is read twice: what is not closed ends with its line,
# or with the text.
_TOKEN = regex(
    r"(?P<space>\s+)|(?P<comment>//[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<text>'(?:[^'\\\n]|\\[^\n])*(?:'|\\?(?=\n|\Z))|\"(?:[^\"\\\n]|\\[^\n])*(?:\"|\\?(?=\n|\Z)))"
    r"|(?P<template>`(?:[^`\\]|\\.)*(?:`|\\?\Z))"
    r"|(?P<name>[A-Za-z_$][\w$]*)|(?P<other>=>|\.\.\.|\?\.|[=!<>]==?|\+\+|--|(?:\?\?|\|\||&&|[-+*/%&|^])=|.)",
    re.DOTALL,
)
_PLACE = regex(r"(?P<opens>\$\{)|\{\w{1,80}\}")
_DECLARES = frozenset({"const", "let", "var"})
_CONTROLS = frozenset({"if", "for", "while", "switch", "with"})
_GOES_ON = frozenset({".", "?.", "+", "-", "*", "/", "?", ":", "(", "[", "||", "&&", "??", "|", "&"})
_ENDS = frozenset({";", ",", ")", "}", "]"})
_CHANGES = frozenset({"=>", "++", "--"})
_MAX_DEPTH = 4
_MAX_TOKENS = 16
_SHOWN = 60


Token: TypeAlias = tuple[str, int]
"""One word, text or sign, and the line it begins in, from 0."""


@frozen
class _Binding:
    """Where a name gets its value.

    Args:
        right: The right-hand side; empty where it is bound otherwise.
        key: The key of what is on the right-hand side, for ``const { key: name } = …``.
    """

    right: Sequence[str] = ()
    key: str = ""


def tokens(text: str) -> list[Token]:
    """Return the tokens of a script, without comments."""
    found: list[Token] = []
    line = 0
    for match in _TOKEN.finditer(text):
        if match.lastgroup not in {"space", "comment"}:
            found.append((match[0], line))
        line += match[0].count("\n")
    return found


class JavaScriptNames:
    """The names of one script.

    Args:
        text: The script, its ``${{ … }}`` resolved.
        env: What the step sets for it; names in lower case.
        repository: The repository that runs it.
    """

    def __init__(self, text: str, env: Mapping[str, Value], repository: ThisRepository) -> None:
        self._env, self._repository = env, repository
        self._bindings = _bindings(tokens(text))

    def evaluate(self, expression: str, depth: int = 0) -> Value:
        """Return what an expression stands for; if that only shows when it runs, its own text says why."""
        words = [word for word, _ in tokens(expression)]
        return self._evaluate(words, depth) if len(words) <= _MAX_TOKENS else unknown(_shown(words))

    def resolve(self, text: str, depth: int = 0) -> str:
        """Return a text with the ``${…}`` of its template literals resolved; ``{…}`` are places that octokit fills."""
        closings = pairs(text)
        parts: list[str] = []
        behind = 0
        for match in _PLACE.finditer(text):
            if match.start() < behind:
                continue
            closing = closings.get(match.start() + 1)
            if not match["opens"]:
                value, end = HOLE, match.end()
            elif closing is None:
                value, end = HOLE, rest_of_word(text, match.end())
            else:
                value, end = self.evaluate(text[match.end() : closing], depth).text, closing + 1
            parts += [text[behind : match.start()], value.replace("/", "%2F")]
            behind = end
        return "".join([*parts, text[behind:]])

    def _evaluate(self, words: Sequence[str], depth: int) -> Value:
        found = unknown(_shown(words))
        if depth > _MAX_DEPTH:
            return found
        match words:
            case [word] if word[0] in "'\"`":
                found = self._text(word, depth)
            case [word]:
                found = self._name(word, depth)
            case [("encodeURIComponent" | "encodeURI"), "(", *inner, ")"]:
                found = self._evaluate(inner, depth + 1)
            case ["github", ".", "context", *rest]:
                found = self._evaluate(["context", *rest], depth + 1)
            case ["process", ".", "env", ".", name] | ["process", ".", "env", "[", name, "]"]:
                found = self._env.get(name.strip("'\"").lower(), found)
            case ["context", ".", "repo", ".", "repo"] | ["context", ".", "payload", ".", "repository", ".", "name"]:
                found = self._repository.value(_shown(words), self._repository.name)
            case ["context", ".", "repo", ".", "owner"]:
                found = self._repository.value(_shown(words), self._repository.owner)
        return found

    def _text(self, word: str, depth: int) -> Value:
        plain = word[1:].removesuffix(word[0])
        if "\\" in plain:
            return unknown(word)
        if word[0] != "`" or "${" not in plain:
            return Value(plain)
        resolved = self.resolve(plain, depth + 1).replace("%2F", "/")
        return Value(resolved, (word,) if has_hole(resolved) else ())

    def _name(self, name: str, depth: int) -> Value:
        bound = self._bindings.get(name, [])
        if len(bound) != 1 or not bound[0].right:
            return unknown(name)
        right = [*bound[0].right, *([".", bound[0].key] if bound[0].key else [])]
        return self._evaluate(right, depth + 1)


def call_arguments(text: str, names: JavaScriptNames) -> dict[str, Value]:
    """Return what the first object of a call's arguments holds under its keys, as far as they are written there."""
    found = tokens(text)
    words = [word for word, _ in found]
    closings = pairs(words)
    start = next((at for at, word in enumerate(words) if word == "{" and at in closings), None)
    fields: dict[str, Value] = {}
    if start is None:
        return fields
    at, end = start + 1, closings[start]
    while at < end:
        behind = at
        while behind < end and words[behind] != ",":
            behind = closings.get(behind, behind) + 1
        entry = words[at:behind]
        if entry[1:2] == [":"]:
            fields.setdefault(entry[0].strip("'\""), names.evaluate(" ".join(entry[2:])))
        elif len(entry) == 1:
            fields.setdefault(entry[0], names.evaluate(entry[0]))
        at = behind + 1
    return fields


def _bindings(found: Sequence[Token]) -> dict[str, list[_Binding]]:
    """Return for each name where it gets a value, or may get one."""
    words = [word for word, _ in found]
    closings = pairs(words)
    patterns = _binding_groups(words, closings)
    bound: dict[str, list[_Binding]] = {}
    for at, word in enumerate(words):
        before, after = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
        if not (word[0].isalpha() or word[0] in "_$") or before in {".", "?."}:
            continue
        if at in patterns:
            source = patterns[at]
            key = words[at - 2] if before == ":" else word
            if after != ":":  # a key that is given another name
                bound.setdefault(word, []).append(_Binding(source, key) if source else _Binding())
        elif after == "=":
            bound.setdefault(word, []).append(_Binding(_right_hand_side(found, at + 2)))
        elif after in _CHANGES or (after[-1:] == "=" and after[:1] not in "=!<>") or before in _DECLARES | {"function"}:
            bound.setdefault(word, []).append(_Binding())
    return bound


def _binding_groups(words: Sequence[str], closings: Mapping[int, int]) -> dict[int, Sequence[str]]:
    """Return the places of all words within parameters and destructuring patterns, with what is taken apart.

    That is known for ``{ … } = context.repo`` alone, and empty for all others.
    """
    places: dict[int, Sequence[str]] = {}
    for start, end in sorted(closings.items()):
        if start in places or not _binds(words, start, end):
            continue
        right = list(words[end + 2 : end + 5])
        known = words[start] == "{" and right == ["context", ".", "repo"] and words[end + 5 : end + 6] != ["."]
        simple = known and not any(word in "{[=" for word in words[start + 1 : end])
        places.update(dict.fromkeys(range(start + 1, end), right if simple else ()))
    return places


def _binds(words: Sequence[str], start: int, end: int) -> bool:
    """Whether a pair of brackets holds names that get a value there: parameters, or a pattern."""
    before = words[start - 1] if start else ""
    after = words[end + 1] if end + 1 < len(words) else ""
    if words[start] == "(":
        arrow = after == "=>" or (after == ":" and before in {"=", "(", ",", "async", "=>"})
        return arrow or before in {"function", "catch"} or (after == "{" and before not in _CONTROLS)
    return before in _DECLARES or after == "=" or (after in {"of", "in"} and before in _DECLARES)


def _right_hand_side(found: Sequence[Token], at: int) -> Sequence[str]:
    """Return the words of an expression, or none if it goes on beyond what is looked at."""
    right: list[str] = []
    for word, line in found[at : at + _MAX_TOKENS]:
        if right and line != found[at + len(right) - 1][1] and word not in _GOES_ON:
            return right
        if word in _ENDS and not _is_open(right):
            return right
        right.append(word)
    return right if at + len(right) == len(found) else ()


def _is_open(words: Sequence[str]) -> bool:
    return sum(word in {"(", "[", "{"} for word in words) > sum(word in {")", "]", "}"} for word in words)


def _shown(words: Sequence[str]) -> str:
    return "".join(words)[:_SHOWN]

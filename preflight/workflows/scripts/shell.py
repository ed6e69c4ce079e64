"""Variables of shell scripts: what they stand for where ``env:`` or one plain assignment says so.

Source: POSIX.1-2017, "Shell Command Language", 2.6.2 "Parameter Expansion", and bash's manual for ``${name,,}`` and
``${name//old/new}``.
"""

import re
from collections.abc import Mapping

from preflight.lib.regex import regex
from preflight.workflows.scripts.brackets import pairs, rest_of_word
from preflight.workflows.value import HOLE, Value

_ASSIGNED = regex(
    r"(?:^|[;&|({`]|\b(?:then|do|else|export|local|readonly|declare|typeset)\b)[ \t]*(?:-\w+[ \t]+)*"
    r"(?P<name>[A-Za-z_]\w*)(?P<adds>\+?)="
    r"(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s;&|()\"'`]*)(?P<behind>[^\s;&|)]?)",
    re.MULTILINE,
)
_CHANGED = regex(r"\b(?:for|select|read|mapfile|readarray|getopts|unset|let|printf[ \t]+-v)\b(?P<words>[^\n;|&<]*)")
_WORD = regex(r"(?<![\w$])[A-Za-z_]\w*")
_FILLED = r"\{[^{}/\n$]{0,80}\}|%\(\w{1,80}\)s|%s"  # places that Python, xargs, gh and octokit fill
_FILLED_LATER = regex(_FILLED)
_PLACE = regex(rf"\$\{{|\$\(|\$(?P<name>[A-Za-z_]\w*)|\$[\d@*#?!-]|{_FILLED}")
_XARGS = regex(r"\bxargs\b")
_XARGS_MARK = regex(r"(?<![\w-])(?:-[A-Za-z0-9]*[IJ]\s*|--replace=)['\"]?(?P<mark>[^\s'\"]{1,80})")
_MOST_MARKS = 20
_BRACED = regex(r"(?P<name>[A-Za-z_]\w*)(?P<operator>.*)", re.DOTALL)
_SLASHES_REPLACED = ("//\\//", "/\\//", '//"/"/')
_KEEPING = frozenset({"", ",", ",,", "^", "^^"})
_WITH_DEFAULT = ("-", ":-", "=", ":=", "?", ":?")


class ShellVariables:
    """The variables of one script.

    Args:
        text: The script, its ``${{ … }}`` resolved.
        env: What the step sets for it; names in lower case.
    """

    def __init__(self, text: str, env: Mapping[str, Value]) -> None:
        self._env = env
        self._assigned: dict[str, list[str]] = {}
        for match in _ASSIGNED.finditer(text):
            self._assigned.setdefault(match["name"], []).append(_literal(match))
        self._changed = {word for match in _CHANGED.finditer(text) for word in _changed_words(match)}

    def value(self, name: str) -> str:
        """Return what a variable stands for; a hole where that only shows when it runs."""
        assigned = self._assigned.get(name, [])
        outside = self._env.get(name.lower())
        if name in self._changed or len(assigned) > 1 or (assigned and outside is not None):
            return HOLE
        value = assigned[0] if assigned else outside.text if outside is not None else HOLE
        return _FILLED_LATER.sub(HOLE, value)

    def resolve(self, text: str) -> str:
        """Return a text with what the shell expands in it resolved, or a hole in its place.

        The slashes of a value are written ``%2F``, as an address has them within the name of a package; those of a
        value that is an address itself are not.
        """
        closings = pairs(text)
        parts: list[str] = []
        behind = 0
        for match in _PLACE.finditer(text):
            if match.start() < behind:
                continue
            end, part = match.end(), HOLE
            if match["name"]:
                part = _in_address(self.value(match["name"]))
            elif match[0] in {"${", "$("}:
                closing = closings.get(match.end() - 1)
                end = rest_of_word(text, match.end()) if closing is None else closing + 1
                if closing is not None and match[0] == "${":
                    part = _in_address(self._expand(text[match.end() : closing]))
            parts += [text[behind : match.start()], part]
            behind = end
        resolved = "".join([*parts, text[behind:]])
        for mark in _xargs_marks(text):
            resolved = resolved.replace(mark, HOLE)
        return resolved

    def _expand(self, inside: str) -> str:
        """Return what stands for ``${inside}``."""
        match = _BRACED.fullmatch(inside)
        value, operator = (self.value(match["name"]), match["operator"]) if match else (HOLE, "")
        if operator in _KEEPING or operator.startswith(_SLASHES_REPLACED):
            return value
        if operator.startswith(_WITH_DEFAULT):
            return value or HOLE
        if HOLE in value or "/" not in value:
            return HOLE
        parts = {
            "#*/": value.partition("/")[2],
            "##*/": value.rpartition("/")[2],
            "%/*": value.rpartition("/")[0],
            "%%/*": value.partition("/")[0],
        }
        return parts.get(operator, HOLE)


def _literal(match: "re.Match[str]") -> str:
    """Return the value that is assigned, or a hole if it is not plain text."""
    value = match["value"]
    quoted = value[:1] in {'"', "'"}
    plain = value[1:-1] if quoted else value
    expands = value[:1] != "'" and any(mark in plain for mark in "$`\\")
    return HOLE if match["adds"] or match["behind"] or expands or not plain else plain


def _changed_words(match: "re.Match[str]") -> list[str]:
    """Return the variables that ``for NAME in …``, ``read NAME …`` and their like set."""
    words = _WORD.findall(match["words"])
    return words[:1] if match[0].startswith(("for", "select")) else words


def _xargs_marks(text: str) -> list[str]:
    """Return what `xargs -I MARK` replaces in the command it runs."""
    if not _XARGS.search(text):
        return []
    return list(dict.fromkeys(match["mark"] for match in _XARGS_MARK.finditer(text)))[:_MOST_MARKS]


def _in_address(value: str) -> str:
    is_address = "packages/" in value or value.startswith(("http", "/"))
    return value if is_address else value.replace("/", "%2F")

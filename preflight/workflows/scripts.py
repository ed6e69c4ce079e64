"""Deletions of package versions that a shell script, or JavaScript, asks GitHub's API for.

Sources: GitHub's REST API, "Packages" (DELETE /orgs/ORG/packages/container/NAME/versions/ID and the like for a user),
and the names octokit gives to these calls.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from preflight.lib.records import frozen
from preflight.workflows.model import Place, Script
from preflight.workflows.package import CONTAINER, Package
from preflight.workflows.value import HOLE, Tri, any_of, equals, has_hole

MAX_VARIABLES = 500
"""Variables of one script that are resolved."""
MAX_HITS = 200
"""Deletions in one script that are looked at."""
_OPTION = r"(?:(?<![\w-])-[A-Za-z]*(?-i:X)|--method|--request|-Method)(?:['\"]\s*,\s*|\s*=\s*|\s+|)"
_METHOD = re.compile(
    rf"{_OPTION}['\"]?DELETE\b"  # `curl -sSXDELETE`, `gh api --method DELETE`, `"-X", "DELETE"`
    r"|\bmethod['\"]?\s*[:=]\s*['\"`]DELETE['\"`]"
    r"|\b(?:requests|session|client|httpx|axios|got|ky|http)\.delete\s*\("
    r"|\brequest\(\s*['\"`]DELETE\b|\bhttps?\s+DELETE\s"
    r"|['\"`]DELETE\s+/?(?:orgs|users?|\$\{)|['\"`]DELETE['\"`]\s*,",
    re.IGNORECASE,
)
_OWN_CLIENT = re.compile(r"\.delete\s*\(", re.IGNORECASE)  # of whatever object: only with a package's address in it
_METHOD_ELSEWHERE = re.compile(rf"{_OPTION}['\"]?\$", re.IGNORECASE)
_ASSIGNS_DELETE = re.compile(r"\w\s*[=:]\s*['\"]?DELETE\b", re.IGNORECASE)
_CALLS = r"deletePackage(?:Version)?For(?:Org|User|AuthenticatedUser)\b"
_CALL = re.compile(rf"\.{_CALLS}|\b{_CALLS}(?!\s*[,}}])|\bdeletePackageVersion\s*\(\s*(?:input|$)")
_TOOLS = re.compile(r"ghcr\.io/snok/container-retention-policy|gh\s+(?:extension\s+exec\s+)?ghcr-prune", re.IGNORECASE)
_URL = re.compile(
    r"(?:(?:orgs|users)/(?P<owner>[^/\s\"'`]+)/|user/)?packages/(?P<type>[^/\s\"'`?]+)/(?P<name>[^/\s\"'`?]*)"
)
_OTHER_API = re.compile(r"\brepos/|/actions/|/releases/|/git/")
_GITHUB = re.compile(r"\bgh\s+api\b|api\.github\.com|GITHUB_API_URL", re.IGNORECASE)
_VARIABLE = re.compile(
    r"\$\{(?P<brace>[A-Za-z_]\w*)[^}]*\}|\$(?P<bare>[A-Za-z_]\w*)|\$\([^)]*\)"  # of shells and JavaScript
    r"|\$[\d@*]|\$\{[^}\n]*\}|\{[^{}/\n]{0,80}\}|%\(\w+\)s|%s"  # arguments; places of Python's in texts
)
_ASSIGNED = r"(?:^|[\s;]){name}\s*=\s*(?P<quote>[\"'`]?)(?P<value>[^\"'`\s;]*)(?P=quote)"
_FIELD = re.compile(r"(?P<field>package_name|package_type|org|username)\s*:\s*(?P<value>['\"`][^'\"`]*['\"`]|[\w.]+)")
_COMMENT = re.compile(r"^\s*(?:#|//)")
# What is said, not done: no pipe, no second command, and none in `…`, $(…) or >(…).
_SPOKEN = re.compile(r"^\s*(?:echo|printf)\s(?:[^|;&`$<>]|[$<>](?!\())*$")
_WINDOW = 8


@frozen
class Deletion:
    """One call that deletes.

    Args:
        place: Where it stands.
        name: Of the package, perhaps with holes; a mere hole if nothing names it.
        owner: Of the package; empty if nothing names it.
        what: The call, as few words.
        unknown: Why the package cannot be told.
    """

    place: Place
    name: str
    owner: str
    what: str
    unknown: tuple[str, ...] = ()

    def aims_at(self, package: Package) -> Tri:
        """Whether this deletes versions of our package."""
        if self.owner and equals(self.owner, package.owner) is False:
            return False
        return any_of([equals(self.name, package.name), equals(self.name, f"{package.owner}/{package.name}")])


def deletions(script: Script) -> list[Deletion]:
    """Return what a script deletes among packages that may be containers, each once."""
    found: dict[Deletion, None] = {}
    for count, deletion in enumerate(_Reader(script).read()):
        if count >= MAX_HITS:
            found[Deletion(script.place, HOLE, "", "deletions", (f"more than {MAX_HITS} of them",))] = None
            break
        found[deletion] = None
    return list(found)


class _Reader:
    """Reads one script."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._known: dict[str, str] = {}
        self._everywhere: list[re.Match[str]] | None = None
        values = [script.value.text, *(f"x={value.text}" for value in script.env.values())]
        self._assigns_delete = any(_ASSIGNS_DELETE.search(text) for text in values)

    def read(self) -> Iterator[Deletion]:
        """Yield all calls that delete, in their order."""
        script = self._script
        raw, lines = script.text.split("\n"), script.value.text.split("\n")
        if len(raw) != len(lines):
            raw = lines
        for start, end in _commands(lines):
            command = " ".join([*(line.rstrip("\r")[:-1] for line in lines[start : end - 1]), lines[end - 1]])
            if _COMMENT.match(command) or _SPOKEN.match(command):
                continue
            if match := self._method(command):
                at = next((row for row in range(start, end) if _METHOD.search(lines[row])), start)
                yield from self._request(command, script.place_of(raw[at]), " ".join(match[0].split()))
            elif match := _CALL.search(command):
                text = "\n".join(lines[start : start + _WINDOW])
                yield self._octokit(text, script.place_of(raw[start]), match[0].strip(".( "))
            elif match := _TOOLS.search(command):
                yield Deletion(script.place_of(raw[start]), HOLE, "", match[0], ("its arguments",))

    def _method(self, command: str) -> "re.Match[str] | None":
        """Return what in a command says DELETE, perhaps by a variable."""
        if match := _METHOD.search(command):
            return match
        if _OWN_CLIENT.search(command) and _URL.search(self._resolve(command)):
            return _OWN_CLIENT.search(command)
        if not self._assigns_delete or not _METHOD_ELSEWHERE.search(command):
            return None
        return _METHOD.search(self._resolve(command))

    def _request(self, command: str, place: Place, what: str) -> Iterator[Deletion]:
        """Yield what one request deletes; where its address stands elsewhere, whatever addresses the script has."""
        resolved = self._resolve(command)
        # The call itself may stand in $(…), of which only the outcome is unknown.
        opened = self._resolve(command.replace("$(", "( "))
        matches = list(_URL.finditer(resolved)) or list(_URL.finditer(opened))
        if not matches and not _OTHER_API.search(opened):
            if self._everywhere is None:
                self._everywhere = list(_URL.finditer(self._resolve(self._script.value.text)))
            matches = self._everywhere
            if not matches and _GITHUB.search(command) and has_hole(resolved):
                yield Deletion(place, HOLE, "", what, ("its address",))
        for match in matches:
            kind = match["type"].lower()
            if kind in CONTAINER or has_hole(kind):
                name = unquote(match["name"]) or HOLE  # nothing: the text ends here, and something is added to it
                yield Deletion(place, name, match["owner"] or "", what, _unknown(name))

    def _octokit(self, text: str, place: Place, what: str) -> Deletion:
        fields = {match["field"]: self._literal(match["value"]) for match in _FIELD.finditer(text)}
        kind = fields.get("package_type", HOLE)
        if kind not in CONTAINER and not has_hole(kind):
            return Deletion(place, "", "", what)
        name = unquote(fields.get("package_name", HOLE))
        owner = fields.get("org", fields.get("username", ""))
        return Deletion(place, name, owner, what, _unknown(name))

    def _literal(self, word: str) -> str:
        """Return what a word of JavaScript stands for."""
        if word[0] in "'\"`":
            return self._resolve(word[1:-1])
        return _assigned(word, self._script.value.text) if word.isidentifier() else HOLE

    def _resolve(self, text: str) -> str:
        """Return a text with its shell variables resolved where env or one plain assignment says what they are."""
        return _VARIABLE.sub(self._stand_in, text)

    def _stand_in(self, match: "re.Match[str]") -> str:
        name = match["brace"] or match["bare"]
        if not name:
            return HOLE
        if name not in self._known:
            value = self._script.env.get(name.lower())
            spare = len(self._known) < MAX_VARIABLES
            text = _assigned(name, self._script.value.text, value.text if value else None) if spare else HOLE
            # A package's slashes are written %2F in an address; scripts do that to the variable on its way there.
            is_address = "packages/" in text or text.startswith(("http", "/"))
            self._known[name] = text if is_address else text.replace("/", "%2F")
        return self._known[name]


def _commands(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield first and end line (from 0) of each command; one that ends in a backslash goes on in the next line.

    A comment ends with its line, whatever it ends in.
    """
    start = 0
    for row, line in enumerate(lines):
        written = line.rstrip("\r")
        goes_on = (len(written) - len(written.rstrip("\\"))) % 2 and not (row == start and _COMMENT.match(line))
        if not goes_on:
            yield start, row + 1
            start = row + 1
    if start < len(lines):
        yield start, len(lines)


def _assigned(name: str, text: str, before: str | None = None) -> str:
    """Return the value of a variable: what it has before the script, or what it is assigned once, as plain text."""
    found = list(re.finditer(_ASSIGNED.format(name=re.escape(name)), text, re.MULTILINE))
    if before is not None:
        return HOLE if found else before
    if len(found) != 1 or any(mark in found[0]["value"] for mark in "$`("):
        return HOLE
    after = text[found[0].end() : found[0].end() + 1]
    return found[0]["value"] if found[0]["value"] and after in {"", "\n", ";", " ", "\r"} else HOLE


def _unknown(name: str) -> tuple[str, ...]:
    return ("the name of the package",) if has_hole(name) else ()

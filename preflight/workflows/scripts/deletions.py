"""Deletions of package versions that a script asks GitHub's API for.

Sources: GitHub's REST API, "Packages" (DELETE /orgs/ORG/packages/container/NAME/versions/ID and the like for a user),
and the names octokit gives to these calls.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from urllib.parse import unquote

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.workflows.language import Language
from preflight.workflows.matching import equals
from preflight.workflows.model import Place, Script
from preflight.workflows.package import CONTAINER, Package, owned
from preflight.workflows.scripts.brackets import pairs
from preflight.workflows.scripts.commands import COMMENT, commands, joined
from preflight.workflows.scripts.javascript import JavaScriptNames, call_arguments
from preflight.workflows.scripts.resolving import resolver
from preflight.workflows.value import HOLE, Tri, any_of, has_hole

MAX_HITS = 200
"""Deletions in one script that are looked at."""
_OPTION = r"(?:(?<![\w-])-[A-Za-z]*(?-i:X)|--method|--request|-Method)(?:['\"]\s*,\s*|\s*=\s*|\s+|)"
_METHOD = regex(
    rf"{_OPTION}['\"]?DELETE\b"  # `curl -sSXDELETE`, `gh api --method DELETE`, `"-X", "DELETE"`
    r"|\bmethod['\"]?\s*[:=]\s*['\"`]DELETE['\"`]"
    r"|\b(?:requests|session|client|httpx|axios|got|ky|http)\.delete\s*\("
    r"|\brequest\(\s*['\"`]DELETE\b|\b(?:https?|xhs?)\s+DELETE\s"
    r"|['\"`]DELETE\s+/?(?:orgs|users?|\$\{)|['\"`]DELETE['\"`]\s*,",
    re.IGNORECASE,
)
_OWN_CLIENT = regex(r"\.delete\s*\(", re.IGNORECASE)  # of whatever object: only with a package's address in it
_METHOD_ELSEWHERE = regex(rf"{_OPTION}['\"]?\$", re.IGNORECASE)
_ASSIGNS_DELETE = regex(r"\w\s*[=:]\s*['\"]?DELETE\b", re.IGNORECASE)
_CALLS = r"deletePackage(?:Version)?For(?:Org|User|AuthenticatedUser)\b"
_CALL = regex(rf"\.{_CALLS}|\b{_CALLS}(?!\s*[,}}])|\bdeletePackageVersion\s*\(\s*(?:input|$)")
_TOOLS = regex(r"ghcr\.io/snok/container-retention-policy|\bgh\s+(?:extension\s+exec\s+)?ghcr-prune", re.IGNORECASE)
# ghcr.io has refused deletions by the registry's own API so far; `regctl tag delete` first puts another image there.
_REGISTRY = regex(
    r"\bg?crane\s+delete\b|\bskopeo\s+delete\b|\boras\s+manifest\s+delete\b|\breg\s+rm\b"
    r"|\bregctl\s+(?:tag|manifest|image)\s+(?:delete|del|rm|remove)\b"
)
_GHCR = regex(r"\bghcr\.io/(?P<owner>[^/\s'\"]+)/(?P<name>[^\s'\":@]+)")
_RUNS = regex(r"\b(?:run|exec)\b|\bghcr-prune")  # and does not build it
_URL = regex(r"(?:(?:orgs|users)/(?P<owner>[^/\s\"'`]+)/|user/)?packages/(?P<type>[^/\s\"'`?]+)/(?P<name>[^/\s\"'`?]*)")
_OTHER_API = regex(r"\brepos/|/actions/|/releases/|/git/")
_GH_API = regex(r"\bgh\s+api\b")
_PLACEHOLDER = regex(r"(?<!\$)\{(owner|repo)\}")  # as `gh help api` says; behind a `$` it is a variable
_OTHER_PLACEHOLDERS = regex(r"\bGH_REPO\b|-I\s*['\"]?\{(?:owner|repo)\}")  # the latter is what xargs replaces
# octokit's `request('DELETE /orgs/{org}/…', { org: … })`, from DELETE up to the object
_ROUTE = regex(r"DELETE\s+[^'\"`\n]*['\"`]\s*,\s*(?=\{)")
_FIELD = regex(r"(?<!\$)\{(\w{1,80})\}")
_GITHUB = regex(r"\bgh\s+api\b|api\.github\.com|GITHUB_API_URL", re.IGNORECASE)
_SAYS = regex(r"\A\s*(?:echo|printf)\s")
# A pipe, a second command, and what runs in `…`, $(…) or >(…).
_DOES = regex(r"[|;&`]|[$<>]\(")
_WINDOW = 600


@frozen
class Deletion:
    """One call that deletes.

    Args:
        place: Where it stands.
        name: The name of the package, perhaps with holes; a mere hole if nothing names it.
        owner: The owner of the package; empty if nothing names it.
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
        if not owned(package, self.owner):
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
        self._script = script = _with_placeholders(script)
        self._text = script.value.text
        values = [self._text, *(f"x={value.text}" for value in script.env.values())]
        self._assigns_delete = any(_ASSIGNS_DELETE.search(text) for text in values)

    @cached_property
    def _names(self) -> JavaScriptNames:
        return JavaScriptNames(self._text, self._script.env, self._script.repository)

    @cached_property
    def _resolve(self) -> Callable[[str], str]:
        return resolver(self._script, self._names)

    @cached_property
    def _everywhere(self) -> list["re.Match[str]"]:
        """The addresses of packages that may hold containers, in the whole script."""
        return _of_containers(_URL.finditer(self._resolve(self._text)))

    def read(self) -> Iterator[Deletion]:
        """Yield all calls that delete, in their order."""
        script = self._script
        raw, lines = script.text.split("\n"), self._text.split("\n")
        if len(raw) != len(lines):
            raw = lines
        starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
        for start, end in commands(lines):
            command = joined(lines[start:end])
            if COMMENT.match(command) or (_SAYS.match(command) and not _DOES.search(command)):
                continue
            if match := self._method(command):
                at = next((row for row in range(start, end) if _METHOD.search(lines[row])), start)
                routed = self._routed(command, starts[at])
                yield from self._request(routed, raw[at], " ".join(match[0].split()))
            behind = starts[start]
            for match in _CALL.finditer(command):
                behind = max(self._text.find(match[0], behind), starts[start]) + len(match[0])
                yield self._octokit(behind, script.place_of(raw[start]), match[0].strip(".( "))
            if (match := _TOOLS.search(command)) and _RUNS.search(command):
                yield Deletion(script.place_of(raw[start]), HOLE, "", match[0], ("its arguments",))
            if match := _REGISTRY.search(command):
                yield from self._by_registry(command, script.place_of(raw[start]), match[0])

    def _method(self, command: str) -> "re.Match[str] | None":
        """Return what in a command says DELETE, perhaps by a variable."""
        if match := _METHOD.search(command):
            return match
        if _OWN_CLIENT.search(command) and _URL.search(self._resolve(command)):
            return _OWN_CLIENT.search(command)
        if not self._assigns_delete or not _METHOD_ELSEWHERE.search(command):
            return None
        return _METHOD.search(self._resolve(command))

    def _routed(self, command: str, start: int) -> str:
        """Return a command with what octokit puts in for `{package_name}` and the like, as the object behind it says.

        Args:
            command: Whole.
            start: The start of the line that says DELETE, in the script.
        """
        at = self._text.find("DELETE", start) if self._script.language is Language.JAVASCRIPT else -1
        route = _ROUTE.match(self._text, at) if at >= 0 and command.count("DELETE") == 1 else None
        if route is None:
            return command
        fields = call_arguments(self._text[route.end() : route.end() + _WINDOW * 10], self._names)
        texts = {name: unquote(value.text).replace("/", "%2F") for name, value in fields.items()}
        return _FIELD.sub(lambda match: texts.get(match[1], HOLE), command)

    def _request(self, command: str, line: str, what: str) -> Iterator[Deletion]:
        """Yield what one request deletes; where its address stands elsewhere, whatever addresses the script has."""
        # The place is looked for only where something is found: looking takes as long as the script is.
        resolved = self._resolve(command)
        # The call itself may stand in $(…), of which only the outcome is unknown.
        opened = self._resolve(command.replace("$(", "( "))
        written = list(_URL.finditer(resolved)) or list(_URL.finditer(opened))
        found = _of_containers(written)
        if not written and not _OTHER_API.search(opened):
            found = self._everywhere
            if not found and _GITHUB.search(command) and has_hole(resolved):
                yield Deletion(self._script.place_of(line), HOLE, "", what, ("its address",))
        place = self._script.place_of(line) if found else self._script.place
        for match in found:
            name = unquote(match["name"]) or HOLE  # nothing: the text ends here, and something is added to it
            yield Deletion(place, name, match["owner"] or "", what, _unknown_name(name))

    def _by_registry(self, command: str, place: Place, what: str) -> Iterator[Deletion]:
        """Yield what a tool asks a registry to delete at ghcr.io."""
        resolved = unquote(self._resolve(command))
        unknown = ("whether ghcr.io does it",)
        for match in _GHCR.finditer(resolved):
            yield Deletion(place, match["name"], match["owner"], what, (*_unknown_name(match["name"]), *unknown))
        if "ghcr.io/" not in resolved and has_hole(resolved):
            yield Deletion(place, HOLE, "", what, ("the name of the package", *unknown))

    def _octokit(self, at: int, place: Place, what: str) -> Deletion:
        """Return what a call of octokit deletes, whose name ends at a place of the script."""
        fields = call_arguments(_arguments(self._text[at : at + _WINDOW * 10]), self._names)
        kind = fields["package_type"].text if "package_type" in fields else HOLE
        if kind.lower() not in CONTAINER and not has_hole(kind):
            return Deletion(place, "", "", what)
        named = fields.get("package_name")
        name = unquote(named.text) if named else HOLE
        owner = next((fields[key].text for key in ("org", "username") if key in fields), "")
        return Deletion(place, name, owner, what, _unknown_name(name, named.unknown if named else ()))


def _with_placeholders(script: Script) -> Script:
    """Return a script with what `gh api` puts in for `{owner}` and `{repo}`, if nothing says another repository."""
    text, here = script.value.text, script.repository
    if script.language not in {Language.SHELL, Language.POWERSHELL} or not _GH_API.search(text):
        return script
    if "gh_repo" in script.env or _OTHER_PLACEHOLDERS.search(text):
        return script
    filled = _PLACEHOLDER.sub(lambda match: here.owner if match[1] == "owner" else here.name, text)
    return replace(script, value=replace(script.value, text=filled))


def _arguments(text: str) -> str:
    """Return the arguments in the brackets that follow a call's name, or what follows where there are none."""
    opening = text.find("(")
    closing = pairs(text).get(opening) if 0 <= opening <= len("'] ") else None
    return text[opening:closing] if closing is not None else text[:_WINDOW]


def _of_containers(found: Iterable["re.Match[str]"]) -> list["re.Match[str]"]:
    return [match for match in found if match["type"].lower() in CONTAINER or has_hole(match["type"])]


def _unknown_name(name: str, expressions: Iterable[str] = ()) -> tuple[str, ...]:
    if not has_hole(name):
        return ()
    behind = ", ".join(expressions)
    return (f"the name of the package ({behind})" if behind else "the name of the package",)

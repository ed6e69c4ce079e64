"""What in a compose file makes Coolify's deployment fail although Compose takes the file as it is.

Coolify reads the file with Symfony's YAML, makes a row among the UI's variables of each reference at the start of a
value, and writes the file again. From bootstrap/helpers/parsers.php (P), app/Support/ValidationPatterns.php and
``oldRawParser`` of app/Models/Application.php at 4.3.11; checked against records of what that code answered.
"""

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from preflight.coolify.judge.parser_rules import coolify_version
from preflight.coolify.judge.symfony_yaml import oddity_of_text, oddity_of_tree
from preflight.coolify.resource import Situation
from preflight.lib.files import read_bytes
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.lib.versions import parse_version
from preflight.lib.yamlfile import MAX_BYTES, ComposeFileProblem, parse
from preflight.lib.yamlnodes import Item, Mapping, Node, Scalar, Sequence

_KEY = regex(r"[A-Za-z_][A-Za-z0-9_.]*")
_KEYS_CHECKED_FROM = parse_version("4.1.0")
_GENERATED = regex(r"\$\{?(SERVICE_\w+)")
_OPERATORS = (":-", "-", ":?", "?")
_MAY_BE_MAP = frozenset(
    {
        *("annotations", "depends_on", "environment", "extra_hosts", "labels", "networks", "sysctls", "ulimits"),
        *("additional_contexts", "args", "ssh"),
    }
)
"""Keys below a service that Compose takes as a map too, so that an empty list does no harm."""
_NUMBER = regex(r"0|-?[1-9][0-9]*")
_RAW = frozenset({Situation.RAW, Situation.RAW_PRESERVED})


class RefusalKind(StrEnum):
    """What is refused, and by whom."""

    UNREADABLE = "Symfony's YAML refuses the file"
    NO_KEY = "what a value refers to is no name of a variable"
    NUMBERED = "a build argument without a value becomes a variable called by a number"
    EMPTY_LIST = "an empty list becomes an empty map"
    NUMBER_KEY = "a key that is a number loses its quotes"
    REPLICAS = "several containers get one name"
    MAP_LABELS = "raw mode adds labels with numbers for names to a map"
    NO_LABELS = "raw mode adds no label beside the value true"


@frozen
class Refusal:
    """One place in the file.

    Args:
        kind: What is wrong there.
        what: The tag, variable or key, for people; never a value.
        line: From 1; None where the whole file is meant.
        service: Whose; "" where it is the whole file.
    """

    kind: RefusalKind
    what: str
    line: int | None
    service: str = ""


def find_refusals(file: Path, situation: Situation, version: str | None) -> tuple[Refusal, ...]:
    """Return what makes the next deployment of a compose file fail.

    Args:
        file: The file that Coolify deploys.
        situation: How.
        version: The version of Coolify; an unknown one counts as today's.

    Raises:
        CouldNotLook: The file cannot be read.
    """
    text = read_bytes(file, limit=MAX_BYTES, what="the compose file").decode("utf-8", "replace")
    problem, tree = None, Mapping(1, "")
    try:
        tree = parse(text.removeprefix("\ufeff"), file)
    except ComposeFileProblem as found_problem:
        if not found_problem.is_yaml:
            raise
        problem = found_problem
    if (oddity := oddity_of_text(text, problem) or oddity_of_tree(tree)) is not None:
        return (Refusal(RefusalKind.UNREADABLE, *oddity),)
    services = tree.get("services")
    maps = dict(services.items) if isinstance(services, Mapping) else {}
    found = [each for name, item in maps.items() if (each := _number_for_key(name, item.line, name)) is not None]
    names = _generated_names(maps)
    for name, item in maps.items():
        if isinstance(item.value, Mapping):
            found += _in_service(name, item.value, situation, names, checks_keys=_checks_keys(version))
    return tuple(found)


def row_names(key: str, value: str) -> tuple[str, ...]:
    """Return the names of the rows that the parser makes of one value of ``environment:`` (P 999-1177).

    Only a reference at the start of the value counts, and those nested in its default.
    """
    if not value.startswith("$"):
        return ()
    braces = _braces(value, 0)
    referred = value[1:]
    if value.startswith("${"):
        referred = value.partition("}")[0][2:] if braces is None else braces[0]
    if referred == key:
        return (key,)
    if braces is None:
        operator = next((each for each in _OPERATORS if each in value), None)
        return (referred if operator is None else referred.partition(operator[0])[0],)
    name, default = _split(braces[0])
    return (name, *(_nested(default) if "${" in default else ()))


def _nested(default: str) -> Iterator[str]:
    position = 0
    while (found := _braces(default, position)) is not None:
        content, position = found
        name, _ = _split(content)
        if not name.startswith(("SERVICE_URL_", "SERVICE_FQDN_")):
            yield name


def _braces(text: str, start: int) -> tuple[str, int] | None:
    """Return what stands between the first pair of braces, and where it ends; None where they do not close."""
    opened = text.find("{", start)
    depth = 0
    for position in range(opened, len(text) if opened >= 0 else opened):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[opened + 1 : position], position + 1
    return None


def _split(content: str) -> tuple[str, str]:
    depth = 0
    for position, letter in enumerate(content):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        operator = next((each for each in _OPERATORS if content.startswith(each, position)), "")
        if depth == 0 and operator:
            return content[:position], content[position + len(operator) :]
    return content, ""


def _checks_keys(version: str | None) -> bool:
    known = coolify_version(version)
    return known is None or known.at_least(_KEYS_CHECKED_FROM)


def _generated_names(services: dict[str, Item]) -> frozenset[str]:
    values = (value for item in services.values() for _, value, _ in _variables(item.value))
    return frozenset(name for value in values for name in _GENERATED.findall(value))


def _variables(service: Node) -> Iterator[tuple[str, str, int]]:
    """Yield name, value and line of what stands in ``environment:`` and ``build: args:``, one without value as ""."""
    if not isinstance(service, Mapping):
        return
    build = service.get("build")
    for node in (service.get("environment"), build.get("args") if isinstance(build, Mapping) else None):
        if isinstance(node, Mapping):
            pairs = ((name, item.value, item.line) for name, item in node.items.items())
            yield from ((name, each.text, line) for name, each, line in pairs if isinstance(each, Scalar))
        elif isinstance(node, Sequence):
            texts = ((item.value.text, item.line) for item in node.items if isinstance(item.value, Scalar))
            yield from ((text.partition("=")[0], text.partition("=")[2], line) for text, line in texts)


def _in_service(
    name: str, service: Mapping, situation: Situation, generated: frozenset[str], *, checks_keys: bool
) -> Iterator[Refusal]:
    is_raw = situation in _RAW
    for variable, value, line in _variables(service) if checks_keys else ():
        if variable not in generated and _has_no_key(variable, value, situation):
            yield Refusal(RefusalKind.NO_KEY, printable(variable, 60), line, name)
    if not is_raw:
        yield from _numbered(name, service)
    for item in service.items.values():
        if not (item.key in ("env_file", "labels") and not is_raw):  # Coolify writes those itself
            yield from _rewritten(item, name)
    if not is_raw:
        yield from _replicas(name, service)
    labels = service.items.get("labels")
    if is_raw and labels is not None and isinstance(labels.value, Mapping) and labels.value.items:
        values = (item.value for item in labels.value.items.values())
        has_true = any(isinstance(each, Scalar) and each.boolean for each in values)
        kind = RefusalKind.NO_LABELS if has_true else RefusalKind.MAP_LABELS
        yield Refusal(kind, "labels", labels.line, name)


def _has_no_key(variable: str, value: str, situation: Situation) -> bool:
    left = "${SERVICE_" if situation is Situation.SERVICE else "$SERVICE_"
    if value.startswith(("$SERVICE_", left)):
        return False
    return any(not _KEY.fullmatch(each.strip()) for each in row_names(variable, value))


def _numbered(name: str, service: Mapping) -> Iterator[Refusal]:
    """Yield bare names in a list that is merged with a map (P 713-719, SH 4062-4077)."""
    build = service.get("build")
    both = (service.get("environment"), build.get("args") if isinstance(build, Mapping) else None)
    if not any(isinstance(each, Mapping) and each.items for each in both):
        return
    for node in both:
        for item in node.items if isinstance(node, Sequence) else ():
            if isinstance(item.value, Scalar) and "=" not in item.value.text:
                yield Refusal(RefusalKind.NUMBERED, printable(item.value.text, 60), item.line, name)


def _rewritten(item: Item, service: str) -> Iterator[Refusal]:
    """Yield what Symfony's writer makes something else of: empty lists, and quoted numbers for keys."""
    open_items = [item]
    seen: set[int] = set()
    while open_items:
        each = open_items.pop(0)
        if each.key.startswith("x-") or id(each.value) in seen:
            continue
        seen.add(id(each.value))
        if isinstance(each.value, Sequence):
            if not each.value.items and each.key not in _MAY_BE_MAP:
                yield Refusal(RefusalKind.EMPTY_LIST, printable(each.key, 40), each.line, service)
            open_items += each.value.items
        elif isinstance(each.value, Mapping):
            entries = each.value.items.values()
            numbers = (_number_for_key(entry.key, entry.line, service) for entry in entries)
            yield from (number for number in numbers if number is not None)
            open_items += entries


def _number_for_key(key: str, line: int, service: str) -> Refusal | None:
    """To PHP, a key of digits is a number: it is written without its quotes."""
    return Refusal(RefusalKind.NUMBER_KEY, printable(key, 40), line, service) if _NUMBER.fullmatch(key) else None


def _replicas(name: str, service: Mapping) -> Iterator[Refusal]:
    """Yield where a service has several containers: default mode and stacks name it, and a name is unique."""
    deploy = service.get("deploy")
    replicas = deploy.items.get("replicas") if isinstance(deploy, Mapping) else None
    for what, item in (("deploy: replicas", replicas), ("scale", service.items.get("scale"))):
        count = item.value.text if item is not None and isinstance(item.value, Scalar) else ""
        if item is not None and _NUMBER.fullmatch(count) and int(count) > 1:
            yield Refusal(RefusalKind.REPLICAS, what, item.line, name)

"""What in a compose file makes Coolify's deployment fail although Compose takes the file as it is.

Coolify reads the file with Symfony's YAML, makes a row among the UI's variables of each reference at the start of a
value, and writes the file again. From bootstrap/helpers/parsers.php (P), app/Support/ValidationPatterns.php and
``oldRawParser`` of app/Models/Application.php at 4.3.11; checked against records of what that code answered.
"""

from collections.abc import Container, Iterator
from pathlib import Path

from preflight.coolify.judge.parser_rules import coolify_version
from preflight.coolify.judge.refusal import Refusal, RefusalKind
from preflight.coolify.judge.symfony_writes import find_rewritten, number_for_key
from preflight.coolify.judge.symfony_yaml import oddity_of_text, oddity_of_tree
from preflight.coolify.judge.volume_paths import unsafe_in
from preflight.coolify.resource import Situation
from preflight.lib.files import read_bytes
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.lib.versions import Version, parse_version
from preflight.lib.yamlfile import MAX_BYTES, ComposeFileProblem, parse
from preflight.lib.yamlnodes import Item, Mapping, Node, Scalar, Sequence

_KEY = regex(r"[A-Za-z_][A-Za-z0-9_.]*")
_KEYS_CHECKED_FROM = parse_version("4.1.0")
_PATHS_CHECKED_FROM = parse_version("4.0.0-beta.436")
_GENERATED = regex(r"\$\{?(SERVICE_\w+)")
_OPERATORS = (":-", "-", ":?", "?")
_SECTIONS = ("volumes", "networks", "configs", "secrets")
_RAW = frozenset({Situation.RAW, Situation.RAW_PRESERVED})


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
    found = [each for name, item in maps.items() if (each := number_for_key(name, item.line, name)) is not None]
    for key in _SECTIONS:
        section = Item(tree.get(key) or Mapping(1, ""), 1, key)
        found += find_rewritten(section, "") if isinstance(section.value, Mapping) else ()
    names = _generated_names(maps)
    for name, item in maps.items():
        if isinstance(item.value, Mapping):
            found += _in_service(name, item.value, situation, names, checks_keys=_is_from(version, _KEYS_CHECKED_FROM))
            found += _unsafe_paths(name, item.value) if _is_from(version, _PATHS_CHECKED_FROM) else ()
    if situation not in _RAW and tree.get("include") is not None:
        found += (each for name, item in maps.items() for each in _needs_included(name, item.value, maps))
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


def _is_from(version: str | None, first: Version) -> bool:
    known = coolify_version(version)
    return known is None or known.at_least(first)


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
            yield from find_rewritten(item, name)
    if not is_raw:
        yield from _replicas(name, service)
        if (models := service.items.get("models")) is not None:
            yield Refusal(RefusalKind.LOST, "models", models.line, name)
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


def _unsafe_paths(name: str, service: Mapping) -> Iterator[Refusal]:
    volumes = service.get("volumes")
    for item in volumes.items if isinstance(volumes, Sequence) else ():
        if letters := unsafe_in(item.value):
            yield Refusal(RefusalKind.PATH, printable(letters, 10), item.line, name)


def _needs_included(name: str, service: Node, services: Container[str]) -> Iterator[Refusal]:
    """Yield what depends on a service that comes with ``include:``, which default mode and stacks lose (P 393-398)."""
    depends = service.items.get("depends_on") if isinstance(service, Mapping) else None
    if depends is None:
        return
    value = depends.value
    listed = list(value.items) if isinstance(value, Mapping) else []
    if isinstance(value, Sequence):
        listed = [each.value.text for each in value.items if isinstance(each.value, Scalar)]
    if any(each not in services for each in listed):
        yield Refusal(RefusalKind.LOST, "include", depends.line, name)


def _replicas(name: str, service: Mapping) -> Iterator[Refusal]:
    """Yield where a service has several containers: default mode and stacks name it, and a name is unique."""
    deploy = service.get("deploy")
    replicas = deploy.items.get("replicas") if isinstance(deploy, Mapping) else None
    for what, item in (("deploy: replicas", replicas), ("scale", service.items.get("scale"))):
        count = item.value.text if item is not None and isinstance(item.value, Scalar) else ""
        if item is not None and count.isascii() and count.isdigit() and int(count) > 1:
            yield Refusal(RefusalKind.REPLICAS, what, item.line, name)

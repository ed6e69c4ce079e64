"""What the parser makes of ``environment:``, and the rows it creates in the UI on the way (P:713-1340)."""

import re
from collections.abc import Mapping

from tests.real.coolify import php
from tests.real.coolify.magic import generated
from tests.real.coolify.php import Array
from tests.real.coolify.resource import Variables, with_shared
from tests.real.coolify.shell import DeploymentFailed

_MENTIONED = re.compile(r"\$\{?([A-Za-z_\x80-\U0010ffff][A-Za-z0-9_\x80-\U0010ffff]*)")
_OPERATORS = (":-", "-", ":?", "?")


def as_written(service: Array) -> Array:
    """Return the variables of a service, build arguments among them, as a map (P:713-719, SH:4057-4095).

    In a list a bare name is empty; in a map, and in a list that a map was merged into, it is the value of a number.
    """
    build = service.get("build")
    arguments = build.get("args") if isinstance(build, dict) else None
    both = php.merged(php.collected(service.get("environment")), php.collected(arguments))
    if php.is_list(both):
        pairs = (each.partition("=") for each in both.values() if isinstance(each, str))
        return {php.as_key(key): value for key, _, value in pairs if php.truth(key)}
    found: Array = {}
    for key, value in both.items():
        if isinstance(value, dict) and php.is_numeric(str(key)):
            raise DeploymentFailed("explode(): Argument #2 ($string) must be of type string, array given")
        name, equals, rest = php.text(value).partition("=")
        if php.is_numeric(str(key)) and equals:
            found[php.as_key(name)] = rest
        else:
            found[key] = value
    return found


def create_generated(environment: Array, variables: Variables) -> set[str]:
    """Create a row for each ``$SERVICE_…`` that a value mentions; return their names (P:727-920)."""
    texts = (php.text(value) for value in environment.values())
    names = [name for text in texts for name in _MENTIONED.findall(text) if name.startswith("SERVICE_")]
    for name in dict.fromkeys(names):
        variables.first_or_create(name, generated(name))
    return set(names)


def inlined(environment: Array, generated_names: set[str], variables: Variables, *, stack: bool) -> Array:
    """Return the variables with an entry for each one that a value refers to, as its row has it (P:999-1177).

    Args:
        environment: As written.
        generated_names: Those that are made for some service; they keep their reference.
        variables: Rows of the resource; what is missing is created, with the default as its value.
        stack: A stack writes a reference to a generated variable over the row, an application does not.
    """
    result = dict(environment)
    for name, value in environment.items():
        key, text = str(name), php.text(value)
        if key in generated_names or text.startswith("SERVICE_"):
            continue
        if stack and referred(text).startswith("SERVICE_"):
            variables.update_or_create(key, text)
        elif text.startswith("$SERVICE_"):
            variables.first_or_create(key, text)
        elif text.startswith("$"):
            if key == referred(text):
                variables.first_or_create(key, None)
            else:
                result |= _entries(text, variables)
    return result


def filled(environment: Array, variables: Variables, shared: Mapping[str, str]) -> Array:
    """Return the variables as written: an empty one may be filled by its row, null stays null (P:1306-1340)."""
    found: Array = {}
    for key, value in environment.items():
        if str(key).startswith("SERVICE_FQDN_"):
            continue
        row = variables.get(str(key)) if value == "" else None
        chosen = row.value if row is not None and row.value else value
        found[key] = with_shared(chosen, shared) if isinstance(chosen, str) and "{{" in chosen else chosen
    return found


def referred(text: str) -> str:
    """Return what a value refers to: what stands between the first braces, or behind the dollar sign (SVC:99-137)."""
    if not text.startswith("$"):
        braced = text.startswith("{") and text.endswith("}")
        return text[1:-1] if braced else text
    if not text.startswith("${"):
        return text[1:]
    found = _between_braces(text, 0)
    return text.partition("}")[0][2:] if found is None else found[0]


def _entries(text: str, variables: Variables) -> Array:
    """Create the rows for a value that begins with a reference, and return the entries they bring (P:1036-1177)."""
    found = _between_braces(text, 0)
    if found is None:
        return _without_braces(text, variables)
    name, default = _split(found[0])
    entries: Array = {php.as_key(name): variables.first_or_create(name, default).value}
    position = 0
    while "${" in (default or "") and (nested := _between_braces(default or "", position)) is not None:
        inner, value = _split(nested[0])
        if not inner.startswith(("SERVICE_URL_", "SERVICE_FQDN_")):
            entries[php.as_key(inner)] = variables.first_or_create(inner, value).value
        position = nested[1]
    return entries


def _without_braces(text: str, variables: Variables) -> Array:
    """Do the same for a value without whole braces; here a default brings a row, but no entry."""
    operator = next((each for each in _OPERATORS if each in text), None)
    if operator is None:
        name = referred(text)
        return {php.as_key(name): variables.first_or_create(name, None).value}
    content = referred(text)
    name = content.partition(operator[0])[0]
    _, there, default = content.partition(operator)
    variables.first_or_create(name, default if there else content)
    return {}


def _between_braces(text: str, start: int) -> tuple[str, int] | None:
    """Return what the first pair of braces holds, others nested in it, and where it ends."""
    opened = text.find("{", start)
    depth = 0
    for position in range(max(opened, 0), len(text) if opened >= 0 else 0):
        depth += {"{": 1, "}": -1}.get(text[position], 0)
        if depth == 0:
            return text[opened + 1 : position], position + 1
    return None


def _split(content: str) -> tuple[str, str | None]:
    """Return a reference's name and default: it ends at the first operator outside of nested braces."""
    depth = 0
    for position, letter in enumerate(content):
        depth += {"{": 1, "}": -1}.get(letter, 0)
        if depth == 0 and letter not in "{}":
            for operator in _OPERATORS:
                if content.startswith(operator, position):
                    return content[:position], content[position + len(operator) :]
    return content, None

"""The keys of JSON documents, from their published schemas in the package."""

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from docs.made.markdown import code, table


def _published(package: str, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(files(package).joinpath(name).read_text("utf-8"))
    return schema


SCHEMA = _published("preflight.run.reporters", "schema.json")
HISTORY = _published("preflight.history", "history.schema.json")
DIFF = _published("preflight.history", "diff.schema.json")
"""The schemas, which tests hold against real documents."""

_KINDS = {"string": "text", "boolean": "true or false", "integer": "whole number", "array": "list"}
"""What the tables call a type of JSON; the others have the same name there."""


def report_keys(schema: Mapping[str, Any] = SCHEMA) -> str:
    """Return a table of the document's keys, and one for each kind of object in it.

    Args:
        schema: Of the document.

    Raises:
        SystemExit: A key has no description.
    """
    kinds = {name: each for name, each in schema["$defs"].items() if "properties" in each}
    tables = [_table("Key", schema)]
    tables += [_table(f"Key of a {name}", each) for name, each in kinds.items()]
    statuses = ", ".join(code(value) for value in schema["$defs"]["status"]["enum"])
    return f"{tables[0]}\nA status is one of {statuses}.\n\n" + "\n".join(tables[1:])


def _table(head: str, schema: Mapping[str, Any]) -> str:
    return table((head, "Type", "Means"), [(code(name), kind, means) for name, kind, means in _rows(schema, "")])


def _rows(schema: Mapping[str, Any], above: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, type and meaning of each key, those of objects below it as ``subject.kind``."""
    for name, value in schema["properties"].items():
        if "description" not in value:
            raise SystemExit(f"schema.json: {above}{name} has no description")
        yield f"{above}{name}", _kind(value), value["description"]
        for part in (value, *value.get("oneOf", ())):
            if "properties" in part:
                yield from _rows(part, f"{above}{name}.")


def _kind(value: Mapping[str, Any]) -> str:
    """Return the type of a key in words."""
    if "$ref" in value:
        name = value["$ref"].rpartition("/")[2]
        return "whole number" if name == "count" else name
    if "const" in value or "enum" in value:
        allowed = ["null" if each is None else code(str(each)) for each in value.get("enum") or [value["const"]]]
        return f"one of {', '.join(allowed)}" if len(allowed) > 1 else allowed[0]
    if "oneOf" in value:  # one kind, or null
        [kind] = (_kind(each) for each in value["oneOf"] if each != {"type": "null"})
        return f"{kind} or null"
    if isinstance(value["type"], list):
        *kinds, last = map(_in_words, value["type"])
        return f"{', '.join(kinds).replace(' or ', ', ')} or {last}"
    if value["type"] == "array":
        of = value["items"]
        name = of["$ref"].rpartition("/")[2] if "$ref" in of else _kind(of)
        return f"list of {name.removesuffix('s')}s"
    return _in_words(value["type"])


def _in_words(name: str) -> str:
    return _KINDS.get(name, name)

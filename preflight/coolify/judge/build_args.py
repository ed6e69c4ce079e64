"""Build arguments of a service: Coolify copies them into ``environment:``, but for raw mode (P 715-716, 1455, 2053)."""

from preflight.compose.read.locate import ComposeSource
from preflight.envfile.template import mentioned
from preflight.lib.yamlfile import Mapping, Node, Scalar, Sequence


def build_arguments(source: ComposeSource, service: str) -> dict[str, str | None]:
    """Return name and value, as written, of each build argument; None where there is no value."""
    found: dict[str, str | None] = {}
    for file in source.files:
        written = source.written(file, service)
        build = None if written is None else written.get("build")
        arguments = build.get("args") if isinstance(build, Mapping) else None
        if isinstance(arguments, Mapping):
            found |= {name: _value(item.value) for name, item in arguments.items.items()}
        elif isinstance(arguments, Sequence):
            parts = ((_value(item.value) or "").partition("=") for item in arguments.items)
            found |= {name: value if equals else None for name, equals, value in parts}
    return found


def beats_ui(source: ComposeSource, service: str, variable: str) -> bool:
    """Whether a build argument decides on a variable, whatever the UI says of it: it has a value that takes nothing.

    One without a value, or with ``${VARIABLE}``, gets the UI's (P 1020-1130, 1317-1324).
    """
    value = build_arguments(source, service).get(variable) or ""
    return bool(value) and variable not in mentioned(value)


def _value(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.is_null else None

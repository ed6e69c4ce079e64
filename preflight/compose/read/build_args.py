"""The build arguments of a service, as its compose files write them."""

from preflight.compose.read.locate import ComposeSource
from preflight.envfile.template import mentioned
from preflight.lib.records import frozen
from preflight.lib.yamlfile import Mapping, Node, Scalar, Sequence


@frozen
class BuildArg:
    """One entry of ``build: args:``.

    Args:
        name: The variable.
        value: As written, not interpolated; ``None`` where there is none.
    """

    name: str
    value: str | None

    @property
    def is_fixed(self) -> bool:
        """Whether it has a value in which its own variable does not occur."""
        return bool(self.value) and self.name not in mentioned(self.value or "")


def find_build_arg(source: ComposeSource, service: str, name: str) -> BuildArg | None:
    """Return a build argument of a service, the last one written; ``None`` where there is none of that name."""
    found: BuildArg | None = None
    for file in source.files:
        written = source.written(file, service)
        build = None if written is None else written.get("build")
        arguments = build.get("args") if isinstance(build, Mapping) else None
        if isinstance(arguments, Mapping) and name in arguments.items:
            found = BuildArg(name, _text(arguments.items[name].value))
        elif isinstance(arguments, Sequence):
            for item in arguments.items:
                key, equals, value = (_text(item.value) or "").partition("=")
                if key == name:
                    found = BuildArg(name, value if equals else None)
    return found


def _text(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.is_null else None

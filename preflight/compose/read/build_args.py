"""The build arguments of a service, as its compose files write them."""

from preflight.compose.read.locate import ComposeSource
from preflight.envfile.template import mentioned
from preflight.lib.records import frozen
from preflight.lib.yamlnodes import Mapping, Node, Scalar, Sequence


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


def find_build_args(source: ComposeSource, service: str) -> tuple[BuildArg, ...]:
    """Return the build arguments of a service; of one that several compose files write, the last."""
    found: dict[str, str | None] = {}
    for file in source.files:
        written = source.written(file, service)
        build = None if written is None else written.get("build")
        arguments = build.get("args") if isinstance(build, Mapping) else None
        if isinstance(arguments, Mapping):
            found |= {name: _text(item.value) for name, item in arguments.items.items()}
        elif isinstance(arguments, Sequence):
            pairs = ((_text(item.value) or "").partition("=") for item in arguments.items)
            found |= {name: value if equals else None for name, equals, value in pairs}
    return tuple(BuildArg(name, value) for name, value in found.items())


def find_build_arg(source: ComposeSource, service: str, name: str) -> BuildArg | None:
    """Return a build argument of a service; ``None`` where there is none with that name."""
    return next((each for each in find_build_args(source, service) if each.name == name), None)


def _text(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) and not node.is_null else None

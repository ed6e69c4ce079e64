"""Doors of which a test opens one."""

from types import SimpleNamespace
from typing import Any, cast

from preflight.compose.ask.binary import ComposeBinary
from preflight.context import Doors
from preflight.coolify.settings import CoolifySettings
from preflight.lib.deadline import Deadline


def doors(**opened: Any) -> Doors:
    """Return doors with nothing behind any but the ones that are given."""
    behind: dict[str, Any] = dict.fromkeys(("compose", "engine", "git", "registry", "coolify"), cast("Any", None))
    behind["coolify"] = SimpleNamespace(settings=CoolifySettings())
    return Doors(**{**behind, **opened})


class ComposePrograms:
    """A Compose door that only says which programs there are."""

    def __init__(self, *binaries: ComposeBinary) -> None:
        self._binaries = binaries

    def binaries(self, _deadline: Deadline) -> tuple[ComposeBinary, ...]:
        """Return them."""
        return self._binaries

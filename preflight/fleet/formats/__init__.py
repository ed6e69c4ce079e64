"""The formats of a fleet: one a file, each with ``render(fleet, style) -> str``."""

from collections.abc import Callable
from importlib import import_module

from preflight.fleet.fleet import Fleet
from preflight.report import Style

FORMATS = ("table", "json", "markdown", "html", "prometheus")


def renderer(name: str) -> Callable[[Fleet, Style], str]:
    """Return what makes a text of a fleet; importing it loads what it needs."""
    render: Callable[[Fleet, Style], str] = import_module(f"preflight.fleet.formats.{name}_format").render
    return render

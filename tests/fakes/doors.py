"""Doors with another one in their midst."""

from dataclasses import replace
from typing import Any

from preflight.context import Context, Doors

_NAMES = ("compose", "engine", "git", "registry", "coolify")


def with_doors(ctx: Context, **others: Any) -> Context:
    """Return the context with these doors instead of its own."""
    given = {name: others.get(name) or getattr(ctx.doors, name) for name in _NAMES}
    made: dict[str, Any] = {name: lambda door=door: door for name, door in given.items()}
    return replace(ctx, doors=Doors(**made))

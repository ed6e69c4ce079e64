"""A click group that imports a command only when it is used: ``--version`` must not pay for ``run``."""

from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are named as ``module:attribute``.

    Args:
        commands_at: Command name to the place of its click command.
    """

    def __init__(self, *args: Any, commands_at: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = commands_at or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the order in which they are told to a newcomer."""
        return [*self._places, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command, or return ``None`` for a name there is none of."""
        place = self._places.get(cmd_name)
        if place is None:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{place} is no click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Name the nearest command when somebody mistyped."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from preflight.lib.nearest import nearest

            said = error.message.rstrip(".") + (nearest(args[0], self._places) or ".")
            raise click.UsageError(said, ctx) from error

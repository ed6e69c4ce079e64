"""The options ``--format`` and ``--output`` of the commands that print a report."""

from collections.abc import Callable
from typing import Any

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from preflight.cli.options import F, option
from preflight.run.reporters import FORMATS, all_formats

SIMPLE = ("table", "line", "json")
"""The formats of commands that print a list and no report."""


class ReportFormat(click.Choice[str]):
    """A format of reports. Installed packages are searched only for an unknown name and for help."""

    def __init__(self) -> None:
        super().__init__(FORMATS)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return the names for ``--help``."""
        del param, ctx
        return f"[{'|'.join(all_formats())}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, or refuse it with the names there are."""
        if value in FORMATS or value in (formats := all_formats()):
            return str(value)
        from preflight.lib.nearest import nearest

        known = ", ".join(map(repr, formats))
        return self.fail(f"{value!r} is not one of {known}{nearest(str(value), formats)}.", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Complete a name."""
        del ctx, param
        return [CompletionItem(name) for name in all_formats() if name.startswith(incomplete)]


class ListFormat(click.Choice[str]):
    """A format of a list. One that only reports have, set for ``run`` in the environment or the file, means a table.

    Args:
        names: The formats there are.
    """

    def __init__(self, names: tuple[str, ...] = SIMPLE) -> None:
        super().__init__(names)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, or refuse it with the names there are."""
        typed = ctx is not None and param is not None and _is_typed(ctx, param)
        if not typed and value not in self.choices and value in (*FORMATS, *all_formats()):
            return "table"
        return str(super().convert(value, param, ctx))


def _is_typed(ctx: click.Context, param: click.Parameter) -> bool:
    return ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE


format_option = option(
    "--format", type=ReportFormat(), default="table", show_default=True, help="Format of the report on stdout."
)
output_option = option(
    "--output", multiple=True, metavar="FORMAT=FILE", help="Also write the report to a file (repeatable, atomic)."
)


def list_format_option(*names: str) -> Callable[[F], F]:
    """Return the option ``--format`` of a command that prints a list; ``names`` may name its parameter."""
    return option("--format", *names, type=ListFormat(), default="table", show_default=True, help="Format on stdout.")

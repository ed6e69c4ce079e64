"""The help of each command, as a page of the manual."""

from collections.abc import Iterator

import click

from preflight.cli import cli

_WIDTH = 100
_MAN_WIDTH = 72
"""Leaves room for the two indentations of `man` in a terminal of 80 columns."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield the name of each page in ``docs/manual/commands/`` and its text."""
    found = list(_commands(cli, ()))
    names = "\n".join("-".join(path) for path in found)
    listed = f"```{{toctree}}\n:hidden:\n\n{names}\n```\n"
    yield "index.md", f"# Commands\n\nThe help of each command, as `--help` prints it.\n\n{shown()}\n{listed}"
    yield (
        "manpage.txt",
        "\n".join(f"### preflight {' '.join(path)}\n\n{shown(*path, width=_MAN_WIDTH)}" for path in found),
    )
    for path in found:
        yield f"{'-'.join(path)}.md", f"# preflight {' '.join(path)}\n\n{shown(*path)}"


def _commands(group: click.Group, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    context = click.Context(group, info_name="preflight")
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield (*above, name)
        if isinstance(command, click.Group):
            yield from _commands(command, (*above, name))


def shown(*names: str, width: int = _WIDTH) -> str:
    """Return the help of a command as so many columns show it."""
    shape = {**cli.context_settings, "terminal_width": width}
    command: click.Command = cli
    context = click.Context(cli, info_name="preflight", **shape)
    for name in names:
        below = command.get_command(context, name) if isinstance(command, click.Group) else None
        if below is None:
            raise SystemExit(f"there is no command {' '.join(names)}")
        command, context = below, click.Context(below, parent=context, info_name=name, **shape)
    return f"```text\n{context.get_help()}\n```\n"

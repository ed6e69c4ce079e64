"""preflight/cli/: the help of every command, as a terminal of 80 columns shows it."""

from collections.abc import Iterator

import click
import pytest

from preflight.cli import cli


def groups(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[click.Group, tuple[str, ...]]]:
    """Yield each command that has commands of its own, with its words."""
    if not isinstance(command, click.Group):
        return
    yield command, path
    with click.Context(command) as ctx:
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            assert inner is not None
            yield from groups(inner, (*path, name))


@pytest.mark.parametrize(
    ("group", "path"), [pytest.param(group, path, id=" ".join(path)) for group, path in groups(cli, ("preflight",))]
)
def test_each_command_is_described_in_one_whole_line(group: click.Group, path: tuple[str, ...]) -> None:
    """A description that is cut off ("…the targets that the...") tells nothing."""
    with click.Context(group, info_name=" ".join(path), terminal_width=80) as ctx:
        lines = group.get_help(ctx).splitlines()

    begin = lines.index("Commands:") + 1
    described = lines[begin : begin + len(group.list_commands(ctx))]
    assert [line.split()[0] for line in described] == group.list_commands(ctx)
    assert [line for line in described if line.endswith("...")] == []

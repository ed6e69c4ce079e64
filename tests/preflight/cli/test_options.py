"""preflight/cli/options.py: what options have in common."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from preflight.cli import cli
from preflight.cli.options import Duration


@click.command()
@click.option("--wait", type=Duration(), default=0.0)
@click.option("--limit", type=Duration(positive=True), default="60s")
def command(wait: float, limit: float) -> None:
    """Print what arrived."""
    click.echo(wait + limit - 60)


@pytest.mark.parametrize(
    ("words", "seconds"), [([], 0), (["--wait", "90"], 90), (["--wait", "1.5m"], 90), (["--wait", "24h"], 86400)]
)
def test_a_duration(words: list[str], seconds: float) -> None:
    """A number of seconds, or one with a unit."""
    assert float(CliRunner().invoke(command, words).output) == seconds


@pytest.mark.parametrize(
    ("option", "text", "why"),
    [
        ("--wait", "soon", "expected a number of seconds"),
        ("--wait", "25h", "not between 0 and 1d"),
        ("--wait", "nan", "expected"),
        ("--wait", "-1", "expected"),
        ("--limit", "0", "it must be more than 0"),
    ],
)
def test_what_is_no_duration(option: str, text: str, why: str) -> None:
    """Refused as a mistake of the command line."""
    done = CliRunner().invoke(command, [option, text])
    assert (done.exit_code, why in done.output) == (2, True)


def parameters(command: click.Command) -> Iterator[click.Parameter]:
    """Yield those of a command and of all below it."""
    yield from command.params
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from parameters(inner)


def test_every_time_is_a_duration() -> None:
    """No option takes seconds in another way than the others do."""
    found = list(parameters(cli))
    assert {"timeout", "wait", "follow", "lock_wait", "reuse", "max_age", "remind", "every"} <= {
        each.name for each in found if isinstance(each.type, Duration)
    }
    assert [each.name for each in found if isinstance(each.type, click.types.FloatParamType)] == []
    assert [each.name for each in found if each.metavar == "SECONDS"] == []

"""preflight/cli/options.py: what options have in common."""

import click
import pytest
from click.testing import CliRunner

from preflight.cli.options import Duration


@click.command()
@click.option("--wait", type=Duration(), default=0.0)
def command(wait: float) -> None:
    """Print what arrived."""
    click.echo(wait)


@pytest.mark.parametrize(
    ("words", "seconds"), [([], 0), (["--wait", "90"], 90), (["--wait", "1.5m"], 90), (["--wait", "24h"], 86400)]
)
def test_a_duration(words: list[str], seconds: float) -> None:
    """A number of seconds, or one with a unit."""
    assert float(CliRunner().invoke(command, words).output) == seconds


@pytest.mark.parametrize(
    ("text", "why"), [("soon", "expected a number of seconds"), ("25h", "not between 0 and 1d"), ("nan", "expected")]
)
def test_what_is_no_duration(text: str, why: str) -> None:
    """Refused as a mistake of the command line."""
    done = CliRunner().invoke(command, ["--wait", text])
    assert (done.exit_code, why in done.output) == (2, True)

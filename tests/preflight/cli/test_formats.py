"""preflight/cli/formats.py: the option --format, of reports and of lists."""

import click
import pytest
from click.testing import CliRunner

from preflight.cli.formats import format_option, list_format_option


@click.command()
@format_option
def report(**options: str) -> None:
    """Print the format of a report."""
    click.echo(options["format"])


@click.command()
@list_format_option()
def names(**options: str) -> None:
    """Print the format of a list."""
    click.echo(options["format"])


@pytest.mark.parametrize(
    ("command", "arguments", "variable", "said"),
    [
        (report, [], "", "table\n"),
        (report, ["--format", "json"], "line", "json\n"),
        (report, [], "line", "line\n"),
        (names, [], "", "table\n"),
        (names, [], "json", "json\n"),
        (names, ["--format", "line"], "json", "line\n"),
    ],
)
def test_formats_are_taken(command: click.Command, arguments: list[str], variable: str, said: str) -> None:
    """From the command line, else the environment."""
    done = CliRunner().invoke(command, arguments, env={"PREFLIGHT_FORMAT": variable or None})

    assert (done.exit_code, done.output) == (0, said)


@pytest.mark.parametrize(
    ("command", "arguments", "variable", "words"),
    [
        (report, ["--format", "jsn"], "", "'jsn' is not one of 'table', 'line', 'json'"),
        (report, [], "jsn", ", did you mean json?"),
        (names, ["--format", "jsn"], "", "'jsn' is not one of 'table', 'line', 'json'"),
        (names, [], "jsn", "'jsn' is not one of 'table', 'line', 'json'"),
    ],
)
def test_what_no_format_is_called_is_refused(
    command: click.Command, arguments: list[str], variable: str, words: str
) -> None:
    """With the names there are."""
    done = CliRunner().invoke(command, arguments, env={"PREFLIGHT_FORMAT": variable or None})

    assert done.exit_code == 2
    assert words in done.output

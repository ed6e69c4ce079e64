"""What the commands of ``preflight sentinel`` share: options, and how they speak."""

import os
import sys
from pathlib import Path

import click

from preflight.cli.options import Duration, option
from preflight.cli.terminal import is_terminal, width
from preflight.errors import ConfigurationError, CouldNotLook, ExitCode

file_option = option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Pin file (repeatable). [default: those of the configuration, or found by looking]",
)
wait_option = option(
    "--wait",
    type=Duration(),
    default="5m",
    show_default=True,
    metavar="DURATION",
    help="How long to look for containers that carry the sentinel.",
)
push_option = option("--push", is_flag=True, help="Commit the line, and only it, and push it to --branch.")
branch_option = option("--branch", default="", metavar="NAME", help="Branch that is deployed; must be given to push.")
remote_option = option("--remote", default="origin", show_default=True, metavar="NAME", help="Remote to push to.")


def push_target(*, push: bool, remote: str, branch: str) -> tuple[str, str] | None:
    """Return remote and branch to push to; None where nothing is to be pushed.

    Raises:
        ConfigurationError: Nobody has named the branch, or one is no name; it is not shown, as it may hold a password.
    """
    from preflight.git.remotes import demand_names

    if push and not branch:
        raise ConfigurationError("--push needs --branch: nothing is pushed to a branch nobody named", "Name it.")
    if push:
        demand_names(remote, branch)
    return (remote, branch) if push else None


def could_not(error: CouldNotLook) -> int:
    """Say why something could not be looked at; return the exit code for that."""
    Talk().problem(error)
    return ExitCode.COULD_NOT_LOOK


class Talk:
    """Speaks: results to standard output, the rest to standard error."""

    def __init__(self) -> None:
        self._shows = is_terminal(sys.stderr) and os.environ.get("TERM") != "dumb"
        self._shown = False

    def line(self, text: str) -> None:
        """Print a line of the result."""
        from preflight.lib.text import printable

        self.progress("")
        indent = " " * (len(text) - len(text.lstrip()))
        click.echo(f"{indent}{printable(text, 600)}")

    def problem(self, error: CouldNotLook) -> None:
        """Say what is wrong, and what to do."""
        from preflight.lib.text import printable

        self.progress("")
        click.echo(f"preflight: {printable(error.message, 600)}. {printable(error.hint, 600)}", err=True)

    def progress(self, text: str) -> None:
        """Show what is waited for, where somebody can see it."""
        if self._shows and (text or self._shown):
            sys.stderr.write(f"\r\x1b[K{text[: width() - 1]}")
            sys.stderr.flush()
            self._shown = bool(text)

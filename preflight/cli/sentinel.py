"""``preflight sentinel``: prove that containers get their variables from the pin file, not from elsewhere."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from preflight.cli.group import LazyGroup
from preflight.cli.options import config_option, option
from preflight.errors import ConfigurationError, CouldNotLook, ExitCode

if TYPE_CHECKING:
    from preflight.sentinel import SentinelState

_NEXT = "Now deploy, then `preflight run`, then `preflight sentinel disarm`."
F = TypeVar("F", bound=Callable[..., Any])

_EPILOG = """\
\b
How it goes:
  preflight sentinel arm       adds one line to the pin file
  (deploy, the way you always do; where the deployment clones the repository, commit and push the line)
  preflight run                demands that very value in every container
  preflight sentinel disarm    takes the line away again; deploy once more when it suits you

Exit codes: 0 done, or nothing to do; 2 the command line or the configuration is wrong; 3 a file could not be read or
written (it was left as it was). `status` answers 0 for armed and not armed alike.
"""


def _options(command: F) -> F:
    file_option = option(
        "--file",
        "files",
        multiple=True,
        type=click.Path(path_type=Path),
        metavar="PATH",
        help="Pin file (repeatable). [default: those of the configuration, or found by looking]",
    )
    return config_option(file_option(command))


@click.group(cls=LazyGroup, commands_at={"probe": "preflight.cli.sentinel_probe:probe"}, epilog=_EPILOG)
def sentinel() -> None:
    """Arm the pin file with a random value that a check then demands in the containers."""


@sentinel.command()
@_options
def arm(configuration: Any, files: Sequence[Path]) -> int:
    """Add PREFLIGHT_SENTINEL=<random> on top of the pin file; nothing else of it changes."""
    from preflight.sentinel import SENTINEL, arm

    def one(path: Path) -> str:
        dirty = _has_changes(path)
        state = arm(path)
        if not state.changed:
            return f"{path} is armed already: {SENTINEL}={state.token}"
        if dirty:
            click.echo(f"preflight: {path} has uncommitted changes; they stay, also after disarming", err=True)
        return f"Armed {path}: {SENTINEL}={state.token}\n{_NEXT}"

    return _each(configuration, files, one)


@sentinel.command()
@_options
def disarm(configuration: Any, files: Sequence[Path]) -> int:
    """Take the line away again: the file is what it was, byte for byte."""
    from preflight.sentinel import disarm

    def one(path: Path) -> str:
        return f"Disarmed {path}." if disarm(path).changed else f"{path} is not armed."

    return _each(configuration, files, one)


@sentinel.command()
@_options
def status(configuration: Any, files: Sequence[Path]) -> int:
    """Tell whether the pin file is armed."""
    from preflight.sentinel import SENTINEL, status

    def one(path: Path) -> str:
        state: SentinelState = status(path)
        if state.line is None:
            return f"{path} is not armed."
        return f"{path} is armed: {SENTINEL}={state.token} (line {state.line})"

    return _each(configuration, files, one)


def _each(configuration: Any, files: Sequence[Path], act: Callable[[Path], str]) -> int:
    """Do it to every pin file; one that cannot be done does not stop the others."""
    from preflight.text import printable

    code = ExitCode.OK
    for path in files or _pin_files(configuration):
        try:
            said = act(path)
        except CouldNotLook as error:
            click.echo(f"preflight: {printable(error.message)}. {printable(error.hint)}", err=True)
            code = ExitCode.COULD_NOT_LOOK
        else:
            click.echo("\n".join(printable(line) for line in said.split("\n")))
    return code


def _pin_files(configuration: Any) -> list[Path]:
    from preflight.context import show_path

    pins = configuration.pins
    if not pins:
        from preflight.config import find_git_root
        from preflight.detect.look import detect

        base = configuration.base
        pins = detect(base, os.environ, find_git_root(base), project=configuration.project).pins
    if not pins:
        raise ConfigurationError("no pin file was found", "Name it with --file, or under pins: in preflight.yaml.")
    return [Path(show_path(path, Path.cwd())) for path in dict.fromkeys(pin.file for pin in pins)]


def _has_changes(path: Path) -> bool:
    from preflight.deadline import Deadline
    from preflight.git import Git

    target = path.absolute()
    try:
        return Git(target.parent, os.environ).state(target, Deadline.after(10)).modified
    except CouldNotLook:
        return False  # only a remark hangs on it

"""Which pin a command changes, where the change goes, and the options and exit codes of both commands that do so."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.options import option
from preflight.cli.pin import complain, find_pins
from preflight.cli.sentinel_options import branch_option, push_target, remote_option
from preflight.errors import CouldNotLook, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from preflight.context import Context
    from preflight.pin.deliver import Destination
    from preflight.project import Pin


def change_options(command: Any) -> Any:
    """Add the options that say where a change goes."""
    for add in (
        option("--dry-run", is_flag=True, help="Verify everything and show the plan; write nothing."),
        option(
            "--git-token-file",
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Token to push with (https). [default: PREFLIGHT_GIT_TOKEN]",
        ),
        remote_option,
        branch_option,
        option("--push", is_flag=True, help="Commit it on top of --branch and push it; this checkout stays as it is."),
        option("--commit", is_flag=True, envvar="PREFLIGHT_PIN_COMMIT", help="Commit the change in this checkout."),
    ):
        command = add(command)
    return command


def change_pin(options: dict[str, Any], change: "Callable[[Context, Pin], int]") -> int:
    """Change the one pin that is meant; see ``change_pins``."""
    if len(options["variable"]) > 1:
        raise click.UsageError("--variable names one pin here.")
    return change_pins(options, lambda ctx, pins: change(ctx, pins[0]))


def change_pins(options: dict[str, Any], change: "Callable[[Context, tuple[Pin, ...]], int]") -> int:
    """Change the pins that are meant, and return the exit code.

    Args:
        options: The options of the command.
        change: Does it; raises ``Refused`` or ``CouldNotLook``.

    Raises:
        ConfigurationError: There is no such pin, or several and nobody chose; or the options name no place to push to.
    """
    from preflight.cli.pin_choice import the_pins
    from preflight.pin.refusal import Refused

    if options["commit"] and options["push"]:
        raise click.UsageError("--commit and --push exclude each other: --push makes a commit on the remote branch.")
    push_target(push=options["push"], remote=options["remote"], branch=options["branch"])
    ctx = find_pins(options)
    pins = the_pins(ctx, options["variable"])
    try:
        _demand_there(ctx, pins)
        return change(replace(ctx, pins=pins, environ=_with_git_token(ctx, pins[0], options)), pins)
    except Refused as error:
        complain(error)
        for line in error.details:
            click.echo(f"  | {line}", err=True)
        return ExitCode.FAILED
    except CouldNotLook as error:
        complain(error)
        return ExitCode.COULD_NOT_LOOK


def _demand_there(ctx: "Context", pins: "Sequence[Pin]") -> None:
    """Refuse a pin file that a sparse checkout leaves out; of another that is missing git tells more."""
    from preflight.pin.refusal import Refused

    for pin in pins:
        if not pin.file.exists() and ctx.doors.git.is_left_out(pin.file, ctx.deadline):
            name = ctx.show(pin.file)
            raise Refused(f"{name} is left out of this sparse checkout", f"git sparse-checkout add {name}")


def _with_git_token(ctx: "Context", pin: "Pin", options: dict[str, Any]) -> "Mapping[str, str]":
    """Return the environment in which git sends the token, if there is one, to the host of the remote and to no other.

    Raises:
        ConfigurationError: The remote is not asked over https.
        CouldNotLook: The token, or the address of the remote, cannot be read.
    """
    from preflight.git.clone import MAX_TOKEN, with_token
    from preflight.git.command import GitCommand
    from preflight.git.remotes import remote_address
    from preflight.lib.files import read_text

    file, token = options["git_token_file"], ctx.environ.get("PREFLIGHT_GIT_TOKEN", "")
    if not options["push"] or not (file or token):
        return ctx.environ
    if file:
        token = read_text(file, limit=MAX_TOKEN, what="the token for git")
    address = remote_address(GitCommand(ctx.environ), pin.file.parent, options["remote"], ctx.deadline, push=True)
    return with_token(ctx.environ, address or "", token.strip())


def destination(options: dict[str, Any], message: str) -> "Destination":
    """Return where a change goes, by the options --commit, --push, --branch and --remote."""
    from preflight.pin.deliver import Commit, Push, WorkTree

    if options["push"]:
        return Push(message, options["branch"], options["remote"])
    return Commit(message) if options["commit"] else WorkTree()

"""``preflight sentinel``: prove that containers get their variables from the pin file, not from elsewhere."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from preflight.cli.group import LazyGroup
from preflight.cli.options import config_option, option
from preflight.cli.sentinel_options import (
    Talk,
    branch_option,
    could_not,
    file_option,
    push_option,
    push_target,
    remote_option,
    wait_option,
)
from preflight.errors import ConfigurationError, CouldNotLook, ExitCode

if TYPE_CHECKING:
    from preflight.sentinel import SentinelState

_NEXT = "Now deploy, then `preflight run`, then `preflight sentinel disarm`."

_EPILOG = """\
\b
The steps:
  1. preflight sentinel arm     adds one line to the pin file
  2. (deploy as always)         commit and push the line first where the
                                deployment clones the repository
  3. preflight run              demands that very value in every container
  4. preflight sentinel disarm  removes the line; deploy again when it suits you

`preflight sentinel probe` proves what can be proved without a deployment.

\b
Exit codes:
  0  done, or nothing to do; `status`: armed or not
  1  the sentinel does not arrive (probe, verify, --via)
  2  the command line or the configuration is wrong
  3  a file could not be read or written; it is as it was
"""

_VIA = """\
\b
With --via coolify, one command does all of this:
  1. It arms the file. With --push it commits that one line on top of --branch
     and pushes it to --remote. The checkout must be on that branch, clean and
     equal to it; index, branch and work tree stay as they are. No hook of the
     repository runs. Git does not ask for a password, so the remote must
     accept an SSH key.
  2. It asks Coolify's API to deploy, where address and token are given and the
     line is pushed. Otherwise it waits until you deploy. --no-trigger is for an
     application that deploys on each push.
  3. It waits until every container of the service carries the sentinel.
  4. It disarms the file and pushes that too, also after a failure, Ctrl-C,
     SIGTERM, or when the terminal hangs up (SIGHUP). It names what it could not
     take back, and the command that does it.

\b
Exit codes:
  0  the sentinel arrived and is gone from the file
  1  it did not arrive
  2  the command line or the configuration is wrong
  3  something could not be looked at, pushed or taken back
  129, 130, 131, 143  interrupted
"""


@click.group(
    cls=LazyGroup,
    commands_at={
        "probe": "preflight.cli.sentinel_probe:probe",
        "verify": "preflight.cli.sentinel_verify:verify",
    },
    epilog=_EPILOG,
)
def sentinel() -> None:
    """Prove with a random value that containers get the pin file.

    `arm` adds the value to the pin file; a check then demands it in the containers.
    """


@sentinel.command(epilog=_VIA)
@config_option
@file_option
@option("--via", type=click.Choice(["coolify"]), help="Also deploy, wait, verify and disarm; see below.")
@push_option
@branch_option
@remote_option
@wait_option
@option("--no-trigger", is_flag=True, help="Do not ask Coolify's API to deploy; only wait.")
def arm(configuration: Any, files: Sequence[Path], via: str | None, **how: Any) -> int:
    """Add PREFLIGHT_SENTINEL=<random> on top of the pin file.

    Nothing else of the file changes.
    """
    if via is not None:
        return _via_coolify(configuration, files, how)
    if how["push"]:
        raise ConfigurationError("--push goes with --via coolify", "Or commit and push the line yourself.")
    from preflight.pins.sentinel import SENTINEL
    from preflight.sentinel import arm

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
@config_option
@file_option
@push_option
@branch_option
@remote_option
def disarm(configuration: Any, files: Sequence[Path], *, push: bool, branch: str, remote: str) -> int:
    """Take the line away again: the file is what it was, byte for byte."""
    from preflight.sentinel import disarm

    where = push_target(push=push, remote=remote, branch=branch)

    def one(path: Path) -> str:
        if where is not None:
            _disarm_remote(path, where)
        return f"Disarmed {path}." if disarm(path).changed else f"{path} is not armed."

    return _each(configuration, files, one)


@sentinel.command()
@config_option
@file_option
def status(configuration: Any, files: Sequence[Path]) -> int:
    """Tell whether the pin file is armed."""
    from preflight.pins.sentinel import SENTINEL
    from preflight.sentinel import status

    def one(path: Path) -> str:
        state: SentinelState = status(path)
        if state.line is None:
            return f"{path} is not armed."
        return f"{path} is armed: {SENTINEL}={state.token} (line {state.line})"

    return _each(configuration, files, one)


def _via_coolify(configuration: Any, files: Sequence[Path], how: Mapping[str, Any]) -> int:
    from preflight.sentinel.flow import Order, go
    from preflight.sentinel.surroundings import Surroundings

    push = push_target(push=how["push"], remote=how["remote"], branch=how["branch"])
    around = Surroundings(configuration, dict(os.environ), Path.cwd(), files)
    try:
        return go(Order(around, how["wait"], push, trigger=not how["no_trigger"]), Talk())
    except CouldNotLook as error:
        return could_not(error)


def _disarm_remote(path: Path, where: tuple[str, str]) -> None:
    from preflight.git.publish import Publisher, Target
    from preflight.sentinel.flow import disarm_remote

    disarm_remote(Publisher(os.environ, Target(path.resolve(), *where)), str(path), "/".join(where), Talk())


def _each(configuration: Any, files: Sequence[Path], act: Callable[[Path], str]) -> int:
    """Do it to every pin file; one that cannot be done does not stop the others."""
    from preflight.lib.text import printable

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
    from preflight.lib.files import show_path

    pins = configuration.pins
    if not pins:
        from preflight.git.root import find_git_root
        from preflight.pins.detect import detect

        base = configuration.base
        pins = detect(base, os.environ, find_git_root(base), project=configuration.project).pins
    if not pins:
        raise ConfigurationError("no pin file was found", "Name it with --file, or under pins: in preflight.yaml.")
    return [Path(show_path(path, Path.cwd())) for path in dict.fromkeys(pin.file for pin in pins)]


def _has_changes(path: Path) -> bool:
    from preflight.git.door import Git
    from preflight.lib.deadline import Deadline

    target = path.absolute()
    try:
        return Git(target.parent, os.environ).state(target, Deadline.after(10)).modified
    except CouldNotLook:
        return False  # only a remark hangs on it

"""Where the remotes of a repository are; its configuration is read, the network is not asked."""

import os
from pathlib import Path

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.git.address import parse_address
from preflight.git.command import GitCommand
from preflight.git.model import is_branch_name, is_ref_name
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.text import printable

_NO_SUCH_REMOTE = 2


def demand_names(remote: str, branch: str) -> None:
    """Refuse what cannot be pushed to.

    Raises:
        ConfigurationError: One of the two is no name; it is not shown, as it may hold a password.
    """
    if not is_ref_name(remote):
        raise ConfigurationError("--remote is not a name that git allows", "Write it as git remote does.")
    if not is_branch_name(branch):
        raise ConfigurationError("--branch is not the name of a branch", "Write the name alone, as in main or pin/1.2.")


def remote_address(git: GitCommand, folder: Path, remote: str, deadline: Deadline, *, push: bool = False) -> str | None:
    """Return the address of a remote as configured, short forms written out; it may hold a password.

    Args:
        git: How git is called.
        folder: In the work tree.
        remote: The name of the remote.
        deadline: When git must have answered.
        push: The address that is pushed to.

    Returns:
        None without such a remote.

    Raises:
        CouldNotLook: Git cannot read the configuration, or there are several addresses to push to.
    """
    done = git(folder, ("remote", "get-url", *(["--push", "--all"] if push else []), "--", remote), deadline)
    if done.exit_code not in {0, _NO_SUCH_REMOTE}:
        raise refused(done, folder)
    if push and len(done.text.splitlines()) > 1:
        name = printable(remote, 60)
        raise CouldNotLook(
            f"the remote {name} has several addresses to push to, and preflight pushes to one",
            f"Name a remote that has one: --remote NAME; to see them: git remote get-url --push --all {name}",
        )
    return done.text.partition("\n")[0] or None


def reachable_address(git: GitCommand, folder: Path, address: str, deadline: Deadline) -> str:
    """Return an address that means the same wherever git runs: git takes a relative path from the work tree's root."""
    parts = parse_address(address)
    if parts.scheme or parts.path.startswith("/"):
        return address
    root = git(folder, ("rev-parse", "--show-toplevel"), deadline).text.removesuffix("\n")
    return os.path.normpath(Path(root, address))


def remote_names(git: GitCommand, folder: Path, deadline: Deadline) -> tuple[str, ...]:
    """Return the names of all remotes.

    Raises:
        CouldNotLook: Git cannot read the configuration.
    """
    done = git(folder, ("remote",), deadline)
    if done.exit_code != 0:
        raise refused(done, folder)
    return tuple(done.text.split())


def remote_addresses(git: GitCommand, folder: Path, deadline: Deadline) -> tuple[str, ...]:
    """Return the addresses of all remotes as they stand in the configuration."""
    done = git(folder, ("config", "--get-regexp", r"^remote\..*\.url$"), deadline)
    return tuple(line.partition(" ")[2] for line in done.text.split("\n") if line)

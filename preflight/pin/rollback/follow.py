"""Watch a rollout: stage after, judged against the pushed commit.

Containers that were made from this checkout are judged in it, as soon as the rollout has pulled the commit here. Those
that Coolify makes come from a clone of Coolify's: the commit is fetched into a folder of its own and judged there.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from preflight.context import Context, Options
from preflight.errors import ConfigurationError, CouldNotLook
from preflight.git.clone import Branch, check_out, make_repository
from preflight.git.command import GitCommand
from preflight.git.remotes import reachable_address, remote_address
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.temporary import remove_folder, temporary_folder
from preflight.model import Stage
from preflight.project import ComposeProject, Pin
from preflight.report import Report
from preflight.run.config import Configuration
from preflight.run.runner import NobodyWatches
from preflight.run.session import Request, run_session
from preflight.run.settling import Waiting
from preflight.running.judge import our_containers
from preflight.running.ownership import made_by_coolify

_DEPTH = 500
_GIT_S = 10.0
_BYHAND = "Watch it in a checkout of that commit: preflight run --stage after --wait 5m"


@frozen
class Pushed:
    """What was pushed.

    Args:
        commit: Full id.
        branch: Where to.
        remote: Name of the remote.
    """

    commit: str
    branch: str
    remote: str


def follow(ctx: Context, configuration: Configuration, pushed: Pushed, request: Request) -> Report:
    """Judge the pushed commit after its rollout, and ask again what can still change.

    Args:
        ctx: With the pins and the project of the checkout.
        configuration: The configuration of the checkout.
        pushed: What to judge.
        request: How to wait and whom to ask; where, and at which stage, is set here.

    Raises:
        CouldNotLook: The commit cannot be fetched, did not get here in time, or the engine does not answer.
        ConfigurationError: The configuration asks for something impossible.
    """
    options = configuration.options
    request = replace(
        request,
        only=options.get("only", ()),
        skip=options.get("skip", ()),
        tags=options.get("tag", ()),
        checks_dirs=[Path(each) for each in options.get("checks_dir", ())],
        strict=bool(options.get("strict")),
        options=Options(stage=Stage.AFTER, trust_root=configuration.trust_root, branch=pushed.branch),
    )
    root = ctx.doors.git.root(ctx.deadline)
    if root is None:
        raise CouldNotLook("there is no git work tree here", _BYHAND)
    if _runs_from_here(ctx):
        left_s = _wait_for_commit(GitCommand(ctx.environ), root, pushed, request.wait_s)
        return run_session(replace(request, wait_s=left_s), NobodyWatches())
    folder = temporary_folder("follow") / (root.name or "checkout")
    try:
        folder.mkdir()
        _fetch(root, folder, pushed, ctx.environ, ctx.deadline)
        moved = _moved(ctx, configuration, root, folder)
        return run_session(replace(request, configuration=moved, cwd=folder), NobodyWatches())
    finally:
        remove_folder(folder.parent)


def _runs_from_here(ctx: Context) -> bool:
    """Whether containers of the pins' services were made from this checkout."""
    found = [container for pin in ctx.pins for container in our_containers(ctx, pin)[0].ours]
    return any(not made_by_coolify(container) for container in found)


def _wait_for_commit(git: GitCommand, root: Path, pushed: Pushed, seconds: float) -> float:
    """Wait until the checkout has the pushed commit; return how many seconds are left.

    Raises:
        CouldNotLook: It has not got it in time.
    """
    began, waiting = time.monotonic(), Waiting(seconds)
    words = ("merge-base", "--is-ancestor", pushed.commit, "HEAD")
    while git(root, words, Deadline.after(_GIT_S)).exit_code != 0:
        if not waiting.pause():
            raise CouldNotLook(
                f"the containers here are made from this checkout, which did not get {pushed.commit[:9]} in time",
                "Roll it out: git pull, then docker compose up; then preflight run --stage after --wait 5m",
            )
    return max(0.0, seconds - (time.monotonic() - began))


def _fetch(root: Path, folder: Path, pushed: Pushed, environ: Mapping[str, str], deadline: Deadline) -> None:
    git = GitCommand(environ)
    address = remote_address(git, root, pushed.remote, deadline)
    if address is None:
        raise CouldNotLook(f"there is no remote {pushed.remote}", _BYHAND)
    try:
        branch = Branch(reachable_address(git, root, address, deadline), pushed.branch, pushed.commit)
    except ConfigurationError as error:
        raise CouldNotLook(f"the pushed commit cannot be fetched: {error.message}", _BYHAND) from error
    make_repository(git, folder, branch, deadline)
    check_out(git, folder, branch, _DEPTH, deadline)


def _moved(ctx: Context, configuration: Configuration, root: Path, folder: Path) -> Configuration:
    """Return the configuration with all paths in the clone; files that git does not have stay where they are."""

    def there(path: Path) -> Path:
        return folder / path.relative_to(root) if path.is_relative_to(root) else path

    def known(path: Path) -> Path:
        return there(path) if there(path).exists() else path

    def moved(pin: Pin) -> Pin:
        return replace(pin, file=there(pin.file), overrides=tuple(map(there, pin.overrides)))

    project = ctx.project
    directory = project.project_directory
    for place in {project.base, *([directory] if directory else []), *(file.parent for file in project.files)}:
        _link_env_file(place / ".env", there(place) / ".env", folder)
    return replace(
        configuration,
        base=there(configuration.base),
        pins=tuple(map(moved, ctx.pins)),
        project=ComposeProject(
            base=there(project.base),
            files=tuple(map(there, project.files)),
            project_directory=None if directory is None else there(directory),
            env_files=tuple(map(known, project.env_files)),
            profiles=project.profiles,
            project_name=project.project_name,
        ),
    )


def _link_env_file(here: Path, there: Path, clone: Path) -> None:
    """Put a link to a file of the checkout into the clone, unless a link in the clone leads out of it."""
    inside = Path(os.path.realpath(there.parent)).is_relative_to(os.path.realpath(clone))
    if inside and here.is_file() and there.parent.is_dir() and not os.path.lexists(there):
        there.symlink_to(here)

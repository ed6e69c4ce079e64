"""What a container was made from, as Compose's labels tell: files, folder, and why the pin did not get into it."""

import os
import shlex
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from preflight.compose.labels import ENVIRONMENT_FILE
from preflight.compose.read.feed import Feed, read_feed
from preflight.compose.read.files import is_there
from preflight.compose.read.layers import FileCache
from preflight.compose.read.locate import ComposeSource
from preflight.context import Context
from preflight.engine.container import Container
from preflight.envfile import read_env_file
from preflight.errors import CouldNotLook
from preflight.git.model import Commit
from preflight.lib.files import is_regular_file
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.lib.yamlfile import parse
from preflight.project import ComposeProject, Pin
from preflight.running.ownership import Checkout, files_of, folder_of, project_of, real

_LIMIT = 50


@frozen
class Difference:
    """A container was made from something else than what is judged.

    Args:
        files: Its compose files, where they are others, or in another order; else empty.
        folder: Its project directory, where that is another; else empty.
    """

    files: tuple[str, ...] = ()
    folder: str = ""


@frozen
class Why:
    """Why a container does not carry the pin.

    Args:
        words: Continue a sentence about the container.
        remedy: What to do.
        commit: The commit in which the compose files caused it. Today's do not, so the next deployment removes it.
    """

    words: str
    remedy: str
    commit: Commit | None = None


def difference(container: Container, checkout: Checkout) -> Difference:
    """Hold what is judged against what a container was made from. Coolify makes its own files and folders."""
    files, folder = files_of(container), folder_of(container)
    other_files = bool(files) and [real(each) for each in files] != [real(each) for each in checkout.files]
    other_folder = bool(folder) and real(folder) != real(checkout.folder)
    return Difference(files if other_files else (), folder if other_folder else "")


def compose_command(container: Container, project: ComposeProject, show: Callable[[Path], str]) -> list[str]:
    """Return the words of `docker compose` that mean a container's project, as its labels tell."""
    files, folder = [Path(each) for each in files_of(container)], folder_of(container)
    written = container.labels.get(ENVIRONMENT_FILE, "").split(",")
    env_files = [Path(each) for each in written if each] or list(project.env_files)
    files = files or list(project.files)
    home = project.project_directory if not folder else Path(folder)
    if home is not None and files and real(home) == real(files[0].parent):
        home = None
    words = ["docker", "compose", *(["-p", project_of(container)] if project_of(container) else [])]
    for option, paths in (("-f", files), ("--env-file", env_files), ("--project-directory", [home] if home else [])):
        words += [word for path in paths for word in (option, show(path))]
    return words


def command_line(words: Sequence[str]) -> str:
    """Return words as a shell takes them."""
    return printable(shlex.join(words), 400)


def find_why(ctx: Context, pin: Pin, container: Container, created: datetime | None) -> Why | None:
    """Return why the pin is not in a container, as far as the files that it was made from tell.

    Raises nothing: that it is not in there is known, and stands.
    """
    files, folder = files_of(container), folder_of(container)
    places = [Path(each) for each in (folder, *files) if "\0" not in each]
    if not files or not folder or not all(each.is_absolute() for each in places):
        return None
    gone = next((each for each in places if not is_there(each)), None)
    if gone is not None:
        return Why(
            f"it was made from {printable(str(gone), 120)}, which is not on this host",
            f"Look where that is (Portainer keeps its stacks in a volume of its own): {pin.file.name} must lie there "
            "where env_file: leads.",
        )
    project = ComposeProject(Path(folder), tuple(map(Path, files)), project_directory=Path(folder))
    try:
        return _now(ctx, pin, project) or (_then(ctx, pin, project, created) if created is not None else None)
    except CouldNotLook:
        return None


def _now(ctx: Context, pin: Pin, project: ComposeProject) -> Why | None:
    source = ComposeSource.load(project, {})
    copied = not real(pin.file).startswith(real(source.folder) + os.sep)
    return _explain(ctx, pin, read_feed(source, pin, copied=copied), source)


def _then(ctx: Context, pin: Pin, project: ComposeProject, created: datetime) -> Why | None:
    """Look at the compose files as they were committed when the container was made."""
    cache = FileCache()
    newest: Commit | None = None
    for file in project.files:
        history = ctx.doors.git.history(file, _LIMIT, ctx.deadline)
        commit = next((each for each in history if each.when <= created), None)
        if commit is None:
            return None
        cache.put(file, parse(commit.text, file))
        newest = commit if newest is None or commit.when > newest.when else newest
    source = ComposeSource.load(project, {}, cache)
    why = _explain(ctx, pin, read_feed(source, pin), source)
    return None if why is None else Why(why.words, why.remedy, newest)


def _explain(ctx: Context, pin: Pin, feed: Feed, source: ComposeSource) -> Why | None:
    """Say what keeps the pin file from feeding the variable."""
    name, entry = pin.variable, feed.environment
    if entry is not None:
        at = ctx.at(entry.path, entry.line)
        return Why(f"environment: sets it ({at})", f"Delete {name} from environment: at {at}.")
    listed = feed.pin
    if listed is None:
        file = ctx.show(source.files[-1])
        return Why(f"{file} does not list {pin.file.name} in env_file:", f"List {pin.file.name} in {file}.")
    if listed.path is None:
        return None
    if not is_regular_file(listed.path):
        where = printable(str(listed.path), 120)
        hides = "; required: false hides that" if listed.required.lower() == "false" else ""
        return Why(f"{where} does not exist there{hides}", f"Put {pin.file.name} there, or deploy from the checkout.")
    for each in feed.after_pin:
        if each.path is not None and is_regular_file(each.path) and read_env_file(each.path).last(name) is not None:
            later = ctx.show(each.path)
            return Why(f"{later} is read after the pin file and sets it", f"Delete {name} from {later}.")
    return None

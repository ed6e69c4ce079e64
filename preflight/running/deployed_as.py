"""The project that containers were deployed as, where their labels tell of another than was found by looking."""

from dataclasses import replace
from pathlib import Path

from preflight.context import Context
from preflight.engine.container import Container
from preflight.lib.files import is_regular_file
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.project import ComposeProject
from preflight.running.judge import checkout_of, our_containers
from preflight.running.made_from import difference
from preflight.running.ownership import files_of, folder_of, made_by_coolify, real


@frozen
class DeployedAs:
    """What the labels of a container say.

    Args:
        project: How Compose was called; what was found by looking, where those files are not here.
        words: Say it, for people.
    """

    project: ComposeProject
    words: str


def deployed_as(ctx: Context) -> DeployedAs | None:
    """Return how the pins' services were deployed, where that differs from how their project was found.

    Coolify makes files and folders of its own; its containers tell nothing of this.

    Raises:
        CouldNotLook: The engine cannot be asked, or nothing tells which containers are ours.
    """
    checkout = checkout_of(ctx)
    for pin in ctx.pins:
        choice, _ = our_containers(ctx, pin)
        for container in choice.ours:
            other = difference(container, checkout)
            if not made_by_coolify(container) and (other.files or other.folder):
                return _told(ctx, container)
    return None


def _told(ctx: Context, container: Container) -> DeployedAs:
    files, folder = tuple(map(Path, files_of(container))), Path(folder_of(container))
    shown = " + ".join(printable(ctx.show(each), 120) for each in files) or "files that its labels do not name"
    words = f"container {container.name} was made from {shown} in {printable(ctx.show(folder), 120)}"
    there = bool(files) and all(each.is_absolute() and is_regular_file(each) for each in files)
    if not there:
        return DeployedAs(ctx.project, f"{words}, which is not here: correct compose: if that is how it is deployed")
    home = folder if real(folder) != real(files[0].parent) else None
    project = replace(ctx.project, files=files, project_directory=home)
    return DeployedAs(project, f"{words}: that is what compose: says now")

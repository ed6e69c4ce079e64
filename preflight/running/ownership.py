"""Which containers of a service belong to our project, by the labels that Compose and Coolify leave on them.

Labels: com.docker.compose.{service,project,project.config_files,project.working_dir,oneoff} as Compose 2.23 to 2.40
write them; coolify.managed and coolify.pullRequestId as of Coolify 4.3.11.
"""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from preflight.compose.labels import CONFIG_FILES, ONE_OFF, PROJECT, WORKING_DIR
from preflight.coolify.resource import MANAGED, is_preview
from preflight.engine.container import Container
from preflight.lib.files import show_path
from preflight.lib.records import frozen
from preflight.lib.text import printable


@frozen
class Checkout:
    """What tells our containers from others.

    Args:
        files: The compose files that Compose reads for our project, absolute.
        folder: The project directory, absolute.
        name: The name of our project, where one is configured; else empty.
    """

    files: tuple[Path, ...]
    folder: Path
    name: str = ""

    @property
    def default_name(self) -> str:
        """The name that Compose gives to a project in our folder (compose-go, loader.NormalizeProjectName)."""
        return re.sub(r"[^-_a-z0-9]", "", self.folder.name.lower()).lstrip("_-")


@frozen
class Choice:
    """The containers of one service, told apart.

    Args:
        ours: Those to judge.
        coolify: Those that Coolify made; whether they are ours, its application tells.
        elsewhere: Those of other projects.
        previews: Coolify's previews of pull requests.
    """

    ours: tuple[Container, ...]
    coolify: tuple[Container, ...] = ()
    elsewhere: tuple[Container, ...] = ()
    previews: tuple[Container, ...] = ()

    def with_application(self, containers: Iterable[Container]) -> "Choice":
        """Return the choice in which Coolify's containers of our application are ours, and its others are not.

        They are told apart by their ids: what else is known of a container may change between two looks at it.
        """
        chosen = {each.id for each in containers}
        mine = tuple(each for each in self.coolify if each.id in chosen)
        others = tuple(each for each in self.coolify if each.id not in chosen)
        return replace(self, ours=(*self.ours, *mine), coolify=(), elsewhere=(*self.elsewhere, *others))


def choose(containers: Iterable[Container], checkout: Checkout, root: Path | None = None) -> Choice:
    """Tell our containers from others. A service of the same name is none of ours for that alone.

    Ours are those of the project with the configured name. Where no container has that name, or none is configured:
    those made from our compose files or in our project directory, and the rest of the same Compose projects.

    Args:
        containers: All of one service.
        checkout: Ours.
        root: The top of the repository. A project that was made from other files in there and has the name that
            Compose gives to our folder is ours, too: its file was rendered from ours.
    """
    lasting = [each for each in containers if each.labels.get(ONE_OFF, "").lower() != "true"]
    previews = tuple(each for each in lasting if is_preview(each))
    candidates = [each for each in lasting if each not in previews]
    ours = [each for each in candidates if checkout.name and project_of(each) == checkout.name]
    ours = ours or _made_here(candidates, checkout, root)
    rest = [each for each in candidates if each not in ours]
    coolify = tuple(each for each in rest if made_by_coolify(each))
    return Choice(tuple(ours), coolify, tuple(each for each in rest if each not in coolify), previews)


def made_by_coolify(container: Container) -> bool:
    """Whether Coolify made the container; raw mode puts that label on it too (App 2072-2081)."""
    return container.labels.get(MANAGED) == "true"


def project_of(container: Container) -> str:
    """Return the name of the Compose project, "" if the label is missing."""
    return container.labels.get(PROJECT, "")


def files_of(container: Container) -> tuple[str, ...]:
    """Return the compose files that a container was made from, as Compose was given them, absolute."""
    return tuple(name for name in container.labels.get(CONFIG_FILES, "").split(",") if name)


def folder_of(container: Container) -> str:
    """Return the project directory that a container was made in, "" if the label is missing."""
    return container.labels.get(WORKING_DIR, "")


def real(path: Path | str) -> str:
    """Return a path without links, as far as it exists; "" for none."""
    return os.path.realpath(path) if str(path) and "\0" not in str(path) else ""


def described(container: Container, cwd: Path) -> str:
    """Return the name of a container's project and where that was made, for people."""
    name, folder = project_of(container) or "without a name", folder_of(container)
    where = f", made in {printable(show_path(Path(folder), cwd), 240)}" if folder and "\0" not in folder else ""
    return f"project {printable(name, 60)}{where}"


def _made_here(candidates: Sequence[Container], checkout: Checkout, root: Path | None) -> list[Container]:
    """Return those made here, and those of the same projects (an override may have been added by hand)."""
    names = {project_of(each) for each in candidates if _is_made_here(each, checkout)}
    made = [each for each in candidates if project_of(each) in names]
    return made or [each for each in candidates if _is_rendered_here(each, checkout, root)]


def _is_made_here(container: Container, checkout: Checkout) -> bool:
    files = {real(name) for name in files_of(container)}
    if files & {real(path) for path in checkout.files}:
        return True
    return not files and real(folder_of(container)) == real(checkout.folder)


def _is_rendered_here(container: Container, checkout: Checkout, root: Path | None) -> bool:
    """Whether it was made in the repository under our folder's name, as from the output of `docker compose config`."""
    folder = real(folder_of(container))
    inside = folder == real(checkout.folder) or (root is not None and Path(folder or "/").is_relative_to(real(root)))
    return inside and project_of(container) == checkout.default_name

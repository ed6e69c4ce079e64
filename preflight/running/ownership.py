"""Which containers of a service belong to our project, by the labels that Compose and Coolify leave on them.

Labels: com.docker.compose.{service,project,project.config_files,project.working_dir,oneoff} as Compose 2.23 to 2.40
write them; coolify.managed and coolify.pullRequestId as of Coolify 4.3.11.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from preflight.compose.labels import CONFIG_FILES, ONE_OFF, PROJECT, WORKING_DIR
from preflight.coolify.resource import MANAGED, is_preview
from preflight.engine.container import Container
from preflight.lib.records import frozen
from preflight.project import ComposeProject


@frozen
class Choice:
    """The containers of one service, told apart.

    Args:
        ours: Those to judge.
        certain: They are surely ours; otherwise nothing tells, and all that may be are in ``ours``.
        elsewhere: Those of other projects.
        previews: Coolify's previews of pull requests.
    """

    ours: tuple[Container, ...]
    certain: bool
    elsewhere: tuple[Container, ...] = ()
    previews: tuple[Container, ...] = ()

    def only(self, ours: Iterable[Container]) -> "Choice":
        """Return the choice in which surely these are ours; those that were taken for ours besides are not."""
        chosen = tuple(ours)
        others = tuple(each for each in self.ours if each not in chosen)
        return replace(self, ours=chosen, certain=True, elsewhere=(*self.elsewhere, *others))


def choose(containers: Iterable[Container], project: ComposeProject, environ: Mapping[str, str]) -> Choice:
    """Tell our containers from others.

    Ours are, whatever the project is called, those made from our compose files, and all of the same project. Without
    any: those of a project with the configured name. Without either, whatever Coolify made or, where no name was
    configured, everything may be ours, since Coolify deploys copies of the files under a name of its own.

    Args:
        containers: All of one service.
        project: How Compose is called.
        environ: For COMPOSE_PROJECT_NAME.
    """
    lasting = [each for each in containers if each.labels.get(ONE_OFF, "").lower() != "true"]
    previews = [each for each in lasting if is_preview(each)]
    candidates = [each for each in lasting if each not in previews]
    name = project.project_name or environ.get("COMPOSE_PROJECT_NAME")
    certain = _made_from(candidates, project)
    if not certain and name:
        certain = [each for each in candidates if each.labels.get(PROJECT) == name]
    if certain:
        ours = certain
    else:
        ours = [each for each in candidates if not name or made_by_coolify(each)]
        ours = _with_default_name(ours, project) or ours
    elsewhere = [each for each in candidates if each not in ours]
    return Choice(tuple(ours), bool(certain), tuple(elsewhere), tuple(previews))


def made_by_coolify(container: Container) -> bool:
    """Whether Coolify made the container; raw mode puts that label on it too (App 2072-2081)."""
    return container.labels.get(MANAGED) == "true"


def project_of(container: Container) -> str:
    """Return the name of the Compose project, "" if the label is missing."""
    return container.labels.get(PROJECT, "")


def _made_from(candidates: Sequence[Container], project: ComposeProject) -> list[Container]:
    """Return those made from our files, and those of the same projects (an override may have been added by hand)."""
    files = {_real(path) for path in project.files}
    folder = _real(_folder(project))
    names = {project_of(each) for each in candidates if _same_place(each, files, folder)}
    return [each for each in candidates if project_of(each) in names]


def _same_place(container: Container, files: set[str], folder: str) -> bool:
    theirs = {_real(name) for name in container.labels.get(CONFIG_FILES, "").split(",") if name}
    if files and theirs:
        return bool(files & theirs)
    working = container.labels.get(WORKING_DIR)
    return bool(working) and _real(working or "") == folder


def _with_default_name(candidates: Sequence[Container], project: ComposeProject) -> list[Container]:
    """Return those whose project has the name that Compose gives to our folder.

    Only if none is Coolify's: there the name of the folder is nothing but chance.
    """
    if any(made_by_coolify(each) for each in candidates):
        return []
    # compose-go, loader.NormalizeProjectName
    name = re.sub(r"[^-_a-z0-9]", "", _folder(project).name.lower()).lstrip("_-")
    return [each for each in candidates if project_of(each) == name]


def _folder(project: ComposeProject) -> Path:
    if project.project_directory is not None:
        return project.project_directory
    return project.files[0].parent if project.files else project.base


def _real(path: Path | str) -> str:
    return os.path.realpath(path) if "\0" not in str(path) else ""

"""Whether the path of a file that Compose refuses may be shown: Compose names it with the values of variables in it."""

import os
from collections.abc import Mapping
from pathlib import Path

from preflight.compose.read.files import find_files
from preflight.errors import CouldNotLook
from preflight.lib.files import read_bytes
from preflight.lib.yamlfile import MAX_BYTES
from preflight.project import ComposeProject


def is_written(path: Path, project: ComposeProject, environ: Mapping[str, str]) -> bool:
    """Whether each part of a path stands in a compose file, or belongs to the project's own folders and files.

    A part that stands nowhere may be the value of a variable, hence a secret.
    """
    try:
        found = find_files(project, environ)
        files, folder = found.files, found.folder
    except CouldNotLook:  # .env or --env-file is at fault itself
        files, folder = project.files, project.project_directory or project.base
    own = {*project.base.parts, *folder.parts}
    for file in (*files, *project.env_files):
        own.update(file.parts)
    texts = [text for text in map(_text, files) if text]
    return all(
        part in own or part == ".env" or any(part in text for text in texts)
        for part in Path(os.path.normpath(path)).parts
    )


def _text(path: Path) -> str:
    try:
        return read_bytes(path, limit=MAX_BYTES, what="the compose file").decode("utf-8", "replace")
    except CouldNotLook:
        return ""

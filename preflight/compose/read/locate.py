"""Says where things stand in the compose files of a project, across all of them.

What Compose makes of a project, only Compose knows; this reads the same files to say file and line.
"""

import os.path
from collections.abc import Mapping as Variables
from dataclasses import replace
from pathlib import Path

from preflight.compose.read.entries import EnvFileEntry, EnvironmentEntry, Opening
from preflight.compose.read.files import find_files
from preflight.compose.read.layers import FileCache, LayeredFiles
from preflight.compose.read.required import Required, read_required
from preflight.compose.read.service import Service
from preflight.envfile.template import TemplateProblem, expand
from preflight.errors import CouldNotLook
from preflight.lib.yamlfile import ComposeFileProblem, EmptyComposeFile
from preflight.lib.yamlnodes import Mapping, Scalar
from preflight.project import ComposeProject


def read_source(project: ComposeProject, environ: Variables[str, str]) -> "ComposeSource | ComposeFileProblem":
    """Return ``ComposeSource.load``, or the problem it raises, which has a place worth keeping."""
    try:
        return ComposeSource.load(project, environ)
    except ComposeFileProblem as problem:
        return problem


class ComposeSource:
    """The compose files of a project, read.

    Files that services extend or include are read when first asked for, so every method may raise
    ``ComposeFileProblem`` (a ``CouldNotLook`` with path and line).
    """

    def __init__(self, layers: LayeredFiles) -> None:
        self._layers = layers

    @classmethod
    def load(
        cls, project: ComposeProject, environ: Variables[str, str], cache: FileCache | None = None
    ) -> "ComposeSource":
        """Read the compose files that Compose would read for ``project`` called in ``environ``.

        Raises:
            CouldNotLook: There are none, or one cannot be read (``ComposeFileProblem``).
        """
        found = find_files(project, environ)
        if not found.files:
            raise CouldNotLook(
                f"there is no compose file in {project.base} or above",
                "Name the compose files with compose: {files: […]} in preflight.yaml.",
            )
        cache = cache or FileCache()
        return cls(LayeredFiles(_with_words(found.files, cache), found.folder, found.environ, cache))

    @property
    def files(self) -> tuple[Path, ...]:
        """The compose files that are laid one over the other, in order."""
        return self._layers.files

    @property
    def folder(self) -> Path:
        """The project directory."""
        return self._layers.folder

    @property
    def environ(self) -> Variables[str, str]:
        """What interpolation sees: the shell, then ``--env-file`` or ``.env``."""
        return self._layers.environ

    def project_name(self) -> str:
        """Return the top-level ``name:`` of the last file that has one, interpolated; "" where none has."""
        written = [top.get("name") for file in self.files for top in self._layers.cache.read(file)]
        names = [each.text for each in written if isinstance(each, Scalar) and each.text]
        return (self.interpolated(names[-1]) or "") if names else ""

    def services(self) -> tuple[str, ...]:
        """Return the names of all services, whatever their profiles, in the order they are written."""
        return self._layers.names()

    def service_line(self, service: str) -> tuple[Path, int] | None:
        """Return file and line where a service is first written; ``None`` when there is no such service."""
        found = self._layers.service(service)
        return (found.file, found.line) if found is not None else None

    def profiles(self, service: str) -> tuple[str, ...]:
        """Return the profiles of a service."""
        return self._service(service).profiles

    def environment_entries(self, service: str, variable: str) -> tuple[EnvironmentEntry, ...]:
        """Return what ``environment:`` says of a variable, in Compose's order; the last one counts."""
        return tuple(entry for entry in self._service(service).environment if entry.name == variable)

    def environment(self, service: str) -> tuple[EnvironmentEntry, ...]:
        """Return all entries of ``environment:`` of a service, in Compose's order; the last of a name counts."""
        return self._service(service).environment

    def openings(self, service: str) -> tuple[Opening, ...]:
        """Return where variables from outside decide which file or service this one is made of."""
        return self._service(service).openings

    def written(self, file: Path, service: str) -> Mapping | None:
        """Return a service as one of ``files`` writes it; ``None`` where that file has none."""
        blocks = [top.get("services") for top in self._layers.cache.read(file)]
        found = [block.get(service) for block in blocks if isinstance(block, Mapping)]
        written = [each for each in found if isinstance(each, Mapping)]
        return written[-1] if written else None

    def env_file_entries(self, service: str) -> tuple[EnvFileEntry, ...]:
        """Return ``env_file:`` of a service in Compose's order; a later entry overrides an earlier one.

        Empty also when there is no such service.
        """
        return tuple(self._placed(entry) for entry in self._service(service).env_files)

    def interpolated(self, text: str) -> str | None:
        """Return what Compose makes of a text here and now; ``None`` when it would refuse it."""
        try:
            return expand(text, self._layers.environ.get)
        except TemplateProblem:
            return None

    def is_raw(self, entry: EnvFileEntry) -> bool:
        """Whether an entry says ``format: raw``: Compose then interprets nothing in the file."""
        return entry.format is not None and self.interpolated(entry.format) == "raw"

    def required(self, entry: EnvFileEntry) -> Required:
        """Return whether Compose stops where the file of an entry is missing."""
        if entry.required is None:
            return Required.BY_DEFAULT
        return read_required(self.interpolated(entry.required) or "", is_boolean=entry.required_is_boolean)

    def path_now(self, entry: EnvFileEntry) -> Path | None:
        """Return the file that an entry means, interpolated if need be; ``None`` when nobody can tell."""
        return self._path(entry.now) if entry.now and "\0" not in entry.now else None

    def relative(self, path: Path) -> str:
        """Return how the compose files write a path: it is relative to the project directory."""
        written = os.path.relpath(path, self.folder)
        return written if written.startswith("..") else f"./{written}"

    def _path(self, key: str) -> Path:
        return Path(os.path.normpath(self._layers.folder / key))

    def _service(self, name: str) -> Service:
        return self._layers.service(name) or Service(self._layers.files[0], 1)

    def _placed(self, entry: EnvFileEntry) -> EnvFileEntry:
        if "$" in entry.key or "\0" in entry.key:
            return entry
        return replace(entry, path=self.path_now(entry))


def _with_words(files: tuple[Path, ...], cache: FileCache) -> tuple[Path, ...]:
    """Read all files and return those that say something; an empty one counts only where there is no other."""
    read: list[Path] = []
    empty: list[EmptyComposeFile] = []
    for file in files:
        try:
            cache.read(file)
            read.append(file)
        except EmptyComposeFile as problem:
            empty.append(problem)
    if not read:
        raise empty[0]
    return tuple(read)

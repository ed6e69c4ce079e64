"""Where in the compose files an entry stands: a courtesy, never a verdict."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.errors import CouldNotLook
from preflight.project import ComposeProject

if TYPE_CHECKING:
    from preflight.compose.read.entries import EnvFileEntry, EnvironmentEntry, Opening
    from preflight.compose.read.locate import ComposeSource
    from preflight.lib.yamlfile import ComposeFileProblem


class Places:
    """Looks things up in the compose files, and finds nothing where these cannot be followed."""

    def __init__(self, project: ComposeProject, load: Callable[[], "ComposeSource"]) -> None:
        self._project = project
        self._load = load
        self._sources: list[ComposeSource | None] = []

    @property
    def known(self) -> bool:
        """Whether the compose files can be read at all."""
        return self._source() is not None

    @property
    def folder(self) -> Path:
        """The project directory, as far as it is known."""
        source = self._source()
        return source.folder if source else self._project.base

    def problem(self) -> tuple[Path, int | None] | None:
        """Return file and line of what makes a compose file unreadable, or ``None``."""
        from preflight.lib.yamlfile import ComposeFileProblem

        try:
            self._load()
        except ComposeFileProblem as error:
            return error.path, error.line
        except CouldNotLook:
            return None
        return None

    def told_by_file(self, keys: str, service: str) -> "ComposeFileProblem | None":
        """Return what is wrong with the service at ``services.NAME…``, or with ``service``; ``None`` if nothing is."""
        from preflight.lib.yamlfile import ComposeFileProblem

        try:
            named = [name for name in self._load().services() if keys.startswith(f"services.{name}.")]
        except CouldNotLook:
            named = []
        problem = self.not_followed(max(named, key=len, default=service))
        return problem if isinstance(problem, ComposeFileProblem) else None

    def place(self, keys: str) -> tuple[Path, int] | None:
        """Return file and line of ``services.NAME.environment.VARIABLE`` or of ``services.NAME…``."""
        match keys.split("."):
            case ["services", service, "environment", variable]:
                entry = self.environment(service, variable)
                return (entry.path, entry.line) if entry else self.service(service)
            case ["services", service, *_]:
                return self.service(service)
        return None

    def environment(self, service: str, variable: str) -> "EnvironmentEntry | None":
        """Return the entry of ``environment:`` that counts for the variable."""
        source = self._source()
        try:
            entries = source.environment_entries(service, variable) if source else ()
        except CouldNotLook:
            return None
        return entries[-1] if entries else None

    def env_files(self, service: str) -> "tuple[EnvFileEntry, ...]":
        """Return the entries of ``env_file:`` in order."""
        source = self._source()
        try:
            return source.env_file_entries(service) if source else ()
        except CouldNotLook:
            return ()

    def entries(self, service: str) -> "tuple[EnvironmentEntry, ...]":
        """Return all entries of ``environment:``."""
        source = self._source()
        try:
            return source.environment(service) if source else ()
        except CouldNotLook:
            return ()

    def openings(self, service: str) -> "tuple[Opening, ...]":
        """Return where variables from outside decide which file or service this one is made of."""
        source = self._source()
        try:
            return source.openings(service) if source else ()
        except CouldNotLook:
            return ()

    def profiles(self, service: str) -> tuple[str, ...]:
        """Return the profiles of a service as they are written."""
        source = self._source()
        try:
            return source.profiles(service) if source else ()
        except CouldNotLook:
            return ()

    def not_followed(self, service: str) -> CouldNotLook | None:
        """Return why a service cannot be followed through the compose files, or ``None``."""
        try:
            self._load().openings(service)
        except CouldNotLook as problem:
            return problem
        return None

    def path_now(self, entry: "EnvFileEntry") -> Path | None:
        """Return the file that an entry of ``env_file:`` means today."""
        source = self._source()
        return source.path_now(entry) if source else None

    def interpolated(self, text: str) -> str | None:
        """Return a text as Compose interpolates it in the project's own files; ``None`` where that is not known."""
        source = self._source()
        return source.interpolated(text) if source else None

    def service(self, name: str) -> tuple[Path, int] | None:
        """Return file and line of a service."""
        source = self._source()
        try:
            return source.service_line(name) if source else None
        except CouldNotLook:
            return None

    def _source(self) -> "ComposeSource | None":
        if not self._sources:
            try:
                self._sources.append(self._load())
            except CouldNotLook:
                self._sources.append(None)
        return self._sources[0]

"""What Coolify deployed: the compose file it wrote on the host, and the variables of its UI beside it."""

import os.path
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from preflight.compose.labels import CONFIG_FILES
from preflight.compose.read.entries import EnvFileEntry
from preflight.compose.read.locate import ComposeSource
from preflight.coolify.resource import Resource, Situation
from preflight.envfile import MAX_BYTES, EnvFile, EnvFileFolder, EnvFileMissing, EnvFileRefused, read_env_file
from preflight.errors import CouldNotLook
from preflight.lib.files import is_regular_file, read_text
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.project import ComposeProject

_OWN = ".env"
_NOTHING: Mapping[str, str] = MappingProxyType({})


class NeverDeployed(CouldNotLook):
    """Coolify has written nothing for the resource here, and no container of it is here."""


@frozen
class Deployed:
    """What lies in the resource's folder.

    Args:
        resource: Whose it is.
        file: The deployed compose file.
        source: The file, read as Compose would read it there, interpolated with ``.env``.
        variables: ``.env`` as a container gets it that lists it in ``env_file:``; None when there is none. What
            ``${…}`` in the compose file makes of it is in ``source.environ``; the two differ where a value names a
            variable of a later line (measured with Compose 2.24.1 to 2.40.3).
    """

    resource: Resource
    file: Path
    source: ComposeSource
    variables: EnvFile | None

    def entries(self, service: str) -> tuple[EnvFileEntry, ...]:
        """Return the service's ``env_file:``, each path as `up` on the host resolves it."""
        return self.source.env_file_entries(service)

    def label_names(self) -> frozenset[str]:
        """Return the names of all labels that the file puts on any service."""
        from preflight.lib.yamlnodes import Mapping, Scalar, Sequence

        names: set[str] = set()
        for service in self.source.services():
            written = self.source.written(self.file, service)
            labels = None if written is None else written.get("labels")
            if isinstance(labels, Mapping):
                names.update(labels.items)
            elif isinstance(labels, Sequence):
                texts = (item.value.text for item in labels.items if isinstance(item.value, Scalar))
                names.update(text.partition("=")[0] for text in texts)
        return frozenset(names)

    @property
    def only_own_env_file(self) -> bool:
        """Whether every service has exactly Coolify's own ``.env``, as its default mode writes (AJ 695-703)."""
        services = self.source.services()
        return bool(services) and all(
            [entry.text.removeprefix("./") for entry in self.entries(service)] == [_OWN] for service in services
        )


def read_deployed(resource: Resource) -> Deployed:
    """Read what Coolify deployed.

    Raises:
        NeverDeployed: There is neither file nor container.
        CouldNotLook: There is no file, or it cannot be read (``ComposeFileProblem`` with file and line).
    """
    file = deployed_file(resource)
    if not _there(file):
        raise _absent(resource, file)
    has_variables = _variables(resource.env_file) is not None
    project = ComposeProject(
        base=resource.folder,
        files=(file,),
        project_directory=resource.folder,
        env_files=(resource.env_file,) if has_variables else (),
    )
    source = _source(project)
    return Deployed(resource, file, source, _variables(resource.env_file, source.environ) if has_variables else None)


def deployed_file(resource: Resource) -> Path:
    """Return the compose file that the newest container was made from, where it lies on this host.

    With Preserve Repository in default mode that is the repository's own file name; in every other case, and where a
    container names a file in the helper, it is the one Coolify writes (AJ 843-893).
    """
    for container in resource.containers:
        for name in container.labels.get(CONFIG_FILES, "").split(","):
            path = Path(name)
            if name and "\0" not in name and path.parent.is_relative_to(resource.folder) and _there(path):
                return path
    return resource.compose_file


def up_project(resource: Resource, situation: Situation, file: Path) -> ComposeProject:
    """Return how Coolify calls Compose to deploy, in the folder that is on this host.

    Default mode without Preserve Repository runs in a folder of the helper that is gone afterwards; what it made
    there is, except for that folder's name, what lies in the resource's.

    Args:
        resource: What is deployed.
        situation: How.
        file: The deployed compose file.
    """
    named = situation in {Situation.DEFAULT, Situation.DEFAULT_PRESERVED, Situation.SERVICE}
    return ComposeProject(
        base=resource.folder,
        files=(file,),
        project_directory=resource.folder,
        env_files=() if situation is Situation.SERVICE else (resource.env_file,),
        project_name=resource.uuid if named else None,
    )


def _absent(resource: Resource, file: Path) -> CouldNotLook:
    what = f"Coolify has written no {file.name} in {printable(str(resource.folder))}"
    if not resource.containers:
        return NeverDeployed(f"never deployed here: {what}", "Deploy it in Coolify, then run preflight on its server.")
    return CouldNotLook(
        f"{what}, although container {printable(resource.containers[0].name, 80)} is here",
        "Redeploy it in Coolify; inside a container, mount that folder (read-only) under the path it has outside.",
    )


def _source(project: ComposeProject) -> ComposeSource:
    try:
        return ComposeSource.load(project, environ={})
    except ComposeFileProblem as error:
        if isinstance(error.__cause__, CouldNotLook):  # it cannot be read at all
            raise
        hint = (
            "Coolify writes that file: wait for a deployment that is under way, or redeploy; then run preflight again."
        )
        raise ComposeFileProblem(error.problem, error.path, error.line, hint, too_much=error.too_much) from error


def _variables(path: Path, outside: Mapping[str, str] = _NOTHING) -> EnvFile | None:
    try:
        return read_env_file(path, outside=outside)
    except EnvFileMissing:
        return None
    except EnvFileRefused as error:
        raise _refused(path, error) from error
    except EnvFileFolder as error:
        raise EnvFileFolder(
            error.message, f"Remove it (rmdir {printable(str(path))}), then redeploy in Coolify, which writes the file."
        ) from error


def _refused(path: Path, error: EnvFileRefused) -> CouldNotLook:
    """Return the same error with where to correct it: Coolify writes the file from its UI."""
    name = _name_at(path, error.line)
    which = f"the variable {name}" if name else "the variable of that line"
    return CouldNotLook(
        error.message,
        f"Correct {which} in Coolify's UI (Environment Variables), from which it writes that file; then redeploy.",
    )


def _name_at(path: Path, line: int) -> str:
    """Return the name of the variable that a line sets, fit to show; "" where it has none."""
    try:
        lines = read_text(path, limit=MAX_BYTES, what="the env file").split("\n")
    except CouldNotLook:
        return ""
    name, equals, _ = lines[line - 1].partition("=") if line <= len(lines) else ("", "", "")
    return printable(name.strip(), 60) if equals and name.strip().isidentifier() else ""


def _there(path: Path) -> bool:
    """Whether something is at a path, if only a folder; reading it says what is wrong."""
    return is_regular_file(path) or os.path.lexists(path)

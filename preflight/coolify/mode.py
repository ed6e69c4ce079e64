"""In which of its modes Coolify deploys a resource: told from what it left on the host, and from its API."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from preflight.coolify.deployed import Deployed
from preflight.coolify.resource import TYPE, VERSION, Kind, Resource, Situation
from preflight.errors import CouldNotLook
from preflight.running.labels import WORKING_DIR
from preflight.text import printable

HELPER_FOLDER = "/artifacts/"
"""Default mode runs Compose in Coolify's helper, in a folder of that name (AJ 887-893)."""
_OWN_FILES = frozenset({".env", "README.md", "docker-compose.yaml", "docker-compose.yml"})


@dataclass(frozen=True)
class Settings:
    """What Coolify's API says of an application; None is unknown (Coolify before 4.2.0 does not tell).

    Args:
        raw: Raw Compose Deployment is on.
        preserve: Preserve Repository is on.
    """

    raw: bool | None = None
    preserve: bool | None = None


@dataclass(frozen=True)
class Mode:
    """How a resource is deployed.

    Args:
        situation: As it was deployed last; where it never was, as it will be.
        because: What tells, each a few words for people.
        preserved: Whether the repository's files reach the host; None where nothing tells.
        next: As it will be deployed next, where the settings were changed since; else None.
    """

    situation: Situation
    because: tuple[str, ...]
    preserved: bool | None = None
    next: Situation | None = None


def tell_mode(
    resource: Resource, deployed: Deployed | None, repository: Iterable[str], settings: Settings | None = None
) -> Mode:
    """Tell the mode.

    Args:
        resource: What is deployed.
        deployed: What lies in its folder; None where that could not be read.
        repository: Paths that only a copy of the repository brings to the folder, such as ``docker/app-pin.env``.
        settings: What the API says.

    Raises:
        CouldNotLook: Neither container, file nor API tells.
    """
    settings = settings or Settings()
    if resource.kind is Kind.SERVICE:
        return Mode(Situation.SERVICE, ("it is a service stack",), preserved=False)
    host = _from_host(resource, deployed, tuple(repository))
    if settings.raw is None:
        if host is None:
            raise CouldNotLook(
                f"nothing tells in which mode Coolify deploys {resource.uuid}: no container, no deployed file, no API",
                "Deploy it once, or give preflight the API (COOLIFY_URL and COOLIFY_TOKEN).",
            )
        return host
    asked = _situation(raw=settings.raw, preserved=bool(settings.preserve))
    said = ("its settings in Coolify's API say so",)
    if host is None:
        return Mode(asked, said, settings.preserve)
    known = _with_known(host, settings)
    if known.situation is asked:
        return Mode(asked, (*known.because, *said), settings.preserve)
    return Mode(known.situation, known.because, known.preserved, next=asked)


def _with_known(host: Mode, settings: Settings) -> Mode:
    """Let the API say whether the repository is copied where the host does not tell."""
    raw = host.situation in {Situation.RAW, Situation.RAW_PRESERVED}
    if host.preserved is not None or settings.preserve is None:
        return host
    return Mode(_situation(raw=raw, preserved=settings.preserve), host.because, settings.preserve)


def _from_host(resource: Resource, deployed: Deployed | None, repository: tuple[str, ...]) -> Mode | None:
    raw = _is_raw(resource, deployed)
    if raw is None:
        return None
    is_raw, because = raw
    preserved, why = _is_preserved(resource, repository, is_raw=is_raw)
    return Mode(_situation(raw=is_raw, preserved=bool(preserved)), (because, *why), preserved)


def _is_raw(resource: Resource, deployed: Deployed | None) -> tuple[bool, str] | None:
    for container in resource.containers:
        labels = container.labels
        if labels.get(WORKING_DIR, "").startswith(HELPER_FOLDER):
            return False, f"container {container.name} was made in Coolify's helper ({HELPER_FOLDER})"
        if VERSION in labels:  # raw mode adds three labels only (App 2072-2081)
            return False, f"container {container.name} carries all of Coolify's labels"
        if TYPE in labels:
            return True, f"container {container.name} carries only the labels of raw mode"
    if deployed is None or not deployed.source.services():
        return None
    if deployed.only_own_env_file:
        return False, f"every service in {deployed.file.name} has env_file: ['.env'], which Coolify writes"
    return True, f"{deployed.file.name} keeps env_file: as the repository has it"


def _is_preserved(
    resource: Resource, repository: tuple[str, ...], *, is_raw: bool
) -> tuple[bool | None, tuple[str, ...]]:
    for container in resource.containers:
        working = container.labels.get(WORKING_DIR, "")
        if working.startswith(HELPER_FOLDER):
            return False, ()
        if working and not is_raw:
            return True, (f"container {container.name} was made on the host",)
    copied = [path for path in repository if path not in _OWN_FILES and _is_file(resource.folder / path)]
    if copied:
        return True, (f"{printable(copied[0])} of the repository lies in {printable(str(resource.folder))}",)
    if repository and _only_own(resource.folder):
        return False, (f"{printable(str(resource.folder))} holds only what Coolify writes itself",)
    return None, ()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _only_own(folder: Path) -> bool:
    """Whether a folder has no file but those Coolify writes; raw mode also makes folders for bind mounts."""
    try:
        names = [path.name for path in folder.iterdir() if not path.is_dir() or path.name == ".git"]
    except OSError:
        return False
    return all(name in _OWN_FILES or name.startswith("docker-compose-pr-") for name in names)


def _situation(*, raw: bool, preserved: bool) -> Situation:
    if raw:
        return Situation.RAW_PRESERVED if preserved else Situation.RAW
    return Situation.DEFAULT_PRESERVED if preserved else Situation.DEFAULT

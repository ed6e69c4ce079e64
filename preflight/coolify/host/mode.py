"""In which of its modes Coolify deploys a resource: told from what it left on the host, and from its API."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from preflight.compose.labels import WORKING_DIR
from preflight.coolify.host.deployed import Deployed
from preflight.coolify.resource import MANAGED, TYPE, VERSION, Kind, Resource, Situation
from preflight.errors import CouldNotLook
from preflight.lib.files import is_regular_file
from preflight.lib.records import frozen
from preflight.lib.text import printable

HELPER_FOLDER = "/artifacts/"
"""Default mode runs Compose in Coolify's helper, in a folder of that name (AJ 887-893)."""
_LEFT_OVER_S = 6 * 3600
"""A build takes less: what is so much older than the deployed file was not copied with it."""
_OWN_FILES = frozenset({".env", "README.md", "docker-compose.yaml", "docker-compose.yml"})


@frozen
class Settings:
    """What Coolify's API says of an application; None is unknown (Coolify before 4.2.0 does not tell).

    Args:
        raw: Raw Compose Deployment is on.
        preserve: Preserve Repository is on.
    """

    raw: bool | None = None
    preserve: bool | None = None


@frozen
class Mode:
    """How a resource is deployed.

    Args:
        situation: As it was deployed last; where it never was, as it will be.
        because: What tells, each a few words for people.
        preserved: Whether the repository's files reach the host; None where nothing tells.
        next: As it will be deployed next, where the settings were changed since; else None.
        problem: Why the API, which was to be asked, does not tell of the next deployment.
    """

    situation: Situation
    because: tuple[str, ...]
    preserved: bool | None = None
    next: Situation | None = None
    problem: CouldNotLook | None = None

    @property
    def coming(self) -> Situation:
        """How it will be deployed next, as far as that is known."""
        return self.next or self.situation


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
                "Deploy it once, or give preflight the API (PREFLIGHT_COOLIFY_URL and PREFLIGHT_COOLIFY_TOKEN).",
            )
        return host
    return _with_api(host, raw=settings.raw, preserve=settings.preserve)


def _with_api(host: Mode | None, *, raw: bool, preserve: bool | None) -> Mode:
    """Let the API say what comes next, and what the host does not tell of the last time."""
    said = ("its settings in Coolify's API say so",)
    if host is None:
        return Mode(_situation(raw=raw, preserved=bool(preserve)), said, preserve)
    was_raw = host.situation in {Situation.RAW, Situation.RAW_PRESERVED}
    preserved = preserve if host.preserved is None else host.preserved
    last = _situation(raw=was_raw, preserved=bool(preserved))
    coming = _situation(raw=raw, preserved=bool(preserved if preserve is None else preserve))
    if last is coming:
        return Mode(last, (*host.because, *said), preserved)
    return Mode(last, host.because, preserved, next=coming)


def _from_host(resource: Resource, deployed: Deployed | None, repository: tuple[str, ...]) -> Mode | None:
    """Tell from what lies here; a file that another mode has written since is that of a deployment that failed."""
    made, written = _by_container(resource), _by_file(deployed)
    told = made or written
    if told is None:
        return None
    is_raw, because = told
    preserved, why = _is_preserved(resource, repository, is_raw=is_raw)
    last = Mode(_situation(raw=is_raw, preserved=bool(preserved)), (because, *why), preserved)
    if written is None or written[0] is is_raw:
        return last
    tried = _situation(raw=written[0], preserved=bool(preserved))
    return replace(last, because=(*last.because, f"but {written[1]} since then"), next=tried)


def _by_container(resource: Resource) -> tuple[bool, str] | None:
    """Tell whether raw mode made the newest container, and by what."""
    for container in resource.containers:
        labels, name = container.labels, printable(container.name, 80)
        if labels.get(WORKING_DIR, "").startswith(HELPER_FOLDER):
            return False, f"container {name} was made in Coolify's helper ({HELPER_FOLDER})"
        if VERSION in labels:  # raw mode adds three labels only (App 2072-2081)
            return False, f"container {name} carries all of Coolify's labels"
        if TYPE in labels:
            return True, f"container {name} carries only the labels of raw mode"
    return None


def _by_file(deployed: Deployed | None) -> tuple[bool, str] | None:
    """Tell whether raw mode wrote the deployed file, and by what.

    Not by what became of ``env_file:`` alone: Coolify before 4.0.0-beta.291 kept that in default mode too.
    """
    if deployed is None:
        return None
    labels, name = deployed.label_names(), deployed.file.name
    if not deployed.source.services():
        return False, f"{name} has no services, which default mode writes where it cannot read the repository's file"
    if VERSION in labels:
        return False, f"{name} carries all of Coolify's labels"
    if MANAGED in labels:
        return True, f"{name} carries only the labels of raw mode"
    if deployed.only_own_env_file:
        return False, f"every service in {name} has env_file: ['.env'], which Coolify writes"
    return True, f"{name} keeps env_file: as the repository has it"


def _is_preserved(
    resource: Resource, repository: tuple[str, ...], *, is_raw: bool
) -> tuple[bool | None, tuple[str, ...]]:
    for container in resource.containers:
        working = container.labels.get(WORKING_DIR, "")
        if working.startswith(HELPER_FOLDER):
            return False, ()
        if working and not is_raw:
            return True, (f"container {printable(container.name, 80)} was made on the host",)
    return _has_copies(resource, [path for path in repository if path not in _OWN_FILES])


def _has_copies(resource: Resource, paths: Sequence[str]) -> tuple[bool | None, tuple[str, ...]]:
    """Tell from copies of the repository's files; the compose file itself is always among what is copied."""
    folder = printable(str(resource.folder))
    try:
        copied = [path for path in paths if is_regular_file(resource.folder / path)]
    except CouldNotLook as problem:
        return None, (problem.message,)
    if not copied:
        looked = bool(paths) and is_regular_file(resource.compose_file)
        return (False, (f"{folder} holds no copy of the repository",)) if looked else (None, ())
    first = printable(copied[0])
    if _age(resource, copied) > _LEFT_OVER_S:
        return None, (f"{first} there is older than the last deployment: perhaps left over",)
    return True, (f"{first} of the repository lies in {folder}",)


def _age(resource: Resource, copied: Sequence[str]) -> float:
    """Return by how many seconds the newest copy is older than the deployed file.

    A copy has the time of the clone, some minutes before the file is written; one that an earlier deployment left
    keeps its time, since nothing is deleted (AJ 1037-1059).
    """
    try:
        newest = max((resource.folder / path).stat().st_mtime for path in copied)
        return resource.compose_file.stat().st_mtime - newest
    except OSError:
        return 0.0


def _situation(*, raw: bool, preserved: bool) -> Situation:
    if raw:
        return Situation.RAW_PRESERVED if preserved else Situation.RAW
    return Situation.DEFAULT_PRESERVED if preserved else Situation.DEFAULT

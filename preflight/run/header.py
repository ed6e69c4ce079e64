"""What a run judged, for the header of its report: a courtesy, never a verdict."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from preflight.compose.read.files import OVERRIDE_NAMES, compose_files
from preflight.envfile import read_env_file
from preflight.errors import CouldNotLook
from preflight.git.checkout import judged_folder
from preflight.git.root import find_git_root
from preflight.lib.deadline import Deadline
from preflight.lib.files import show_path
from preflight.lib.reference import ReferenceProblem, parse_reference
from preflight.lib.text import printable
from preflight.model import Area, CheckResult, Status
from preflight.project import Pin
from preflight.releases.names import named_releases
from preflight.report import JudgedProject, PinState
from preflight.run.scene import Scene

T = TypeVar("T")

_PATIENCE_S = 5.0
_COMMITS = 200


def describe(
    scene: Scene, results: Sequence[CheckResult], environ: Mapping[str, str], cwd: Path, *, git: bool
) -> JudgedProject:
    """Return what was judged, as far as it can be told without asking much; nothing here fails the run.

    Args:
        scene: The project and its doors; most answers are known to them by now.
        results: The results of the run.
        environ: The environment of the process.
        cwd: The folder the operator stands in; paths are shown relative to it.
        git: False where the configuration says that there is no git here.
    """
    deadline = Deadline.after(_PATIENCE_S)
    folder = judged_folder(scene.project, scene.pins)
    door = scene.doors.git
    commit = _or(lambda: door.head(deadline), None) if git and scene.pins else None
    files = scene.project.files or _or(lambda: compose_files(scene.project, environ), ())
    return JudgedProject(
        project=show_path(folder, cwd),
        commit=commit or "",
        dirty=_or(lambda: any(door.is_modified(path, deadline) for path in _judged_files(scene)), None)
        if commit
        else None,
        compose_files=tuple(printable(show_path(path, cwd)) for path in files),
        assumed=scene.assumed and bool(files),
        unread=tuple(printable(show_path(path, cwd)) for path in _overrides_beside(files)),
        pins=tuple(_pin(scene, pin, results, cwd, deadline, git=bool(commit)) for pin in scene.pins),
        git=git,
        folder=printable(str(cwd)),
        root=printable(str(root)) if git and (root := _or(lambda: find_git_root(folder), None)) else "",
    )


def _overrides_beside(files: Sequence[Path]) -> tuple[Path, ...]:
    """Return override files in the folder of the first file that Compose does not load with these files.

    Compose loads them by itself only where no file is named (Compose specification, "Merge").
    """
    if not files:
        return ()
    beside = (files[0].parent / name for name in OVERRIDE_NAMES)
    return tuple(path for path in beside if path not in files and path.is_file())


def _judged_files(scene: Scene) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((*scene.project.files, *(pin.file for pin in scene.pins))))


def _pin(
    scene: Scene, pin: Pin, results: Sequence[CheckResult], cwd: Path, deadline: Deadline, *, git: bool
) -> PinState:
    digest = _or(lambda: _digest(pin), "")
    release = _or(lambda: _release(scene, pin, digest, deadline), "") if git and digest else ""
    shown = printable(show_path(pin.file, cwd))
    return PinState(pin.variable, pin.service, shown, digest, release, _status(results, shown))


def _digest(pin: Pin) -> str:
    found = read_env_file(pin.file).last(pin.variable)
    return parse_reference((found.value if found else None) or "").digest or ""


def _release(scene: Scene, pin: Pin, digest: str, deadline: Deadline) -> str:
    """Return the release that the oldest commit with this digest names; empty where it names none, or several."""
    commits = scene.doors.git.history(pin.file, _COMMITS, deadline)
    subjects = [commit.subject for commit in commits if digest in commit.text]
    named = named_releases(subjects[-1:])
    return next(iter(named)) if len(named) == 1 else ""


def _status(results: Sequence[CheckResult], file: str) -> Status:
    """Return the worst that was found about the pin file itself."""
    concerned = [
        finding.status
        for result in results
        if result.about.area is Area.PIN
        for finding in result.findings
        if finding.location is not None and finding.location.path == file
    ]
    return min(concerned, key=lambda status: status.rank, default=Status.SKIP)


def _or(ask: Callable[[], T], otherwise: T) -> T:
    try:
        return ask()
    except (CouldNotLook, ReferenceProblem, OSError):
        return otherwise

"""Finds the compose project and its pins by looking, for what the configuration does not say."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from preflight.compose.read.files import NAMES, OVERRIDE_NAMES, compose_files
from preflight.compose.read.layers import FileCache
from preflight.compose.read.locate import ComposeSource
from preflight.errors import CouldNotLook
from preflight.lib.files import show_path
from preflight.lib.records import frozen, mutable
from preflight.lib.regex import regex
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.model import Location
from preflight.pins.guess import Guess, Remark, guess_pins, overrides_of
from preflight.project import ComposeProject, Pin

_FOLDERS = ("docker", "deploy", "deployment", "compose", "infra", "ops", ".docker")
"""Where projects keep compose files that Compose does not find by itself."""
_FILE = regex(r"(?:docker-)?compose(?P<rest>[\w.-]*)\.ya?ml")
_SECONDARY = regex(
    r"(?:^|[.\-_])(?:override|overrides|local|dev|devel|development|debug|test|tests|testing|e2e|ci|example|sample)"
    r"(?=[.\-_]|$)"
)
_MAX_CANDIDATES = 30
_FILES = "compose: {files: […]} in preflight.yaml"
_SAY_WHICH = f"Name the compose files with {_FILES}."
_NOWHERE = f"Run preflight in the checkout, or name it: preflight -C DIR run. Or name the files with {_FILES}."


@frozen
class Detection:
    """What was found.

    Args:
        project: How Compose is called.
        pins: What to judge.
        notes: What the operator should know about the guess.
        problems: What could not be looked at; a run with one of them cannot be green.
        source: The compose files as read, for whoever wants to know more of them.
    """

    project: ComposeProject
    pins: tuple[Pin, ...] = ()
    notes: tuple[Remark, ...] = ()
    problems: tuple[Remark, ...] = ()
    source: ComposeSource | None = None


def detect(
    folder: Path,
    environ: Mapping[str, str],
    git_root: Path | None,
    *,
    project: ComposeProject | None = None,
    pins: tuple[Pin, ...] = (),
) -> Detection:
    """Find what is not given. Raises nothing: what is wrong stands in the answer.

    Args:
        folder: Where to begin.
        environ: The environment Compose would be called in.
        git_root: The top of the git work tree, looked at after ``folder``; ``None`` outside one.
        project: How Compose is called, when the configuration says it.
        pins: What to judge, when the configuration says it.
    """
    return _Detector(folder, environ, git_root, pins).detect(project)


@mutable
class _Candidate:
    """A compose project that might be meant, and what was found in it."""

    project: ComposeProject
    files: tuple[Path, ...]
    source: ComposeSource | None
    guess: Guess
    fits: bool = False

    @property
    def broken(self) -> bool:
        """Whether its compose files could not be read."""
        return self.source is None


class _Detector:
    def __init__(self, folder: Path, environ: Mapping[str, str], git_root: Path | None, pins: tuple[Pin, ...]) -> None:
        self._folder, self._environ, self._git_root, self._pins = folder, environ, git_root, pins
        self._cache = FileCache()

    def detect(self, project: ComposeProject | None) -> Detection:
        """Choose a project, and say what is in it."""
        if project is not None:
            given = self._look(project)
            return self._answer(given, []) if given.fits else self._nothing([given])
        passed_over: list[_Candidate] = []
        for level in self._levels():
            candidates = [self._look(each) for each in level]
            fitting = [each for each in candidates if each.fits]
            if len(fitting) > 1:
                return self._ambiguous(fitting)
            if fitting:
                broken = [each for each in candidates if each.broken]
                return self._answer(fitting[0], passed_over, broken)
            passed_over += candidates
            if any(each.broken for each in candidates):
                break  # what is meant may stand in a file that cannot be read; looking further would be a guess
        return self._nothing(passed_over)

    def _levels(self) -> Iterator[list[ComposeProject]]:
        """Yield compose projects that may be meant, nearest first; those of one level are equally near."""
        named = self._found_by_compose()
        if named is not None:
            yield [named]
        places = dict.fromkeys(place for place in (self._folder, self._git_root) if place is not None)
        for place in places:
            files = [path for path in _compose_like(place) if path.name not in NAMES or path.parent != place]
            main = [path for path in files if not _SECONDARY.search(path.name.rpartition(".")[0])]
            for group in (main, [path for path in files if path not in main]):
                if group:
                    yield [_project(place, path) for path in group[:_MAX_CANDIDATES]]

    def _found_by_compose(self) -> ComposeProject | None:
        """Return the project that Compose finds by itself, if it lies in the folder or the work tree."""
        project = ComposeProject(self._folder)
        try:
            files = compose_files(project, self._environ)
        except CouldNotLook:
            return project  # .env cannot be read; whoever loads the project says so
        if not files:
            return None
        inside = self._git_root is None or files[0].is_relative_to(self._git_root)
        return project if inside or "COMPOSE_FILE" in self._environ else None

    def _look(self, project: ComposeProject) -> _Candidate:
        try:
            source = ComposeSource.load(project, self._environ, self._cache)
            guess = Guess(list(self._pins)) if self._pins else guess_pins(source, self._folder, project.profiles)
            fits = self._has_pins(source) if self._pins else bool(guess.pins or guess.problems)
        except CouldNotLook as error:
            return _Candidate(project, project.files, None, Guess(list(self._pins), [self._remark(error)]))
        return _Candidate(project, source.files, source, guess, fits)

    def _has_pins(self, source: ComposeSource) -> bool:
        """Whether a project is the one whose pins were named: it has all their services."""
        return {pin.service for pin in self._pins} <= set(source.services())

    def _remark(self, error: CouldNotLook) -> Remark:
        if not isinstance(error, ComposeFileProblem):
            return Remark(error.message, error.hint or _SAY_WHICH)
        return Remark(error.problem, error.hint, Location(show_path(error.path, self._folder), error.line))

    def _answer(
        self, chosen: _Candidate, passed_over: list[_Candidate], broken: list[_Candidate] | None = None
    ) -> Detection:
        problems = [*chosen.guess.problems]
        for each in broken or ():
            problems += each.guess.problems
        notes = []
        if passed_over:
            names = ", ".join(self._names(each) for each in passed_over[:3])
            taken = self._names(chosen)
            notes.append(
                Remark(f"{names} has no pin; {taken} was taken", f"If that is not meant, name yours with {_FILES}.")
            )
        notes += [*self._ignored(chosen), *chosen.guess.notes]
        return Detection(chosen.project, tuple(chosen.guess.pins), tuple(notes), tuple(problems), chosen.source)

    def _ignored(self, chosen: _Candidate) -> list[Remark]:
        """Name the files with a standard name beside the one that Compose takes: it does not read them."""
        if chosen.project.files or "COMPOSE_FILE" in self._environ or not chosen.files:
            return []
        taken = chosen.files[0]
        others = [name for name in NAMES if name != taken.name and (taken.parent / name).is_file()]
        message = f"Compose takes {show_path(taken, self._folder)} and ignores {', '.join(others)} beside it"
        return [Remark(message, f"Delete it, or name the files with {_FILES}.")] if others else []

    def _ambiguous(self, fitting: list[_Candidate]) -> Detection:
        listing = [each for each in fitting if self._lists_pins(each)]
        if self._pins and len(listing) == 1:
            return self._answer(listing[0], [])
        names = ", ".join(self._names(each) for each in fitting[:5])
        problem = Remark(f"several compose files may be meant: {names}", _SAY_WHICH)
        return Detection(ComposeProject(self._folder), self._pins, (), (problem,))

    def _lists_pins(self, candidate: _Candidate) -> bool:
        source = candidate.source
        return source is not None and all(
            any(entry.path == pin.file for entry in source.env_file_entries(pin.service)) for pin in self._pins
        )

    def _nothing(self, passed_over: list[_Candidate]) -> Detection:
        """Answer when no project fits: name what was looked at."""
        broken = [remark for each in passed_over for remark in each.guess.problems]
        project = passed_over[0].project if passed_over else ComposeProject(self._folder)
        source = passed_over[0].source if passed_over else None
        if broken:
            return Detection(project, self._pins, (), tuple(broken), source)
        if not passed_over:
            problem = Remark(f"there is no compose file in {self._folder} or above", _NOWHERE)
            return Detection(project, self._pins, (), (problem,))
        if self._pins:
            return Detection(project, self._pins, (), (), source)  # the checks say which service is missing
        names = ", ".join(self._names(each) for each in passed_over[:5])
        hint = "Name the pins under pins: in preflight.yaml (`preflight init` writes one)."
        problem = Remark(f"no service of {names} has an env file with an image reference", hint)
        return Detection(project, (), (), (problem,), source)

    def _names(self, candidate: _Candidate) -> str:
        files = candidate.files or (candidate.project.base,)
        return " + ".join(show_path(path, self._folder) for path in files)


def _project(place: Path, path: Path) -> ComposeProject:
    """Return the project of one file; one that Compose finds in its folder brings its override along."""
    if path.name in NAMES:
        return ComposeProject(path.parent)
    return ComposeProject(place, (path,))


def _compose_like(place: Path) -> list[Path]:
    """Return files in a folder and its usual sub-folders that are named like compose files, sorted."""
    found: list[Path] = []
    for folder in (place, *(place / name for name in _FOLDERS)):
        try:
            names = sorted(path for path in folder.iterdir() if _FILE.fullmatch(path.name))
            if any(path.name in NAMES for path in names):  # Compose adds the override to it
                names = [path for path in names if path.name not in OVERRIDE_NAMES]
        except OSError:
            continue  # not there, or not ours to look at
        found += names
    return found


__all__ = ["Detection", "Remark", "detect", "overrides_of"]

"""What could override the pin once somebody sets a variable: every place that Compose interpolates or expands.

Measured with Compose 2.24.1 to 2.40.3: it interpolates paths and ``format`` of ``env_file:``, names in an
``environment:`` list, ``file`` and ``service`` of ``extends:``, ``include:``, ``profiles:`` and ``COMPOSE_FILE`` in
``.env``; it expands ``~`` from ``HOME``.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from preflight.compose.ask.refusal import Refusal
from preflight.compose.read.feed import EnvFileFeed, Feed
from preflight.compose.read.files import find_files
from preflight.compose.shadow.model import Shadow, ShadowKind
from preflight.compose.shadow.origins import ValueSource, find_source, interpolation_files, read_quietly
from preflight.compose.shadow.places import Places
from preflight.errors import CouldNotLook
from preflight.lib.records import frozen
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.project import ComposeProject

_KINDS = {
    "extends": ShadowKind.OPEN_EXTENDS,
    "include": ShadowKind.OPEN_INCLUDE,
    "profiles": ShadowKind.OPEN_PROFILE,
}


def open_structure(
    places: Places, service: str, project: ComposeProject, environ: Mapping[str, str]
) -> Iterator[Shadow]:
    """Find where a variable decides which file or service this one is made of, and whether it is deployed at all.

    Args:
        places: The compose files.
        service: The name of the service.
        project: How Compose is called.
        environ: The shell's variables.
    """
    try:
        found = find_files(project, environ)
    except CouldNotLook:
        return  # Compose has judged .env; what else it is needed for says so
    settings = _Settings(project, environ, found.files)
    yield from settings.files()
    profiles = places.profiles(service)
    yield from settings.profiles(profiles)
    listed = (each.strip() for each in found.environ.get("COMPOSE_PROFILES", "").split(","))
    kept_on = not {*project.profiles, *listed}.isdisjoint(profiles)
    seen = set()
    for opening in places.openings(service):
        if opening not in seen and not (kept_on and opening.what == "profiles"):
            seen.add(opening)
            kind = _KINDS[opening.what]
            yield Shadow(kind, overrides=False, path=opening.file, line=opening.line, names=opening.names)


def not_followed(places: Places, service: str) -> Iterator[Shadow]:
    """Say what we cannot follow. Compose does: the value is its word, but what could change it is not known."""
    problem = places.not_followed(service)
    if isinstance(problem, ComposeFileProblem):
        refusal = Refusal(problem.problem, problem.hint)
        yield Shadow(ShadowKind.NOT_FOLLOWED, overrides=False, path=problem.path, line=problem.line, refusal=refusal)
    elif problem is not None:
        yield Shadow(ShadowKind.NOT_FOLLOWED, overrides=False, refusal=Refusal(problem.message, problem.hint))


@frozen
class _Settings:
    """Compose's own variables where ``.env`` sets them: a value that interpolates is changed from outside."""

    project: ComposeProject
    environ: Mapping[str, str]
    found: tuple[Path, ...]

    def files(self) -> Iterator[Shadow]:
        """Find what names other compose files."""
        if self.project.files or self._source("COMPOSE_FILE") is None:
            return
        for name in ("COMPOSE_FILE", "COMPOSE_PATH_SEPARATOR"):
            yield from self._open(name, ShadowKind.OPEN_FILES)

    def profiles(self, wanted: tuple[str, ...]) -> Iterator[Shadow]:
        """Find a list of profiles that leaves the service out, once its variables are set to something else."""
        if not wanted or not {*self.project.profiles}.isdisjoint(wanted):
            return
        for shadow in self._open("COMPOSE_PROFILES", ShadowKind.OPEN_PROFILE):
            changed = (dict.fromkeys(shadow.names, value) for value in ("", "-"))
            listed = (read_quietly(shadow.path or Path(), each).value("COMPOSE_PROFILES") or "" for each in changed)
            if any({*wanted}.isdisjoint(each.split(",")) for each in listed):
                yield shadow

    def _source(self, name: str) -> ValueSource | None:
        return find_source(name, self.environ, interpolation_files(self.project, self.environ, self.found))

    def _open(self, name: str, kind: ShadowKind) -> Iterator[Shadow]:
        source = self._source(name)
        if source is not None and source.path is not None:
            listed = read_quietly(source.path).last(name)
            if listed is not None and listed.references:
                yield Shadow(kind, overrides=False, path=source.path, line=source.line, names=listed.references)


def open_names(places: Places, service: str, variable: str) -> Iterator[Shadow]:
    """Find entries of an ``environment:`` list whose name could become the variable's."""
    for entry in places.entries(service):
        if names := entry.names_deciding(variable):
            yield Shadow(ShadowKind.OPEN_NAME, overrides=False, path=entry.path, line=entry.line, names=names)


def open_entries(feed: Feed, gives: Callable[[EnvFileFeed], bool]) -> tuple[EnvFileFeed, ...]:
    """Return the entries of ``env_file:`` whose path, changed from outside, would change what arrives.

    Harmless is an entry before one that is the pin file whatever happens. If it becomes the very same path, Compose
    keeps one of the two, in place of the first: then what stands behind it overrides the pin, or the pin is read as
    another listing of it says.

    Args:
        feed: The env files.
        gives: Says whether an env file sets the variable.
    """
    entries = feed.env_files
    closed = [place for place, each in enumerate(entries) if each.is_pin and not each.names]
    last = closed[-1] if closed else -1
    read_in_two_ways = len({each.format for each in entries if each.is_pin}) > 1

    def matters(place: int) -> bool:
        return place > last or read_in_two_ways or any(not each.is_pin and gives(each) for each in entries[place + 1 :])

    return tuple(each for place, each in enumerate(entries) if each.names and matters(place))

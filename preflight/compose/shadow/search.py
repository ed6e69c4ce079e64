"""Looks for everything that overrides one pin, given Compose's answers.

The order of precedence behind this is the Compose specification's (``environment`` overrides ``env_file``, a later
env file an earlier one); what it leaves open was measured with Compose 2.24.1 to 2.40.3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from preflight.compose.ask.answer import EnvFileItem, ServiceAnswer
from preflight.compose.read.entries import EnvFileEntry, names_outside
from preflight.compose.read.feed import EnvFileFeed, Feed
from preflight.compose.read.files import find_files
from preflight.compose.shadow.at_up import set_at_up
from preflight.compose.shadow.environment_sources import Declared, interpolated
from preflight.compose.shadow.model import Shadow, Shadowing, ShadowKind
from preflight.compose.shadow.openings import not_followed, open_entries, open_names, open_structure
from preflight.compose.shadow.origins import SourceKind, ValueSource, find_source, interpolation_files, read_quietly
from preflight.compose.shadow.places import Places
from preflight.context import Context
from preflight.envfile import MAX_BYTES, Assignment, EnvFile, EnvFileSyntaxError, is_none, parse_env
from preflight.envfile.template import TemplateProblem, expand, mentioned
from preflight.errors import CouldNotLook
from preflight.lib.files import read_bytes, same_file, show_as_written
from preflight.lib.records import mutable
from preflight.project import Pin

_NOTHING: Mapping[str, str] = MappingProxyType({})


@mutable
class ShadowSearch:
    """One pin with all that Compose says about it.

    Args:
        ctx: The context of the check.
        pin: The pin.
        own: What the pin file alone gives the variable.
        declared: What feeds the service.
        effective: The service as it will be.
        places: Says where things stand.
    """

    ctx: Context
    pin: Pin
    own: str | None
    declared: Declared
    effective: ServiceAnswer
    places: Places

    def judge(self) -> Shadowing:
        """Collect everything that stands in the way.

        Raises:
            CouldNotLook: A file that Compose reads cannot be read here, or Compose does not answer.
        """
        shadows = list(self._in_environment())
        if not shadows:
            shadows += open_names(self.places, self.pin.service, self.pin.variable)
        shadows += self._at_up()
        shadows += open_structure(self.places, self.pin.service, self.ctx.project, self.ctx.environ)
        feed = Feed(self.pin.variable)
        try:
            feed = self._feed()
            shadows += self._in_env_files(feed)
        except CouldNotLook:
            if not any(shadow.overrides for shadow in shadows):
                raise  # else the failure that is known must not be lost
        if self._merged and not any(shadow.overrides for shadow in shadows) and self._value != self.own:
            shadows.append(Shadow(ShadowKind.DIFFERENT))
        if not any(shadow.overrides for shadow in shadows):
            shadows += not_followed(self.places, self.pin.service)
        return Shadowing(
            self.pin,
            tuple(shadows),
            self._value,
            self.own,
            tuple(entry.path for entry in feed.env_files if entry.path is not None),
            self.pin.variable in self.ctx.environ,
        )

    @property
    def _merged(self) -> bool:
        """Whether this Compose shows what the env files give (2.24.7 does not)."""
        return self.effective.env_files is None

    @property
    def _value(self) -> str | None:
        """What the container gets, as far as this Compose shows it."""
        environment = self.effective.environment
        return environment.get(self.pin.variable, None if self._merged else self.own)

    def _in_environment(self) -> Iterator[Shadow]:
        """``environment:`` names the variable, in whatever form."""
        variable, told = self.pin.variable, self.declared.environment
        if told is not None and variable not in told:
            return
        entry = self.places.environment(self.pin.service, variable)
        if told is None and entry is None:
            if not self.places.known:
                raise self._silent("what feeds")
            return
        written = entry.value if entry is not None else told[variable] if told else None
        yield Shadow(
            ShadowKind.ENVIRONMENT,
            path=entry.path if entry else None,
            line=entry.line if entry else None,
            names=names_outside(variable, written),
            sources=self._sources(written),
            bare=written is None,
        )

    def _silent(self, what: str) -> CouldNotLook:
        return CouldNotLook(
            f"this Compose does not say {what} {self.pin.service}", "Install a newer Compose (see compose-version)."
        )

    def _sources(self, written: str | None) -> tuple[ValueSource, ...]:
        """Say where the value of an entry of ``environment:`` comes from."""
        names = names_outside(self.pin.variable, written)
        if not names:
            return (ValueSource(SourceKind.LITERAL),)
        given = self.effective.environment.get(self.pin.variable)
        found = tuple(source for name in names if (source := self._find(name)))
        if given and given == _with_defaults(written or ""):
            return (ValueSource(SourceKind.DEFAULT, names[0]),)  # also where a name is set to nothing
        if found:
            return found
        return (ValueSource(SourceKind.ELSEWHERE if given else SourceKind.NOTHING, names[0]),)

    def _find(self, name: str) -> ValueSource | None:
        files = self.ctx.project.files or find_files(self.ctx.project, self.ctx.environ).files
        return find_source(name, self.ctx.environ, interpolation_files(self.ctx.project, self.ctx.environ, files))

    def _feed(self) -> Feed:
        """Return ``env_file:`` of the service as Compose has it, with all paths resolved."""
        items = self.declared.env_files
        written = self.places.env_files(self.pin.service)
        if items is None or len(items) == len(written):  # Compose cleans a path before it interpolates: `${D}/../x`
            if not written and not self.places.known:
                raise self._silent("which env files feed")
            return Feed(self.pin.variable, tuple(self._written(entry) for entry in written))
        open_items = {
            str(place): item.path
            for place, item in enumerate(items)
            if item.is_open and not Path(item.path).exists()  # a folder's own name may hold a `$`
        }
        resolved = (
            interpolated(self.ctx.doors.compose, self.pin.service, open_items, self.ctx.deadline) if open_items else {}
        )
        return Feed(
            self.pin.variable, tuple(self._env_file(item, resolved.get(str(at))) for at, item in enumerate(items))
        )

    def _env_file(self, item: EnvFileItem, resolved: str | None) -> EnvFileFeed:
        if resolved is not None:
            path, names = Path(resolved), mentioned(item.path)
            if not same_file(path, self.pin.file):
                base = self.ctx.project.base
                show_as_written(path, item.path.removeprefix(f"{base}/"), base)
        else:
            written = Path(item.path)  # a `$` may be part of a folder's own name
            path, names = written if written.exists() else item.file, ()
        return EnvFileFeed(item.path, path, names, same_file(path, self.pin.file), format=item.format)

    def _written(self, entry: EnvFileEntry) -> EnvFileFeed:
        """Return an entry as it stands in the compose file."""
        path = self.places.path_now(entry)
        if path is not None and mentioned(entry.text) and not same_file(path, self.pin.file):
            show_as_written(path, entry.text, self.ctx.project.base)  # the variable may be a secret
        return EnvFileFeed(
            entry.text,
            path,
            entry.depends_on,
            path is not None and same_file(path, self.pin.file),
            format=entry.format or "",
            place=(entry.file, entry.line),
            key=entry.now or "",
        )

    def _in_env_files(self, feed: Feed) -> Iterator[Shadow]:
        entry = feed.pin
        if entry is None:
            yield self._not_listed(feed)
            return
        if not self.pin.file.exists():
            yield Shadow(ShadowKind.MISSING, path=self.pin.file)
        else:
            yield from self._in_pin_file(feed.before_pin, raw=self._is_raw(entry))
            yield from self._open_format(entry)
        for later in feed.after_pin:
            yield from self._in_later(later, feed)
        for each in open_entries(feed, self._gives):
            yield self._open(each)

    def _not_listed(self, feed: Feed) -> Shadow:
        unclear = (entry for entry in feed.env_files if entry.names and entry.path and not entry.path.exists())
        variable_path = next(unclear, None)
        if self._merged and variable_path is not None and self._value is not None and self._value == self.own:
            # the pin arrives through a path that only Compose can tell: one in an include with its own env file
            return self._open(variable_path)
        path, line = self.places.service(self.pin.service) or (None, None)
        names = tuple(name for entry in feed.env_files for name in entry.names)
        return Shadow(ShadowKind.NOT_LISTED, path=path, line=line, names=names)

    def _open(self, entry: EnvFileFeed) -> Shadow:
        sources = tuple(source for name in entry.names if (source := self._find(name)))
        path, line = entry.place or (None, None)
        return Shadow(
            ShadowKind.OPEN_PATH,
            overrides=False,
            path=path,
            line=line,
            names=entry.names,
            sources=sources,
        )

    def _in_pin_file(self, earlier: tuple[EnvFileFeed, ...], *, raw: bool) -> Iterator[Shadow]:
        assignment = self._assignment(self.pin.file, raw=raw)
        line = assignment.line if assignment else None
        if assignment is not None and assignment.references:
            yield self._referring(assignment, earlier)
        elif self.own is None:
            bare = assignment is not None and assignment.value is None
            yield Shadow(ShadowKind.UNDEFINED, path=self.pin.file, line=line, bare=bare)
        elif assignment is not None and assignment.value is None:
            yield self._bare(self.pin.file, assignment.line)

    def _is_raw(self, entry: EnvFileFeed) -> bool:
        return self.places.interpolated(entry.format) == "raw" if "$" in entry.format else entry.format == "raw"

    def _open_format(self, entry: EnvFileFeed) -> Iterator[Shadow]:
        """A variable decides how a file is read, and the two ways of reading it differ."""
        if names := mentioned(entry.format):
            path = entry.path or self.pin.file
            try:
                raw, usual = (self._assignment(path, raw=each) for each in (True, False))
                differ = (raw and raw.value) != (usual and usual.value)
            except CouldNotLook:
                differ = True
            if differ:
                place = entry.place or (None, None)
                yield Shadow(ShadowKind.OPEN_FORMAT, overrides=False, path=place[0], line=place[1], names=names)

    def _at_up(self) -> Iterator[Shadow]:
        """Models and providers put variables into the container at ``up``."""
        compose, service = self.ctx.doors.compose, self.pin.service
        written = compose.config(self.ctx.deadline, interpolate=False).services.get(service)
        services = compose.config(self.ctx.deadline).services
        path, line = self.places.service(service) or (None, None)
        for shadow in set_at_up(self.pin.variable, self.effective, written, services):
            yield replace(shadow, path=path, line=line)

    def _gives(self, entry: EnvFileFeed) -> bool:
        """Whether an env file names the variable, with a value or without."""
        there = entry.path is not None and entry.path.exists()
        return there and self._assignment(entry.path or self.pin.file, raw=self._is_raw(entry)) is not None

    def _referring(self, assignment: Assignment, earlier: tuple[EnvFileFeed, ...]) -> Shadow:
        """The pin's own value names other variables."""
        names = assignment.references
        sources = [source for name in names if (source := self._find(name))]
        files = {entry.path: entry.format for entry in earlier if entry.path is not None}
        for path, kind in files.items():
            for name in names:
                found = read_quietly(path, raw=kind == "raw").last(name)
                if found is not None and found.value:
                    sources.append(ValueSource(SourceKind.FILE, name, path, found.line))
        changed = self._merged and self._value != self.own
        fed_by_file = any(source.path in files for source in sources if source.path)
        return Shadow(
            ShadowKind.REFERENCE,
            overrides=changed or fed_by_file or self._any_set(names),
            path=self.pin.file,
            line=assignment.line,
            names=names,
            sources=tuple(sources),
        )

    def _any_set(self, names: tuple[str, ...]) -> bool:
        """Ask Compose whether one of the names is set for interpolation, and not to nothing."""
        texts = {name: f"${{{name}:+set}}" for name in names}
        try:
            return any(self._interpolated(texts).values())
        except CouldNotLook:  # 2.24.1 refuses a second file for a service that comes through `include:`
            if not self.places.known:
                raise
            return any(self.places.interpolated(text) for text in texts.values())

    def _interpolated(self, texts: Mapping[str, str]) -> Mapping[str, str]:
        return interpolated(self.ctx.doors.compose, self.pin.service, texts, self.ctx.deadline)

    def _bare(self, path: Path, line: int) -> Shadow:
        """An env file names the variable without a value: then the shell's counts."""
        variable = self.pin.variable
        source = self._find(variable)
        return Shadow(
            ShadowKind.LATER_BARE,
            overrides=self._takes(source),
            path=path,
            line=line,
            names=(variable,),
            sources=(source,) if source else (),
            bare=True,
        )

    def _takes(self, source: ValueSource | None) -> bool:
        """Whether a bare name takes what the shell or ``.env`` says: 2.40.3 does, 2.29.7 does not."""
        if source is None or not self._merged:
            return source is not None  # not shown; better too strict
        if source.kind is SourceKind.SHELL:
            return self._value == self.ctx.environ[self.pin.variable]
        return self._value == self._interpolated({"value": f"${{{self.pin.variable}}}"})["value"]

    def _is_overridden_by(self, later: Assignment) -> bool:
        """Whether this Compose lets a later file count: 2.24.1 takes a pin file that is listed twice at both places."""
        return not self._merged or self._value != self.own or later.value == self.own

    def _in_later(self, later: EnvFileFeed, feed: Feed) -> Iterator[Shadow]:
        """An env file after the pin's."""
        if later.path is not None and later.path.exists():
            assignment = self._assignment(later.path, raw=self._is_raw(later), known=self._known_before(later, feed))
            if assignment is not None and assignment.value is None:
                yield self._bare(later.path, assignment.line)
                return
            if assignment is not None:
                overrides = self._is_overridden_by(assignment)
                yield Shadow(ShadowKind.LATER_FILE, overrides, path=later.path, line=assignment.line)
                return
            yield from self._open_format(later)

    def _known_before(self, later: EnvFileFeed, feed: Feed) -> Mapping[str, str]:
        """Return what earlier env files define: a later one can interpolate it."""
        known: dict[str, str] = {}
        for each in feed.in_effect[: feed.in_effect.index(later)]:
            if each.path is not None:
                assignments = read_quietly(each.path, raw=self._is_raw(each)).assignments
                known |= {one.name: one.value for one in assignments if one.value is not None}
        return known

    def _assignment(self, path: Path, *, raw: bool, known: Mapping[str, str] = _NOTHING) -> Assignment | None:
        """Return what counts for the variable in an env file; ``known`` is what earlier ones define.

        Raises:
            CouldNotLook: It cannot be read here.
        """
        if is_none(path):
            return None
        outside = {**known, **find_files(self.ctx.project, self.ctx.environ).environ}
        data = read_bytes(path, limit=MAX_BYTES, what="the env file")
        text = data.decode("utf-8", "surrogateescape")  # Compose does not mind what encoding a comment has
        try:
            assignments = parse_env(text, raw=raw, outside=outside)
        except EnvFileSyntaxError as error:
            raise CouldNotLook(f"{self.ctx.at(path, error.line)}: {error.reason}", "Correct that line.") from error
        cut_off = text.count("\n") + 1  # Compose ignores a bare name on a last line that has no line end
        counted = tuple(each for each in assignments if each.value is not None or each.line != cut_off)
        return EnvFile(path, counted).last(self.pin.variable)


def _with_defaults(text: str) -> str | None:
    """Return a text with nothing set at all; ``None`` where Compose would refuse it."""
    try:
        return expand(text, lambda _: None)
    except TemplateProblem:
        return None

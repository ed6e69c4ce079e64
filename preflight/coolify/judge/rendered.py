"""What Coolify made of a service: the file it deployed against the repository's, and the files that it names there."""

import os.path
from enum import StrEnum
from pathlib import Path

from preflight.compose.read.entries import EnvironmentEntry
from preflight.compose.read.feed import EnvFileFeed, read_feed
from preflight.compose.read.locate import ComposeSource
from preflight.context import Context
from preflight.coolify.host.deployed import Deployed
from preflight.coolify.judge.location import find_copy_elsewhere, location_of
from preflight.coolify.judge.parser_rules import is_filled_from_ui
from preflight.coolify.judge.previews import preview_of, preview_that_overwrote
from preflight.coolify.judge.remedies import base_directory
from preflight.coolify.resource import Resource
from preflight.envfile import MAX_BYTES, read_env_file
from preflight.errors import CouldNotLook
from preflight.git.model import Commit
from preflight.lib.files import is_regular_file, read_bytes
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.pins.history import read_past
from preflight.pins.value import past_value_in
from preflight.project import Pin


class Copy(StrEnum):
    """What lies where the deployed file names the pin file."""

    SAME = "the same bytes as in the checkout"
    SAME_VALUE = "other bytes, the same pin"
    BEFORE = "an older pin, deployed before it changed"
    STALE = "an older pin, although deployed since it changed"
    OTHER = "what the pin file never said"
    MISSING = "nothing"
    FOLDER = "a folder"
    IRREGULAR = "no regular file"
    UNCLEAR = "a path that depends on a variable"


@frozen
class Overriding:
    """An entry of the deployed ``environment:`` that overrides every env file.

    Args:
        entry: The entry.
        from_build: A build argument of the repository's, which Coolify merges there (P 715-716, 1455).
        was_bare: The repository names it without a value, of which Coolify makes an empty one (SH 4084-4091).
        in_repository: The repository has it too.
    """

    entry: EnvironmentEntry
    from_build: bool
    was_bare: bool
    in_repository: bool


@frozen
class Rendered:
    """What was found about one pin.

    Args:
        pin: The pin.
        file: The deployed compose file.
        has_service: Whether it has the service.
        is_empty: Whether it has no service at all: Coolify's YAML reader refused the repository's.
        written: ``env_file:`` of the repository, as written.
        deployed: ``env_file:`` of the deployed file, as written.
        only_own: Whether that is Coolify's own ``.env`` and nothing else.
        entry: The deployed entry for the pin file.
        copy: What lies there.
        commit: The commit whose pin file lies there, if it is an older one.
        elsewhere: Where a copy of the pin file lies instead, from the resource's folder.
        to_place: The settings with which the copy lies where Compose looks, in words.
        later: An env file that is read after the pin file and sets the variable too; never Coolify's own.
        own_last: Coolify's own ``.env`` is read after the pin file.
        overriding: What in ``environment:`` overrides it.
        preview: The pull request whose preview was deployed last, over production's files; "" if production was.
        diff: Lines that begin with "+", "-" or " ": names only, no value.
        rewritten: The next deployment brings today's pin file to that place, as far as anything here tells.
    """

    pin: Pin
    file: Path
    has_service: bool
    is_empty: bool
    written: tuple[str, ...]
    deployed: tuple[str, ...]
    only_own: bool
    entry: EnvFileFeed | None
    copy: Copy | None
    commit: Commit | None
    elsewhere: Path | None
    to_place: str
    later: Path | None
    own_last: bool
    overriding: Overriding | None
    preview: str
    diff: tuple[str, ...]
    rewritten: bool = False


def look_at_rendered(ctx: Context, pin: Pin) -> Rendered:
    """Compare the deployed file with the repository's, for the service of one pin.

    Raises:
        DoesNotApply: Coolify does not deploy it here.
        NeverDeployed: It was never deployed.
        CouldNotLook: Which resource cannot be told, or something cannot be read.
    """
    coolify = ctx.doors.coolify
    resource = coolify.resource(pin.service, ctx.deadline)
    deployed = coolify.deployed(resource, ctx.deadline)
    return _Comparison(ctx, pin, resource, deployed, ctx.doors.compose.source(ctx.deadline)).rendered()


class _Comparison:
    """Compares what feeds one pin."""

    def __init__(
        self, ctx: Context, pin: Pin, resource: Resource, deployed: Deployed, repository: ComposeSource
    ) -> None:
        self._ctx, self._pin, self._resource = ctx, pin, resource
        self._deployed, self._repository = deployed, repository
        self._feed, self._feed_of_repository = read_feed(deployed.source, pin, copied=True), read_feed(repository, pin)

    def rendered(self) -> Rendered:
        feed, pin = self._feed, self._feed.pin
        path = None if pin is None else pin.path
        copy, commit = (None, None) if pin is None else self._copy(path)
        is_lost = pin is not None and copy is not Copy.SAME
        elsewhere = find_copy_elsewhere(self._resource.folder, self._pin.file, path) if is_lost else None
        later = (each.path for each in feed.after_pin if each.path is not None and not each.is_dotenv)
        return Rendered(
            pin=self._pin,
            file=self._deployed.file,
            has_service=self._pin.service in self._deployed.source.services(),
            is_empty=not self._deployed.source.services(),
            written=tuple(each.text for each in self._feed_of_repository.env_files),
            deployed=tuple(each.text for each in feed.env_files),
            only_own=feed.is_dotenv_alone,
            entry=pin,
            copy=copy,
            commit=commit,
            elsewhere=elsewhere,
            to_place=base_directory(location_of(self._repository)),
            later=next((each for each in later if self._sets(each)), None),
            own_last=pin is not None and feed.dotenv_overrides(pin),
            overriding=self._overriding(),
            preview=preview_that_overwrote(self._deployed, self._pin.service),
            diff=self._diff(),
            rewritten=copy is Copy.BEFORE or (elsewhere is None and copy is not None and self._is_rewritten(copy)),
        )

    def _is_rewritten(self, copy: Copy) -> bool:
        """Whether the next deployment copies the repository to where the last one left a copy that differs.

        A copy that the last deployment left alone, although it was to bring it, tells that nothing copies it; except
        where the settings were changed since.
        """
        try:
            mode = self._ctx.doors.coolify.mode(self._resource, self._ctx.deadline)
        except CouldNotLook:
            return False
        if not mode.coming.copies_repository or copy in {Copy.FOLDER, Copy.IRREGULAR}:
            return False
        return mode.next is not None or copy is Copy.OTHER or (copy is Copy.MISSING and self._is_younger())

    def _is_younger(self) -> bool:
        """Whether the pin file came to be after the last deployment."""
        past = read_past(self._ctx, self._pin)
        first = past.commits[-1].when if past.commits else past.changed
        return self._deployed.file.stat().st_mtime < first.timestamp()

    def _copy(self, path: Path | None) -> tuple[Copy, Commit | None]:
        if path is None:
            return Copy.UNCLEAR, None
        if is_regular_file(path):
            return self._content(path)
        if path.is_dir():
            return Copy.FOLDER, None
        return (Copy.IRREGULAR if os.path.lexists(path) else Copy.MISSING), None

    def _content(self, path: Path) -> tuple[Copy, Commit | None]:
        there = read_bytes(path, limit=MAX_BYTES, what="the deployed pin file")
        here = read_bytes(self._pin.file, limit=MAX_BYTES, what="the pin file")
        if there == here:
            return Copy.SAME, None
        values = [past_value_in(data.decode("utf-8-sig", "replace"), self._pin.variable) for data in (there, here)]
        if values[0] is not None and values[0] == values[1]:
            return Copy.SAME_VALUE, None
        past = read_past(self._ctx, self._pin)
        commit = next((each for each in past.commits if each.text.encode() == there), None)
        if commit is None:
            return Copy.OTHER, None
        before = self._deployed.file.stat().st_mtime < past.changed.timestamp()
        return (Copy.BEFORE if before else Copy.STALE), commit

    def _sets(self, path: Path) -> bool:
        """Whether an env file is there and sets the pin's variable.

        Raises:
            CouldNotLook: It is there and cannot be read.
        """
        return is_regular_file(path) and read_env_file(path).last(self._pin.variable) is not None

    def _overriding(self) -> Overriding | None:
        entry, ours = self._feed.environment, self._feed_of_repository.environment
        if entry is None or (self._ctx.doors.coolify.settings.pin_in == "ui" and self._follows_ui(entry)):
            return None
        return Overriding(
            entry,
            from_build=ours is None and self._feed_of_repository.build_arg is not None,
            was_bare=ours is not None and not ours.has_value,
            in_repository=ours is not None,
        )

    def _follows_ui(self, entry: EnvironmentEntry) -> bool:
        """Whether a deployed entry takes the UI's variable, or is the value that Coolify wrote out of it."""
        if self._feed.is_from_outside:
            return True
        if not is_filled_from_ui(self._feed_of_repository):
            return False
        variables = self._deployed.variables
        if variables is None or preview_of(variables):
            return True  # what the UI said is not known; coolify-ui-shadowing tells of that
        return variables.value(self._pin.variable) == entry.value

    def _diff(self) -> tuple[str, ...]:
        service = self._pin.service
        before, after = ([each.text for each in feed.env_files] for feed in (self._feed_of_repository, self._feed))
        ours, theirs = (
            list(dict.fromkeys(each.name for each in source.environment(service)))
            for source in (self._repository, self._deployed.source)
        )
        return ("env_file:", *_compared(before, after), "environment:", *_compared(ours, theirs))


def _compared(before: list[str], after: list[str]) -> list[str]:
    gone = [f"- {printable(each, 120)}" for each in before if each not in after]
    return gone + [f"{' ' if each in before else '+'} {printable(each, 120)}" for each in after]

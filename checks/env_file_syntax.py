"""The service lists the pin file in long form, the override after it, and nothing after both."""

import os.path
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Failure,
    Finding,
    Json,
    Location,
    Need,
    NoSettings,
    Pin,
    Status,
    Subject,
    could_not_look,
    passed,
    skipped,
)
from preflight.coolify.settings import is_left_to_ui
from preflight.envfile import read_env_file
from preflight.lib.files import same_file
from preflight.lib.nearest import nearest
from preflight.lib.text import printable
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.pins.guess import overrides_of

if TYPE_CHECKING:
    from preflight.compose.read.entries import EnvFileEntry
    from preflight.compose.read.locate import ComposeSource

_KEYS = ("path", "required", "format")
_TRUE = frozenset({"true", "yes", "y", "on"})
_FALSE = frozenset({"false", "no", "n", "off"})
_LONG_FORM = "Write it as `- path: {path}` with `required: false` below `path`."
_OPTIONAL = "Write `required: false`, without quotes."

NO_SERVICE = Failure(
    "no-service",
    "The compose files have no such service.",
    "Correct the service under pins: in preflight.yaml, or the compose files.",
)
NOT_LISTED = Failure(
    "not-listed",
    "`env_file:` of the service does not list the pin file.",
    "Add `- {path: FILE, required: false}` to env_file of the service.",
)
OTHER_FILE = Failure(
    "other-file",
    "An entry has the name of the pin file, but means a file in another folder.",
    "Correct the path: it is relative to the project directory.",
)
UNKNOWN_PATH = Failure(
    "unknown-path",
    "A variable that is not set decides whether an entry means the pin file.",
    "Write the path out.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
OPEN_PATH = Failure(
    "open-path", "A variable decides which file an entry means.", "Write the path out.", Status.WARN, Status.WARN
)
SHORT_FORM = Failure(
    "short-form",
    "An entry has the short form (env_file: FILE, or - FILE), so Compose stops where the file is missing.",
    _LONG_FORM.format(path="FILE"),
)
LISTED_TWICE = Failure(
    "listed-twice", "The pin file is listed twice.", "Delete one of the two entries; the last one counts."
)
OVERRIDE_FIRST = Failure(
    "override-first",
    "The override stands before the pin file, which then overrides it.",
    "Move the override behind the pin file: a later file overrides an earlier one.",
)
LATER_FILE = Failure(
    "later-file",
    "Another env file stands after the pin file, and can override it.",
    "Move it in front of the pin file; a developer's own override is named under `overrides:` of the pin.",
)
OVERRIDE_REQUIRED = Failure("override-required", "An override, which production does not have, is required.", _OPTIONAL)
PIN_REQUIRED = Failure(
    "pin-required",
    "The pin file is required, so a deployment stops half way where it is missing.",
    _OPTIONAL,
    Status.WARN,
    Status.WARN,
)
REQUIRED_TEXT = Failure(
    "required-text",
    "`required:` is a string, which Compose 2.24 refuses.",
    _OPTIONAL,
    Status.WARN,
    Status.WARN,
)
REQUIRED_UNKNOWN = Failure("required-unknown", "`required:` is neither true nor false.", _OPTIONAL)
UNKNOWN_KEY = Failure(
    "unknown-key", "An entry has an unknown key.", "Correct or delete the key; path, required and format are known."
)
UNKNOWN_FORMAT = Failure("unknown-format", "`format:` is not raw.", "Write `format: raw`, or leave the key out.")
RAW_VALUE = Failure(
    "raw-value",
    "`format: raw` takes quotes, spaces, comments or $ into the value of the pin.",
    "Delete `format: raw`, or write NAME=value without them.",
)
OVERRIDE_NOT_LISTED = Failure(
    "override-not-listed",
    "The service does not list an override that the configuration names.",
    "List it after the pin file, or take it out of the configuration.",
    Status.WARN,
    Status.WARN,
)
REFUSED = Failure("refused", "Compose refuses the compose files.", "Correct what Compose names.")
READ_DIFFERENTLY = Failure(
    "read-differently",
    "Compose sees other env files than this check reads in the compose files.",
    "Compare with `docker compose config --no-interpolate`, and report this as a bug.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)


class EnvFileSyntax(Check[NoSettings]):
    """`env_file:` of the service is written so that the pin file counts, on this host and in production.

    What counts is what Compose merges from all files; a finding says where the entry stands. The reading is our
    own, and is held against Compose's list of files: where the two differ, there is no verdict.
    """

    about = About(
        id="env-file-syntax",
        title="The service lists the pin file, then the override, then nothing",
        area=Area.COMPOSE,
        tags=frozenset({"compose", "pin"}),
        needs=frozenset({Need.PIN, Need.COMPOSE}),
        asks=(
            "Does env_file of the service list the pin file in long form with required: false, any override after it, "
            "and nothing after both?"
        ),
        why=(
            "A later env file overrides an earlier one. A file that is listed as required and missing stops the "
            "deployment half way, after the old containers are gone."
        ),
        failures=(
            NO_SERVICE,
            NOT_LISTED,
            OTHER_FILE,
            UNKNOWN_PATH,
            OPEN_PATH,
            SHORT_FORM,
            LISTED_TWICE,
            OVERRIDE_FIRST,
            LATER_FILE,
            OVERRIDE_REQUIRED,
            PIN_REQUIRED,
            REQUIRED_TEXT,
            REQUIRED_UNKNOWN,
            UNKNOWN_KEY,
            UNKNOWN_FORMAT,
            RAW_VALUE,
            OVERRIDE_NOT_LISTED,
            REFUSED,
            READ_DIFFERENTLY,
        ),
    )

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge each pin; what holds for several pins of one service is said once."""
        said: list[Finding] = []
        for pin in ctx.pins:
            try:
                findings = [*_Judge(ctx, ctx.doors.compose.source(ctx.deadline), pin).findings()]
            except ComposeFileProblem as problem:
                findings = [_unreadable(ctx, problem)]
            new = [finding for finding in findings if finding not in said]
            said += new
            yield from new


def _unreadable(ctx: Context, problem: ComposeFileProblem) -> Finding:
    """Judge what our reader refuses: a failure only if Compose refuses it too."""
    at, subject = ctx.at(problem.path, problem.line), Subject("file", ctx.show(problem.path))
    if problem.too_much:
        return could_not_look(problem.problem, subject, hint=problem.hint, at=at)
    try:
        refusal = ctx.doors.compose.config(ctx.deadline).refusal
    except CouldNotLook as error:
        return could_not_look(problem.problem, subject, hint=problem.hint, at=at, compose=error.message)
    if refusal is None:
        hint = "Compose reads it, this check does not: write it in a simpler way."
        return could_not_look(problem.problem, subject, hint=hint, at=at)
    return ctx.found(REFUSED, problem.problem, subject, hint=problem.hint, at=at, compose=refusal.message)


class _Judge:
    """Judges the entries of one pin's service."""

    def __init__(self, ctx: Context, source: "ComposeSource", pin: Pin) -> None:
        self._ctx, self._source, self._pin = ctx, source, pin
        self._entries = source.env_file_entries(pin.service)
        self._paths = [source.path_now(entry) for entry in self._entries]
        listed = [path for path in self._paths if path is not None]
        self._overrides = pin.overrides or overrides_of(pin.file, listed)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; the good case only when nothing is."""
        if self._source.service_line(self._pin.service) is None:
            yield self._no_service()
            return
        found = [*self._entry_findings(), *self._order_findings()]
        if not any(finding.status in {Status.FAIL, Status.ERROR} for finding in found):
            found += self._compose_findings()
        yield from found or [self._good()]

    def _no_service(self) -> Finding:
        name = printable(self._pin.service, 60)
        services = self._source.services()
        listed = ", ".join(printable(service, 40) for service in services[:8]) or "none"
        return self._ctx.found(
            NO_SERVICE,
            f"there is no service {name}{nearest(self._pin.service, services)}",
            self._service(),
            hint=f"Correct the service under pins: in preflight.yaml. There are: {listed}.",
            at=self._ctx.at(self._source.files[0]),
        )

    def _good(self) -> Finding:
        entry = self._entries[self._at_pin()[-1]]
        after = self._paths[self._at_pin()[-1] + 1 :]  # overrides, and another pin's files
        later = zip(self._entries[self._at_pin()[-1] + 1 :], after, strict=True)
        then = [self._name(entry, path) for entry, path in later if path is not None]
        order = " then ".join([self._show(self._pin.file), *then])
        message = f"nothing comes after the pin file: {self._pin.service} lists {order}"
        return passed(message, self._service(), at=self._at(entry), **self._evidence(entry))

    # -- one entry ---------------------------------------------------------------------------------------------

    def _entry_findings(self) -> Iterator[Finding]:
        for entry, path in zip(self._entries, self._paths, strict=True):
            yield from self._keys(entry, path)
            if path is None or not (self._is_pin(path) or self._is_override(path)):
                continue
            if "$" in entry.text.replace("$$", ""):
                written = printable(entry.text, 80)
                message = f"{self._show(path)} is listed as {written}: a variable decides which file it is"
                yield self._found(OPEN_PATH, entry, path, message)
            if self._is_pin(path):
                yield from self._raw(entry, path)
            if entry.form == "long":
                yield from self._required(entry, path)
            else:
                yield self._short(entry, path)

    def _keys(self, entry: "EnvFileEntry", path: Path | None) -> Iterator[Finding]:
        for key, line in entry.unknown_keys:
            message = f"unknown key {printable(key, 40)} in an env_file entry of {self._pin.service}"
            yield self._found(UNKNOWN_KEY, entry, path, f"{message}{nearest(key, _KEYS)}", line=line)
        kind = entry.format if entry.format is None else self._source.interpolated(entry.format)
        if entry.format is not None and kind not in {"raw", ""}:
            message = f"unknown format {printable(entry.format, 40)} in an env_file entry of {self._pin.service}"
            yield self._found(UNKNOWN_FORMAT, entry, path, message)

    def _raw(self, entry: "EnvFileEntry", path: Path) -> Iterator[Finding]:
        """Judge ``format: raw``: to that reader, quotes and comments are part of the value."""
        if entry.format is None or self._source.interpolated(entry.format) != "raw":
            return
        try:
            usual, literal = (read_env_file(self._pin.file, raw=raw).last(self._pin.variable) for raw in (False, True))
        except CouldNotLook:
            return  # pin-file and env-shadowing tell of that
        if (usual and usual.value) != (literal and literal.value):
            message = f"format: raw takes quotes, spaces, comments and $ into the value of {self._pin.variable}"
            yield self._found(RAW_VALUE, entry, path, message)

    def _short(self, entry: "EnvFileEntry", path: Path) -> Finding:
        written = "as plain text (env_file: FILE)" if entry.form == "string" else "in short form (- FILE)"
        missing = "; it may be missing, and then Compose stops" if self._is_override(path) else ""
        message, hint = f"{self._show(path)} is listed {written}{missing}", _LONG_FORM.format(path=self._written(entry))
        return self._found(SHORT_FORM, entry, path, message, hint=hint)

    def _required(self, entry: "EnvFileEntry", path: Path) -> Iterator[Finding]:
        """Judge ``required`` by what Compose makes of it (measured with 2.24.1, 2.24.7, 2.29.7 and 2.40.3)."""
        name = self._show(path)
        value = "true" if entry.required is None else self._source.interpolated(entry.required)
        word = (value or "").lower()
        if word in _FALSE:
            if not entry.required_is_boolean:
                message = f"required of {name} is a string, not a boolean: Compose 2.24 refuses that"
                yield self._found(REQUIRED_TEXT, entry, path, message)
        elif word not in _TRUE:
            yield self._found(REQUIRED_UNKNOWN, entry, path, f"required of {name} is neither true nor false")
        elif self._is_override(path):
            what = "required" if entry.required is not None else "required by default"
            message = f"{name} may be missing, and is {what}: Compose then stops"
            yield self._found(OVERRIDE_REQUIRED, entry, path, message)
        else:
            message = f"{name} is required: if it is ever missing, a deployment stops half way"
            yield self._found(PIN_REQUIRED, entry, path, message)

    # -- all entries -------------------------------------------------------------------------------------------

    def _order_findings(self) -> Iterator[Finding]:
        at_pin = self._at_pin()
        if not at_pin:
            yield self._not_listed()
            return
        for index in at_pin[:-1]:
            again = self._at(self._entries[at_pin[-1]])
            message = f"{self._show(self._pin.file)} is listed twice, again at {again}"
            yield self._found(LISTED_TWICE, self._entries[index], self._pin.file, message)
        last = at_pin[-1]
        for index, (entry, path) in enumerate(zip(self._entries, self._paths, strict=True)):
            yield from self._place(index, last, entry, path)
        yield from self._unlisted_overrides()

    def _place(self, index: int, pin: int, entry: "EnvFileEntry", path: Path | None) -> Iterator[Finding]:
        pin_file, is_override = self._show(self._pin.file), path is not None and self._is_override(path)
        name = self._name(entry, path)
        if index < pin and is_override:
            message = f"{name} stands before {pin_file}, which then overrides it"
            yield self._found(OVERRIDE_FIRST, entry, path, message)
        if index > pin and not is_override and not self._is_of_another_pin(path):
            yield self._found(LATER_FILE, entry, path, f"{name} is listed after {pin_file}, and can override it")

    def _not_listed(self) -> Finding:
        pin, service = self._show(self._pin.file), printable(self._pin.service, 60)
        for entry, path in zip(self._entries, self._paths, strict=True):
            if path is not None and path.name == self._pin.file.name:
                message = f"{printable(entry.text, 60)} means {self._name(entry, path, 'another file')}, not {pin}"
                folder = printable(str(self._source.folder), 120)
                hint = f"Relative paths start at {folder}: write {self._relative()}."
                return self._found(OTHER_FILE, entry, path, message, hint=hint)
        pairs = zip(self._entries, self._paths, strict=True)
        unclear = next((entry for entry, path in pairs if path is None and entry.text), None)
        if unclear is not None:
            text = printable(unclear.text, 80)
            message = f"which file {text} is depends on a variable; {pin} is not listed otherwise"
            return self._ctx.found(UNKNOWN_PATH, message, self._subject(unclear, None), at=self._at(unclear))
        if is_left_to_ui(self._ctx.doors.coolify.settings, [path for path in self._paths if path is not None]):
            return skipped(
                f"{service} reads Coolify's own .env alone: it gets the pin from the UI (pin_in: ui), not from {pin}",
                self._service(),
                hint="The check coolify-ui-shadowing compares the two.",
            )
        return self._ctx.found(
            NOT_LISTED,
            f"{service} does not list {pin}",
            self._service(),
            hint=f"Add `- {{path: {self._relative()}, required: false}}` to env_file of {service}.",
            at=self._service_at(),
            listed=[printable(entry.text, 120) for entry in self._entries],
        )

    def _unlisted_overrides(self) -> Iterator[Finding]:
        for override in self._overrides:
            if not any(path is not None and same_file(path, override) for path in self._paths):
                name = self._show(override)
                yield self._ctx.found(
                    OVERRIDE_NOT_LISTED,
                    f"{self._pin.service} does not list the override {name}",
                    Subject("file", name),
                    hint=f"List it after {self._show(self._pin.file)}, or take it out of the configuration.",
                    at=self._service_at(),
                )

    # -- Compose's own word ------------------------------------------------------------------------------------

    def _compose_findings(self) -> Iterator[Finding]:
        """Hold our reading against Compose's, where there is a Compose to ask."""
        compose, deadline = self._ctx.doors.compose, self._ctx.deadline
        try:
            answer = compose.config(deadline, interpolate=False)
            # without interpolation Compose cannot follow an include or extends with a variable in its path
            refusal = answer.refusal and compose.config(deadline).refusal
        except CouldNotLook:
            return  # compose-version tells of that; the files themselves were read
        if refusal is not None:
            where = refusal.path
            yield self._ctx.found(
                REFUSED,
                f"Compose refuses the project: {refusal.message}",
                Subject("file", self._ctx.show(where)) if where is not None else self._service(),
                hint=refusal.hint,
                at=self._ctx.at(where, refusal.line) if where is not None else self._service_at(),
            )
            return
        service = answer.services.get(self._pin.service)
        if service is None or service.env_files is None:
            return  # its profile is off, or this Compose (2.24.1) does not tell
        theirs = [None if item.is_open else item.file for item in service.env_files]
        as_written = [Path(item.path) for item in service.env_files]  # a folder may have a `$` in its name
        ours = [entry.path for entry in self._entries]
        if ours not in (theirs, as_written):
            yield self._ctx.found(
                READ_DIFFERENTLY,
                f"Compose sees other env files for {self._pin.service} than this check reads",
                self._service(),
                hint=f"See `{compose.command('config', '--no-interpolate')}`; report this as a bug.",
                at=self._service_at(),
                compose=[printable(item.path) for item in service.env_files],
                read=[printable(str(path)) for path in self._paths],
            )

    # -- words -------------------------------------------------------------------------------------------------

    def _at_pin(self) -> list[int]:
        return [index for index, path in enumerate(self._paths) if path is not None and self._is_pin(path)]

    def _is_pin(self, path: Path) -> bool:
        return same_file(path, self._pin.file)

    def _is_of_another_pin(self, path: Path | None) -> bool:
        """Whether a file is another pin's of the service, or its override; env-shadowing sees what it sets."""
        if path is None:
            return False
        others = [each for each in self._ctx.pins if each.service == self._pin.service and not self._is_pin(each.file)]
        files = {each.file for each in others}
        files |= {file for each in others for file in each.overrides or overrides_of(each.file, [path])}
        return any(same_file(path, each) for each in files)

    def _is_override(self, path: Path) -> bool:
        return any(same_file(path, override) for override in self._overrides)

    def _show(self, path: Path) -> str:
        return printable(self._ctx.show(path), 90)

    def _name(self, entry: "EnvFileEntry", path: Path | None, instead: str = "") -> str:
        """Return the file of an entry; as it is written where a variable is part of it, whose value may be a secret."""
        if path is None or ("$" in entry.text.replace("$$", "") and not self._is_pin(path)):
            return instead or printable(entry.text, 80) or "an empty path"
        return self._show(path)

    def _at(self, entry: "EnvFileEntry") -> Location:
        return self._ctx.at(entry.file, entry.line)

    def _service_at(self) -> Location | None:
        place = self._source.service_line(self._pin.service)
        return self._ctx.at(*place) if place is not None else None

    def _relative(self) -> str:
        path = os.path.relpath(self._pin.file, self._source.folder)
        return printable(path if path.startswith("..") else f"./{path}", 120)

    @staticmethod
    def _written(entry: "EnvFileEntry") -> str:
        return printable(entry.text, 120)

    def _evidence(self, entry: "EnvFileEntry") -> dict[str, Json]:
        return {"via": entry.via} if entry.via else {}

    def _service(self) -> Subject:
        return Subject("service", printable(self._pin.service, 60))

    def _subject(self, entry: "EnvFileEntry", path: Path | None) -> Subject:
        return Subject("file", self._name(entry, path))

    def _found(
        self,
        failure: Failure,
        entry: "EnvFileEntry",
        path: Path | None,
        message: str,
        *,
        hint: str = "",
        line: int | None = None,
    ) -> Finding:
        """Return a finding about one entry and the file that it means."""
        subject, at = self._subject(entry, path), self._ctx.at(entry.file, line or entry.line)
        return self._ctx.found(failure, message + _via(entry), subject, hint=hint, at=at, **self._evidence(entry))


def _via(entry: "EnvFileEntry") -> str:
    return {"": "", "second file": " (from a further compose file)"}.get(entry.via, f" (through {entry.via})")

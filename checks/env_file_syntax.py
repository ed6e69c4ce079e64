"""The service lists the pin file in long form, the override after it, and nothing after both."""

from collections.abc import Iterator
from pathlib import Path

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    Failure,
    Finding,
    Json,
    Need,
    NoSettings,
    Pin,
    Status,
    Subject,
    could_not_look,
    passed,
    skipped,
)
from preflight.compose.read.entries import EnvFileEntry
from preflight.compose.read.locate import ComposeSource
from preflight.compose.read.required import Required
from preflight.coolify.settings import is_left_to_ui
from preflight.lib.nearest import nearest
from preflight.lib.text import printable
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.pins.listed import ListedFile, Role, list_files
from preflight.pins.value import raw_changes

_KEYS = ("path", "required", "format")
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

    def __init__(self, ctx: Context, source: ComposeSource, pin: Pin) -> None:
        self._ctx, self._source, self._pin = ctx, source, pin
        self._listed = list_files(source, pin, ctx.pins)
        self._service = Subject("service", printable(pin.service, 60))
        place = source.service_line(pin.service)
        self._service_at = ctx.at(*place) if place is not None else None

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; the good case only when nothing is."""
        if self._service_at is None:
            yield self._no_service()
            return
        found = [*self._entry_findings(), *self._order_findings()]
        if not any(finding.status in {Status.FAIL, Status.ERROR} for finding in found):
            found += self._compose_findings()
        yield from found or [self._good()]

    def _no_service(self) -> Finding:
        services = self._source.services()
        listed = ", ".join(printable(service, 40) for service in services[:8]) or "none"
        return self._ctx.found(
            NO_SERVICE,
            f"there is no service {self._service.name}{nearest(self._pin.service, services)}",
            self._service,
            hint=f"Correct the service under pins: in preflight.yaml. There are: {listed}.",
            at=self._ctx.at(self._source.files[0]),
        )

    def _good(self) -> Finding:
        last = self._listed.pins[-1]
        entry = self._listed.files[last].entry
        # overrides, and another pin's files
        later = [self._name(each) for each in self._listed.files[last + 1 :] if each.path is not None]
        order = " then ".join([self._show(self._pin.file), *later])
        message = f"nothing comes after the pin file: {self._pin.service} lists {order}"
        return passed(message, self._service, at=self._ctx.at(entry.file, entry.line), **_via_evidence(entry))

    # -- one entry ---------------------------------------------------------------------------------------------

    def _entry_findings(self) -> Iterator[Finding]:
        for listed in self._listed.files:
            yield from self._keys(listed)
            if listed.path is None or listed.role not in {Role.PIN, Role.OVERRIDE}:
                continue
            name = self._show(listed.path)
            if listed.is_open:
                written = printable(listed.entry.text, 80)
                message = f"{name} is listed as {written}: a variable decides which file it is"
                yield self._found(OPEN_PATH, listed, message)
            if listed.role is Role.PIN and self._source.is_raw(listed.entry) and raw_changes(self._pin):
                message = f"format: raw takes quotes, spaces, comments and $ into the value of {self._pin.variable}"
                yield self._found(RAW_VALUE, listed, message)
            if listed.entry.form == "long":
                yield from self._required(listed, name)
            else:
                yield self._short(listed, name)

    def _keys(self, listed: ListedFile) -> Iterator[Finding]:
        entry, service = listed.entry, self._pin.service
        for key, line in entry.unknown_keys:
            message = f"unknown key {printable(key, 40)} in an env_file entry of {service}{nearest(key, _KEYS)}"
            yield self._found(UNKNOWN_KEY, listed, message, line=line)
        if entry.format is not None and self._source.interpolated(entry.format) not in {"raw", ""}:
            message = f"unknown format {printable(entry.format, 40)} in an env_file entry of {service}"
            yield self._found(UNKNOWN_FORMAT, listed, message)

    def _short(self, listed: ListedFile, name: str) -> Finding:
        written = "as plain text (env_file: FILE)" if listed.entry.form == "string" else "in short form (- FILE)"
        missing = "; it may be missing, and then Compose stops" if listed.role is Role.OVERRIDE else ""
        hint = _LONG_FORM.format(path=printable(listed.entry.text, 120))
        return self._found(SHORT_FORM, listed, f"{name} is listed {written}{missing}", hint=hint)

    def _required(self, listed: ListedFile, name: str) -> Iterator[Finding]:
        required = self._source.required(listed.entry)
        if required is Required.NO_AS_TEXT:
            message = f"required of {name} is a string, not a boolean: Compose 2.24 refuses that"
            yield self._found(REQUIRED_TEXT, listed, message)
        elif required is Required.UNKNOWN:
            yield self._found(REQUIRED_UNKNOWN, listed, f"required of {name} is neither true nor false")
        elif required is not Required.NO and listed.role is Role.OVERRIDE:
            default = " by default" if required is Required.BY_DEFAULT else ""
            message = f"{name} may be missing, and is required{default}: Compose then stops"
            yield self._found(OVERRIDE_REQUIRED, listed, message)
        elif required is not Required.NO:
            message = f"{name} is required: if it is ever missing, a deployment stops half way"
            yield self._found(PIN_REQUIRED, listed, message)

    # -- all entries -------------------------------------------------------------------------------------------

    def _order_findings(self) -> Iterator[Finding]:
        pin_file, places = self._show(self._pin.file), self._listed.pins
        if not places:
            yield self._not_listed()
            return
        *others, last = places
        entry = self._listed.files[last].entry
        for place in others:
            message = f"{pin_file} is listed twice, again at {self._ctx.at(entry.file, entry.line)}"
            yield self._found(LISTED_TWICE, self._listed.files[place], message)
        for listed in self._listed.files[:last]:
            if listed.role is Role.OVERRIDE:
                message = f"{self._name(listed)} stands before {pin_file}, which then overrides it"
                yield self._found(OVERRIDE_FIRST, listed, message)
        for listed in self._listed.files[last + 1 :]:
            # env-shadowing sees what another pin's file sets
            if listed.role in {Role.OTHER, Role.UNKNOWN}:
                message = f"{self._name(listed)} is listed after {pin_file}, and can override it"
                yield self._found(LATER_FILE, listed, message)
        for override in self._listed.unlisted:
            name = self._show(override)
            message = f"{self._pin.service} does not list the override {name}"
            hint = f"List it after {pin_file}, or take it out of the configuration."
            at = self._service_at
            yield self._ctx.found(OVERRIDE_NOT_LISTED, message, Subject("file", name), hint=hint, at=at)

    def _not_listed(self) -> Finding:
        pin, service, files = self._show(self._pin.file), self._service.name, self._listed.files
        relative = printable(self._source.relative(self._pin.file), 120)
        for listed in files:
            if listed.path is not None and listed.path.name == self._pin.file.name:
                other = "another file" if listed.is_open else self._show(listed.path)
                message = f"{printable(listed.entry.text, 60)} means {other}, not {pin}"
                folder = printable(str(self._source.folder), 120)
                hint = f"Relative paths start at {folder}: write {relative}."
                return self._found(OTHER_FILE, listed, message, hint=hint)
        unclear = next((each for each in files if each.role is Role.UNKNOWN and each.entry.text), None)
        if unclear is not None:
            text, entry = printable(unclear.entry.text, 80), unclear.entry
            message = f"which file {text} is depends on a variable; {pin} is not listed otherwise"
            return self._ctx.found(
                UNKNOWN_PATH, message, Subject("file", text), at=self._ctx.at(entry.file, entry.line)
            )
        if is_left_to_ui(self._ctx.doors.coolify.settings, [each.path for each in files if each.path is not None]):
            return skipped(
                f"{service} reads Coolify's own .env alone: it gets the pin from the UI (pin_in: ui), not from {pin}",
                self._service,
                hint="The check coolify-ui-shadowing compares the two.",
            )
        return self._ctx.found(
            NOT_LISTED,
            f"{service} does not list {pin}",
            self._service,
            hint=f"Add `- {{path: {relative}, required: false}}` to env_file of {service}.",
            at=self._service_at,
            listed=[printable(each.entry.text, 120) for each in files],
        )

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
                Subject("file", self._ctx.show(where)) if where is not None else self._service,
                hint=refusal.hint,
                at=self._ctx.at(where, refusal.line) if where is not None else self._service_at,
            )
            return
        service = answer.services.get(self._pin.service)  # none where its profile is off
        if service is not None and service.lists([each.entry.path for each in self._listed.files]) is False:
            yield self._ctx.found(
                READ_DIFFERENTLY,
                f"Compose sees other env files for {self._pin.service} than this check reads",
                self._service,
                hint=f"See `{compose.command('config', '--no-interpolate')}`; report this as a bug.",
                at=self._service_at,
                compose=[printable(item.path) for item in service.env_files or ()],
                read=[printable(str(each.path)) for each in self._listed.files],
            )

    def _show(self, path: Path) -> str:
        return printable(self._ctx.show(path), 90)

    def _name(self, listed: ListedFile) -> str:
        """Return the file of an entry; as it is written where a variable is part of it, whose value may be a secret."""
        if listed.path is None or (listed.is_open and listed.role is not Role.PIN):
            return printable(listed.entry.text, 80) or "an empty path"
        return self._show(listed.path)

    def _found(
        self, failure: Failure, listed: ListedFile, message: str, *, hint: str = "", line: int | None = None
    ) -> Finding:
        """Return a finding about one entry and the file that it means."""
        entry = listed.entry
        words = {"": "", "second file": " (from a further compose file)"}.get(entry.via, f" (through {entry.via})")
        subject, at = Subject("file", self._name(listed)), self._ctx.at(entry.file, line or entry.line)
        return self._ctx.found(failure, message + words, subject, hint=hint, at=at, **_via_evidence(entry))


def _via_evidence(entry: EnvFileEntry) -> dict[str, Json]:
    return {"via": entry.via} if entry.via else {}

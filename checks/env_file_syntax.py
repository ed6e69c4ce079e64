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
    Finding,
    Json,
    Location,
    Need,
    NoSettings,
    Pin,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
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
            "A later env file beats an earlier one. A file that is listed as required and missing stops the deployment "
            "half way, after the old containers are gone."
        ),
        failures=(
            ("There is no such service.", "Correct the name under pins:, or the compose file."),
            ("The service does not list the pin file.", "Add it to env_file of the service."),
            ("An entry of that name means another file.", "Correct the path: it is relative to the project directory."),
            ("The path depends on a variable.", "Write the path out."),
            ("The entry is a plain text (env_file: FILE, or - FILE).", "Write - path: FILE with required: false."),
            ("The pin file is listed twice.", "Delete one of the two entries."),
            ("The override stands before the pin file.", "Move it behind: a later file beats an earlier one."),
            ("Another env file stands after the pin file.", "Move it in front of the pin file."),
            ("An override, which production does not have, is required.", "Write required: false."),
            ("The pin file is required (a warning).", "Write required: false."),
            ("required is no boolean, or text.", "Write required: false, without quotes."),
            ("An entry has an unknown key.", "Correct the key: path, required and format are known."),
            ("format is not raw.", "Write format: raw, or leave the key out."),
            ("format: raw takes quotes or a comment into the value.", "Delete format: raw, or the quotes."),
            (
                "A configured override is not listed.",
                "List it after the pin file, or take it out of the configuration.",
            ),
            ("Compose refuses the compose files.", "Correct what it names."),
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
    at = ctx.at(problem.path, problem.line)
    if problem.too_much:
        return could_not_look(problem.problem, hint=problem.hint, at=at)
    try:
        refusal = ctx.doors.compose.config(ctx.deadline).refusal
    except CouldNotLook as error:
        return could_not_look(problem.problem, hint=problem.hint, at=at, compose=error.message)
    if refusal is None:
        hint = "Compose reads it, this check does not: write it in a simpler way."
        return could_not_look(problem.problem, hint=hint, at=at)
    return failed(problem.problem, hint=problem.hint, at=at, compose=refusal.message)


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
        if not any(finding.status in {"fail", "error"} for finding in found):
            found += self._compose_findings()
        yield from found or [self._good()]

    def _no_service(self) -> Finding:
        name = printable(self._pin.service, 60)
        services = self._source.services()
        listed = ", ".join(printable(service, 40) for service in services[:8]) or "none"
        return failed(
            f"there is no service {name}{nearest(self._pin.service, services)}",
            hint=f"Correct the service under pins: in preflight.yaml. There are: {listed}.",
            at=self._ctx.at(self._source.files[0]),
        )

    def _good(self) -> Finding:
        entry = self._entries[self._at_pin()[-1]]
        after = self._paths[self._at_pin()[-1] + 1 :]  # overrides, and another pin's files
        then = [self._show(path) for path in after if path is not None]
        order = " then ".join([self._show(self._pin.file), *then])
        return passed(
            f"{self._pin.service} lists {order}, and nothing after", at=self._at(entry), **self._evidence(entry)
        )

    # -- one entry ---------------------------------------------------------------------------------------------

    def _entry_findings(self) -> Iterator[Finding]:
        for entry, path in zip(self._entries, self._paths, strict=True):
            yield from self._keys(entry)
            if path is None or not (self._is_pin(path) or self._is_override(path)):
                continue
            if "$" in entry.text.replace("$$", ""):
                yield self._warned(
                    entry,
                    f"{self._show(path)} is listed as {printable(entry.text, 80)}: a variable decides which file it is",
                    "Write the path out.",
                )
            if self._is_pin(path):
                yield from self._raw(entry)
            if entry.form == "long":
                yield from self._required(entry, path)
            else:
                yield self._short(entry, path)

    def _keys(self, entry: "EnvFileEntry") -> Iterator[Finding]:
        for key, line in entry.unknown_keys:
            yield failed(
                f"unknown key {printable(key, 40)} in an env_file entry of {self._pin.service}{nearest(key, _KEYS)}",
                hint="Correct or delete the key; path, required and format are known.",
                at=self._ctx.at(entry.file, line),
                **self._evidence(entry),
            )
        kind = entry.format if entry.format is None else self._source.interpolated(entry.format)
        if entry.format is not None and kind not in {"raw", ""}:
            yield self._failed(
                entry,
                f"unknown format {printable(entry.format, 40)} in an env_file entry of {self._pin.service}",
                "Write `format: raw`, or leave the key out.",
            )

    def _raw(self, entry: "EnvFileEntry") -> Iterator[Finding]:
        """Judge ``format: raw``: to that reader, quotes and comments are part of the value."""
        if entry.format is None or self._source.interpolated(entry.format) != "raw":
            return
        try:
            usual, literal = (read_env_file(self._pin.file, raw=raw).last(self._pin.variable) for raw in (False, True))
        except CouldNotLook:
            return  # pin-file and env-shadowing tell of that
        if (usual and usual.value) != (literal and literal.value):
            yield self._failed(
                entry,
                f"format: raw takes quotes, spaces, comments and $ into the value of {self._pin.variable}",
                "Delete `format: raw`, or write NAME=value without them.",
            )

    def _short(self, entry: "EnvFileEntry", path: Path) -> Finding:
        written = "as plain text (env_file: FILE)" if entry.form == "string" else "in short form (- FILE)"
        missing = "; it may be missing, and then Compose stops" if self._is_override(path) else ""
        return self._failed(
            entry, f"{self._show(path)} is listed {written}{missing}", _LONG_FORM.format(path=self._written(entry))
        )

    def _required(self, entry: "EnvFileEntry", path: Path) -> Iterator[Finding]:
        """Judge ``required`` by what Compose makes of it (measured with 2.24.1, 2.24.7, 2.29.7 and 2.40.3)."""
        name, hint = self._show(path), "Write `required: false`, without quotes."
        value = "true" if entry.required is None else self._source.interpolated(entry.required)
        word = (value or "").lower()
        if word in _FALSE:
            if not entry.required_is_boolean:
                told = f"required of {name} is text, no boolean: Compose 2.24 refuses that"
                yield self._warned(entry, told, hint)
        elif word not in _TRUE:
            yield self._failed(entry, f"required of {name} is no boolean", hint)
        elif self._is_override(path):
            what = "required" if entry.required is not None else "required, since nothing else is said"
            yield self._failed(entry, f"{name} may be missing, and is {what}: Compose then stops", hint)
        else:
            told = f"{name} is required: if it is ever missing, a deployment stops half way"
            yield self._warned(entry, told, hint)

    # -- all entries -------------------------------------------------------------------------------------------

    def _order_findings(self) -> Iterator[Finding]:
        at_pin = self._at_pin()
        if not at_pin:
            yield self._not_listed()
            return
        for index in at_pin[:-1]:
            again = self._entries[at_pin[-1]]
            yield self._failed(
                self._entries[index],
                f"{self._show(self._pin.file)} is listed twice, again at {self._at(again)}",
                "Delete one of the two; the last one counts.",
            )
        last = at_pin[-1]
        for index, (entry, path) in enumerate(zip(self._entries, self._paths, strict=True)):
            yield from self._place(index, last, entry, path)
        yield from self._unlisted_overrides()

    def _place(self, index: int, pin: int, entry: "EnvFileEntry", path: Path | None) -> Iterator[Finding]:
        is_override = path is not None and self._is_override(path)
        if index < pin and is_override and path is not None:
            yield self._failed(
                entry,
                f"{self._show(path)} stands before {self._show(self._pin.file)}, which then beats it",
                "Move the override behind the pin file: a later file beats an earlier one.",
            )
        if index > pin and not is_override and not self._is_of_another_pin(path):
            name = printable(entry.text, 80) if path is None else self._show(path)
            yield self._failed(
                entry,
                f"{name} is listed after {self._show(self._pin.file)}, and can beat it",
                "Move it in front of the pin file; a developer's own override is named under `overrides:` of the pin.",
            )

    def _not_listed(self) -> Finding:
        pin, service = self._show(self._pin.file), printable(self._pin.service, 60)
        for entry, path in zip(self._entries, self._paths, strict=True):
            if path is not None and path.name == self._pin.file.name:
                return self._failed(
                    entry,
                    f"{printable(entry.text, 60)} means {self._show(path)}, not {pin}",
                    f"Relative paths start at {printable(str(self._source.folder), 120)}: write {self._relative()}.",
                )
        unclear = next((entry for entry, path in zip(self._entries, self._paths, strict=True) if path is None), None)
        if unclear is not None:
            return could_not_look(
                f"which file {printable(unclear.text, 80)} is depends on a variable; {pin} is not listed otherwise",
                hint="Write the path out.",
                at=self._at(unclear),
            )
        if is_left_to_ui(self._ctx.doors.coolify.settings, [path for path in self._paths if path is not None]):
            return skipped(
                f"{service} reads Coolify's own .env alone: it gets the pin from the UI (pin_in: ui), not from {pin}",
                hint="The check coolify-ui-shadowing compares the two.",
            )
        return failed(
            f"{service} does not list {pin}",
            hint=f"Add `- {{path: {self._relative()}, required: false}}` to env_file of {service}.",
            at=self._service_at(),
            listed=[printable(entry.text, 120) for entry in self._entries],
        )

    def _unlisted_overrides(self) -> Iterator[Finding]:
        for override in self._overrides:
            if not any(path is not None and same_file(path, override) for path in self._paths):
                name = self._show(override)
                yield warned(
                    f"{self._pin.service} does not list the override {name}",
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
            yield failed(
                f"Compose refuses the project: {refusal.message}",
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
            yield could_not_look(
                f"Compose sees other env files for {self._pin.service} than this check reads",
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

    def _failed(self, entry: "EnvFileEntry", message: str, hint: str) -> Finding:
        return failed(message + _via(entry), hint=hint, at=self._at(entry), **self._evidence(entry))

    def _warned(self, entry: "EnvFileEntry", message: str, hint: str) -> Finding:
        return warned(message + _via(entry), hint=hint, at=self._at(entry), **self._evidence(entry))


def _via(entry: "EnvFileEntry") -> str:
    return {"": "", "second file": " (from a further compose file)"}.get(entry.via, f" (through {entry.via})")

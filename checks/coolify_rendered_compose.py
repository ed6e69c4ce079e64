"""The compose file that Coolify deployed, against the repository's."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    CouldNotLook,
    DoesNotApply,
    Finding,
    Json,
    Location,
    Need,
    NoSettings,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
)
from preflight.coolify.host.deployed import NeverDeployed
from preflight.coolify.judge.previews import REMEDY
from preflight.coolify.judge.rendered import Copy, look_at_rendered
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.judge.rendered import Beaten, Rendered

_MODE = "`preflight run --only coolify-mode` says what to switch; then redeploy."
_REFRESH = "Redeploy; if it stays so, nothing copies the file any more: "


class CoolifyRenderedCompose(Check[NoSettings]):
    """Files and paths as `up` finds them on the host: what it reads, in which order, and whether it is there."""

    about = About(
        id="coolify-rendered-compose",
        title="The compose file that Coolify deployed names the pin file, and it lies there",
        area=Area.COOLIFY,
        tags=frozenset({"compose", "coolify", "pin", "runtime"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.GIT, Need.DEPLOYMENT}),
        asks=(
            "Does `docker-compose.yaml` in the application's folder still list the pin file for the service, does that "
            "path lead to a regular file from where Coolify runs `up`, with the bytes that the checkout has, and does "
            "nothing there beat it? `-v` shows what Coolify made of env_file: and environment: (names only)."
        ),
        why=(
            "Coolify writes the file anew: it may replace `env_file:`, turn `- X` into an empty X and copy build "
            "arguments into `environment:`. And `required: false` hides a file that is not where `up` looks."
        ),
        failures=(
            ("env_file: was replaced by Coolify's own .env.", _MODE),
            (
                "The deployed file does not name the pin file, or not the service.",
                "Redeploy from the branch that does.",
            ),
            (
                "The pin file is not where the entry leads; required: false hides that.",
                "Preserve Repository, with the base directory in which the path holds.",
            ),
            (
                "Coolify deployed no service: its YAML reader refused the file.",
                "Run `preflight run --only coolify-mode`.",
            ),
            (
                "A preview deployment of a pull request overwrote the file, or the pin file beside it.",
                "Redeploy production; set Preview deployments to Disabled.",
            ),
            ("A folder lies there.", "Remove it and redeploy: Docker makes one where a bind mount finds no file."),
            (
                "A stale copy lies there: deployed since, and not refreshed.",
                "Preserve Repository; right base directory.",
            ),
            ("What lies there, the pin file never said.", "Find who writes it; redeploy."),
            ("A later env file sets the variable too.", "Delete that file from the folder."),
            ("environment: has the variable, from a build argument or a bare name.", "Take it out of there."),
            ("An older pin lies there: not deployed since it changed (warning).", "Redeploy."),
            ("It was never deployed (skipped).", "Deploy it, then run preflight again."),
            ("The deployed file or .env cannot be read (cannot look).", "Redeploy, or run preflight as root."),
        ),
    )

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Judge each pin."""
        for pin in ctx.pins:
            try:
                yield from _RenderedFindings(ctx, look_at_rendered(ctx, pin)).findings()
            except DoesNotApply as reason:
                yield skipped(reason.message, hint=reason.hint)
            except NeverDeployed as reason:
                yield skipped(f"{pin.service}: {reason.message}", hint=reason.hint)
            except CouldNotLook as problem:
                yield could_not_look(f"{pin.service}: {problem.message}", hint=problem.hint)


class _RenderedFindings:
    """Puts what was found about one pin into words."""

    def __init__(self, ctx: Context, found: "Rendered") -> None:
        self._ctx, self._found = ctx, found
        self._service = printable(found.pin.service, 60)
        self._file = found.file.name
        self._pin = printable(ctx.show(found.pin.file), 80)
        self._in_ui = ctx.doors.coolify.settings.pin_in == "ui"

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; the good case only when nothing is."""
        found = [*self._problems()]
        yield from found or [self._good()]

    def _problems(self) -> Iterator[Finding]:
        found = self._found
        if found.is_empty:
            yield self._failed(
                f"{self._file} has no service at all: Coolify's YAML reader refused the repository's compose file, so "
                "the deployment removed the containers and started none",
                "Take out what `preflight run --only coolify-mode` names (!reset, !override, a key twice); redeploy.",
            )
            return
        if not found.has_service and found.preview:
            yield self._overwritten(self._file)
            return
        if not found.has_service:
            yield self._failed(f"{self._file} has no such service", "Redeploy it in Coolify from the branch that has.")
            return
        if not self._in_ui:
            yield from self._env_file()
        if found.beaten is not None:
            yield self._beaten(found.beaten)

    def _env_file(self) -> Iterator[Finding]:
        found = self._found
        if found.entry is None:
            yield self._overwritten(self._file) if found.preview and not found.only_own else self._not_listed()
            return
        if found.preview and found.copy in {Copy.BEFORE, Copy.STALE, Copy.OTHER}:
            yield self._overwritten(self._where())
        elif found.copy is not None and found.copy is not Copy.SAME:
            yield self._copy(found.copy)
        if found.later is not None:
            yield self._failed(
                f"{printable(str(found.later))} is read after the pin file and sets {found.pin.variable} too",
                "Delete that file from the server's folder, and from git if it is there.",
            )

    def _overwritten(self, what: str) -> Finding:
        return self._failed(f"a preview deployment (pull request {self._found.preview}) overwrote {what}", REMEDY)

    def _not_listed(self) -> Finding:
        found = self._found
        if found.only_own:
            lost = ", ".join(printable(each, 60) for each in found.written) or "nothing"
            return self._failed(f"{self._file} lists only .env, in place of {lost}", _MODE)
        listed = ", ".join(printable(each, 60) for each in found.deployed) or "nothing"
        return self._failed(
            f"{self._file} does not list {self._pin}, but {listed}",
            "Redeploy it in Coolify from the branch that lists it (`preflight run --only env-file-syntax`).",
        )

    # -- one for each state of the copy ------------------------------------------------------------------------

    def _copy(self, copy: Copy) -> Finding:
        """Say what is wrong with the copy; a method for each state."""
        say = {
            Copy.SAME_VALUE: self._same_value,
            Copy.BEFORE: self._before,
            Copy.STALE: self._stale,
            Copy.OTHER: self._other,
            Copy.MISSING: self._missing,
            Copy.FOLDER: self._folder,
            Copy.IRREGULAR: self._irregular,
            Copy.UNCLEAR: self._unclear,
        }
        return say[copy]()

    def _missing(self) -> Finding:
        found = self._found
        hides = "and required: false hides that" if self._optional() else "so the next `up` stops, the old one removed"
        if found.elsewhere is not None:
            inside = printable(str(found.elsewhere), 80)
            return self._failed(f"{self._where()} is not there, {hides}", self._to_move(inside))
        return self._failed(
            f"{self._where()} is not there, {hides}",
            "Switch what `preflight run --only coolify-mode` says, if it fails; redeploy in any case.",
        )

    def _to_move(self, inside: str) -> str:
        return f"It lies at {inside} there: set {self._found.to_place} in Coolify, then redeploy."

    def _folder(self) -> Finding:
        return self._failed(f"{self._where()} is a folder, no file", f"`rmdir {self._where()}`, then redeploy.")

    def _irregular(self) -> Finding:
        return self._failed(f"{self._where()} is no regular file", f"Look at it (`ls -l {self._where()}`); redeploy.")

    def _unclear(self) -> Finding:
        entry = self._found.entry
        text, place = (printable(entry.text, 80), entry.place) if entry else ("", None)
        return could_not_look(
            f"{self._service}: which file {text} in {self._file} is depends on a variable",
            hint="Write the path out.",
            at=self._ctx.at(self._found.file, place[1] if place else None),
        )

    def _same_value(self) -> Finding:
        return warned(
            f"{self._service}: {self._where()} is not as in the checkout, but says the same of "
            f"{self._found.pin.variable}",
            hint="Redeploy it in Coolify.",
            at=self._at(),
            **self._evidence(),
        )

    def _before(self) -> Finding:
        return warned(
            f"{self._service}: {self._where()} is that of {self._commit()}: not deployed since {self._pin} changed",
            hint="Redeploy it in Coolify.",
            at=self._at(),
            **self._evidence(),
        )

    def _stale(self) -> Finding:
        return self._failed(
            f"{self._where()} is stale: that of {self._commit()}, although deployed since", self._refresh()
        )

    def _other(self) -> Finding:
        return self._failed(
            f"{self._where()} is not {self._pin}, nor what that was in any commit",
            f"{self._refresh()} Else find who writes it.",
        )

    def _refresh(self) -> str:
        elsewhere = self._found.elsewhere
        if elsewhere is None:
            return f"{_REFRESH}{_MODE}"
        inside = printable(str(elsewhere), 80)
        return f"{_REFRESH}today's copy lies at {inside} there: set {self._found.to_place} in Coolify."

    # -- environment: ------------------------------------------------------------------------------------------

    def _beaten(self, beaten: "Beaten") -> Finding:
        variable = self._found.pin.variable
        where = f"environment: in {self._file} has {variable}"
        if beaten.from_build:
            return self._failed(
                f"{where}: Coolify copied it from build: args:", f"Rename the build argument {variable}, then redeploy."
            )
        if beaten.was_bare:
            what = "took its place" if beaten.entry.has_value else "kept it without a value"
            return self._failed(
                f"{where}, named without a value in the repository; Coolify {what}",
                f"Take {variable} out of environment: of {self._service}, then redeploy.",
            )
        if self._in_ui:
            return self._failed(
                f"{where}: it overrides the UI's variable",
                f"Take {variable} out of environment: of {self._service}, then redeploy.",
            )
        also = ", as in the repository" if beaten.in_repository else ", which the repository has not"
        return self._failed(
            f"{where}{also}: it beats every env file",
            f"Take {variable} out of environment: of {self._service} (and out of the UI), then redeploy.",
        )

    # -- words -------------------------------------------------------------------------------------------------

    def _good(self) -> Finding:
        found = self._found
        if self._in_ui:
            listed = ", ".join(printable(each, 60) for each in found.deployed) or "nothing"
            message = f"{self._service}: {self._file} lists {listed}; nothing there beats the UI's {found.pin.variable}"
        else:
            then = ", then Coolify's .env" if found.own_last else ""
            entry = printable(found.entry.text if found.entry else "", 120)
            message = f"{self._service}: {self._file} lists {entry}, which is there as in the checkout{then}"
        return passed(message, at=self._at(), **self._evidence())

    def _optional(self) -> bool:
        entry = self._found.entry
        return entry is not None and entry.required.lower() == "false"

    def _where(self) -> str:
        path = self._found.entry.path if self._found.entry else None
        return printable(str(path or self._found.pin.file.name))

    def _commit(self) -> str:
        commit = self._found.commit
        return f"commit {commit.hash[:9]}" if commit is not None else "an older commit"

    def _failed(self, what: str, hint: str) -> Finding:
        return failed(f"{self._service}: {what}", hint=hint, at=self._at(), **self._evidence())

    def _at(self) -> Location:
        return self._ctx.at(self._found.file)

    def _evidence(self) -> dict[str, Json]:
        return {"deployed": str(self._found.file), "changed": list(self._found.diff)}

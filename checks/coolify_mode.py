"""In which mode Coolify deploys, and whether the pin can arrive that way."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
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
from preflight.coolify.judge.next_deployment import Arrival, look_at_next_deployment
from preflight.coolify.judge.parser_refusals import RefusalKind
from preflight.coolify.judge.previews import PREVIEWS_OFF
from preflight.coolify.judge.refusal_words import first_of_each_kind, fix, says
from preflight.coolify.judge.remedies import copy_it, move_inside, raw_and_preserve, ways_out
from preflight.coolify.resource import Situation
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.judge.next_deployment import NextDeployment

_SWITCHES = "the application's page in Coolify, Configuration > Advanced"
_WAYS = (
    "Raw Compose Deployment and Preserve Repository, with the base directory that the hint names; or the variable in "
    "the UI and `coolify: {pin_in: ui}`."
)
_START = "Custom Start Command, the application's page in Coolify, Configuration > General"


class CoolifyMode(Check[NoSettings]):
    """The mode decides what becomes of `env_file:`; what the next deployment does counts."""

    about = About(
        id="coolify-mode",
        title="Coolify deploys in a mode in which the pin arrives",
        area=Area.COOLIFY,
        tags=frozenset({"coolify", "pin"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.GIT, Need.DEPLOYMENT}),
        asks=(
            "Is this an application in default mode, in Raw Compose Deployment, with Preserve Repository, or a service "
            "stack? Told by the labels of its containers, the deployed file and, with a token, the API. What does that "
            "mode, in that version of Coolify, do to `env_file:`, and does the pin file reach the place it names?"
        ),
        why=(
            "By default Coolify replaces the `env_file:` of every service by its own `.env` (since 4.0.0-beta.435 "
            "always): the pin is gone without a word, and the container runs what the UI says, or nothing."
        ),
        failures=(
            ("Default mode replaces env_file:.", _WAYS),
            ("Raw mode, but the repository is not copied.", "Switch Preserve Repository on."),
            ("The copy will lie in another folder than Compose looks in.", "Set base directory and compose location."),
            ("The path in env_file: leads out of that folder (../).", "Move the pin file into it."),
            ("A service stack has no repository.", "Put the pin file into its folder by a file mount (Storages)."),
            ("With pin_in: ui: the UI's variable reaches no container.", "Switch Raw Compose Deployment off."),
            ("With pin_in: ui: a build argument of that name beats the UI's variable.", "Rename the build argument."),
            (
                "Raw mode, and previews are deployed, or nothing tells (warning): one changes production's pin.",
                "Set Preview deployments to Disabled, or deploy pull requests from a second application.",
            ),
            ("The pin file is not listed by the service.", "Run `preflight run --only env-file-syntax`."),
            ("env_file: is kept by an old Coolify only (warning).", "Raw mode and Preserve Repository, then update."),
            ("Coolify's parser fails on the file, or Compose on what it makes of it.", "Write it as the hint says."),
            ("A service has `labels:` as a map, which raw mode breaks.", "Write them as a list."),
            ("A custom start command runs in place of `up` (warning).", "Empty it, or look at its -f and --env-file."),
            ("The pin file is listed in an override, and Coolify deploys one compose file.", "Move the entry into it."),
            (
                "Coolify deploys another file, or nothing tells which application (cannot look).",
                "Name it: the hint says.",
            ),
        ),
    )

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Judge each pin; what holds for several pins of one service is said once."""
        said: list[Finding] = []
        for pin in ctx.pins:
            for finding in self._about_pin(ctx, partial(look_at_next_deployment, ctx, pin), pin.service):
                if finding not in said:
                    said.append(finding)
                    yield finding

    @staticmethod
    def _about_pin(ctx: Context, look: "Callable[[], NextDeployment]", service: str) -> Iterator[Finding]:
        try:
            yield from _ModeFindings(ctx, look()).findings()
        except DoesNotApply as reason:
            yield skipped(reason.message, hint=reason.hint)
        except CouldNotLook as problem:
            yield could_not_look(f"{service}: {problem.message}", hint=problem.hint)


class _ModeFindings:
    """Says what the next deployment does to one pin."""

    def __init__(self, ctx: Context, found: "NextDeployment") -> None:
        self._ctx, self._found = ctx, found
        self._file = printable(ctx.show(found.pin.file), 80)
        self._service = printable(found.pin.service, 60)

    def findings(self) -> Iterator[Finding]:
        found = self._found
        yield from self._refused()
        if found.arrival is not Arrival.REFUSED:
            yield self._arrival()
        if found.mode.problem is not None:
            yield could_not_look(
                f"{self._service}: whether the next deployment is like the last is not known: "
                f"{found.mode.problem.message}",
                hint=found.mode.problem.hint,
            )
        if found.custom_start and found.arrival is not Arrival.OWN_COMMAND:
            yield warned(
                f"{self._service}: a custom start command runs in place of Coolify's `up`",
                hint=f"Look at its -f, --env-file and --project-directory, or empty it ({_START}).",
            )
        if found.other_file:
            other = printable(found.other_file, 80)
            yield could_not_look(
                f"{self._service}: Coolify deploys {other}, which is not what is judged here",
                hint=f"Correct Compose Location in Coolify, or write `compose: {{files: [{other}]}}` into "
                "preflight.yaml.",
            )
        if found.previews is not False:
            yield self._previews()

    def _previews(self) -> Finding:
        does = "a preview deployment changes production's pin"
        off = PREVIEWS_OFF[0].upper() + PREVIEWS_OFF[1:]
        if self._found.previews:
            return warned(f"{self._service}: previews are deployed, and in raw mode {does}", hint=f"{off}.")
        return warned(
            f"{self._service}: nothing tells whether previews are deployed; in raw mode {does}",
            hint=f"{off}. Where they are off, the API tells so (PREFLIGHT_COOLIFY_URL and PREFLIGHT_COOLIFY_TOKEN).",
        )

    # -- one for each arrival ----------------------------------------------------------------------------------

    def _arrival(self) -> Finding:
        """Say whether the pin arrives; a method for each answer."""
        say = {
            Arrival.ARRIVES: self._arrives,
            Arrival.FROM_UI: self._from_ui,
            Arrival.REPLACED: self._replaced,
            Arrival.KEPT_FOR_NOW: self._kept_for_now,
            Arrival.NOT_COPIED: self._not_copied,
            Arrival.PERHAPS_COPIED: self._perhaps_copied,
            Arrival.ELSEWHERE: self._elsewhere,
            Arrival.IN_STACK: self._in_stack,
            Arrival.NOT_IN_STACK: self._not_in_stack,
            Arrival.NOT_LISTED: self._not_listed,
            Arrival.NO_FILE: self._no_file,
            Arrival.UI_IN_VAIN: self._ui_in_vain,
            Arrival.BEATEN: self._beaten,
            Arrival.OWN_COMMAND: self._own_command,
            Arrival.OUTSIDE: self._outside,
            Arrival.IN_OTHER_FILE: self._in_other_file,
        }
        return say[self._found.arrival]()

    def _arrives(self) -> Finding:
        is_copied = not self._found.wanted.startswith(("/", "../"))
        how = "keeps env_file:, and the repository is copied" if is_copied else "names a file that is on this host"
        return passed(self._line(how), at=self._at(), **self._evidence())

    def _from_ui(self) -> Finding:
        how = f"gives {self._found.pin.variable} of Coolify's UI to the containers"
        return passed(self._line(how), at=self._at(), **self._evidence())

    def _replaced(self) -> Finding:
        found = self._found
        return self._failed(
            f"drops {self._file}: Coolify replaces env_file: by its own .env",
            ways_out(found.coming, found.pin, found.location),
        )

    def _kept_for_now(self) -> Finding:
        version = self._found.resource.version
        return warned(
            self._line(f"keeps env_file: only as this old Coolify ({version}) does"),
            hint=f"Before you update Coolify: {raw_and_preserve(self._found.location)}.",
            at=self._at(),
            **self._evidence(),
        )

    def _not_copied(self) -> Finding:
        found = self._found
        return self._failed(
            f"keeps env_file:, but does not copy the repository: no {printable(found.wanted, 60)} arrives",
            copy_it(found.coming, found.pin, found.location),
        )

    def _perhaps_copied(self) -> Finding:
        found = self._found
        why = "".join(f" ({printable(each, 200)})" for each in found.mode.because[1:])  # the first tells of raw mode
        root = "Run preflight as root (sudo); or look" if "may not be read" in why else "Look"
        return could_not_look(
            self._line(f"keeps env_file:, but nothing tells whether it copies the repository{why}"),
            hint=f"{root} whether Preserve Repository is on ({_SWITCHES}), or give preflight the API "
            "(PREFLIGHT_COOLIFY_URL and PREFLIGHT_COOLIFY_TOKEN).",
            at=self._at(),
            **self._evidence(),
        )

    def _elsewhere(self) -> Finding:
        found = self._found
        lies = f"copies it to {printable(found.copy, 80)}" if found.copy else "does not copy it (it is outside of that)"
        return self._failed(
            f"looks for {printable(found.wanted, 80)}, but the base directory set in Coolify {lies}",
            f"In Coolify {raw_and_preserve(found.location)}; then redeploy.",
        )

    def _outside(self) -> Finding:
        found = self._found
        return self._failed(
            f"looks for {printable(found.wanted, 80)}, which leads out of the folder that Coolify copies to",
            move_inside(found.coming, found.pin, found.location),
        )

    def _in_stack(self) -> Finding:
        return warned(
            self._line(f"reads the copy of {self._file} in its folder, which no deployment refreshes"),
            hint="Update that file mount (Storages) whenever the pin changes, or deploy an application from git.",
            at=self._at(),
            **self._evidence(),
        )

    def _not_in_stack(self) -> Finding:
        found = self._found
        folder = printable(str(found.resource.folder), 120)
        return self._failed(
            f"has no repository, and {printable(found.wanted, 80)} is not in {folder}",
            ways_out(found.coming, found.pin, found.location),
        )

    def _not_listed(self) -> Finding:
        return self._failed(
            f"keeps env_file:, but {self._service} does not list {self._file}",
            "`preflight run --only env-file-syntax` says what to write.",
        )

    def _in_other_file(self) -> Finding:
        found = self._found
        place = found.entry.place if found.entry else None
        other = printable(self._ctx.show(place[0]), 80) if place else ""
        if found.deploys is not None:
            deploys = printable(self._ctx.show(found.deploys), 80)
            return self._failed(
                f"reads {deploys} only, and {self._file} is listed in {other}",
                f"Move that entry of env_file: into {deploys}.",
            )
        return could_not_look(
            self._line(f"reads one compose file, and {self._file} is listed in {other}: nothing tells whether in that"),
            hint="Write into preflight.yaml the one file that Coolify deploys (`compose: {files: [FILE]}`), or give "
            "preflight the API (PREFLIGHT_COOLIFY_URL and PREFLIGHT_COOLIFY_TOKEN).",
            at=self._at(),
            **self._evidence(),
        )

    def _no_file(self) -> Finding:
        return self._failed(
            f"keeps env_file:, but there is no {printable(self._found.wanted, 120)} on this host",
            f"Put the pin file there, or name it by a relative path and {raw_and_preserve(self._found.location)}.",
        )

    def _ui_in_vain(self) -> Finding:
        variable = self._found.pin.variable
        return self._failed(
            f"gives no variable of Coolify's UI to a container, so {variable} does not arrive from there",
            "Switch Raw Compose Deployment off in Coolify and redeploy; or write `coolify: {pin_in: file}` into "
            "preflight.yaml.",
        )

    def _beaten(self) -> Finding:
        variable = self._found.pin.variable
        return self._failed(
            f"copies build: args: into environment:, where {variable} beats the UI's",
            f"Rename the build argument {variable} of {self._service}.",
        )

    def _own_command(self) -> Finding:
        return could_not_look(
            self._line("is started by a custom command with files of its own, so nothing here tells what it reads"),
            hint=f"Empty it ({_START}); coolify-env-file tells what the containers have.",
            at=self._at(),
            **self._evidence(),
        )

    # -- words -------------------------------------------------------------------------------------------------

    def _refused(self) -> Iterator[Finding]:
        found, file = self._found, self._found.file or self._found.pin.file
        for refusal, more in first_of_each_kind((*found.refusals, *found.in_raw)):
            coming = Situation.RAW_PRESERVED if refusal in found.in_raw else found.coming
            words = f"{self._service}: {says(refusal, coming, printable(self._ctx.show(file), 80))}{more}"
            is_harmless = refusal in found.in_raw or refusal.kind is RefusalKind.NO_LABELS
            tell = warned if is_harmless else failed
            yield tell(words, hint=fix(refusal), at=self._ctx.at(file, refusal.line), **self._evidence())

    def _line(self, what: str) -> str:
        mode = self._found.mode
        if mode.next is None:
            return f"{self._service}: {mode.situation} {what}"
        return f"{self._service}: deployed in {mode.situation}, but next in {mode.next}, which {what}"

    def _failed(self, what: str, hint: str) -> Finding:
        return failed(self._line(what), hint=hint, at=self._at(), **self._evidence())

    def _at(self) -> Location | None:
        entry = self._found.entry
        return None if entry is None or entry.place is None else self._ctx.at(*entry.place)

    def _evidence(self) -> dict[str, Json]:
        found = self._found
        evidence: dict[str, Json] = {
            "application": found.resource.uuid,
            "found_by": found.resource.found_by,
            "mode": found.mode.situation.value,
            "because": list(found.mode.because),
            "env_file": found.fate.value,
        }
        if found.mode.next is not None:
            evidence["next"] = found.mode.next.value
        if found.resource.version is not None:
            evidence["coolify"] = found.resource.version
        return evidence

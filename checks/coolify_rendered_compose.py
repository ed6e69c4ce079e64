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
    Failure,
    Finding,
    Json,
    Need,
    NoSettings,
    Status,
    Subject,
    could_not_look,
    passed,
    skipped,
)
from preflight.coolify.host.deployed import NeverDeployed
from preflight.coolify.judge.previews import REMEDY
from preflight.coolify.judge.rendered import Copy, look_at_rendered
from preflight.lib.text import printable

if TYPE_CHECKING:
    from preflight.coolify.judge.rendered import Overriding, Rendered

_MODE = "Switch what `preflight run --only coolify-mode` names"

NO_SERVICE = Failure(
    "no-service",
    "The deployed compose file does not have the service.",
    "Deploy it in Coolify from the branch that has the service.",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
NO_SERVICES = Failure(
    "no-services",
    "Coolify deployed no service at all: its YAML reader refused the repository's compose file.",
    "Remove what `preflight run --only coolify-mode` names (!reset, !override, a repeated key), then deploy again.",
    before=Status.WARN,
)
OVERWRITTEN = Failure(
    "overwritten-by-preview",
    "A preview deployment of a pull request overwrote the compose file, or the pin file beside it.",
    REMEDY,
    before=Status.WARN,
    deploy_fixes=True,
)
REPLACED = Failure(
    "env-file-replaced",
    "Coolify replaced `env_file:` by its own .env.",
    f"{_MODE}; then deploy again.",
    before=Status.WARN,
)
NOT_LISTED = Failure(
    "not-listed",
    "The deployed compose file does not list the pin file.",
    "Deploy it in Coolify from the branch that lists the pin file (`preflight run --only env-file-syntax`).",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
MISSING = Failure(
    "missing",
    "The pin file is not where the deployed `env_file:` leads; required: false hides that.",
    "Switch Preserve Repository on, with the base directory in which the path holds.",
)
MISSING_YET = Failure(
    "missing-yet",
    "The pin file is not where the deployed `env_file:` leads; the next deployment copies it there.",
    "Deploy it in Coolify.",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
NOT_A_FILE = Failure(
    "not-a-file",
    "What lies where the deployed `env_file:` looks for the pin file is no regular file.",
    "Remove it, then deploy again; Docker makes a folder where a bind mount finds no file.",
)
SAME_VALUE = Failure(
    "other-text",
    "The deployed copy of the pin file has another text than the checkout, but the same pin.",
    "Deploy it in Coolify when it suits.",
    Status.WARN,
    Status.WARN,
    settles=True,
    deploy_fixes=True,
)
OLD_COPY = Failure(
    "old-copy",
    "The deployed copy of the pin file has an earlier pin: nothing was deployed since the pin changed.",
    "Deploy it in Coolify.",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
STALE_COPY = Failure(
    "stale-copy",
    "The deployed copy of the pin file has an earlier pin, and the last deployment did not replace it.",
    f"{_MODE}.",
)
FOREIGN_COPY = Failure(
    "foreign-copy",
    "The deployed copy of the pin file says what no commit of the pin file said, and no deployment replaces it.",
    f"{_MODE}, and find out who writes the copy.",
)
FOREIGN_COPY_YET = Failure(
    "foreign-copy-yet",
    "The deployed copy of the pin file says what no commit of the pin file said; the next deployment replaces it.",
    "Deploy it in Coolify. If the failure comes back, find out who writes the copy.",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)
LATER_FILE = Failure(
    "later-file",
    "An env file after the pin file sets the variable, too.",
    "Delete that file from the folder on the server, and from git if it is there.",
)
BUILD_ARGUMENT = Failure(
    "build-argument",
    "Coolify copied a build argument of that name into `environment:`, which overrides every env file.",
    "Rename the build argument.",
)
BARE_NAME = Failure(
    "bare-name",
    "`environment:` names the variable without a value, and Coolify makes an entry that overrides every env file.",
    "Delete the name from `environment:`.",
)
ENVIRONMENT = Failure(
    "environment",
    "`environment:` of the deployed file and of the repository has the variable, which overrides every env file.",
    "Delete the variable from `environment:`.",
)
ENVIRONMENT_YET = Failure(
    "environment-yet",
    "`environment:` of the deployed file has the variable; that of the repository does not.",
    "Delete the variable from Coolify's UI if it is there, then deploy again.",
    before=Status.WARN,
    settles=True,
    deploy_fixes=True,
)

_COPIES = {
    (Copy.MISSING, True): (MISSING_YET, "is not there, and {then}"),
    (Copy.MISSING, False): (MISSING, "is not there, and {then}"),
    (Copy.FOLDER, False): (NOT_A_FILE, "is a folder, not a file"),
    (Copy.IRREGULAR, False): (NOT_A_FILE, "is not a regular file"),
    (Copy.SAME_VALUE, True): (SAME_VALUE, "is not as in the checkout, but has the same {name}"),
    (Copy.SAME_VALUE, False): (SAME_VALUE, "is not as in the checkout, but has the same {name}"),
    (Copy.BEFORE, True): (OLD_COPY, "is that of {commit}: nothing was deployed since {pin} changed"),
    (Copy.STALE, True): (OLD_COPY, "is that of {commit}; Coolify's settings were changed since to copy the repository"),
    (Copy.STALE, False): (STALE_COPY, "is stale: it is that of {commit}, although Coolify deployed since"),
    (Copy.OTHER, True): (FOREIGN_COPY_YET, "is not {pin}, nor what that was in any commit"),
    (Copy.OTHER, False): (FOREIGN_COPY, "is not {pin}, nor what that was in any commit"),
}
"""What lies in place of the pin file, and whether the next deployment replaces it, to failure and words."""

_OF_COPIES = tuple(dict.fromkeys(failure for failure, _ in _COPIES.values()))
_OF_ENVIRONMENT = (BUILD_ARGUMENT, BARE_NAME, ENVIRONMENT, ENVIRONMENT_YET)


class CoolifyRenderedCompose(Check[NoSettings]):
    """What `up` reads on the host, in which order, and whether it is there."""

    about = About(
        id="coolify-rendered-compose",
        title="The compose file that Coolify deployed names the pin file, and it lies there",
        area=Area.COOLIFY,
        tags=frozenset({"compose", "coolify", "pin", "runtime"}),
        needs=frozenset({Need.PIN, Need.ENGINE, Need.GIT, Need.DEPLOYMENT}),
        asks=(
            "Does `docker-compose.yaml` in the application's folder still list the pin file for the service, does that "
            "path lead to a regular file from where Coolify runs `up`, with the bytes that the checkout has, and does "
            "nothing there override it? `-v` shows what Coolify made of env_file: and environment: (names only)."
        ),
        why=(
            "Coolify rewrites the file: it may replace `env_file:`, turn `- X` into an empty X and copy build "
            "arguments into `environment:`. And `required: false` hides a file that is not where `up` looks."
        ),
        failures=(
            NO_SERVICE,
            NO_SERVICES,
            OVERWRITTEN,
            REPLACED,
            NOT_LISTED,
            *_OF_COPIES,
            LATER_FILE,
            *_OF_ENVIRONMENT,
        ),
    )

    def run(self, ctx: Context) -> Iterable[Finding]:
        """Judge each pin."""
        for pin in ctx.pins:
            subject = Subject("service", pin.service)
            try:
                yield from _RenderedFindings(ctx, look_at_rendered(ctx, pin)).findings()
            except DoesNotApply as reason:
                yield skipped(reason.message, subject, hint=reason.hint)
            except NeverDeployed as reason:
                yield skipped(f"{pin.service}: {reason.message}", subject, hint=reason.hint)
            except CouldNotLook as problem:
                yield could_not_look(f"{pin.service}: {problem.message}", subject, problem.need, hint=problem.hint)


class _RenderedFindings:
    """Puts what was found about one pin into words."""

    def __init__(self, ctx: Context, found: "Rendered") -> None:
        self._ctx, self._found = ctx, found
        self._service = printable(found.pin.service, 60)
        self._file = found.file.name
        self._pin = printable(ctx.show(found.pin.file), 80)
        self._in_ui = ctx.doors.coolify.settings.pin_in == "ui"
        self._subject = Subject("service", self._service)

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong; the good case only when nothing is."""
        found = [*self._problems()]
        yield from found or [self._good()]

    def _problems(self) -> Iterator[Finding]:
        found = self._found
        if found.is_empty:
            message = f"{self._file} has no service at all: Coolify's YAML reader refused the repository's compose file"
            yield self._say(NO_SERVICES, f"{message}, so the deployment removed the containers and started none")
            return
        if not found.has_service and found.preview:
            yield self._overwritten(self._file)
            return
        if not found.has_service:
            yield self._say(NO_SERVICE, f"{self._file} has no such service")
            return
        if not self._in_ui:
            yield from self._env_file()
        if found.overriding is not None:
            yield self._overridden(found.overriding)

    def _env_file(self) -> Iterator[Finding]:
        found = self._found
        if found.entry is None:
            yield self._overwritten(self._file) if found.preview and not found.only_own else self._not_listed()
            return
        if found.preview and found.copy in {Copy.BEFORE, Copy.STALE, Copy.OTHER}:
            path = found.entry.path or found.pin.file.name
            yield self._overwritten(printable(str(path)))
        elif found.copy is Copy.UNCLEAR:
            yield self._unclear()
        elif found.copy is not None and found.copy is not Copy.SAME:
            yield self._different(found.copy)
        if found.later is not None:
            later = printable(str(found.later))
            yield self._say(LATER_FILE, f"{later} is read after the pin file and sets {found.pin.variable} too")

    def _overwritten(self, what: str) -> Finding:
        return self._say(OVERWRITTEN, f"a preview deployment (pull request {self._found.preview}) overwrote {what}")

    def _not_listed(self) -> Finding:
        found = self._found
        if found.only_own:
            lost = ", ".join(printable(each, 60) for each in found.written) or "nothing"
            return self._say(REPLACED, f"{self._file} lists only .env, in place of {lost}")
        listed = ", ".join(printable(each, 60) for each in found.deployed) or "nothing"
        return self._say(NOT_LISTED, f"{self._file} does not list {self._pin}, but {listed}")

    def _unclear(self) -> Finding:
        entry = self._found.entry
        text, place = (printable(entry.text, 80), entry.place) if entry else ("", None)
        return could_not_look(
            f"{self._service}: which file {text} in {self._file} means depends on a variable",
            self._subject,
            hint="Write the path out.",
            at=self._ctx.at(self._found.file, place[1] if place else None),
        )

    def _different(self, copy: Copy) -> Finding:
        """Say what lies in place of the pin file."""
        found, entry = self._found, self._found.entry
        failure, words = _COPIES[copy, found.rewritten]
        optional = entry is not None and entry.required.lower() == "false"
        then = (
            "required: false hides that" if optional else "the next `up` stops after it has removed the old container"
        )
        commit = f"commit {found.commit.hash[:9]}" if found.commit is not None else "an earlier commit"
        where = printable(str(entry.path if entry and entry.path else found.pin.file.name))
        words = words.format(then=then, name=found.pin.variable, commit=commit, pin=self._pin)
        hint = ""
        if found.elsewhere is not None:
            inside = printable(str(found.elsewhere), 80)
            hint = f"Today's copy lies at {inside} there: set {found.to_place} in Coolify."
        elif copy is Copy.FOLDER:
            hint = f"rmdir {where}, then deploy again."
        return self._say(failure, f"{where} {words}", hint)

    def _overridden(self, by: "Overriding") -> Finding:
        variable, service = self._found.pin.variable, self._service
        where = f"environment: in {self._file} has {variable}"
        delete = f"Delete {variable} from environment: of {service}."
        if by.from_build:
            hint = f"Rename the build argument {variable}."
            return self._say(BUILD_ARGUMENT, f"{where}: Coolify copied it from build: args:", hint)
        if by.was_bare:
            made = "gave it a value" if by.entry.has_value else "kept it without a value"
            return self._say(BARE_NAME, f"{where}, which the repository names without a value; Coolify {made}", delete)
        if self._in_ui:
            return self._say(ENVIRONMENT, f"{where}: it overrides the UI's variable", delete)
        if by.in_repository:
            return self._say(ENVIRONMENT, f"{where}, as in the repository: it overrides every env file", delete)
        return self._say(ENVIRONMENT_YET, f"{where}, which the repository does not have: it overrides every env file")

    def _good(self) -> Finding:
        found = self._found
        if self._in_ui:
            listed = ", ".join(printable(each, 60) for each in found.deployed) or "nothing"
            name = found.pin.variable
            message = f"{self._service}: {self._file} lists {listed}; nothing there overrides {name} of Coolify's UI"
        else:
            then = ", then Coolify's .env" if found.own_last else ""
            entry = printable(found.entry.text if found.entry else "", 120)
            message = f"{self._service}: {self._file} lists {entry}, which is there as in the checkout{then}"
        return passed(message, self._subject, at=self._ctx.at(self._found.file), **self._evidence())

    def _say(self, failure: Failure, what: str, hint: str = "") -> Finding:
        message = f"{self._service}: {what}"
        return self._ctx.found(
            failure, message, self._subject, hint=hint, at=self._ctx.at(self._found.file), **self._evidence()
        )

    def _evidence(self) -> dict[str, Json]:
        commit = {"commit": self._found.commit.hash} if self._found.commit is not None else {}
        return {"deployed": str(self._found.file), "changed": list(self._found.diff), **commit}

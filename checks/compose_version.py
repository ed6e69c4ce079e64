"""Long-form `env_file:` needs Compose 2.24.0; older ones refuse the project or drop the pin."""

from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from preflight import (
    About,
    Area,
    Check,
    Context,
    Failure,
    Finding,
    Need,
    Status,
    Subject,
    passed,
    setting,
    skipped,
)
from preflight.coolify.judge.helper import HelperPart, who_deploys
from preflight.lib.records import frozen
from preflight.lib.versions import parse_version

if TYPE_CHECKING:
    from preflight.compose.ask.binary import ComposeBinary
    from preflight.lib.versions import Version

INSTALL = "Install the Compose plugin: https://docs.docker.com/compose/install/linux/"
_PLUGIN = "docker compose"
_STANDALONE = "docker-compose"
_OWN = "PREFLIGHT_OWN_COMPOSE"
"""Set in preflight's own image (docker/Dockerfile): a file that is hidden once the host's plugins are mounted."""
_MOUNT = "docker run --volume FOLDER:/usr/libexec/docker/cli-plugins:ro, FOLDER being where docker info shows compose"
_OWN_MESSAGE = "the Compose that is here came with preflight's image"
_COOLIFY_S = 5.0
_COMMANDS = {"": "", "plugin": _PLUGIN, "standalone": _STANDALONE}


@frozen
class Settings:
    """Settings of `compose-version`."""

    minimum: str = setting("2.24.0", "The oldest version that passes.")
    command: str = setting(
        "",
        "Which program deploys: docker compose or docker-compose. Empty: the plugin if it is there, as Coolify does.",
        values=("plugin", "standalone"),
    )

    def __post_init__(self) -> None:
        try:
            parse_version(self.minimum)
        except ValueError as error:
            raise ValueError(f"minimum: {error}") from error
        if self.command not in _COMMANDS:
            raise ValueError("command: must be plugin or standalone")


_BLIND = frozenset({Need.COMPOSE})

TOO_OLD = Failure(
    "too-old", "The Compose that deploys is older than the minimum, or a pre-release of it.", f"{INSTALL}."
)
NOT_INSTALLED = Failure(
    "not-installed",
    "Neither `docker compose` nor `docker-compose` is on PATH.",
    f"{INSTALL}; under cron, set PATH to where docker is.",
    explains=_BLIND,
)
COMPOSE_V1 = Failure(
    "compose-v1",
    "The Compose that deploys is v1, the Python program that ended in 2023.",
    f"{INSTALL}.",
    explains=_BLIND,
)
PODMAN_COMPOSE = Failure(
    "podman-compose",
    "podman-compose answers to the name of Compose, and it is another program.",
    f"{INSTALL}, or name it with PODMAN_COMPOSE_PROVIDER.",
)
NO_VERSION = Failure(
    "no-version",
    "Compose does not answer, or not with a version.",
    "Run `docker compose version` and look why.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
OWN_COMPOSE = Failure(
    "own-compose",
    "preflight runs in its own image and sees that image's Compose, not this host's.",
    f"Mount the host's plugins over it: {_MOUNT}. Where no Compose of this host deploys: --skip compose-version.",
    Status.ERROR,
    Status.ERROR,
    waivable=False,
)
PODMAN_SHIM = Failure(
    "podman-shim",
    "Podman's shim calls a good Compose, but Podman runs the containers.",
    "Make sure that this is what deploys; Coolify calls Docker's own `docker`.",
    Status.WARN,
    Status.WARN,
)
SECOND = Failure(
    "second-compose",
    "A second Compose on PATH would not do.",
    "Remove it, or update it, so that nobody deploys with it.",
    Status.WARN,
    Status.WARN,
)
NOT_DEPLOYING = Failure(
    "not-deploying",
    "The host's Compose would not do, but Coolify deploys with that of its helper.",
    "Update it for whoever deploys by hand; coolify-compose-version judges the helper's.",
    Status.WARN,
    Status.WARN,
)


class ComposeVersion(Check[Settings]):
    """The Compose that deploys knows the long form of `env_file:`."""

    about = About(
        id="compose-version",
        title="Compose is new enough for env_file entries with required: false",
        area=Area.COMPOSE,
        tags=frozenset({"compose", "host"}),
        needs=frozenset({Need.COMPOSE}),
        asks="Which Compose deploys on this host, and is it 2.24.0 or newer?",
        why=(
            "The long form of env_file (path and required) arrived in Compose 2.24.0. An older one refuses the whole "
            "project, so the rollout stops half way; Compose v1 and podman-compose have rules of their own. "
            "Coolify in its default mode deploys with the Compose inside its helper image, not with this host's: then "
            "what is wrong here is a warning, and coolify-compose-version judges the one that counts."
        ),
        failures=(
            TOO_OLD,
            NOT_INSTALLED,
            COMPOSE_V1,
            PODMAN_COMPOSE,
            NO_VERSION,
            OWN_COMPOSE,
            PODMAN_SHIM,
            SECOND,
            NOT_DEPLOYING,
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge the Compose of this host, and say whether it is the one that counts."""
        own = ctx.environ.get(_OWN)
        if own and Path(own).exists():
            yield _ours(ctx, _Counts.of(ctx))
            return
        first, *others = self._host(ctx, ctx.doors.compose.binaries(ctx.deadline))
        yield _Counts.of(ctx).said_of(ctx, first)
        yield from others

    def _host(self, ctx: Context, binaries: "tuple[ComposeBinary, ...]") -> Iterator[Finding]:
        """Judge the Compose that deploys, then warn of any other that somebody might take for it."""
        wanted = _COMMANDS[self.settings.command]
        deploying = next((each for each in binaries if wanted in {"", each.command}), None)
        yield _none(ctx, wanted, binaries) if deploying is None else self._judge(ctx, deploying)
        for other in binaries:
            if other is not deploying and (warning := self._warn(ctx, other)):
                yield warning

    def _judge(self, ctx: Context, binary: "ComposeBinary") -> Finding:
        name, look = binary.command, f"Look why: {binary.command} version"
        if binary.problem:
            return _about(ctx, NO_VERSION, binary, f"{name} did not tell its version: {binary.problem}", look)
        if binary.is_podman_compose:
            message = f"{name} is podman-compose, which is not Docker Compose ({binary.version or 'version unknown'})"
            return _about(ctx, PODMAN_COMPOSE, binary, message)
        try:
            version = parse_version(binary.version or "")
        except ValueError:
            return _about(ctx, NO_VERSION, binary, f"{name} answered, but not with a version", look)
        if binary.kind == "v1":
            return _about(ctx, COMPOSE_V1, binary, f"{name} is {version}, the Python Compose v1 that ended in 2023")
        return self._compare(ctx, binary, version)

    def _compare(self, ctx: Context, binary: "ComposeBinary", version: "Version") -> Finding:
        minimum = parse_version(self.settings.minimum)
        which = "through Podman's shim" if binary.kind == "podman" else binary.kind
        name = f"{binary.command} is {binary.version} ({which})"
        if not version.at_least(minimum):
            because = f"a pre-release of {minimum}" if version.number == minimum.number else f"older than {minimum}"
            return _about(ctx, TOO_OLD, binary, f"{name}, {because}", f"{INSTALL} in {minimum} or newer.")
        if binary.kind == "podman":
            return _about(ctx, PODMAN_SHIM, binary, f"{name}: new enough, but Podman runs the containers")
        message = f"{name}, at least {minimum}"
        return passed(message, _program(binary), answer=binary.answer, program=binary.argv[0])

    def _warn(self, ctx: Context, other: "ComposeBinary") -> Finding | None:
        """Say that somebody who calls this other program would deploy with one that is too old, or with none."""
        judged = self._judge(ctx, other)
        if judged.status in {Status.PASS, Status.WARN}:
            return None
        hint = f"Remove {other.argv[0]}, or update it, so that nobody deploys with it."
        return _about(ctx, SECOND, other, f"beside the Compose that deploys: {judged.message}", hint)


class _Counts(Enum):
    """Whether the host's Compose is the one that deploys; the value is added to what is said of it."""

    ALONE = ""
    HOST = "; Coolify runs `up` with it"
    HELPER = "; Coolify deploys with its helper's (coolify-compose-version)"
    BOTH = "; Coolify runs `up` of some services with it"
    UNKNOWN = "; it may be the one that Coolify deploys with"

    @classmethod
    def of(cls, ctx: Context) -> "_Counts":
        """Ask Coolify; an engine that hangs is not waited for long."""
        soon = replace(ctx, deadline=ctx.deadline.sooner(_COOLIFY_S)) if ctx.pins else ctx
        deploying = who_deploys(soon)
        parts = {each.part for each in deploying}
        if all(each.outside is not None for each in deploying):
            return cls.ALONE
        if parts == {HelperPart.UP}:
            return cls.HELPER
        if HelperPart.UNKNOWN in parts:
            return cls.UNKNOWN
        return cls.BOTH if HelperPart.UP in parts else cls.HOST

    def said_of(self, ctx: Context, finding: Finding) -> Finding:
        """Add it; what is wrong with a Compose that does not deploy is a warning."""
        message = finding.message + self.value
        if self is not _Counts.HELPER or finding.status is Status.PASS:
            return replace(finding, message=message)
        hint = f"Nothing for this rollout. For whoever deploys by hand: {finding.hint}"
        return replace(ctx.found(NOT_DEPLOYING, message, finding.subject, hint=hint), evidence=finding.evidence)


def _ours(ctx: Context, counts: _Counts) -> Finding:
    if counts is _Counts.HELPER:
        return skipped(f"{_OWN_MESSAGE}{counts.value}", hint="Nothing to do here.")
    return ctx.found(OWN_COMPOSE, f"{_OWN_MESSAGE}; it says nothing about the one that deploys")


def _program(binary: "ComposeBinary") -> Subject:
    return Subject("program", binary.command)


def _about(ctx: Context, failure: Failure, binary: "ComposeBinary", message: str, hint: str = "") -> Finding:
    """Return a finding about one program, with what it answered as evidence."""
    subject = _program(binary)
    return ctx.found(failure, message, subject, hint=hint, answer=binary.answer, program=binary.argv[0])


def _none(ctx: Context, wanted: str, binaries: "tuple[ComposeBinary, ...]") -> Finding:
    if not binaries:
        return ctx.found(NOT_INSTALLED, "no Compose on PATH: neither docker compose nor docker-compose")
    hint = f"{INSTALL}, or correct `command` of compose-version in preflight.yaml."
    message = f"{wanted} is not installed, though the settings say that it deploys"
    return ctx.found(NOT_INSTALLED, message, Subject("program", wanted), hint=hint)

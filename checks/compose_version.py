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
    Finding,
    Need,
    Status,
    could_not_look,
    failed,
    passed,
    skipped,
    warned,
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
    """Settings of `compose-version`.

    Args:
        minimum: The oldest version that passes.
        command: Which program deploys, "plugin" (`docker compose`) or "standalone" (`docker-compose`); empty: the
            plugin if it is there, as Coolify and every current tool do.
    """

    minimum: str = "2.24.0"
    command: str = ""

    def __post_init__(self) -> None:
        try:
            parse_version(self.minimum)
        except ValueError as error:
            raise ValueError(f"minimum: {error}") from error
        if self.command not in _COMMANDS:
            raise ValueError("command: must be plugin or standalone")


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
            ("The Compose that deploys is older than the minimum, or a pre-release of it.", f"{INSTALL}."),
            ("Neither `docker compose` nor `docker-compose` is on PATH.", f"{INSTALL}; under cron, set PATH."),
            ("Only Compose v1 (Python) is there.", f"{INSTALL}; v1 ended in 2023."),
            ("podman-compose answers to the name.", f"{INSTALL}, or name it with PODMAN_COMPOSE_PROVIDER."),
            ("The program does not answer, or its version cannot be read.", "Run `docker compose version` and look."),
            (
                "preflight runs in its own image and sees that image's Compose, not this host's (cannot look).",
                "Mount the host's plugins over those of the image, as the README shows.",
            ),
            ("Podman's shim stands before a good Compose (warning).", "Deploy with Docker's own command."),
            ("A second Compose on PATH is too old (warning).", "Remove it, or update it."),
            (
                "The host's Compose is too old, but Coolify deploys with its helper's (warning).",
                "Update it for whoever deploys by hand; coolify-compose-version judges the helper's.",
            ),
        ),
    )
    settings_type = Settings

    def run(self, ctx: Context) -> Iterator[Finding]:
        """Judge the Compose of this host, and say whether it is the one that counts."""
        own = ctx.environ.get(_OWN)
        if own and Path(own).exists():
            yield _ours(_Counts.of(ctx))
            return
        first, *others = self._host(ctx.doors.compose.binaries(ctx.deadline))
        yield _Counts.of(ctx).said_of(first)
        yield from others

    def _host(self, binaries: "tuple[ComposeBinary, ...]") -> Iterator[Finding]:
        """Judge the Compose that deploys, then warn of any other that somebody might take for it."""
        wanted = _COMMANDS[self.settings.command]
        deploying = next((each for each in binaries if wanted in {"", each.command}), None)
        yield _none(wanted, binaries) if deploying is None else self._judge(deploying)
        for other in binaries:
            if other is not deploying and (warning := self._warn(other)):
                yield warning

    def _judge(self, binary: "ComposeBinary") -> Finding:
        said = _Said(binary)
        name = binary.command
        if binary.problem:
            return said.error(f"{name} did not tell its version: {binary.problem}", f"Look why: {name} version")
        if binary.is_podman_compose:
            return said.fail(
                f"{name} is podman-compose, which is not Docker Compose ({binary.version or 'version unknown'})",
                f"{INSTALL}, or name it with PODMAN_COMPOSE_PROVIDER.",
            )
        try:
            version = parse_version(binary.version or "")
        except ValueError:
            return said.error(f"{name} answered, but not with a version", f"Look what it says: {name} version")
        if binary.kind == "v1":
            return said.fail(f"{name} is {version}, the Python Compose v1 that ended in 2023", INSTALL)
        return self._compare(said, version)

    def _compare(self, said: "_Said", version: "Version") -> Finding:
        minimum = parse_version(self.settings.minimum)
        binary = said.binary
        which = "through Podman's shim" if binary.kind == "podman" else binary.kind
        name = f"{binary.command} is {binary.version} ({which})"
        if not version.at_least(minimum):
            because = f"a pre-release of {minimum}" if version.number == minimum.number else f"older than {minimum}"
            return said.fail(f"{name}, {because}", f"{INSTALL} in {minimum} or newer.")
        if binary.kind == "podman":
            return said.warn(
                f"{name}: new enough, but Podman runs the containers",
                "Make sure that this is what deploys; Docker's own `docker` is what Coolify calls.",
            )
        return said.right(f"{name}, at least {minimum}")

    def _warn(self, other: "ComposeBinary") -> Finding | None:
        """Say that somebody who calls this other program would deploy with one that is too old, or with none."""
        judged = self._judge(other)
        if judged.status in {Status.PASS, Status.WARN}:
            return None
        return _Said(other).warn(
            f"beside the Compose that deploys: {judged.message}",
            f"Remove {other.argv[0]}, or update it, so that nobody deploys with it.",
        )


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

    def said_of(self, finding: Finding) -> Finding:
        """Add it; what is wrong with a Compose that does not deploy is a warning."""
        message = finding.message + self.value
        if self is not _Counts.HELPER or finding.status is Status.PASS:
            return replace(finding, message=message)
        hint = f"Nothing for this rollout. For whoever deploys by hand: {finding.hint}"
        return replace(finding, status=Status.WARN, message=message, hint=hint)


def _ours(counts: _Counts) -> Finding:
    if counts is _Counts.HELPER:
        return skipped(f"{_OWN_MESSAGE}{counts.value}", hint="Nothing to do here.")
    return could_not_look(
        f"{_OWN_MESSAGE}; it says nothing about the one that deploys",
        hint=f"Mount the host's plugins over it: {_MOUNT}. Where no Compose of this host deploys: "
        "--skip compose-version.",
    )


@frozen
class _Said:
    """Findings about one program, each with what it answered as evidence."""

    binary: "ComposeBinary"

    def right(self, message: str) -> Finding:
        return passed(message, answer=self.binary.answer, program=self.binary.argv[0])

    def warn(self, message: str, hint: str) -> Finding:
        return warned(message, hint=hint, answer=self.binary.answer, program=self.binary.argv[0])

    def fail(self, message: str, hint: str) -> Finding:
        return failed(message, hint=hint, answer=self.binary.answer, program=self.binary.argv[0])

    def error(self, message: str, hint: str) -> Finding:
        return could_not_look(message, hint=hint, answer=self.binary.answer, program=self.binary.argv[0])


def _none(wanted: str, binaries: "tuple[ComposeBinary, ...]") -> Finding:
    if not binaries:
        return failed(
            "no Compose on PATH: neither docker compose nor docker-compose",
            hint=f"{INSTALL}; under cron, set PATH to where docker is.",
        )
    return failed(
        f"{wanted} is not installed, though the settings say that it deploys",
        hint=f"{INSTALL}, or correct `command` of compose-version in preflight.yaml.",
    )

"""Tests of checks/compose_version.py; how programs are told apart is tested with preflight/compose/ask/binary.py."""

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import pytest

from checks.compose_version import ComposeVersion, Settings
from preflight.compose.ask.binary import ComposeBinary, Kind, find_binaries
from preflight.coolify.host.mode import Mode
from preflight.coolify.resource import Kind as CoolifyKind
from preflight.coolify.resource import Resource, Situation
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Status
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.real.compose import compose_binary


def program(kind: Kind, version: str | None, *, answer: str = "", problem: str = "") -> ComposeBinary:
    """A Compose as it would answer."""
    argv = ("/usr/bin/docker", "compose") if kind in {"plugin", "podman"} else ("/usr/bin/docker-compose",)
    return ComposeBinary(kind, argv, answer or f"Docker Compose version v{version}", version, problem)


class Coolify:
    """A door to a Coolify that deploys each service in a way of its own."""

    def __init__(self, ways: Mapping[str, Situation | DoesNotApply | CouldNotLook]) -> None:
        self._ways = ways

    def resource(self, service: str, _deadline: Deadline) -> Resource:
        """One a service."""
        way = self._ways[service]
        if isinstance(way, DoesNotApply):
            raise way
        return Resource(service, CoolifyKind.APPLICATION, Path("/u"))

    def mode(self, resource: Resource, _deadline: Deadline) -> Mode:
        """Its way."""
        way = self._ways[resource.uuid]
        if not isinstance(way, Situation):
            raise way
        return Mode(way, ())


class ComposePrograms:
    """A Compose door that only says which programs there are."""

    def __init__(self, *binaries: ComposeBinary) -> None:
        self._binaries = binaries

    def binaries(self, _deadline: Deadline) -> tuple[ComposeBinary, ...]:
        """Return them."""
        return self._binaries


OUTSIDE = DoesNotApply("no Coolify here")
HIDDEN = CouldNotLook("nothing tells")
HELPER = "; Coolify deploys with its helper's (coolify-compose-version)"


def look_in_coolify(
    *programs: ComposeBinary,
    ways: Mapping[str, Situation | DoesNotApply | CouldNotLook],
    environ: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Run the check where these programs are installed and Coolify deploys the services of the pins."""
    pins = tuple(Pin("IMAGE", service, Path("/pin.env")) for service in ways)
    ctx = fake_context(pins=pins, environ=environ, compose=ComposePrograms(*programs), coolify=Coolify(ways))
    return run_check(ComposeVersion(Settings()), ctx)


def look(*programs: ComposeBinary, settings: Settings | None = None) -> list[Finding]:
    """Run the check where these programs are installed."""
    ctx = fake_context(compose=ComposePrograms(*programs))
    return run_check(ComposeVersion(settings or Settings()), ctx)


@pytest.mark.compose
@pytest.mark.parametrize(
    ("version", "status"), [("2.23.3", Status.FAIL), ("2.24.1", Status.PASS), ("2.40.3", Status.PASS)]
)
def test_real_programs_on_both_sides_of_the_limit(version: str, status: Status) -> None:
    """The real 2.23.3 fails; the real 2.24.1 and 2.40.3 pass."""
    found = find_binaries({"PATH": str(compose_binary(version).parent)}, Deadline.after(30))

    [finding] = look(*found)

    assert finding.status is status
    assert version in finding.message


@pytest.mark.parametrize("version", ["2.24.0", "2.24", "v2.24.0", "2.24.0-desktop.1", "2.24.1-rc.1", "5.0.1"])
@pytest.mark.parametrize("kind", ["plugin", "standalone"])
def test_new_enough_passes(kind: str, version: str) -> None:
    """A vendor's suffix, a leading v and major version 5 pass."""
    [finding] = look(program(cast("Kind", kind), version))

    assert finding.status is Status.PASS
    assert version in finding.message
    assert kind in finding.message


@pytest.mark.parametrize(
    ("version", "words"),
    [
        ("2.23.3", "older than 2.24.0"),
        ("2.21.0+ds1-0ubuntu1", "older than 2.24.0"),
        ("2.23.3-desktop.2", "older than 2.24.0"),
        ("2.24.0-rc.1", "a pre-release of 2.24.0"),
    ],
)
def test_too_old_fails(version: str, words: str) -> None:
    """An older one and a release candidate of the limit itself fail, and say what to install."""
    [finding] = look(program("plugin", version))

    assert (finding.status, finding.code) == (Status.FAIL, "too-old")
    assert finding.message == f"docker compose is {version} (plugin), {words}"
    assert "2.24.0 or newer" in finding.hint


def test_the_compose_of_our_own_image_is_not_judged(tmp_path: Path) -> None:
    """In the tool's image its own Compose is no answer; once the host's plugins hide it, theirs is judged."""
    mark = tmp_path / "mark"
    mark.touch()
    programs = ComposePrograms(program("plugin", "2.26.1"))
    ctx = fake_context(environ={"PREFLIGHT_OWN_COMPOSE": str(mark)}, compose=programs)

    [finding] = run_check(ComposeVersion(Settings()), ctx)

    assert (finding.status, finding.code) == (Status.ERROR, "own-compose")
    assert "came with preflight's image" in finding.message
    assert ":/usr/libexec/docker/cli-plugins:ro" in finding.hint
    assert "--skip compose-version" in finding.hint

    mark.unlink()
    [finding] = run_check(ComposeVersion(Settings()), ctx)

    assert finding.status is Status.PASS


def test_none_fails() -> None:
    """Without any Compose nothing can be deployed."""
    [finding] = look()

    assert (finding.status, finding.code) == (Status.FAIL, "not-installed")
    assert "no Compose on PATH" in finding.message
    assert "cron" in finding.hint


def test_only_v1_fails() -> None:
    """The Python Compose v1 fails by name."""
    [finding] = look(program("v1", "1.29.2"))

    assert (finding.status, finding.code) == (Status.FAIL, "compose-v1")
    assert finding.message == "docker-compose is 1.29.2, the Python Compose v1 that ended in 2023"


@pytest.mark.parametrize("version", [None, "dev", "latest"])
def test_unreadable_version_is_an_error(version: str | None) -> None:
    """An answer without a version is not a pass."""
    [finding] = look(program("plugin", version, answer="Docker Compose version dev"))

    assert (finding.status, finding.code) == (Status.ERROR, "no-version")
    assert finding.message == "docker compose answered, but not with a version"
    assert finding.evidence["answer"] == "Docker Compose version dev"


def test_program_that_does_not_answer_is_an_error() -> None:
    """The one that deploys must answer, even if another one beside it does."""
    found = look(program("plugin", None, problem="exit code 3"), program("standalone", "2.40.3"))

    [finding] = found
    assert (finding.status, finding.code) == (Status.ERROR, "no-version")
    assert finding.message == "docker compose did not tell its version: exit code 3"
    assert finding.hint == "Look why: docker compose version"


def test_podman_compose_fails() -> None:
    """podman-compose is no Docker Compose, whatever its number."""
    [finding] = look(program("podman", "3.0.0", answer="podman-compose version 3.0.0"))

    assert (finding.status, finding.code) == (Status.FAIL, "podman-compose")
    assert "podman-compose" in finding.message


def test_podman_shim_is_judged_by_what_stands_behind_it() -> None:
    """Podman's shim before a good Compose warns; before an old one it fails."""
    [good] = look(program("podman", "2.40.3"))
    [old] = look(program("podman", "2.20.0"))

    assert (good.status, good.code) == (Status.WARN, "podman-shim")
    assert "through Podman's shim" in good.message
    assert (old.status, old.code) == (Status.FAIL, "too-old")


@pytest.mark.parametrize(
    "other",
    [program("v1", "1.29.2"), program("standalone", "2.23.3"), program("standalone", None, problem="exit code 1")],
)
def test_old_compose_beside_a_good_one_warns(other: ComposeBinary) -> None:
    """A second program that somebody may deploy with is worth a warning."""
    found = look(program("plugin", "2.40.3"), other)

    assert [(finding.status, finding.code) for finding in found] == [(Status.PASS, ""), (Status.WARN, "second-compose")]
    assert found[1].message.startswith("beside the Compose that deploys: docker-compose")
    assert other.argv[0] in found[1].hint


def test_good_compose_beside_a_good_one_is_not_mentioned() -> None:
    """Two good ones are one row."""
    assert len(look(program("plugin", "2.40.3"), program("standalone", "2.24.1"))) == 1


def test_setting_says_which_one_deploys() -> None:
    """With `command: standalone` the plugin is the other one."""
    programs = (program("plugin", "2.23.3"), program("standalone", "2.40.3"))

    found = look(*programs, settings=Settings(command="standalone"))

    assert [finding.status for finding in found] == [Status.PASS, Status.WARN]
    [missing] = look(program("standalone", "2.40.3"), settings=Settings(command="plugin"))
    assert (missing.status, missing.code) == (Status.FAIL, "not-installed")
    assert missing.message == "docker compose is not installed, though the settings say that it deploys"


def test_minimum_can_be_set() -> None:
    """The limit is the operator's."""
    [finding] = look(program("plugin", "2.24.1"), settings=Settings(minimum="2.30"))

    assert (finding.status, finding.code) == (Status.FAIL, "too-old")
    assert "older than 2.30.0" in finding.message


@pytest.mark.parametrize(
    ("minimum", "command", "words"),
    [("new", "", "minimum: not a version"), ("2.24.0", "podman", "plugin or standalone")],
)
def test_bad_settings_are_refused(minimum: str, command: str, words: str) -> None:
    """A limit that is no version, or an unknown command, is the configuration's error."""
    with pytest.raises(ValueError, match=words):
        Settings(minimum, command)


@pytest.mark.parametrize(
    ("ways", "words"),
    [
        ({"app": OUTSIDE}, ""),
        ({"app": Situation.SERVICE}, "; Coolify runs `up` with it"),
        ({"app": Situation.RAW, "web": Situation.DEFAULT_PRESERVED}, "; Coolify runs `up` with it"),
        ({"app": Situation.RAW, "web": Situation.DEFAULT}, "; Coolify runs `up` of some services with it"),
        ({"app": OUTSIDE, "web": Situation.DEFAULT}, "; Coolify runs `up` of some services with it"),
        ({"app": Situation.DEFAULT, "web": HIDDEN}, "; it may be the one that Coolify deploys with"),
    ],
)
def test_where_the_hosts_compose_may_deploy_an_old_one_fails(
    ways: Mapping[str, Situation | DoesNotApply | CouldNotLook], words: str
) -> None:
    """It is said which Compose counts, in a pass as in a failure."""
    [right] = look_in_coolify(program("plugin", "2.40.3"), ways=ways)
    [wrong] = look_in_coolify(program("plugin", "2.23.3"), ways=ways)

    assert (right.status, wrong.status) == (Status.PASS, Status.FAIL)
    assert right.message == f"docker compose is 2.40.3 (plugin), at least 2.24.0{words}"
    assert wrong.message == f"docker compose is 2.23.3 (plugin), older than 2.24.0{words}"


@pytest.mark.parametrize(
    ("programs", "words"),
    [
        ([program("plugin", "2.23.3")], "docker compose is 2.23.3 (plugin), older than 2.24.0"),
        ([program("plugin", "dev")], "docker compose answered, but not with a version"),
        ([], "no Compose on PATH: neither docker compose nor docker-compose"),
    ],
)
def test_where_coolifys_helper_deploys_the_hosts_compose_only_warns(programs: list[ComposeBinary], words: str) -> None:
    """The other check judges the one that counts."""
    [finding] = look_in_coolify(*programs, ways={"app": Situation.DEFAULT})

    assert (finding.status, finding.code) == (Status.WARN, "not-deploying")
    assert finding.message == words + HELPER
    assert finding.hint.startswith("Nothing for this rollout. For whoever deploys by hand: ")


def test_where_coolifys_helper_deploys_a_good_one_passes() -> None:
    """And says that it does not count."""
    [finding] = look_in_coolify(program("plugin", "2.40.3"), ways={"app": Situation.DEFAULT})

    assert finding.status is Status.PASS
    assert finding.message.endswith(HELPER)


def test_the_compose_of_our_own_image_matters_to_nobody_where_the_helper_deploys(tmp_path: Path) -> None:
    """Nothing was to be seen here, so nothing is missing."""
    (tmp_path / "mark").touch()
    environ = {"PREFLIGHT_OWN_COMPOSE": str(tmp_path / "mark")}

    [finding] = look_in_coolify(environ=environ, ways={"app": Situation.DEFAULT})
    assert finding.status is Status.SKIP
    assert finding.message.endswith(HELPER)

    [finding] = look_in_coolify(environ=environ, ways={"app": Situation.RAW})
    assert (finding.status, finding.code) == (Status.ERROR, "own-compose")

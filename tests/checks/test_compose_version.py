"""Tests of checks/compose_version.py; how programs are told apart is tested with preflight/compose/binary.py."""

from pathlib import Path
from typing import cast

import pytest

from checks.compose_version import ComposeVersion, Settings
from preflight import ComposeBinary, Deadline, Finding, Status
from preflight.compose.binary import Kind, find_binaries
from tests.fakes.checks import context
from tests.fakes.doors import ComposePrograms, doors
from tests.real.compose import compose_binary


def program(kind: Kind, version: str | None, *, answer: str = "", problem: str = "") -> ComposeBinary:
    """A Compose as it would answer."""
    argv = ("/usr/bin/docker", "compose") if kind in {"plugin", "podman"} else ("/usr/bin/docker-compose",)
    return ComposeBinary(kind, argv, answer or f"Docker Compose version v{version}", version, problem)


def look(*programs: ComposeBinary, settings: Settings | None = None) -> list[Finding]:
    """Run the check where these programs are installed."""
    ctx = context(Deadline.after(30), doors=doors(compose=ComposePrograms(*programs)))
    return list(ComposeVersion(settings or Settings()).run(ctx))


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

    assert finding.status is Status.FAIL
    assert finding.message == f"docker compose is {version} (plugin), {words}"
    assert "2.24.0 or newer" in finding.hint


def test_the_compose_of_our_own_image_is_not_judged(tmp_path: Path) -> None:
    """In the tool's image its own Compose is no answer; once the host's plugins hide it, theirs is judged."""
    mark = tmp_path / "mark"
    mark.touch()
    doors_here = doors(compose=ComposePrograms(program("plugin", "2.26.1")))
    ctx = context(Deadline.after(30), doors=doors_here, environ={"PREFLIGHT_OWN_COMPOSE": str(mark)})

    [finding] = ComposeVersion(Settings()).run(ctx)

    assert finding.status is Status.ERROR
    assert "came with preflight's image" in finding.message
    assert ":/usr/libexec/docker/cli-plugins:ro" in finding.hint
    assert "--skip compose-version" in finding.hint

    mark.unlink()
    [finding] = ComposeVersion(Settings()).run(ctx)

    assert finding.status is Status.PASS


def test_none_fails() -> None:
    """Without any Compose nothing can be deployed."""
    [finding] = look()

    assert finding.status is Status.FAIL
    assert "no Compose on PATH" in finding.message
    assert "cron" in finding.hint


def test_only_v1_fails() -> None:
    """The Python Compose v1 fails by name."""
    [finding] = look(program("v1", "1.29.2"))

    assert finding.status is Status.FAIL
    assert finding.message == "docker-compose is 1.29.2, the Python Compose v1 that ended in 2023"


@pytest.mark.parametrize("version", [None, "dev", "latest"])
def test_unreadable_version_is_an_error(version: str | None) -> None:
    """An answer without a version is not a pass."""
    [finding] = look(program("plugin", version, answer="Docker Compose version dev"))

    assert finding.status is Status.ERROR
    assert finding.message == "docker compose answered, but not with a version"
    assert finding.evidence["answer"] == "Docker Compose version dev"


def test_program_that_does_not_answer_is_an_error() -> None:
    """The one that deploys must answer, even if another one beside it does."""
    found = look(program("plugin", None, problem="exit code 3"), program("standalone", "2.40.3"))

    [finding] = found
    assert finding.status is Status.ERROR
    assert finding.message == "docker compose did not tell its version: exit code 3"
    assert finding.hint == "Look why: docker compose version"


def test_podman_compose_fails() -> None:
    """podman-compose is no Docker Compose, whatever its number."""
    [finding] = look(program("podman", "3.0.0", answer="podman-compose version 3.0.0"))

    assert finding.status is Status.FAIL
    assert "podman-compose" in finding.message


def test_podman_shim_is_judged_by_what_stands_behind_it() -> None:
    """Podman's shim before a good Compose warns; before an old one it fails."""
    [good] = look(program("podman", "2.40.3"))
    [old] = look(program("podman", "2.20.0"))

    assert good.status is Status.WARN
    assert "through Podman's shim" in good.message
    assert old.status is Status.FAIL


@pytest.mark.parametrize(
    "other",
    [program("v1", "1.29.2"), program("standalone", "2.23.3"), program("standalone", None, problem="exit code 1")],
)
def test_old_compose_beside_a_good_one_warns(other: ComposeBinary) -> None:
    """A second program that somebody may deploy with is worth a warning."""
    found = look(program("plugin", "2.40.3"), other)

    assert [finding.status for finding in found] == [Status.PASS, Status.WARN]
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
    assert missing.status is Status.FAIL
    assert missing.message == "docker compose is not installed, though the settings say that it deploys"


def test_minimum_can_be_set() -> None:
    """The limit is the operator's."""
    [finding] = look(program("plugin", "2.24.1"), settings=Settings(minimum="2.30"))

    assert finding.status is Status.FAIL
    assert "older than 2.30.0" in finding.message


@pytest.mark.parametrize(
    ("minimum", "command", "words"),
    [("new", "", "minimum: not a version"), ("2.24.0", "podman", "plugin or standalone")],
)
def test_bad_settings_are_refused(minimum: str, command: str, words: str) -> None:
    """A limit that is no version, or an unknown command, is the configuration's error."""
    with pytest.raises(ValueError, match=words):
        Settings(minimum, command)

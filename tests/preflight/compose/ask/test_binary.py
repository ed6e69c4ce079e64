"""preflight/compose/ask/binary.py: real Docker and Compose programs, and scripts that answer as others would."""

import shutil
from pathlib import Path

import pytest
from provision.errors import ProvisionError

from preflight.compose.ask.binary import ComposeBinary, find_binaries
from preflight.lib.deadline import Deadline
from tests.real.compose import compose_binary, docker_config
from tests.real.missing import missing


def docker() -> Path:
    """The real docker command."""
    found = shutil.which("docker")
    if found is None:
        missing("no docker command", ProvisionError("it is not on PATH", "run the set-up"))
    return Path(found)


def script(folder: Path, name: str, body: str) -> Path:
    """A small program that stands in for one this machine does not have."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def link(folder: Path, target: Path, name: str) -> None:
    """Put one real program, alone, into a folder for PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).symlink_to(target)


def ask(tmp_path: Path, *folders: Path, seconds: float = 30, **environ: str) -> tuple[ComposeBinary, ...]:
    """Look with nothing on PATH but the given folders (sh and its like are found by absolute path)."""
    path = ":".join(map(str, folders or (tmp_path,)))
    return find_binaries({"PATH": path, "HOME": str(tmp_path), **environ}, Deadline.after(seconds))


@pytest.mark.compose
@pytest.mark.parametrize("version", ["2.23.3", "2.24.1", "2.40.3"])
def test_real_plugin(tmp_path: Path, version: str) -> None:
    """The plugin is asked through the real docker command."""
    link(tmp_path / "bin", docker(), "docker")

    found = ask(tmp_path, tmp_path / "bin", DOCKER_CONFIG=str(docker_config(version)))

    argv = (str(tmp_path / "bin/docker"), "compose")
    assert found == (ComposeBinary("plugin", argv, f"Docker Compose version v{version}", version),)
    assert found[0].command == "docker compose"


@pytest.mark.compose
@pytest.mark.parametrize("version", ["2.23.3", "2.24.1", "2.40.3"])
def test_real_standalone(tmp_path: Path, version: str) -> None:
    """A `docker-compose` on PATH is asked itself; without `docker` it is the only one."""
    binary = compose_binary(version)

    found = ask(tmp_path, binary.parent)

    assert found == (ComposeBinary("standalone", (str(binary),), f"Docker Compose version v{version}", version),)
    assert found[0].command == "docker-compose"


@pytest.mark.compose
def test_plugin_comes_before_standalone(tmp_path: Path) -> None:
    """Both are found; the plugin is first."""
    link(tmp_path / "bin", docker(), "docker")
    folders = (compose_binary("2.23.3").parent, tmp_path / "bin")

    found = ask(tmp_path, *folders, DOCKER_CONFIG=str(docker_config("2.40.3")))

    assert [(each.kind, each.version) for each in found] == [("plugin", "2.40.3"), ("standalone", "2.23.3")]


def test_real_docker_without_plugin(tmp_path: Path) -> None:
    """Docker without the plugin is no Compose."""
    link(tmp_path / "bin", docker(), "docker")
    (tmp_path / "config").mkdir()

    found = ask(tmp_path, tmp_path / "bin", DOCKER_CONFIG=str(tmp_path / "config"))

    assert [each for each in found if each.argv[0].startswith(str(tmp_path))] == list(found)
    assert all(each.version for each in found), "a plugin of the whole machine, if there is one, answers"


@pytest.mark.parametrize(
    "words", ["docker: 'compose' is not a docker command.", "docker: unknown command: docker compose"]
)
def test_docker_of_any_age_without_plugin(tmp_path: Path, words: str) -> None:
    """A script stands in for docker 20 and docker 28: both say in their own words that there is no plugin."""
    script(tmp_path, "docker", f'echo "{words}" >&2; exit 1')

    assert ask(tmp_path) == ()


def test_nothing_on_path(tmp_path: Path) -> None:
    """An empty PATH has no Compose."""
    assert ask(tmp_path) == ()


def test_no_path_at_all() -> None:
    """Under `env -i` the system's default folders are looked in."""
    assert isinstance(find_binaries({}, Deadline.after(30)), tuple)


@pytest.mark.parametrize(
    ("answer", "version"),
    [
        ("Docker Compose version 2.24.0-desktop.1", "2.24.0-desktop.1"),
        ("Docker Compose version 2.21.0+ds1-0ubuntu1", "2.21.0+ds1-0ubuntu1"),
        ("Docker Compose version v2.24.0-rc.1", "2.24.0-rc.1"),
        ("Docker Compose version v5.0.1", "5.0.1"),
        ("v2.24.0", "2.24.0"),
        ("Docker Compose version dev", None),
        ("", None),
    ],
)
def test_answers_of_vendors(tmp_path: Path, answer: str, version: str | None) -> None:
    """A script stands in for the builds of vendors and distributions."""
    script(tmp_path, "docker", f'echo "{answer}"')

    [found] = ask(tmp_path)

    assert (found.kind, found.answer, found.version, found.problem) == ("plugin", answer, version, "")


def test_compose_v1(tmp_path: Path) -> None:
    """A script stands in for the Python Compose v1."""
    script(
        tmp_path,
        "docker-compose",
        'echo "docker-compose version 1.29.2, build 5becea4c"; echo "docker-py version: 5.0.0"',
    )

    [found] = ask(tmp_path)

    assert (found.kind, found.version) == ("v1", "1.29.2")


@pytest.mark.parametrize("quiet", [True, False])
def test_podman_shim_before_docker_compose(tmp_path: Path, quiet: bool) -> None:
    """A script stands in for podman-docker; it is known by its message, and without it by what it is."""
    warning = '>>>> Executing external compose provider \\"/usr/bin/docker-compose\\". <<<<'
    script(tmp_path, "podman", f'{"" if quiet else f"""echo "{warning}" >&2; """}echo "Docker Compose version v2.40.3"')
    script(tmp_path, "docker", f'exec {tmp_path}/podman "$@"' if quiet else ". ${0%/*}/pod*")

    [found] = ask(tmp_path)

    assert (found.kind, found.version) == ("podman", "2.40.3")
    assert not found.is_podman_compose


def test_docker_that_is_a_link_to_podman(tmp_path: Path) -> None:
    """A link to podman is its shim too."""
    script(tmp_path, "podman", 'echo "Docker Compose version v2.40.3"')
    (tmp_path / "docker").symlink_to("podman")

    [found] = ask(tmp_path)

    assert found.kind == "podman"


@pytest.mark.parametrize(
    ("body", "version"),
    [
        ('echo "podman-compose version 1.5.0"; echo "podman version 5.7.1"', "1.5.0"),
        ('echo "using podman version: podman version 3.2.0"; echo "podman-composer version  0.1.7dev"', "0.1.7dev"),
    ],
)
@pytest.mark.parametrize("name", ["docker", "docker-compose"])
def test_podman_compose(tmp_path: Path, name: str, body: str, version: str) -> None:
    """A script stands in for podman-compose behind either name; its versions are its own."""
    script(tmp_path, name, body)

    [found] = ask(tmp_path)

    assert (found.kind, found.version) == ("podman", version)
    assert found.is_podman_compose


def test_podman_without_provider(tmp_path: Path) -> None:
    """Podman without any provider is no Compose."""
    script(tmp_path, "docker", 'echo "Error: looking up compose provider failed" >&2; exit 125')

    assert ask(tmp_path) == ()


def test_program_that_fails_is_named_with_its_problem(tmp_path: Path) -> None:
    """A program that is there but does not work is not taken for absent; what it says on stderr is not repeated."""
    script(tmp_path, "docker", 'echo "password=hunter2" >&2; exit 3')

    [found] = ask(tmp_path)

    assert (found.kind, found.answer, found.version, found.problem) == ("plugin", "", None, "exit code 3")


def test_program_that_hangs_costs_no_other_answer(tmp_path: Path) -> None:
    """One that hangs has its problem; the other one's answer is there."""
    script(tmp_path, "docker", "exec /bin/sleep 60")
    script(tmp_path, "docker-compose", 'echo "Docker Compose version v2.40.3"')

    plugin, standalone = ask(tmp_path, seconds=1)

    assert plugin.problem == "docker did not answer in time"
    assert standalone.version == "2.40.3"


def test_program_that_cannot_be_started(tmp_path: Path) -> None:
    """A broken installation has its problem."""
    for name in ("docker", "docker-compose"):
        path = tmp_path / name
        path.write_bytes(b"\x7fELF not really")
        path.chmod(0o755)

    found = ask(tmp_path)

    assert [each.kind for each in found] == ["plugin", "standalone"]
    assert all("could not be started" in each.problem for each in found)


def test_control_characters_do_not_get_through(tmp_path: Path) -> None:
    """What a program prints is made fit to show."""
    script(tmp_path, "docker", r"printf 'Docker Compose version 2.24.0\033[31m\n'")

    [found] = ask(tmp_path)

    assert "\033" not in found.answer
    assert "\033" not in (found.version or "")


def test_loop_of_links_is_passed_over(tmp_path: Path) -> None:
    """A `docker` that leads nowhere is not there."""
    (tmp_path / "docker").symlink_to("docker")

    assert ask(tmp_path) == ()

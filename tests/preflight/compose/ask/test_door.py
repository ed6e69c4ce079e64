"""preflight/compose/ask/door.py, arguments.py and answer.py."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from preflight.compose.ask.answer import EnvFileItem, parse_answer
from preflight.compose.ask.binary import ComposeBinary
from preflight.compose.ask.command_line import project_arguments
from preflight.compose.ask.door import Compose
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.model import Need
from preflight.project import ComposeProject

_ANSWER = '{"services": {"app": {"environment": {"A": "a$$b"}}}}'


class _Program:
    """A stand-in for Compose that writes down how it was called."""

    def __init__(self, folder: Path, body: str = "") -> None:
        self.log = folder / "log"
        self.path = folder / "compose"
        self.found = 0
        answer = body or f"echo '{_ANSWER}'"
        self.path.write_text(f'#!/bin/sh\necho "$*|$X|$(cat)" >> "{self.log}"\n{answer}\n')
        self.path.chmod(0o755)

    def find(self, _environ: Mapping[str, str], _deadline: Deadline) -> tuple[ComposeBinary, ...]:
        """Say where it is, and count."""
        self.found += 1
        return (ComposeBinary("standalone", (str(self.path),), "2.40.3", "2.40.3"),)

    @property
    def calls(self) -> list[str]:
        """How it was called."""
        return self.log.read_text().splitlines()


def _compose(folder: Path, program: _Program, **project: Any) -> Compose:
    environ = {"PATH": "/usr/bin:/bin", "X": "x", "Y": "y"}
    return Compose(ComposeProject(folder, **project), environ, program.find)


def test_the_same_question_starts_one_process(tmp_path: Path) -> None:
    """Threads that ask the same share the answer, and all share the search for Compose."""
    program = _Program(tmp_path)
    compose = _compose(tmp_path, program)
    threads = [threading.Thread(target=compose.config, args=(Deadline.after(10),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert program.calls == ["config --format json|x|"]
    assert program.found == 1


def test_each_source_that_is_taken_away_is_another_question(tmp_path: Path) -> None:
    """Names leave the environment or come into it, interpolation goes off, profiles go on."""
    program = _Program(tmp_path)
    compose = _compose(tmp_path, program)
    deadline = Deadline.after(10)

    compose.config(deadline)
    compose.config(deadline, without=frozenset({"X"}))
    compose.config(deadline, setting=(("X", "other"),))
    compose.config(deadline, interpolate=False)
    compose.config(deadline, every_profile=True)

    assert program.calls == [
        "config --format json|x|",
        "config --format json||",
        "config --format json|other|",
        "config --no-interpolate --format json|x|",
        "--profile * config --format json|x|",
    ]


def test_a_further_file_goes_after_all_that_compose_would_find(tmp_path: Path) -> None:
    """With ``-f -`` the search of Compose is off, so its finds are named."""
    program = _Program(tmp_path)
    for name in ("compose.yml", "compose.override.yml"):
        (tmp_path / name).write_text("services: {}\n")

    _compose(tmp_path, program).config(Deadline.after(10), override="services: {}")

    files = f"-f {tmp_path}/compose.yml -f {tmp_path}/compose.override.yml -f -"
    assert program.calls == [f"{files} config --format json|x|services: {{}}"]


def test_a_further_file_needs_a_first_one(tmp_path: Path) -> None:
    """Where Compose would find nothing there is nothing to lay a file over."""
    with pytest.raises(CouldNotLook, match="no compose file"):
        _compose(tmp_path, _Program(tmp_path)).config(Deadline.after(10), override="services: {}")


def test_a_project_apart_sees_nothing_of_the_environment(tmp_path: Path) -> None:
    """Only what a program needs to run is handed on."""
    program = _Program(tmp_path, f"env | grep -c '^[XY]=' >> \"{tmp_path}/seen\"; echo '{_ANSWER}'")

    _compose(tmp_path, program).standalone(Deadline.after(10), "services: {}")

    assert program.calls == ["-f - --project-directory / --env-file /dev/null config --format json||services: {}"]
    assert (tmp_path / "seen").read_text() == "0\n"


def test_doubled_dollars_mean_one_where_compose_interpolates(tmp_path: Path) -> None:
    """``config`` writes a plain dollar sign doubled; without interpolation it leaves everything as written."""
    compose = _compose(tmp_path, _Program(tmp_path))

    assert compose.config(Deadline.after(10)).services["app"].environment == {"A": "a$b"}
    assert compose.config(Deadline.after(10), interpolate=False).services["app"].environment == {"A": "a$$b"}


def test_a_compose_that_hangs_is_given_up_in_time(tmp_path: Path) -> None:
    """The caller's deadline holds."""
    with pytest.raises(DeadlineExceeded):
        _compose(tmp_path, _Program(tmp_path, "sleep 30")).config(Deadline.after(0.3))


def test_no_compose_at_all_is_said_so(tmp_path: Path) -> None:
    """Without a Compose nothing can be seen."""
    compose = Compose(ComposeProject(tmp_path), {}, lambda _environ, _deadline: ())

    with pytest.raises(CouldNotLook, match="Docker Compose is not installed"):
        compose.config(Deadline.after(10))


def test_compose_v1_is_asked_nothing(tmp_path: Path) -> None:
    """Its `config` knows no JSON; what it would print is no answer."""
    old = ComposeBinary("v1", ("/usr/bin/docker-compose",), "docker-compose version 1.29.2", "1.29.2")
    compose = Compose(ComposeProject(tmp_path), {}, lambda _environ, _deadline: (old,))

    with pytest.raises(CouldNotLook, match="docker-compose is Compose v1") as caught:
        compose.config(Deadline.after(10))
    assert caught.value.need is Need.COMPOSE


def test_the_list_of_enabled_services_fails_with_the_project(tmp_path: Path) -> None:
    """A refusal is no empty list."""
    assert _compose(tmp_path, _Program(tmp_path, "echo a; echo b")).enabled(Deadline.after(10)) == {"a", "b"}
    with pytest.raises(CouldNotLook, match="a compose file is empty"):
        _compose(tmp_path, _Program(tmp_path, "echo empty compose file >&2; exit 1")).enabled(Deadline.after(10))


def test_all_of_a_project_stands_on_the_command_line(tmp_path: Path) -> None:
    """Every field of the project is an option; the operator can type the same command."""
    project = ComposeProject(
        tmp_path, (Path("/a b.yaml"), Path("/c.yaml")), Path("/d"), (Path("/e.env"),), ("p", "q"), "name"
    )

    assert project_arguments(project) == [
        *("-f", "/a b.yaml", "-f", "/c.yaml", "--project-directory", "/d", "--env-file", "/e.env"),
        *("--profile", "p", "--profile", "q", "--project-name", "name"),
    ]
    command = Compose(project, {}).command("config")
    assert command.startswith("docker compose -f '/a b.yaml' -f /c.yaml ")
    assert command.endswith(" config")


def test_all_shapes_of_an_answer_are_read() -> None:
    """Maps and lists of variables, scalars of all kinds, short and long env files."""
    services = {
        "map": {"environment": {"S": "s", "I": 1, "F": 1.5, "B": True, "N": None}},
        "list": {
            "environment": ["A=1", "B", "C=x=y"],
            "env_file": ["/a", {"path": "/b", "required": "${R}", "format": "raw"}],
        },
        "text": {"env_file": "/a$$b"},
        "no service": None,
    }

    answer = parse_answer({"services": services}, interpolated=False)

    assert set(answer.services) == {"map", "list", "text"}
    assert answer.services["map"].environment == {"S": "s", "I": "1", "F": "1.5", "B": "true", "N": None}
    assert answer.services["list"].environment == {"A": "1", "B": None, "C": "x=y"}
    assert answer.services["list"].env_files == (EnvFileItem("/a"), EnvFileItem("/b", None, "raw"))
    [item] = answer.services["text"].env_files or ()
    assert (item.file, item.is_open) == (Path("/a$b"), False)
    assert EnvFileItem("/${A}.env").is_open


def test_secrets_do_not_show_when_a_service_is_printed() -> None:
    """The raw mapping stays out of ``repr``, hence out of logs and tracebacks."""
    raw = {"labels": {"token": "hunter2"}}

    assert "hunter2" not in repr(parse_answer({"services": {"app": raw}}, interpolated=True).services["app"])

"""preflight/coolify/judge/location.py: one answer for every check that names Coolify's settings."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from checks.coolify_mode import CoolifyMode
from preflight.check import NoSettings
from preflight.compose.ask.door import Compose
from preflight.compose.read.locate import ComposeSource
from preflight.context import Context
from preflight.coolify.judge.location import (
    ComposeLocation,
    find_copy_elsewhere,
    find_location,
    find_newer_copy,
    location_of,
)
from preflight.coolify.judge.remedies import raw_and_preserve
from preflight.coolify.judge.rendered import look_at_rendered
from preflight.coolify.judge.running_cause import cause_of
from preflight.coolify.judge.ui_variables import look_at_ui
from preflight.project import ComposeProject
from preflight.running.judge import Judgement, Running, RunningVerdict
from preflight.running.ownership import Choice
from tests.fakes.coolify_host import ENTRY, NEW, SERVICE, Host
from tests.fakes.doors import with_doors


def source_of(folder: Path, *files: str, project_directory: Path | None = None) -> ComposeSource:
    """Return compose files of one service."""
    for each in files:
        (folder / each).parent.mkdir(parents=True, exist_ok=True)
        (folder / each).write_text("services: {app: {image: x}}\n")
    project = ComposeProject(folder, tuple(folder / each for each in files), project_directory)
    return ComposeSource.load(project, {})


@pytest.mark.parametrize(
    ("file", "below", "expected"),
    [
        ("docker/compose.app.yaml", None, ComposeLocation("/docker", "/compose.app.yaml")),
        ("compose.yaml", None, ComposeLocation("/", "/compose.yaml")),
        ("docker/compose.app.yaml", ".", ComposeLocation("/", "/docker/compose.app.yaml")),
        ("docker/compose.app.yaml", "other", None),
    ],
)
def test_settings_with_which_relative_paths_hold(
    tmp_path: Path, file: str, below: str | None, expected: ComposeLocation | None
) -> None:
    """The base directory is the project directory, if the compose file lies in it."""
    (tmp_path / ".git").mkdir()

    assert location_of(source_of(tmp_path, file, project_directory=tmp_path / below if below else None)) == expected


def test_no_settings_outside_of_a_repository(tmp_path: Path) -> None:
    """Coolify deploys repositories."""
    assert location_of(source_of(tmp_path, "compose.yaml")) is None


def test_a_copy_elsewhere(tmp_path: Path) -> None:
    """The nearest to the top counts, and never the one that is looked for."""
    file = Path("/checkout/docker/pin.env")
    assert find_copy_elsewhere(tmp_path, file, tmp_path / "pin.env") is None

    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/pin.env").write_text("")
    assert find_copy_elsewhere(tmp_path, file, tmp_path / "pin.env") == Path("docker/pin.env")
    assert find_copy_elsewhere(tmp_path, file, tmp_path / "docker/pin.env") is None

    (tmp_path / "pin.env").write_text("")
    assert find_copy_elsewhere(tmp_path, file, None) == Path("pin.env")


def test_a_newer_copy_elsewhere(tmp_path: Path) -> None:
    """One that is as old as what is looked for, or older, was left there before."""
    file, looked_for = Path("/checkout/docker/pin.env"), tmp_path / "pin.env"
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker/pin.env").write_text("")
    assert find_newer_copy(tmp_path, file, looked_for) == Path("docker/pin.env")

    looked_for.write_text("")
    for moment, expected in ((1, Path("docker/pin.env")), (2, None), (3, None)):
        os.utime(looked_for, (moment, moment))
        os.utime(tmp_path / "docker/pin.env", (2, 2))
        assert find_newer_copy(tmp_path, file, looked_for) == expected


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    """A checkout whose compose file has a name that Compose looks for, so that the run names no file."""
    host = Host(tmp_path, files=())
    service = {"image": "x", "env_file": [ENTRY]}
    host.git.commit({"docker/compose.yaml": json.dumps({"services": {SERVICE: service}})})
    host.deploy()
    host.in_helper()
    base = host.context()
    project = ComposeProject(host.checkout / "docker")
    return with_doors(replace(base, project=project), compose=Compose(project, {}))


def test_every_check_names_the_same_settings_with_default_file_names(ctx: Context) -> None:
    """Coolify-mode, coolify-env-file, coolify-ui-shadowing and coolify-rendered-compose send to one place."""
    [pin] = ctx.pins
    resource = ctx.doors.coolify.resource(SERVICE, ctx.deadline)
    judgement = Judgement(resource.containers[0], RunningVerdict.ABSENT, created=datetime.now(UTC))
    running = Running(pin, NEW, Choice(resource.containers), (judgement,), (), armed=False)

    [mode] = CoolifyMode(NoSettings()).run(ctx)
    cause = cause_of(ctx, replace(running, resource=resource), judgement)

    settings = "(Base Directory /docker, Compose Location /compose.yaml)"
    assert settings in mode.hint
    assert cause is not None
    assert settings in cause.remedy
    assert settings in raw_and_preserve(look_at_ui(ctx, pin).location)
    assert look_at_rendered(ctx, pin).to_place == "Base Directory /docker and Compose Location /compose.yaml"


def test_compose_files_that_cannot_be_read_name_no_settings(ctx: Context) -> None:
    """The remedies then say it in general words; the checks of the files tell what is wrong with them."""
    assert find_location(ctx) is not None
    (ctx.project.base / "compose.yaml").write_text("services: [")
    door = Compose(ctx.project, {})

    assert find_location(with_doors(ctx, compose=door)) is None

"""preflight/coolify/judge/previews.py"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preflight.compose.read.feed import read_feed
from preflight.compose.read.locate import ComposeSource
from preflight.coolify.api.values import Application
from preflight.coolify.host.deployed import read_deployed
from preflight.coolify.judge.previews import are_deployed, preview_of, preview_that_overwrote, reach_production
from preflight.coolify.resource import Kind, Resource, Situation
from preflight.engine.container import Container
from preflight.envfile import EnvFile, parse_env
from preflight.project import ComposeProject, Pin

RAW = (Situation.RAW, Situation.RAW_PRESERVED)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("SERVICE_NAME_APP=app-pr-12\n", "12"),
        ("SERVICE_NAME_APP=app\n", ""),
        ("OTHER=app-pr-12\n", ""),
        ("SERVICE_NAME_APP=app-pr-12-x\n", ""),
        ("SERVICE_NAME_APP\n", ""),
    ],
)
def test_the_preview_of_a_dotenv(text: str, number: str) -> None:
    """Told by the name that Coolify gives the service."""
    assert preview_of(EnvFile(Path(".env"), parse_env(text))) == number


@pytest.mark.parametrize(
    ("services", "env", "number"),
    [
        (["app"], "HOST=x\n", ""),
        (["app"], "SERVICE_NAME_APP=app-pr-7\n", "7"),
        (["app-pr-8"], "HOST=x\n", "8"),
        (["app-pr-x", "web-pr-3"], "HOST=x\n", ""),
    ],
)
def test_what_was_deployed_last(tmp_path: Path, services: list[str], env: str, number: str) -> None:
    """A preview's ``.env``, or a file with a preview's names for its services."""
    body = {"services": {name: {"image": "x"} for name in services}}
    (tmp_path / "docker-compose.yaml").write_text(json.dumps(body))
    (tmp_path / ".env").write_text(env)

    assert preview_that_overwrote(read_deployed(Resource("uuid", Kind.APPLICATION, tmp_path)), "app") == number


def test_whether_previews_are_deployed(tmp_path: Path) -> None:
    """The API's word counts; without it, what previews left shows that they are, and nothing that they are not."""
    resource = Resource("uuid", Kind.APPLICATION, tmp_path)
    assert are_deployed(resource, None) is None
    assert are_deployed(resource, Application("uuid")) is None

    preview = Container("1" * 64, "app-pr-7", "x", "running", "", datetime.now(UTC), {}, "sha256:0")
    assert are_deployed(Resource("uuid", Kind.APPLICATION, tmp_path, previews=(preview,)), None) is True
    (tmp_path / "docker-compose-pr-7.yaml").write_text("")
    assert are_deployed(resource, None) is True

    assert are_deployed(resource, Application("uuid", previews=False)) is False
    assert are_deployed(resource, Application("uuid", previews=True)) is True


@pytest.mark.parametrize(
    ("service", "in_file", "in_ui"),
    [
        ({"env_file": ["pin.env"]}, {Situation.RAW_PRESERVED}, set()),
        ({"env_file": ["{checkout}/pin.env"]}, set(), set()),
        ({"env_file": ["other.env"]}, set(), set()),
        ({"env_file": ["pin.env", ".env"]}, {Situation.RAW_PRESERVED}, set(RAW)),
        ({"env_file": ["pin.env", ".env"], "environment": {"PIN": "x"}}, {Situation.RAW_PRESERVED}, set()),
        ({"env_file": ["pin.env"], "environment": {"PIN": "${PIN}"}}, {Situation.RAW_PRESERVED}, set(RAW)),
    ],
)
def test_where_a_preview_reaches_production(
    tmp_path: Path, service: dict[str, Any], in_file: set[Situation], in_ui: set[Situation]
) -> None:
    """Where `up` of a preview runs on production's file, and that reads what the preview brought along."""
    file = tmp_path / "compose.yaml"
    file.write_text(json.dumps({"services": {"app": {"image": "x", **service}}}).replace("{checkout}", str(tmp_path)))
    source = ComposeSource.load(ComposeProject(tmp_path, (file,)), {})
    feed = read_feed(source, Pin("PIN", "app", tmp_path / "pin.env"))

    assert {each for each in Situation if reach_production(each, feed, in_ui=False)} == in_file
    assert {each for each in Situation if reach_production(each, feed, in_ui=True)} == in_ui

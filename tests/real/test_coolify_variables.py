"""tests/real/coolify: the UI's variables, and what the parser makes of `environment:`."""

from pathlib import Path
from typing import Any

import pytest

from tests.real.coolify import Application, Coolify, ServiceStack
from tests.real.coolify.dotenv import application_dotenv
from tests.real.coolify_application import NEW, OLD, PIN, SERVICE, compose, deployed

pytestmark = pytest.mark.engine


def test_a_service_stack_reads_the_variables_of_the_ui_last(coolify: Coolify) -> None:
    """``.env`` is appended, so a variable of the pin's name overrides it, a blank one too."""
    stack = ServiceStack(compose(coolify))
    folder = coolify.folder(stack)
    folder.mkdir(parents=True)
    (folder / "agent-image-pin.env").write_text(f"{PIN}={NEW}\n")

    done = coolify.deploy_stack(stack)

    assert done.commands[-1] == (
        f"docker compose --project-directory {folder} -f {folder}/docker-compose.yml --project-name {stack.uuid} "
        "up -d --remove-orphans --force-recreate --build"
    )
    assert deployed(coolify, stack, "docker-compose.yml")["env_file"][-1] == ".env"
    assert coolify.container(stack, SERVICE) == f"{SERVICE}-{stack.uuid}"
    assert coolify.environment(stack, SERVICE)[PIN] == NEW

    stack.variables.set(PIN, None)
    coolify.deploy_stack(stack)

    assert coolify.environment(stack, SERVICE)[PIN] == ""


@pytest.mark.parametrize(
    ("environment", "rows", "expected"),
    [
        ([PIN], {}, {PIN: ""}),
        ([PIN], {PIN: OLD}, {PIN: OLD}),
        ({PIN: None}, {PIN: OLD}, {PIN: None}),
        ({PIN: f"${{{PIN}}}"}, {}, {PIN: f"${{{PIN}}}"}),
        ({PIN: "${OTHER:-x}"}, {}, {PIN: "${OTHER:-x}", "OTHER": "x"}),
        ({PIN: "${OTHER:-x}"}, {"OTHER": "y"}, {PIN: "${OTHER:-x}", "OTHER": "y"}),
        ({PIN: "$OTHER"}, {}, {PIN: "$OTHER", "OTHER": None}),
        ({PIN: "literal"}, {PIN: OLD}, {PIN: "literal"}),
    ],
)
def test_environment_is_rewritten_by_the_rules_of_the_parser(
    coolify: Coolify, environment: Any, rows: dict[str, str], expected: dict[str, str | None]
) -> None:
    """A bare name is an empty value, which the UI may fill; references bring rows and entries."""
    stack = ServiceStack(compose(coolify, environment=environment))
    for key, value in rows.items():
        stack.variables.set(key, value)

    coolify.save(stack)

    there = deployed(coolify, stack, "docker-compose.yml")["environment"]
    assert {key: value for key, value in there.items() if key in {PIN, "OTHER"}} == expected


def test_a_reference_to_the_variable_itself_makes_a_blank_row(coolify: Coolify) -> None:
    """Nobody set it in the UI, and yet ``.env`` says it is empty."""
    stack = ServiceStack(compose(coolify, environment={PIN: f"${{{PIN}}}"}))

    coolify.save(stack)

    assert f"{PIN}=" in (coolify.folder(stack) / ".env").read_text().splitlines()


def test_build_arguments_become_variables_of_the_container(coolify: Coolify) -> None:
    """They are merged into ``environment:`` and override every env file."""
    stack = ServiceStack(compose(coolify, build={"context": ".", "args": [f"{PIN}={OLD}"]}))

    coolify.save(stack)

    assert deployed(coolify, stack, "docker-compose.yml")["environment"][PIN] == OLD


def test_the_order_and_quotes_of_the_file_of_variables(tmp_path: Path) -> None:
    """Coolify's own first, then the UI's in their order, those with generated names in them last, then HOST."""
    app = Application(tmp_path, domains={"web-app": "https://app.example.org"}, shared={"team.REGION": "eu"})
    app.variables.set("URL", "$SERVICE_URL_WEB_APP/x")
    app.variables.set("JSON", ' {"a": "b"} ')
    app.variables.set("LITERAL", "a$b", is_literal=True)
    app.variables.set("QUOTED", "it's")
    app.variables.set("BLANK", None)
    app.variables.set("SHARED", "{{team.REGION}}-{{team.NONE}}")
    app.variables.set("NIXPACKS_X", "no")

    assert application_dotenv(app, ["web-app"], "abc", 0).split("\n") == [
        "SOURCE_COMMIT=abc",
        "COOLIFY_URL=",
        "COOLIFY_FQDN=",
        "SERVICE_URL_WEB_APP=https://app.example.org",
        "SERVICE_FQDN_WEB_APP=app.example.org",
        "SERVICE_NAME_WEB_APP=web-app",
        'JSON={"a": "b"}',
        "LITERAL='a$b'",
        "QUOTED=it\\'s",
        "BLANK=",
        "SHARED=eu-{{team.NONE}}",
        "URL=$SERVICE_URL_WEB_APP/x",
        "HOST=0.0.0.0",
    ]

"""Rules of the parser that the records of real runs hold one example of: the stand-in follows the whole kind."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.real.coolify import Application, DeploymentFailed, rewrite
from tests.real.coolify.commands import shell_variables, with_options
from tests.real.coolify.dotenv import application_dotenv

PIN = "AGENT_IMAGE_REFERENCE"


def application(**settings: Any) -> Application:
    """An application that is not cloned."""
    return Application(Path(), **settings)


def service(text: str, app: Application | None = None, pull_request: int = 0) -> Any:
    """The service ``app`` as default mode deploys it."""
    deployed = rewrite.rewrite_default(text, app or application(), pull_request).deployed
    return next(iter(yaml.safe_load(deployed or "")["services"].values()))


def compose(**body: Any) -> str:
    """A file with one service."""
    return yaml.safe_dump({"services": {"app": {"image": "x", **body}}}, sort_keys=False)


@pytest.mark.parametrize("value", ["$$X", "$X/path", "${X:+y}", "$X.$Y", "${X:+a-b}", "${1X}", "${X Y}", "$", "$X=1"])
@pytest.mark.parametrize("as_list", [False, True])
def test_a_value_whose_reference_is_no_key_ends_the_deployment(value: str, as_list: bool) -> None:
    """Coolify makes a row of each reference at a value's start, and a row's key has letters only."""
    text = compose(environment=[f"A={value}"] if as_list else {"A": value})

    with pytest.raises(DeploymentFailed):
        rewrite.rewrite_default(text, application(), 0)
    with pytest.raises(DeploymentFailed):
        rewrite.rewrite_raw(text, application())


@pytest.mark.parametrize(
    ("environment", "entries"),
    [
        ([PIN], {PIN: "ui"}),
        ({PIN: ""}, {PIN: "ui"}),
        ({PIN: None}, {PIN: None}),
        ({PIN: f"${{{PIN}:-d}}"}, {PIN: "ui"}),
        ({PIN: f"${PIN}"}, {PIN: f"${PIN}"}),
        ({PIN: f"${{{PIN}}}"}, {PIN: f"${{{PIN}}}"}),
        ({"A": f"${{{PIN}:-d}}"}, {"A": f"${{{PIN}:-d}}", PIN: "ui"}),
        ({"A": f"${{{PIN}}}-x"}, {"A": f"${{{PIN}}}-x", PIN: "ui"}),
        ({"A": f"${{B:-${{{PIN}}}}}"}, {"A": f"${{B:-${{{PIN}}}}}", "B": f"${{{PIN}}}", PIN: "ui"}),
        ({"A": f"${{B:-x${{{PIN}:-d}}}}"}, {"A": f"${{B:-x${{{PIN}:-d}}}}", "B": f"x${{{PIN}:-d}}", PIN: "ui"}),
        ({"A": f"pre-${{{PIN}}}"}, {"A": f"pre-${{{PIN}}}"}),
        ({"A": f"${PIN}-d"}, {"A": f"${PIN}-d"}),
    ],
)
def test_the_value_of_the_ui_is_written_where_the_file_refers_to_it(environment: Any, entries: dict[str, Any]) -> None:
    """The container then follows the UI, in whatever entry the reference stands."""
    app = application()
    app.variables.set(PIN, "ui")

    found = service(compose(environment=environment), app)["environment"]

    assert {key: value for key, value in found.items() if key in {PIN, "A", "B"}} == entries


@pytest.mark.parametrize(
    ("environment", "arguments", "entries"),
    [
        ({"A": "b"}, [PIN], {"A": "b", 0: PIN}),
        ({"A": "b"}, [f"{PIN}=x"], {"A": "b", PIN: "x"}),
        ({"A": "b"}, {PIN: "x"}, {"A": "b", PIN: "x"}),
        (["A=b"], [PIN], {"A": "b", PIN: ""}),
        (["A=b"], {PIN: "x"}, {"A": "b", PIN: "x"}),
        (["A"], {PIN: "x"}, {0: "A", PIN: "x"}),
        (None, [PIN], {PIN: ""}),
    ],
)
def test_build_arguments_are_variables(environment: Any, arguments: Any, entries: dict[str | int, Any]) -> None:
    """A bare name beside a map gets a number for its name, which Compose refuses."""
    text = compose(environment=environment, build={"context": ".", "args": arguments})

    found = service(text)["environment"]

    assert {key: value for key, value in found.items() if not str(key).startswith(("COOLIFY_", "SERVICE_"))} == entries


@pytest.mark.parametrize("text", ["a: 1\na: 2", "services:\n  app:\n    env_file: !reset []", "services:\n\tapp: {}"])
def test_what_symfony_refuses_is_deployed_without_services(text: str) -> None:
    """Default mode goes on with an empty file, while the column keeps the last one; raw mode fails."""
    app = application()
    rewrite.rewrite_default(compose(), app, 0)
    before = app.docker_compose

    assert rewrite.rewrite_default(text, app, 0) == rewrite.Rewritten("services: {  }\n", before)
    assert before is not None
    with pytest.raises(DeploymentFailed):
        rewrite.rewrite_raw(text, app)


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        ({"a": "b"}, ["a", 0, 1, 2]),
        ({"a": True}, ["a"]),
        ({"a": "true"}, ["a", 0, 1, 2]),
        ({}, [0, 1, 2]),
        (["x", True], [0, 1]),
        (["coolify.managed"], [0, 1, 2]),
        (["x"], [0, 1, 2, 3]),
    ],
)
def test_labels_of_raw_mode(labels: Any, found: list[str | int]) -> None:
    """They get numbers beside names, and a ``true`` keeps every one of them away."""
    deployed = yaml.safe_load(rewrite.rewrite_raw(compose(labels=labels), application()).deployed or "")
    there = deployed["services"]["app"]["labels"]

    assert (list(there) if isinstance(there, dict) else list(range(len(there)))) == found


def test_volumes_are_put_below_the_folder_and_lose_coolify_s_own_keys() -> None:
    """A preview mounts a folder of its own, even where production's is meant by its whole path."""
    root = "/data/coolify/applications"
    long = {"type": "volume", "source": "data", "target": "/d", "content": "x", "is_directory": True}
    text = compose(volumes=["./a:/a:ro", f"{root}:{root}:ro", "/var/run/docker.sock:/var/run/docker.sock", long])
    app = application(uuid="u")

    assert service(text, app)["volumes"] == [
        f"{root}/u/a:/a:ro",
        f"{root}:{root}:ro",
        "/var/run/docker.sock:/var/run/docker.sock",
        {"type": "volume", "source": "u_data", "target": "/d"},
    ]
    assert service(text, app, 7)["volumes"][1] == f"{root}-pr-7:{root}:ro"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("docker compose build", "docker compose -f W/c.yaml --env-file E --project-directory W build"),
        ("docker compose -f x.yaml build", "docker compose --env-file E --project-directory W -f x.yaml build"),
        ("docker compose --project-directory . up", "docker compose -f W/c.yaml --env-file E --project-directory . up"),
        ("grep x c/docker-compose.yaml", "grep x c/docker-compose --project-directory W.yaml"),
        ("sh gate.sh", "sh gate.sh"),
        ("a && docker  compose ps", "a && docker compose -f W/c.yaml --env-file E --project-directory W ps"),
    ],
)
def test_options_of_a_custom_command(command: str, expected: str) -> None:
    """They stand behind the first ``compose`` and the first ``docker compose``, wherever those are."""
    assert with_options(command, folder="W", file="W/c.yaml", env_file="E") == expected


def test_shell_variables_have_no_address() -> None:
    """Not even where a service has a domain; the commit is there when the setting is on."""
    app = application(uuid="u", domains={"app": "https://a.example.org"})

    assert shell_variables(app, "c") == "COOLIFY_BRANCH='main' COOLIFY_RESOURCE_UUID='u' "
    app.source_commit, app.branch = True, "it's"
    assert shell_variables(app, "c") == "SOURCE_COMMIT='c' COOLIFY_BRANCH='it'\\''s' COOLIFY_RESOURCE_UUID='u' "


def test_a_row_of_the_ui_replaces_a_line_of_coolify_s_own() -> None:
    """Each of the two blank addresses hangs on the row of the other one."""
    app = application()
    app.variables.set("COOLIFY_URL", "x")
    app.variables.set("HOST", "y")
    app.variables.set("SOURCE_COMMIT", "z")

    assert application_dotenv(app, ["app"], "c", 0).split("\n") == [
        "COOLIFY_URL=",
        "SERVICE_NAME_APP=app",
        "COOLIFY_URL=x",
        "HOST=y",
        "SOURCE_COMMIT=z",
    ]


def test_the_order_of_the_rows() -> None:
    """Last come values that begin with ``$SERVICE_`` or hold ``${SERVICE_``; sorting by key is a setting."""
    app = application()
    for key, value in {"C": "$SERVICE_X", "B": "x$SERVICE_X", "D": "x${SERVICE_X}", "A": "x"}.items():
        app.variables.set(key, value)

    def keys() -> list[str]:
        lines = application_dotenv(app, [], "c", 0).split("\n")
        return [line.partition("=")[0] for line in lines if len(line.partition("=")[0]) == 1]

    assert keys() == ["B", "A", "C", "D"]
    app.sorted_variables = True
    assert keys() == ["A", "B", "C", "D"]


def test_a_volume_with_a_name_of_one_letter_is_no_drive() -> None:
    """Only a second colon makes `a:` the drive of Windows (P:161-205)."""
    assert service(compose(volumes=["a:/b"]), application(uuid="u"))["volumes"] == ["u_a:/b"]

"""preflight/coolify/judge/next_deployment.py"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.judge.location import ComposeLocation
from preflight.coolify.judge.next_deployment import Arrival, NextDeployment, look_at_next_deployment
from preflight.coolify.judge.parser_rules import Fate
from preflight.coolify.judge.refusal import Refusal, RefusalKind
from preflight.coolify.resource import Situation
from tests.fakes.coolify_api import FakeCoolify
from tests.fakes.coolify_host import COMPOSE_FILE, ENTRY, PIN_FILE, SERVICE, UUID, VARIABLE, Host

NAME = str(ENTRY["path"])


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server and a checkout; nothing is deployed yet."""
    return Host(tmp_path)


@pytest.fixture
def api(host: Host) -> Iterator[FakeCoolify]:
    """Coolify's API, whose address and token the host's environment names."""
    with FakeCoolify() as one:
        host.environ |= one.environ
        yield one


def look(host: Host) -> NextDeployment:
    """Tell what the next deployment does to the pin."""
    ctx = host.context()
    return look_at_next_deployment(ctx, ctx.pins[0])


def register(api: FakeCoolify, **fields: Any) -> None:
    """Let the API know the application with the settings that fit the checkout."""
    fitting = {
        "raw": True,
        "preserve": True,
        "base_directory": "/docker",
        "docker_compose_location": "/compose.app.yaml",
    }
    api.add_application(UUID, **{**fitting, **fields})


@pytest.mark.parametrize(
    ("deployed", "situation", "fate", "arrival"),
    [
        ({"raw": True, "copied": True}, Situation.RAW_PRESERVED, Fate.KEPT, Arrival.ARRIVES),
        ({"raw": True}, Situation.RAW, Fate.KEPT, Arrival.NOT_COPIED),
        ({}, Situation.DEFAULT, Fate.REPLACED, Arrival.REPLACED),
        ({"stack": True}, Situation.SERVICE, Fate.APPENDED, Arrival.NOT_IN_STACK),
    ],
    ids=["raw and preserve", "raw", "default", "stack"],
)
def test_by_mode(host: Host, deployed: dict[str, Any], situation: Situation, fate: Fate, arrival: Arrival) -> None:
    """What becomes of the entry, and of the file it names."""
    host.deploy(**deployed)

    found = look(host)

    assert (found.coming, found.fate, found.arrival) == (situation, fate, arrival)
    assert found.entry is not None
    assert (found.wanted, found.entry.text) == (NAME, NAME)
    assert found.location == ComposeLocation("/docker", "/compose.app.yaml")


@pytest.mark.parametrize(
    ("version", "fate", "arrival"),
    [
        ("4.0.0-beta.290", Fate.KEPT, Arrival.KEPT_FOR_NOW),
        ("4.0.0-beta.300", Fate.REPLACED_WITH_VARIABLES, Arrival.REPLACED),
    ],
)
def test_an_old_coolify(host: Host, version: str, fate: Fate, arrival: Arrival) -> None:
    """One kept the entry, one replaced it where the UI has variables, as the last ``.env`` tells."""
    host.deploy()
    host.in_helper(coolify_version=version)
    assert (look(host).fate, look(host).arrival) == (fate, arrival)

    (host.home() / ".env").write_text("")
    assert look(host).arrival is Arrival.KEPT_FOR_NOW


@pytest.mark.parametrize(
    ("path", "there", "arrival"),
    [
        ("../pin.env", False, Arrival.OUTSIDE),
        ("../pin.env", True, Arrival.ARRIVES),
        ("{absolute}", False, Arrival.NO_FILE),
        ("{absolute}", True, Arrival.ARRIVES),
    ],
)
def test_a_path_that_no_deployment_fills(host: Host, path: str, there: bool, arrival: Arrival) -> None:
    """Only what somebody put there can arrive."""
    outside = host.folder / "host" / "pin.env"
    host.pin_file = "pin.env" if path.startswith("..") else str(outside)
    host.describe(env_file=[{"path": path.format(absolute=outside), "required": False}])
    host.deploy(raw=True, copied=True)
    if there:
        for each in (outside, host.home().parent / "pin.env"):
            each.parent.mkdir(exist_ok=True)
            each.write_text("")

    assert look(host).arrival is arrival


def test_a_pin_that_is_not_listed(host: Host) -> None:
    """Another file of that name is another file."""
    host.describe(env_file=[f"other/{NAME}"])
    host.deploy(raw=True, copied=True)

    found = look(host)

    assert (found.arrival, found.entry, found.wanted) == (Arrival.NOT_LISTED, None, "")


def test_the_base_directory_decides_where_the_copy_lies(host: Host, api: FakeCoolify) -> None:
    """Told before the first deployment; where the pin lies outside of it, there is no copy."""
    register(api, base_directory="/", docker_compose_location=f"/{COMPOSE_FILE}")
    host.settings["application"] = UUID
    assert (look(host).arrival, look(host).copy) == (Arrival.ELSEWHERE, PIN_FILE)

    register(api, base_directory="/frontend")
    assert (look(host).arrival, look(host).copy) == (Arrival.ELSEWHERE, "")

    register(api)
    assert (look(host).arrival, look(host).copy) == (Arrival.ARRIVES, NAME)


@pytest.mark.parametrize("raw", [True, False])
@pytest.mark.parametrize(
    ("command", "arrival"),
    [
        ("docker compose up -d", None),
        ("docker compose -f compose.app.yaml up -d", "default"),
        ("docker compose -f other.yaml up -d", "both"),
        ('docker compose --file="other.yaml" up -d', "both"),
    ],
)
def test_a_custom_start_command(host: Host, api: FakeCoolify, raw: bool, command: str, arrival: str | None) -> None:
    """In default mode any file that it names is its own; in raw mode those that Coolify does not write."""
    register(api, raw=raw, docker_compose_custom_start_command=command)
    host.settings["application"] = UUID

    found = look(host)

    own = arrival == "both" or (arrival == "default" and not raw)
    assert found.custom_start
    assert (found.arrival is Arrival.OWN_COMMAND) is own


def test_another_file_is_deployed(host: Host, api: FakeCoolify) -> None:
    """Coolify's settings name a compose file that is none of this run's."""
    register(api, docker_compose_location="/other.yaml")
    host.settings["application"] = UUID

    assert (look(host).other_file, look(host).deploys) == ("docker/other.yaml", host.checkout / COMPOSE_FILE)


def test_an_entry_in_a_file_that_coolify_does_not_deploy(host: Host, api: FakeCoolify) -> None:
    """It deploys one compose file; which one, the API tells."""
    more = "docker/compose.more.yaml"
    host.git.commit({more: json.dumps({"services": {SERVICE: {"env_file": [ENTRY]}}})})
    host.describe(env_file=[])
    host.files = (COMPOSE_FILE, more)
    host.settings["application"] = UUID
    register(api)
    assert (look(host).arrival, look(host).deploys) == (Arrival.IN_OTHER_FILE, host.checkout / COMPOSE_FILE)

    register(api, docker_compose_location="/compose.more.yaml")
    assert (look(host).arrival, look(host).deploys) == (Arrival.ARRIVES, host.checkout / more)


@pytest.mark.parametrize(
    ("raw", "service", "arrival"),
    [
        (False, {}, Arrival.FROM_UI),
        (False, {"build": {"args": {VARIABLE: "x"}}}, Arrival.OVERRIDDEN),
        (False, {"build": {"args": {VARIABLE: f"${{{VARIABLE}}}"}}}, Arrival.FROM_UI),
        (True, {}, Arrival.UI_NOT_READ),
        (True, {"environment": [VARIABLE]}, Arrival.FROM_UI),
        (True, {"environment": {VARIABLE: f"${{{VARIABLE}:-x}}"}}, Arrival.FROM_UI),
        (True, {"environment": {VARIABLE: "x"}}, Arrival.UI_NOT_READ),
        (True, {"env_file": [".env"]}, Arrival.FROM_UI),
        (True, {"env_file": [".env"], "environment": {VARIABLE: "x"}}, Arrival.UI_NOT_READ),
        (True, {"env_file": ["sub/.env"]}, Arrival.UI_NOT_READ),
    ],
    ids=str,
)
def test_a_pin_in_the_ui(host: Host, raw: bool, service: dict[str, Any], arrival: Arrival) -> None:
    """Default mode gives it to every container; raw mode only to what takes it."""
    host.settings["pin_in"] = "ui"
    host.describe(**service)
    host.deploy(raw=raw, copied=raw)

    assert look(host).arrival is arrival


def test_what_raw_mode_would_refuse_is_told_where_it_is_advised(host: Host) -> None:
    """Default mode makes a list of the labels, but it drops the pin."""
    host.describe(labels={"x": "y"})
    host.deploy()

    found = look(host)

    assert (found.arrival, found.refusals) == (Arrival.REPLACED, ())
    assert [each.kind for each in found.in_raw] == [RefusalKind.MAP_LABELS]


def test_a_service_that_comes_with_include_is_lost(host: Host) -> None:
    """Default mode leaves ``include:`` out, so that the service is not deployed at all."""
    included = (host.checkout / COMPOSE_FILE).read_text()
    files = {"docker/inner.yaml": included, COMPOSE_FILE: "include: [inner.yaml]\nservices: {web: {image: x}}\n"}
    host.git.commit(files)
    host.deploy()
    host.settings["pin_in"] = "ui"

    found = look(host)

    assert (found.arrival, found.refusals) == (
        Arrival.REFUSED,
        (Refusal(RefusalKind.LOST, "include", None, SERVICE),),
    )


def test_labels_written_as_a_map(host: Host) -> None:
    """Raw mode breaks them; an empty map or a list is no trouble."""
    services: dict[str, dict[str, Any]] = {
        "a": {"labels": {"x": "y"}},
        "b": {"labels": ["x=y"]},
        "c": {"labels": {}},
        SERVICE: {"env_file": [ENTRY]},
    }
    body = {"services": {name: {"image": "x", **each} for name, each in services.items()}}
    host.git.commit({COMPOSE_FILE: json.dumps(body, indent=1)})
    host.deploy(raw=True, copied=True)

    found = look(host)
    assert found.refusals == (Refusal(RefusalKind.MAP_LABELS, "labels", 5, "a"),)
    assert found.arrival is Arrival.REFUSED
    assert found.file == host.checkout / COMPOSE_FILE


@pytest.mark.parametrize(
    ("raw", "previews", "expected"),
    [(True, True, True), (True, False, False), (True, None, None), (False, True, False)],
)
def test_previews(host: Host, api: FakeCoolify, raw: bool, previews: bool | None, expected: bool | None) -> None:
    """In raw mode with Preserve Repository one changes production's pin: they must be known to be off."""
    if previews is None:
        api.version = (4, 1, 2)
        host.deploy(raw=True, copied=True)
    else:
        host.settings["application"] = UUID
    register(api, raw=raw, settings={"is_preview_deployments_enabled": bool(previews)})

    assert look(host).previews is expected


def test_previews_that_left_something(host: Host) -> None:
    """Without the API a compose file of theirs shows that they are deployed; no pin that arrives, no trouble."""
    host.deploy(raw=True, copied=True)
    assert look(host).previews is None

    (host.home() / "docker-compose-pr-7.yaml").write_text("")
    assert look(host).previews is True

    host.describe(env_file=[])
    assert look(host).previews is False


@pytest.mark.parametrize("left_over", [False, True])
def test_without_the_api_the_last_copy_tells_the_base_directory(host: Host, left_over: bool) -> None:
    """Base directory `/`: the copy lies in `docker/`; a file from before, where it is looked for, is left over."""
    host.deploy(raw=True, copied=True)
    top = host.home() / NAME
    (host.home() / "docker").mkdir()
    (host.home() / PIN_FILE).write_bytes(top.read_bytes())
    if left_over:
        os.utime(top, (1, 1))
    else:
        top.unlink()
    assert (look(host).arrival, look(host).copy) == (Arrival.ELSEWHERE, PIN_FILE)

    host.deploy(raw=True, copied=True)
    os.utime(host.home() / PIN_FILE, (1, 1))
    assert look(host).arrival is Arrival.ARRIVES

"""checks/coolify_mode.py: compose files that Coolify cannot deploy as they are."""

from typing import Any

import pytest

from preflight.model import Status
from tests.checks.coolify_mode.look import check, only, raw_and_preserved
from tests.fakes.coolify_host import COMPOSE_FILE, SERVICE, Host


def test_labels_as_a_map_fail_in_raw_mode_and_are_warned_of_where_it_is_advised(host: Host) -> None:
    """Raw mode adds list entries to them, which Compose refuses."""
    host.describe(labels={"a": "b"})
    host.deploy(raw=True, copied=True)
    host.container(raw=True)
    assert f"labels: of {SERVICE} is a map" in only(host, Status.FAIL, "labels-map").message

    host.engine.listed.clear()
    host.deploy()
    host.in_helper()
    assert [(each.status, each.code) for each in check(host)] == [
        (Status.WARN, "refused-in-raw-mode"),
        (Status.FAIL, "env-file-replaced"),
    ]
    host.settings["pin_in"] = "ui"
    only(host, Status.PASS)

    host.settings["pin_in"] = "file"
    host.describe(labels=["a=b"])
    only(host, Status.FAIL, "env-file-replaced")


def test_labels_as_a_map_with_the_value_true_are_warned_of(host: Host) -> None:
    """Raw mode adds none to them: it works, but nobody finds the containers by label."""
    host.describe(labels={"a": True})
    raw_and_preserved(host)

    warning, good = check(host)

    assert (warning.status, warning.code, good.status) == (Status.WARN, "labels-true", Status.PASS)
    assert "raw mode adds no label" in warning.message


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a tag": ({"env_file": "!reset"}, "deploys a file without services", "yaml-refused"),
    "a literal dollar": ({"environment": {"A": "$$hunter2"}}, "the next deployment fails", "variable-name"),
    "a path behind a variable": ({"environment": ["A=$B/hunter2"]}, "the next deployment fails", "variable-name"),
    "an alternative": ({"environment": {"A": "${B:+hunter2}"}}, "the next deployment fails", "variable-name"),
    "a bare build argument": (
        {"environment": {"A": "b"}, "build": {"args": ["C"]}},
        "a number for its name",
        "numbered-argument",
    ),
    "an empty list": ({"command": []}, "as an empty map", "empty-list"),
    "a number for a key": ({"sysctls": {"1": 2}}, "without its quotes", "number-key"),
    "a variable in a path": ({"volumes": ["./${D}/hunter2:/x"]}, "refuses `${` in a path", "volume-path"),
    "a model": ({"models": ["m"]}, "leaves models: at the top of the file out", "lost-key"),
    "two containers": ({"deploy": {"replicas": 2}}, "deploy: replicas above 1", "replicas"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_coolify_cannot_deploy_fails_in_place_of_a_pass(host: Host, name: str) -> None:
    """With the pin in the UI everything else is as it should be; no value is shown."""
    service, words, code = REFUSED[name]
    host.describe(**service)
    file = host.checkout / COMPOSE_FILE
    host.git.commit({COMPOSE_FILE: file.read_text().replace('"!reset"', "!reset []")})
    host.deploy()
    host.in_helper()
    host.settings["pin_in"] = "ui"

    finding = only(host, Status.FAIL, code)

    assert words in finding.message
    assert "hunter2" not in f"{finding}"
    assert finding.hint
    assert finding.location is not None


def test_a_key_that_is_there_twice_fails_with_the_reason(host: Host) -> None:
    """Compose refuses it as well, but Coolify goes on without services."""
    host.deploy()
    host.in_helper()
    host.git.commit({COMPOSE_FILE: f"services:\n  {SERVICE}:\n    image: x\n    image: y\n"})

    finding = only(host, Status.FAIL, "yaml-refused")

    assert "the key image stands here again" in finding.message
    assert "removes the containers and starts none" in finding.message
    assert finding.location is not None
    assert finding.location.line == 4


def test_in_raw_mode_an_unreadable_file_fails_before_anything_is_stopped(host: Host) -> None:
    """There the deployment ends at once."""
    host.describe(**{"x-note": "!note"})
    raw_and_preserved(host)
    file = host.checkout / COMPOSE_FILE
    host.git.commit({COMPOSE_FILE: file.read_text().replace('"!note"', "!note x")})

    assert "nothing is stopped" in only(host, Status.FAIL, "yaml-refused").message

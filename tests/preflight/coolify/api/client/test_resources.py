"""preflight/coolify/api/client.py: applications, service stacks and their variables."""

import json
from typing import Any

import pytest

from preflight.coolify.api import client as api
from preflight.coolify.resource import Kind
from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, saying, variable
from tests.fakes.http_server import Script, answering
from tests.preflight.coolify.api.client.asking import SENSITIVE, UUID, client, soon


def test_application(coolify: FakeCoolify) -> None:
    """An application comes with its settings; the token goes in the header, and nowhere else."""
    coolify.add_application(UUID, raw=True, settings={"is_preserve_repository_enabled": 1})

    found = client(coolify).application(UUID, soon())

    assert (found.uuid, found.build_pack, found.git_repository) == (UUID, "dockercompose", "owner/name")
    assert (found.raw, found.preserve) == (True, True)
    assert (found.base_directory, found.docker_compose_location) == ("/", "/docker-compose.yaml")
    (request,) = coolify.requests
    assert request.path == f"/api/v1/applications/{UUID}"
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["accept"] == "application/json"


WRITE = Token(frozenset({"read", "read:sensitive", "write"}))


@pytest.mark.parametrize("kind", Kind)
def test_a_variable_is_set_and_keeps_its_switches(coolify: FakeCoolify, kind: Kind) -> None:
    """Of an application, Coolify resets what the request leaves out; the row for previews stays."""
    coolify.tokens[TOKEN] = WRITE
    preview = variable("IMAGE", "of previews", is_preview=True)
    rows = (preview, variable("IMAGE", "old", is_literal=True, is_multiline=1), variable("OTHER", "hunter2"))
    add = coolify.add_application if kind is Kind.APPLICATION else coolify.add_service
    add("one", *rows)
    asked = client(coolify)
    row = next(each for each in asked.variables(kind, "one", soon()) if each.value == "old")

    asked.set_variable(kind, "one", row, "new", soon())

    assert [each["value"] for each in coolify.variables["one"]] == ["of previews", "new", "hunter2"]
    assert coolify.variables["one"][1] == {**rows[1], "value": "new"}
    assert b"hunter2" not in coolify.requests[-1].body


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, "the token lacks the permission write"),
        (saying(404, "Environment variable not found."), "knows no variable IMAGE"),
        (answering(201, b'{"key": "OTHER"}'), "something else than the variable"),
        (answering(201, b"[]"), "something else than the variable"),
    ],
    ids=["no right", "gone", "another", "no object"],
)
def test_a_variable_that_is_not_set(coolify: FakeCoolify, script: Script | None, words: str) -> None:
    """Without the permission; where it is gone; and where the answer is not about it."""
    [row] = client(coolify).variables(Kind.APPLICATION, UUID, soon())
    if script is not None:
        coolify.script("/envs", script)
    with pytest.raises(api.ApiError, match=words):
        client(coolify).set_variable(Kind.APPLICATION, UUID, row, "new", soon())
    assert coolify.variables[UUID][0]["value"] == "secret-value"


def test_hidden_is_unknown_and_null_is_empty(coolify: FakeCoolify) -> None:
    """What the token may not see is None; what is not set in Coolify is empty."""
    assert client(coolify).application(UUID, soon()).compose_raw is None

    coolify.tokens[TOKEN] = SENSITIVE
    found = client(coolify).application(UUID, soon())

    assert found.compose_raw == "services: {}\n"
    assert found.custom_start_command == ""


def test_member_of_the_team_sees_no_secrets(coolify: FakeCoolify) -> None:
    """Hidden fields need an admin's token, whatever it is allowed."""
    coolify.tokens[TOKEN] = Token(frozenset({"read"}), is_admin=False)

    assert client(coolify).variables(Kind.APPLICATION, UUID, soon())[0].value is None


def test_older_coolify_does_not_tell_settings(coolify: FakeCoolify) -> None:
    """Before 4.2.0 the mode is unknown, not off."""
    coolify.version = (4, 1, 2)

    found = client(coolify).application(UUID, soon())

    assert (found.raw, found.preserve) == (None, None)


def test_settings_are_not_in_the_list(coolify: FakeCoolify) -> None:
    """The list of applications leaves the mode unknown."""
    coolify.add_application("other", preserve=True)

    found = client(coolify).applications(soon())

    assert [each.uuid for each in found] == [UUID, "other"]
    assert {each.raw for each in found} == {None}


def test_service_stack(coolify: FakeCoolify) -> None:
    """A service stack and its variables are asked for in places of their own."""
    coolify.add_service("stack", variable("IMAGE", "v"))

    assert client(coolify).has_service("stack", soon())
    (row,) = client(coolify).variables(Kind.SERVICE, "stack", soon())
    assert row.key == "IMAGE"
    assert [request.path for request in coolify.requests] == ["/api/v1/services/stack", "/api/v1/services/stack/envs"]


def test_variables_without_values(coolify: FakeCoolify) -> None:
    """A token that may only read sees all keys and flags, and no value."""
    coolify.add_application(UUID, variable("IMAGE", "secret"), variable("IMAGE", "", is_preview=True))

    rows = client(coolify).variables(Kind.APPLICATION, UUID, soon())

    assert [(row.key, row.is_preview, row.is_runtime, row.value, row.real_value) for row in rows] == [
        ("IMAGE", False, True, None, None),
        ("IMAGE", True, True, None, None),
    ]


def test_variables_with_values(coolify: FakeCoolify) -> None:
    """With read:sensitive the values come too, but for those shown once; no repr gives one away."""
    coolify.tokens[TOKEN] = SENSITIVE
    coolify.shared["team"] = [variable("TAG", "resolved")]
    coolify.add_application(
        UUID,
        variable("A", "secret"),
        variable("B", None),
        variable("C", "x", is_shown_once=True),
        variable("D", "{{team.TAG}}"),
    )

    rows = {row.key: row for row in client(coolify).variables(Kind.APPLICATION, UUID, soon())}

    assert {key: row.value for key, row in rows.items()} == {"A": "secret", "B": "", "C": None, "D": "{{team.TAG}}"}
    assert (rows["D"].is_shared, rows["D"].real_value) == (True, "resolved")
    assert "secret" not in repr(rows)


def test_shown_once_and_null_is_hidden(coolify: FakeCoolify) -> None:
    """A value that is sent as null because it is never shown again is not taken for an empty one."""
    coolify.always("/envs", answering(200, b'[{"key": "A", "is_shown_once": true, "value": null}]'))

    assert client(coolify).variables(Kind.APPLICATION, UUID, soon())[0].value is None


@pytest.mark.parametrize(
    ("flags", "application", "service"),
    [
        ({}, True, True),
        ({"is_preview": True}, False, False),
        ({"is_runtime": False}, False, True),
        ({"is_buildtime": False}, True, True),
        ({"key": "NIXPACKS_NODE_VERSION"}, False, True),
    ],
)
def test_what_reaches_production(coolify: FakeCoolify, flags: dict[str, Any], application: bool, service: bool) -> None:
    """Previews and builds have rows of their own; a service stack's .env takes every row."""
    coolify.add_application(UUID, variable(**{"key": "IMAGE", **flags}))

    (row,) = client(coolify).variables(Kind.APPLICATION, UUID, soon())

    assert row.reaches(Kind.APPLICATION) is application
    assert row.reaches(Kind.SERVICE) is service


def test_older_coolify_does_not_tell_runtime_from_build(coolify: FakeCoolify) -> None:
    """Where a flag is not sent yet it is unknown, and the row counts."""
    coolify.dropped = frozenset({"is_runtime"})
    coolify.add_application(UUID, variable("IMAGE"))

    (row,) = client(coolify).variables(Kind.APPLICATION, UUID, soon())

    assert (row.is_runtime, row.reaches(Kind.APPLICATION)) == (None, True)


def test_list_with_gaps(coolify: FakeCoolify) -> None:
    """A filtered list, which PHP sends as an object with numbers for keys, is a list."""
    coolify.always("/envs", answering(200, b'{"0": {"key": "A"}, "2": {"key": "B"}}'))

    rows = client(coolify).variables(Kind.APPLICATION, UUID, soon())

    assert [row.key for row in rows] == ["A", "B"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"message": "x"}', "something else than the list that is due"),
        (b'"x"', "something else than the list that is due"),
        (b"[1]", "a variable that is no JSON object"),
        (b'[{"key": null}]', "a variable without a key"),
        (b'[{"value": "hidden secret"}]', "a variable without a key"),
    ],
)
def test_list_that_makes_no_sense(coolify: FakeCoolify, body: bytes, words: str) -> None:
    """A row that cannot be read is an error: left out, it could be the one that is looked for."""
    coolify.always("/envs", answering(200, body))

    with pytest.raises(api.NotTheApi, match=words) as caught:
        client(coolify).variables(Kind.APPLICATION, UUID, soon())

    assert "secret" not in caught.value.message


def test_fields_of_another_kind_are_unknown(coolify: FakeCoolify) -> None:
    """A field that holds what it never should is as one that is not there."""
    body = {"uuid": UUID, "name": ["x"], "build_pack": 7, "settings": []}
    coolify.always("/applications", answering(200, json.dumps(body).encode()))

    found = client(coolify).application(UUID, soon())

    assert (found.name, found.build_pack, found.raw) == ("", "7", None)

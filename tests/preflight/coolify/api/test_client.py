"""preflight/coolify/api/client.py: what is asked, what comes back, and every way in which it does not."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.api import client as api
from preflight.coolify.api.client import ApiAddress, CoolifyApi
from preflight.coolify.resource import Kind
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.lib.once import Once
from tests.fakes.authority import Authority, make_authority
from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, saying, variable
from tests.fakes.http_server import Script, answering, dripping, hang_up, huge, not_http, silent
from tests.limits import not_waiting_for

UUID = "vgsco4o"
SENSITIVE = Token(frozenset({"read", "read:sensitive"}))
DEPLOY = Token(frozenset({"read", "deploy"}))


@pytest.fixture
def coolify() -> Iterator[FakeCoolify]:
    """A Coolify with one application, asked with a token that may read."""
    with FakeCoolify() as fake:
        fake.add_application(UUID, variable("IMAGE", "secret-value"), raw=True)
        yield fake


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that no machine knows."""
    return make_authority(tmp_path_factory.mktemp("tls"))


def client(coolify: FakeCoolify, **address: Any) -> CoolifyApi:
    """Return a client without proxies."""
    return CoolifyApi(ApiAddress(coolify.url, TOKEN, url_from="COOLIFY_URL", token_from="COOLIFY_TOKEN", **address), {})


def soon(seconds: float = 20) -> Deadline:
    """Return a deadline."""
    return Deadline.after(seconds)


def refused(coolify: FakeCoolify, seconds: float = 20) -> CouldNotLook:
    """Ask for the application and return the refusal, which must say what to do and give nothing away."""
    with pytest.raises(CouldNotLook) as caught:
        client(coolify).application(UUID, soon(seconds))
    _, secret = TOKEN.split("|")
    assert caught.value.hint
    assert secret not in caught.value.message + caught.value.hint + repr(caught.value)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 140
    return caught.value


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


def test_deploy(coolify: FakeCoolify) -> None:
    """A deployment is triggered by POST, and followed by its UUID to its end."""
    coolify.tokens[TOKEN] = DEPLOY
    deployed: list[str] = []
    coolify.on_deploy = deployed.append
    asked = client(coolify)

    deployment = asked.deploy(UUID, soon())

    assert deployed == [UUID]
    assert (coolify.requests[0].method, coolify.requests[0].path) == ("POST", f"/api/v1/deploy?uuid={UUID}")
    assert [asked.deployment(deployment, soon()) for _ in range(3)] == ["queued", "in_progress", "finished"]


def test_deploy_of_a_service_stack(coolify: FakeCoolify) -> None:
    """Its start has no UUID."""
    coolify.tokens[TOKEN] = DEPLOY
    coolify.add_service("stack")

    assert client(coolify).deploy("stack", soon()) == ""


@pytest.mark.parametrize("reply", [answering(500), answering(502), saying(429, "Too Many Attempts."), hang_up])
def test_deploy_is_asked_once(coolify: FakeCoolify, reply: Script) -> None:
    """What becomes of it is told, and it is never triggered a second time."""
    coolify.tokens[TOKEN] = DEPLOY
    coolify.script("/deploy", reply)

    with pytest.raises(api.ApiError):
        client(coolify).deploy(UUID, soon())

    assert len(coolify.requests) == 1


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"deployments": []}', b'{"deployments": [{"resource_uuid": "another"}]}']
)
def test_deploy_of_something_else(coolify: FakeCoolify, body: bytes) -> None:
    """An answer that does not name what was to be deployed is no success."""
    coolify.script("/deploy", answering(200, body))

    with pytest.raises(api.NotTheApi, match="something else than the deployment that was to be triggered"):
        client(coolify).deploy(UUID, soon())


def test_deploy_without_the_permission(coolify: FakeCoolify) -> None:
    """A token that may only read deploys nothing, and the missing permission is named."""
    with pytest.raises(api.ApiRefused, match="the token lacks the permission deploy"):
        client(coolify).deploy(UUID, soon())


def test_deploy_of_nothing(coolify: FakeCoolify) -> None:
    """A UUID that nobody has is said so."""
    coolify.tokens[TOKEN] = DEPLOY

    with pytest.raises(api.ApiUnknown, match="finds no resource nothing to deploy"):
        client(coolify).deploy("nothing", soon())


def test_deployment_without_status(coolify: FakeCoolify) -> None:
    """A deployment that does not say how it goes is an error, not a success."""
    coolify.script("/deployments/", answering(200, b'{"deployment_uuid": "d"}'))

    with pytest.raises(api.NotTheApi, match="a deployment without a status"):
        client(coolify).deployment("d", soon())


def test_unknown_deployment(coolify: FakeCoolify) -> None:
    """One that Coolify does not know is told apart from a failed one."""
    with pytest.raises(api.ApiUnknown, match="knows no deployment d in the token's team"):
        client(coolify).deployment("d", soon())


@pytest.mark.parametrize(
    ("token", "words", "hint"),
    [
        (None, "does not know the token (401)", "COOLIFY_TOKEN"),
        (Token(has_team=False), "the token belongs to no team (any more)", "with the right team chosen"),
        (Token(frozenset({"deploy"})), "the token lacks the permission read", "Keys & Tokens"),
        (Token(frozenset({"read", "write"}), is_admin=False), "may not do this in the team", "admin or owner"),
    ],
)
def test_token_that_is_refused(coolify: FakeCoolify, token: Token | None, words: str, hint: str) -> None:
    """Unknown, of no team, without permission, of a mere member: each says so, and what to do."""
    client(coolify).application(UUID, soon())
    coolify.tokens = {} if token is None else {TOKEN: token}

    error = refused(coolify)

    assert isinstance(error, api.ApiRefused)
    assert words in error.message
    assert hint in error.hint


def test_api_switched_off(coolify: FakeCoolify) -> None:
    """A Coolify with its API off names the switch."""
    coolify.enabled = False
    error = refused(coolify)

    assert error.message == "Coolify's API is switched off"
    assert error.hint == "In Coolify: Settings, Configuration, Advanced: switch on API Access."


def test_address_not_allowed(coolify: FakeCoolify) -> None:
    """A host that is not on the list of allowed addresses is told which list."""
    coolify.allowed = False
    error = refused(coolify)

    assert error.message == "Coolify's API does not accept requests from this host"
    assert "Allowed IPs for API Access" in error.hint


def test_application_of_another_team(coolify: FakeCoolify) -> None:
    """Absent and another team's look alike; both are said."""
    del coolify.applications[UUID]
    error = refused(coolify)

    assert isinstance(error, api.ApiUnknown)
    assert error.message == f"Coolify's API knows no application {UUID} in the token's team"
    with pytest.raises(api.ApiUnknown, match=f"no application {UUID}"):
        client(coolify).variables(Kind.APPLICATION, UUID, soon())


@pytest.mark.parametrize(
    ("reply", "kind", "words", "hint"),
    [
        (saying(400, "Invalid token."), api.ApiRefused, "belongs to no team", "COOLIFY_TOKEN"),
        (saying(400, "Invalid uuid."), api.ApiRefused, f"refuses application {UUID} (400): Invalid uuid.", "log"),
        (answering(422, b"{}"), api.ApiRefused, f"refuses application {UUID} (422)", "log"),
        (saying(403, "You are not authorized to perform this action."), api.ApiRefused, "may not do this", "admin"),
        (saying(403, "Something new."), api.ApiRefused, "refuses (403): Something new.", "permissions"),
        (answering(403, b"{}"), api.ApiRefused, "refuses (403)", "permissions"),
        (answering(403, b"<html>Access", Content_Type="text/html"), api.NotTheApi, "something in front of", "login"),
        (answering(401, b'"no"'), api.NotTheApi, "something in front of Coolify refuses with 401", "login"),
        (saying(404, "The route x could not be found."), api.NotTheApi, "no API of Coolify's", "COOLIFY_URL"),
        (saying(404, "Not found."), api.NotTheApi, "no API of Coolify's", "COOLIFY_URL"),
        (saying(405, "Not supported."), api.NotTheApi, "does not know the request", "Update"),
        (answering(301, Location="https://evil.example"), api.NotTheApi, "redirects (301)", "COOLIFY_URL"),
        (answering(302, b"<html>", Location="/login"), api.NotTheApi, "the token is not sent elsewhere", "login page"),
        (answering(500, b"<html>"), api.ApiTrouble, "has trouble of its own (500)", "docker logs coolify"),
        (answering(502, b"<html>"), api.ApiTrouble, "the proxy in front of Coolify does not reach it", "docker ps"),
        (answering(522), api.ApiTrouble, "does not reach it (522)", "docker ps"),
        (answering(503), api.ApiTrouble, "is not available (503)", "updated"),
        (answering(200, b"<!DOCTYPE html>", Content_Type="text/html"), api.NotTheApi, "with a web page, not", "Check"),
        (answering(200, b" \n<html>"), api.NotTheApi, "a web page although it calls it JSON", "COOLIFY_URL"),
        (answering(200, b"{}", Content_Type="text/html"), api.NotTheApi, "calls its answer text/html, not", "proxy"),
        (answering(200, b"{}"), api.NotTheApi, "a resource without a UUID", "COOLIFY_URL"),
        (answering(200, b"[]"), api.NotTheApi, "a resource that is no JSON object", "COOLIFY_URL"),
        (answering(200, b"{"), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b""), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b"\xff"), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b"[" * 100_000), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b"1" * 10_000), api.NotTheApi, "no JSON that can be read", "COOLIFY_URL"),
        (answering(200, b"{}", Content_Encoding="gzip"), api.NotTheApi, "a compressed answer", "proxy"),
        (huge, api.NotTheApi, "sends more than 8 MiB", "COOLIFY_URL"),
        (not_http, api.NotTheApi, "does not speak HTTP", "COOLIFY_URL"),
        (hang_up, api.ApiUnreachable, "closed the connection without an answer", "COOLIFY_URL"),
    ],
)
def test_each_refusal_in_its_own_words(
    coolify: FakeCoolify, reply: Script, kind: type[CouldNotLook], words: str, hint: str
) -> None:
    """Whatever comes instead of the answer is one line, with what to do about it."""
    coolify.always("/applications", reply)
    error = refused(coolify)

    assert isinstance(error, kind)
    assert words in error.message
    assert hint in error.hint


def test_too_many_requests(coolify: FakeCoolify) -> None:
    """A limit that outlasts our time says how long to wait."""
    coolify.always("/applications", saying(429, "Too Many Attempts.", Retry_After="58"))
    error = refused(coolify)

    assert error.message == "Coolify's API allows no more requests for now (429) and asks to wait 58 s"
    assert len(coolify.requests) == 1


def test_passing_limit_is_waited_for(coolify: FakeCoolify) -> None:
    """A limit that passes in time costs only the time."""
    coolify.script("/applications", saying(429, "Too Many Attempts.", Retry_After="0"), answering(429), answering(503))

    assert client(coolify).application(UUID, soon()).uuid == UUID
    assert len(coolify.requests) == 4


@pytest.mark.parametrize("reply", [silent, dripping])
def test_no_answer_in_time(coolify: FakeCoolify, reply: Script) -> None:
    """A Coolify that never answers, or drop by drop, costs no more than the time it was given."""
    coolify.always("/applications", reply)
    with not_waiting_for(30):
        error = refused(coolify, 0.5)

    assert isinstance(error, DeadlineExceeded)
    assert "did not answer in time" in error.message


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


def test_nothing_listens(coolify: FakeCoolify) -> None:
    """A Coolify that does not run is not reached, and the operating system's reason is given."""
    address = ApiAddress("http://127.0.0.1:1", TOKEN, url_from="COOLIFY_URL")

    with pytest.raises(api.ApiUnreachable, match="could not be reached: connection refused") as caught:
        CoolifyApi(address, {}).application(UUID, soon())
    assert caught.value.hint.startswith("Check the address in COOLIFY_URL.")
    assert "firewall" in caught.value.hint
    assert coolify.requests == []


def test_name_that_nobody_knows() -> None:
    """A misspelt host is told as such."""
    address = ApiAddress("https://coolify.invalid", TOKEN, url_from="COOLIFY_URL")

    with pytest.raises(api.ApiUnreachable, match=r"the name coolify\.invalid could not be resolved") as caught:
        CoolifyApi(address, {}).application(UUID, soon())
    assert "the address in COOLIFY_URL" in caught.value.hint


def test_proxy_of_no_use() -> None:
    """A proxy that does not let us through is named, not the registry's way around it."""
    address = ApiAddress("https://coolify.example.com", TOKEN)

    with pytest.raises(api.ApiUnreachable, match="the proxy in the environment does not let us through") as caught:
        CoolifyApi(address, {"HTTPS_PROXY": "http://127.0.0.1:1"}).application(UUID, soon())
    assert "NO_PROXY" in caught.value.hint


def test_own_authority(authority: Authority) -> None:
    """A certificate of one's own authority is trusted when its bundle is named, and only then."""
    with FakeCoolify(tls=authority.server) as fake:
        fake.add_application(UUID)
        assert client(fake, ca_file=authority.ca_file).application(UUID, soon()).uuid == UUID
        fake.requests.clear()

        with pytest.raises(api.ApiUnreachable, match="is not trusted") as caught:
            client(fake).application(UUID, soon())

        assert "PREFLIGHT_COOLIFY_CA_FILE" in caught.value.hint
        assert fake.requests == []


def test_certificate_for_another_name(authority: Authority) -> None:
    """A certificate for another host is refused, although its authority is known."""
    with FakeCoolify(tls=authority.server) as fake:
        address = ApiAddress(fake.url.replace("127.0.0.1", "localhost"), TOKEN, authority.ca_file)

        with pytest.raises(api.ApiUnreachable, match="is not trusted: Hostname mismatch"):
            CoolifyApi(address, {}).application(UUID, soon())

        assert fake.requests == []


def test_bundle_of_no_use(tmp_path: Path) -> None:
    """A bundle that cannot be read is named before anything is sent."""
    address = ApiAddress("https://127.0.0.1:1", TOKEN, tmp_path / "absent.pem")

    with pytest.raises(
        api.ApiUnreachable, match="ca_file names a bundle of certificates, but it cannot be read"
    ) as caught:
        CoolifyApi(address, {}).application(UUID, soon())
    assert "Correct the path in ca_file" in caught.value.hint


def test_plain_http_where_tls_is_due(coolify: FakeCoolify) -> None:
    """An https:// address with the port of Coolify's plain HTTP says so."""
    address = ApiAddress(coolify.url.replace("http:", "https:"), TOKEN, url_from="COOLIFY_URL")

    with pytest.raises(api.ApiUnreachable, match="plain HTTP") as caught:
        CoolifyApi(address, {}).application(UUID, soon())
    assert "8000 is plain HTTP" in caught.value.hint


def test_redirect_is_not_followed(coolify: FakeCoolify) -> None:
    """Another host that the answer points to never sees the token."""
    with FakeCoolify() as other:
        coolify.always("/applications", answering(307, Location=f"{other.url}/api/v1/applications/{UUID}"))
        error = refused(coolify)

        assert "redirects (307)" in error.message
        assert other.requests == []


@pytest.mark.parametrize("said", [TOKEN, TOKEN.split("|")[1], f"Bearer {TOKEN} \x1b[2J\u202e"])
def test_server_that_repeats_the_token(coolify: FakeCoolify, said: str) -> None:
    """A server's own words are shown without the token and without control characters."""
    coolify.always("/applications", saying(403, f"refused {said}"))

    assert "[token]" in refused(coolify).message


def test_status_that_repeats_the_token(coolify: FakeCoolify) -> None:
    """Nor is it in what a deployment says of itself."""
    coolify.always("/deployments", answering(200, json.dumps({"status": f"\x1b[1m{TOKEN}"}).encode()))

    assert client(coolify).deployment("d", soon()) == "[1m[token]"


def test_odd_uuid_stays_in_its_place(coolify: FakeCoolify) -> None:
    """A UUID with a slash, a query or dots asks for nothing else."""
    with pytest.raises(api.ApiError):
        client(coolify).application("../servers?x=\x1b", soon())

    assert coolify.requests[0].path == "/api/v1/applications/..%2Fservers%3Fx%3D%1B"


def test_token_is_in_no_repr_and_no_log(coolify: FakeCoolify, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a log at its loudest nor a repr holds the token."""
    caplog.set_level(logging.DEBUG)
    asked = client(coolify)
    asked.application(UUID, soon())

    assert TOKEN not in caplog.text
    assert TOKEN not in repr(asked.address) + repr(asked)


@pytest.mark.parametrize(
    ("break_it", "kind"), [(lambda fake: fake.applications.clear(), api.ApiUnknown), (None, api.ApiTrouble)]
)
def test_errors_can_be_kept_for_others(
    coolify: FakeCoolify, break_it: Callable[[FakeCoolify], None] | None, kind: type[CouldNotLook]
) -> None:
    """A refusal is the same for the next that asks, without asking again."""
    if break_it is not None:
        break_it(coolify)
    else:
        coolify.always("/applications", answering(500))
    once: Once[api.Application] = Once()
    asked = client(coolify)

    for _ in range(2):
        with pytest.raises(kind):
            once.get("a", lambda: asked.application(UUID, soon()), soon(), "the API")

    assert len(coolify.requests) == (1 if break_it else 4)


def test_many_threads(coolify: FakeCoolify) -> None:
    """One client serves many threads at once."""
    asked = client(coolify)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(asked.application(UUID, soon()).uuid)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [UUID] * 16

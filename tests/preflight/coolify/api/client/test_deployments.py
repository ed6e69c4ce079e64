"""preflight/coolify/api/client.py: deployments that are triggered and followed."""

import pytest

from preflight.coolify.api import client as api
from tests.fakes.coolify_api import TOKEN, FakeCoolify, saying
from tests.fakes.http_server import Script, answering, hang_up
from tests.preflight.coolify.api.client.asking import DEPLOY, UUID, client, soon


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

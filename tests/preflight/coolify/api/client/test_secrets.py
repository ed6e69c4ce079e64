"""preflight/coolify/api/client.py: the token goes nowhere else."""

import json
import logging

import pytest

from preflight.coolify.api import client as api
from tests.fakes.coolify_api import TOKEN, FakeCoolify, saying
from tests.fakes.http_server import answering
from tests.preflight.coolify.api.client.asking import UUID, client, refused, soon


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

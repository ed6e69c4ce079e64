"""Asks a fake Coolify, and says what holds for every refusal."""

from typing import Any

import pytest

from preflight.coolify.api.client import ApiAddress, CoolifyApi
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token

UUID = "vgsco4o"
SENSITIVE = Token(frozenset({"read", "read:sensitive"}))
DEPLOY = Token(frozenset({"read", "deploy"}))


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

"""preflight/notify/any_service.py"""

import json

import pytest

from preflight.lib.deadline import Deadline
from preflight.lib.installing import how_to_install
from preflight.notify.any_service import AnyService
from preflight.notify.errors import NotDelivered
from preflight.notify.secret import Secret
from tests.preflight.notify.messages import message
from tests.real.receiver import Receiver

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it

CHAT = AnyService(Secret("url_env", variable="CHAT"), attempts=2)


def url(receiver: Receiver, query: str = "") -> dict[str, str]:
    """Return an environment with an address of Apprise's for its plain JSON."""
    return {"CHAT": f"{receiver.address.replace('http', 'json')}/s3cret{query}"}


def test_apprise_sends_title_and_text(receiver: Receiver) -> None:
    """Through its own plug-in for JSON."""
    told = message()

    CHAT.send(told, url(receiver), Deadline.after(10))

    [taken] = receiver.taken
    data = json.loads(taken.body)
    assert data["title"] == told.title
    assert "the digest is wrong" in data["message"]


def test_what_is_not_taken_is_tried_again_and_said(
    receiver: Receiver, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without what Apprise logs: that quotes the address."""
    monkeypatch.setattr("preflight.notify.any_service.backoff", lambda _attempt: 0.01)
    receiver.behaviour = 500

    with pytest.raises(NotDelivered, match="did not take the message") as raised:
        CHAT.send(message(), url(receiver), Deadline.after(10))

    assert len(receiver.taken) == 2
    assert "s3cret" not in raised.value.message + raised.value.hint + "".join(capfd.readouterr())


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    """Here to the receiver itself, which would have seen it."""
    receiver.behaviour, receiver.location = 302, f"{receiver.address}/elsewhere"

    with pytest.raises(NotDelivered):
        CHAT.send(message(), url(receiver), Deadline.after(10))

    assert "/elsewhere" not in receiver.paths


@pytest.mark.parametrize("query", ["?verify=no", "?x=1&verify=False", "?verify=0"])
def test_certificates_are_verified(receiver: Receiver, query: str) -> None:
    """An address that turns that off is refused."""
    with pytest.raises(NotDelivered, match="turns the verification of certificates off"):
        CHAT.send(message(), url(receiver, query), Deadline.after(5))

    assert receiver.taken == []


def test_an_address_that_apprise_does_not_know() -> None:
    """It is not quoted."""
    with pytest.raises(NotDelivered, match="does not know an address like that of url_env") as raised:
        CHAT.send(message(), {"CHAT": "pigeon://s3cret"}, Deadline.after(5))

    assert "s3cret" not in raised.value.message + raised.value.hint


def test_a_plug_in_that_crashes_ends_nothing_else(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the kind of its exception is shown: the text may quote the address."""

    def crash(*_: object, **__: object) -> None:
        raise KeyError("s3cret")

    monkeypatch.setattr("apprise.Apprise.notify", crash)

    with pytest.raises(NotDelivered, match=r"ended in an exception \(KeyError\)") as raised:
        CHAT.send(message(), url(receiver), Deadline.after(5))

    assert "s3cret" not in raised.value.message + raised.value.hint


def test_without_the_extra_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hint says how to install it."""
    monkeypatch.setattr("preflight.notify.any_service.find_spec", lambda _name: None)

    with pytest.raises(NotDelivered, match="Apprise is not installed") as raised:
        CHAT.send(message(), {"CHAT": "json://x"}, Deadline.after(5))

    assert raised.value.hint == how_to_install("notify")

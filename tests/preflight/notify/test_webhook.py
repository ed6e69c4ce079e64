"""preflight/notify/webhook.py"""

import hashlib
import hmac
import json
import time

import pytest

from preflight.lib.deadline import Deadline
from preflight.notify.errors import NotDelivered
from preflight.notify.message import Event
from preflight.notify.secret import Secret
from preflight.notify.webhook import Webhook
from tests.preflight.notify.messages import message
from tests.real.receiver import Receiver


def test_what_is_posted(receiver: Receiver) -> None:
    """One document with changes and report; no signature without a key."""
    told = message()

    Webhook(Secret("url", text=receiver.address)).send(told, {}, Deadline.after(5))

    [taken] = receiver.taken
    data = json.loads(taken.body)
    assert data["schema"] == "preflight-notification/1"
    assert (data["event"], data["exit_code"], data["at"]) == ("change", 1, "2026-11-29T10:00:00.000Z")
    assert data["changes"][0]["code"] == "no-pin"
    assert data["report"]["checks"][0]["id"] == "pin-file"
    assert taken.headers["Content-Type"] == "application/json"
    assert taken.headers["Preflight-Delivery"] == data["id"] == told.id
    assert taken.headers["Preflight-Signature"] is None


def test_a_receiver_can_verify_sender_and_time(receiver: Receiver) -> None:
    """HMAC-SHA256 of the seconds, a full stop, and the very bytes of the body."""
    hook = Webhook(Secret("url", text=receiver.address), Secret("hmac_key_env", variable="KEY"))

    hook.send(message(Event.RUN), {"KEY": "k3y"}, Deadline.after(5))

    [taken] = receiver.taken
    parts = dict(each.split("=") for each in taken.headers["Preflight-Signature"].split(","))
    expected = hmac.new(b"k3y", parts["t"].encode() + b"." + taken.body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(parts["v1"], expected)
    assert abs(time.time() - int(parts["t"])) < 60


def test_without_its_key_nothing_is_sent(receiver: Receiver) -> None:
    """An unsigned message would be refused, or worse, accepted."""
    hook = Webhook(Secret("url", text=receiver.address), Secret("hmac_key_env", variable="KEY"))

    with pytest.raises(NotDelivered, match="KEY is empty"):
        hook.send(message(), {}, Deadline.after(5))

    assert receiver.taken == []

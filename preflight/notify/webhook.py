"""A JSON document, posted, and signed where a key is configured."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC

from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.notify.message import Message
from preflight.notify.post import Post, address
from preflight.notify.secret import Secret

SCHEMA = "preflight-notification/1"
SIGNATURE = "Preflight-Signature"
"""``t=SECONDS,v1=HEX``: HMAC-SHA256 of ``SECONDS.BODY``. The time lets a receiver refuse what was sent long ago."""
DELIVERY = "Preflight-Delivery"
"""The message's id, the same each time it is sent."""


@frozen
class Webhook:
    """One receiver.

    Args:
        url: Its address.
        hmac_key: Key that signs each message; None sends it unsigned.
        plain_http: The address may be ``http://``.
        attempts: How often to ask at most.
    """

    url: Secret
    hmac_key: Secret | None = None
    plain_http: bool = False
    attempts: int = 3

    only_newest = False
    with_report = True

    def send(self, message: Message, environ: Mapping[str, str], deadline: Deadline) -> None:
        """Post the document.

        Raises:
            NotDelivered: The receiver did not take it.
        """
        to = address(self.url.read(environ), self.url.key, plain_http=self.plain_http)
        body = json.dumps(document(message), ensure_ascii=True).encode()
        headers = {"Content-Type": "application/json", DELIVERY: message.id}
        if self.hmac_key is not None:
            headers[SIGNATURE] = signature(self.hmac_key.read(environ), body, int(time.time()))
        Post(environ).send(to, body, headers, deadline, attempts=self.attempts)


def document(message: Message) -> dict[str, object]:
    """Return what is posted."""
    return {
        "schema": SCHEMA,
        "id": message.id,
        "event": message.event.value,
        "at": message.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "exit_code": message.exit_code,
        "title": message.title,
        **message.data,
    }


def signature(key: str, body: bytes, seconds: int) -> str:
    """Return the header that proves who sent a body, and when.

    Args:
        key: The shared key.
        body: What is posted.
        seconds: Since 1970.
    """
    code = hmac.new(key.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={seconds},v1={code}"

"""Pings as healthchecks.io takes them (https://healthchecks.io/docs/http_api/), which many monitors imitate."""

from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.notify.message import Event, Message
from preflight.notify.post import Address, Post, address
from preflight.notify.secret import Secret

_LONGEST = 10_000
"""Bytes of a body that all versions keep."""


@frozen
class Ping:
    """One check at a monitor.

    Args:
        url: The ping address, which is a secret: whoever knows it can ping.
        start: Also tell that a run begins.
        plain_http: The address may be ``http://``.
        attempts: How often to ask at most.
    """

    url: Secret
    start: bool = True
    plain_http: bool = False
    attempts: int = 3

    only_newest = True
    """A monitor knows one state: an older ping says nothing that the newest does not."""

    with_report = False

    def send(self, message: Message, environ: Mapping[str, str], deadline: Deadline) -> None:
        """Tell how a run went: success, its exit code, or ``/fail`` where nothing was checked.

        Raises:
            NotDelivered: The monitor did not take it.
        """
        well = message.event in (Event.HEARTBEAT, Event.TEST) or message.exit_code == 0
        suffix = "" if well else f"/{message.exit_code}" if message.checked else "/fail"
        body = message.text.encode()[:_LONGEST].decode("utf-8", "ignore").encode()
        self._post(suffix, body, environ, deadline, self.attempts)

    def begin(self, environ: Mapping[str, str], deadline: Deadline) -> None:
        """Tell that a run begins; asked once, since the run does not wait for it.

        Raises:
            NotDelivered: The monitor did not take it.
        """
        self._post("/start", b"", environ, deadline, 1)

    def _post(self, suffix: str, body: bytes, environ: Mapping[str, str], deadline: Deadline, attempts: int) -> None:
        base = address(self.url.read(environ), self.url.key, plain_http=self.plain_http)
        parts = urlsplit(base.url)
        to = Address(urlunsplit(parts._replace(path=parts.path.rstrip("/") + suffix)), base.headers)
        headers = {"Content-Type": "text/plain; charset=utf-8"}
        Post(environ).send(to, body, headers, deadline, attempts=attempts)

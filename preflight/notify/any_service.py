"""Any service that Apprise knows: the only file that imports it, and only where one is configured."""

import logging
import time
from collections.abc import Mapping
from importlib.util import find_spec
from urllib.parse import parse_qs, urlsplit

from preflight.http.network import backoff
from preflight.lib.deadline import Deadline
from preflight.lib.installing import how_to_install
from preflight.lib.parallel import one
from preflight.lib.records import frozen
from preflight.notify.errors import NotDelivered
from preflight.notify.message import Message
from preflight.notify.secret import Secret

_OFF = frozenset({"no", "n", "false", "f", "0", "off", "none", "never"})


@frozen
class AnyService:
    """One address of Apprise's (https://github.com/caronc/apprise/wiki).

    Args:
        url: The address, which holds tokens or passwords.
        attempts: How often to try at most.
    """

    url: Secret
    attempts: int = 3

    only_newest = False
    with_report = False

    def send(self, message: Message, environ: Mapping[str, str], deadline: Deadline) -> None:
        """Have Apprise send it.

        Raises:
            NotDelivered: Apprise is not installed, does not know the address, or could not deliver.
        """
        if find_spec("apprise") is None:
            raise NotDelivered("Apprise is not installed", how_to_install("notify"))
        url = self.url.read(environ)
        _refuse_unverified(url, self.url.key)
        for attempt in range(self.attempts):
            if one(lambda: _notify(url, self.url.key, message), deadline, "the service behind Apprise"):
                return
            pause = backoff(attempt)
            if attempt + 1 == self.attempts or pause >= deadline.remaining("Apprise"):
                break
            time.sleep(pause)
        raise NotDelivered(
            "the service behind Apprise did not take the message",
            f"Try the address with `apprise`; check {self.url.key}.",
        )


def _refuse_unverified(url: str, key: str) -> None:
    """Refuse an address that turns the verification of certificates off."""
    try:
        values = parse_qs(urlsplit(url).query).get("verify", [])
    except ValueError:
        values = []
    if any(value.lower() in _OFF for value in values):
        raise NotDelivered(f"{key} turns the verification of certificates off (verify=no)", "Remove that from it.")


def _notify(url: str, key: str, message: Message) -> bool:
    import apprise

    log = logging.getLogger("apprise")
    log.propagate = False  # its lines quote addresses and answers
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    service = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=False, async_mode=False))
    try:
        known = service.add(url)
        taken = known and service.notify(title=message.title, body=message.text, body_format=apprise.NotifyFormat.TEXT)
    except Exception as error:  # noqa: BLE001 -- a hundred plug-ins of others; none may end the run
        raise NotDelivered(f"Apprise ended in an exception ({type(error).__name__})", f"Check {key}.") from None
    if not known:
        raise NotDelivered(f"Apprise does not know an address like that of {key}", f"Correct {key}.")
    return bool(taken)

"""Mail, handed to the local sendmail, whichever program that is."""

import os
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib import process
from preflight.lib.deadline import Deadline
from preflight.lib.programs import find_program, search_path
from preflight.lib.records import frozen
from preflight.lib.text import printable
from preflight.notify.errors import NotDelivered, Refused
from preflight.notify.message import Message

_FOLDERS = ("/usr/sbin", "/usr/lib", "/usr/local/sbin")
_DATA_ERROR = 65
"""EX_DATAERR of sysexits.h: this message is refused, whenever it comes."""


@frozen
class Mail:
    """One mail.

    Args:
        to: Addresses.
        sender: In ``From:``; empty leaves it to sendmail.
        sendmail: The program; None for the one that is found.
    """

    to: tuple[str, ...]
    sender: str = ""
    sendmail: Path | None = None

    only_newest = False
    with_report = False

    def send(self, message: Message, environ: Mapping[str, str], deadline: Deadline) -> None:
        """Hand it to sendmail, which delivers it, or queues it.

        Raises:
            Refused: sendmail refuses what is in it.
            NotDelivered: sendmail is not there, or did not take it.
        """
        argv = [self._program(environ), "-i", *(["-f", self.sender] if self.sender else []), "--", *self.to]
        named = {name: environ[name] for name in ("HOME", "USER", "LOGNAME") if name in environ}
        env = {"PATH": search_path({"PATH": environ.get("PATH", os.defpath)}), **named}
        try:
            done = process.run(argv, env=env, stdin=self.written(message).as_bytes(), deadline=deadline)
        except CouldNotLook as error:
            raise NotDelivered(error.message, "Look at the mail system of this host.") from error
        if done.exit_code:
            refused = Refused if done.exit_code == _DATA_ERROR else NotDelivered
            said = printable(done.error_text, 160)
            raise refused(
                f"sendmail ended with exit code {done.exit_code}{f': {said}' if said else ''}",
                "Look at the mail system of this host.",
            )

    def written(self, message: Message) -> EmailMessage:
        """Return the mail; ``email.message`` encodes its headers, and refuses line ends in them."""
        mail = EmailMessage()
        mail["Subject"] = printable(message.title)
        mail["To"] = ", ".join(self.to)
        if self.sender:
            mail["From"] = self.sender
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = f"<{message.id}@preflight.invalid>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's vacation program answers
        mail["X-Preflight-Event"] = message.event.value
        mail.set_content(message.text, cte="quoted-printable")
        return mail

    def _program(self, environ: Mapping[str, str]) -> str:
        if self.sendmail is not None:
            return str(self.sendmail)
        folders = os.pathsep.join((environ.get("PATH", ""), *_FOLDERS))
        found = find_program("sendmail", {"PATH": folders})
        if found is None:
            raise NotDelivered("this host has no sendmail", "Install one, e.g. msmtp-mta, or name it: sendmail: PATH.")
        return found

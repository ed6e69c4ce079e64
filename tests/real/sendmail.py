"""A real sendmail (the DragonFly Mail Agent), and a real SMTP server that it delivers to."""

import email
import os
import shlex
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

from provision.errors import ProvisionError
from provision.packages import sendmail_program

from tests.real.missing import missing

_SCRIPT = """\
#!/bin/sh
# dma in a world of its own: its configuration is in /etc, its queue in /var/spool
set -e
exec unshare --mount sh -ec '
    mount -t tmpfs none {world}
    mkdir {world}/upper {world}/work
    mount -t overlay overlay -o lowerdir=/etc,upperdir={world}/upper,workdir={world}/work /etc
    mkdir -p /etc/dma
    printf "SMARTHOST 127.0.0.1\\nPORT {port}\\nMAILNAME host.invalid\\n" >/etc/dma/dma.conf
    : >/etc/dma/auth.conf
    mount -t tmpfs none /var/spool
    mkdir -p /var/spool/dma
    chown root:mail /var/spool/dma
    chmod 2775 /var/spool/dma
    program=$1
    shift
    exec "$program" -D "$@"
' sh {program} "$@"
"""


@dataclass
class Mails:
    """What arrived.

    Args:
        sendmail: The program to hand mail to.
        recipients: Of each mail, as the SMTP server was told.
        senders: Likewise.
        received: The mails.
    """

    sendmail: Path
    recipients: list[list[str]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    received: list[EmailMessage] = field(default_factory=list)


class _Session(socketserver.StreamRequestHandler):
    """One connection, as far as RFC 5321 is needed for it."""

    def __init__(self, mails: Mails, *of_server: Any) -> None:
        self._mails = mails
        super().__init__(*of_server)

    def handle(self) -> None:
        """Talk until the client quits."""
        self._say("220 sink")
        self._mails.recipients.append([])
        while line := self.rfile.readline().decode().strip():
            command, _, rest = line.partition(":")
            match command.upper():
                case "MAIL FROM":
                    self._mails.senders.append(rest.strip("<>"))
                case "RCPT TO":
                    self._mails.recipients[-1].append(rest.strip("<>"))
                case "DATA":
                    self._take()
                case "QUIT":
                    self._say("221 bye")
                    return
            self._say("250 ok")

    def _take(self) -> None:
        self._say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        text = b"".join(line.removeprefix(b".") for line in lines)
        self._mails.received.append(email.message_from_bytes(text, policy=policy.default))

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def real_sendmail(folder: Path) -> Iterator[Mails]:
    """Have a sendmail for the length of a block.

    Args:
        folder: Of the test.
    """
    try:
        program = sendmail_program()
    except ProvisionError as error:
        missing("no sendmail", error)
    if os.geteuid() != 0:
        missing("no sendmail of its own", ProvisionError("only root may make a mount namespace", "run it as root"))
    mails = Mails(folder / "sendmail")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), partial(_Session, mails)) as server:
        world = folder / "dma"
        world.mkdir()
        port = server.server_address[1]
        paths = {"world": shlex.quote(str(world)), "program": shlex.quote(str(program))}
        mails.sendmail.write_text(_SCRIPT.format(**paths, port=port))
        mails.sendmail.chmod(0o755)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield mails
        finally:
            server.shutdown()
            thread.join()

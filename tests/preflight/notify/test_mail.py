"""preflight/notify/mail.py"""

from dataclasses import replace
from pathlib import Path

import pytest

from preflight.lib.deadline import Deadline
from preflight.notify.errors import NotDelivered, Refused
from preflight.notify.mail import Mail
from tests.preflight.notify.messages import message
from tests.real.sendmail import real_sendmail

PATH = {"PATH": "/usr/bin:/bin"}


def program(folder: Path, script: str) -> Path:
    """Write a program that is called like sendmail."""
    path = folder / "sendmail"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_a_real_sendmail_delivers_it(tmp_path: Path) -> None:
    """With headers that no text of ours can break, and a text that arrives as it was."""
    told = message()
    told = replace(told, title="Überprüfung: failed\r\nBcc: evil@example.com", text=f"{told.text}.\n…\n{'x' * 2000}\n")
    with real_sendmail(tmp_path) as mails:
        Mail(("ops@example.com",), "preflight@example.com", mails.sendmail).send(told, PATH, Deadline.after(20))

    [mail] = mails.received
    assert mails.recipients == [["ops@example.com"]]
    assert mails.senders == ["preflight@example.com"]
    assert mail["Subject"] == "Überprüfung: failed Bcc: evil@example.com"
    assert mail["Bcc"] is None
    assert mail["To"] == "ops@example.com"
    assert mail["From"] == "preflight@example.com"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{told.id}@preflight.invalid>"
    assert mail.get_content().replace("\r\n", "\n") == told.text


def test_without_a_sender_sendmail_decides(tmp_path: Path) -> None:
    """It knows the host's name for mail."""
    with real_sendmail(tmp_path) as mails:
        Mail(("ops@example.com",), sendmail=mails.sendmail).send(message(), PATH, Deadline.after(20))

    assert mails.received[0]["From"].endswith("@host.invalid")


def test_a_sendmail_that_fails_is_quoted(tmp_path: Path) -> None:
    """EX_TEMPFAIL: it may work later. EX_DATAERR: it never will."""
    mail = Mail(("a@b",), sendmail=program(tmp_path, "cat >/dev/null; echo 'queue is full' >&2; exit 75"))
    with pytest.raises(NotDelivered, match="exit code 75: queue is full") as raised:
        mail.send(message(), PATH, Deadline.after(5))
    assert not isinstance(raised.value, Refused)

    program(tmp_path, "exit 65")
    with pytest.raises(Refused, match="exit code 65"):
        mail.send(message(), PATH, Deadline.after(5))


def test_a_sendmail_that_hangs_is_ended(tmp_path: Path) -> None:
    """With the deadline."""
    mail = Mail(("a@b",), sendmail=program(tmp_path, "exec sleep 60"))

    with pytest.raises(NotDelivered, match="did not answer in time"):
        mail.send(message(), PATH, Deadline.after(0.3))


def test_it_gets_no_variable_of_ours(tmp_path: Path) -> None:
    """Tokens are in the environment of a job."""
    mail = Mail(("a@b",), sendmail=program(tmp_path, f"cat >/dev/null; env >{tmp_path}/env"))

    mail.send(message(), {**PATH, "GHCR_TOKEN": "s3cret", "HOME": "/root"}, Deadline.after(5))

    assert "s3cret" not in (tmp_path / "env").read_text()
    assert "HOME=/root" in (tmp_path / "env").read_text()


def test_where_sendmail_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PATH, or where it always was: cron's PATH lacks /usr/sbin."""
    monkeypatch.setattr("preflight.notify.mail._FOLDERS", (str(tmp_path),))
    with pytest.raises(NotDelivered, match="has no sendmail"):
        Mail(("a@b",)).send(message(), {"PATH": "/nowhere"}, Deadline.after(5))

    program(tmp_path, f'cat >/dev/null; echo "$@" >{tmp_path}/arguments')
    Mail(("a@b", "c@d")).send(message(), {"PATH": "/nowhere:/bin"}, Deadline.after(5))
    assert (tmp_path / "arguments").read_text() == "-i -- a@b c@d\n"

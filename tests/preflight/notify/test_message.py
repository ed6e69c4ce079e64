"""preflight/notify/message.py"""

import pytest

from preflight.history.outbox import LARGEST
from preflight.model import Status
from preflight.notify.message import Event, Message, of_run, of_test
from tests.preflight.notify.messages import NOW, change, message, report


def test_the_title_says_what_changed() -> None:
    """Host, state, and the first of it."""
    assert message().title == "preflight on web1: failed: pin-file/no-pin, service app"
    well = message(status=Status.PASS)
    assert well.title == "preflight on web1: all is well: pin-file/no-pin, service app recovered"
    many = of_run(Event.CHANGE, report(), (change(),) * 4, with_report=False)
    assert many.title.endswith("; 2 more changes")
    assert of_run(Event.RUN, report(Status.ERROR), (), with_report=False).title == "preflight on web1: could not look"


def test_the_text_is_the_change_and_the_table() -> None:
    """What a person reads in a mail."""
    text = message().text

    assert text.startswith("preflight on web1: failed: ")
    assert "new        FAIL   pin-file/no-pin, service app" in text
    assert "the digest is wrong" in text
    assert "Correct it." in text


def test_a_program_gets_changes_and_report() -> None:
    """The report is that of ``--format json``."""
    data = message().data

    assert data["changes"] == [
        {
            "at": "2026-11-29T10:00:00.000+00:00",
            "check": "pin-file",
            "code": "no-pin",
            "subject": "service app",
            "before": None,
            "after": "fail",
            "lasted_s": 60.0,
        }
    ]
    assert isinstance(data["report"], dict)
    assert data["report"]["schema"] == "preflight/1"


def test_it_survives_the_outbox() -> None:
    """Word for word."""
    for each in (message(), message(Event.HEARTBEAT), of_test("web1", NOW)):
        assert Message.from_text(each.to_text()) == each
    assert message().id != message().id


def test_what_is_too_large_goes_without_its_report() -> None:
    """It says so; the text is cut at a character."""
    long = of_run(Event.RUN, report(message="ü" * 300_000), (), with_report=True)

    kept = long.to_text()

    assert len(kept.encode()) <= LARGEST
    assert Message.from_text(kept).data == {"changes": [], "report": None, "truncated": True}
    assert Message.from_text(kept).text == long.text


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"event": "x"}', '{"id": 1, "event": "run", "at": "2026-11-29"}'])
def test_other_texts_are_refused(text: str) -> None:
    """E.g. of a newer version."""
    with pytest.raises(ValueError, match="no message of this preflight"):
        Message.from_text(text)


def test_a_heartbeat_tells_nothing_of_the_checks() -> None:
    """Only that there was a run."""
    beat = message(Event.HEARTBEAT)

    assert "the digest is wrong" not in beat.text
    assert "report" not in beat.data

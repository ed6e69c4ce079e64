"""preflight/history/outbox.py"""

from pathlib import Path

import pytest

from preflight.history import outbox
from preflight.history.outbox import LEASE_S, MOST, Expired, Letter
from preflight.history.record import record
from preflight.history.store import writing
from tests.fakes.runs import SERIES, at, check, history, run, wrong


def letter(text: str, target: str = "ops") -> Letter:
    """Return a letter."""
    return Letter("/etc/preflight.yaml", target, text)


def put(path: Path, *letters: Letter) -> int:
    """Put letters in a transaction of their own."""
    with writing(path) as connection:
        return outbox.put(connection, letters, at(0))


def taken(path: Path, minutes: float = 0, *targets: str) -> list[str]:
    """Take letters, and return their texts."""
    kept = outbox.take(path, "/etc/preflight.yaml", targets or ("ops",), at(minutes))
    return [each.letter.text for each in kept]


def test_a_letter_is_taken_once(tmp_path: Path) -> None:
    """Oldest first, only those of the asked targets and of this sender."""
    path = history(tmp_path)
    put(path, letter("one"), letter("two"), letter("other", "page"), Letter("/other.yaml", "ops", "theirs"))

    assert taken(path) == ["one", "two"]
    assert taken(path) == []
    assert taken(path, 0, "ops", "page") == ["other"]


def test_what_was_not_delivered_is_tried_again(tmp_path: Path) -> None:
    """By the next run, with a count; what was delivered is gone."""
    path = history(tmp_path)
    put(path, letter("one"), letter("two"))
    first, second = outbox.take(path, "/etc/preflight.yaml", {"ops"}, at(0))
    outbox.done(path, [first.id])
    outbox.put_back(path, [second.id])

    [again] = outbox.take(path, "/etc/preflight.yaml", {"ops"}, at(5))

    assert (again.id, again.letter, again.made, again.attempts) == (second.id, letter("two"), at(0), 1)


@pytest.mark.parametrize("minutes", [LEASE_S / 60, -1])
def test_who_was_killed_loses_what_it_took(tmp_path: Path, minutes: float) -> None:
    """After a time, or when the clock was set back: nobody would ever send it otherwise."""
    path = history(tmp_path)
    put(path, letter("one"))

    assert [taken(path), taken(path, 1), taken(path, minutes)] == [["one"], [], ["one"]]


def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    """For each target: another keeps its own."""
    path = history(tmp_path)
    put(path, letter("theirs", "page"))

    removed = put(path, *(letter(str(number)) for number in range(MOST + 3)))

    assert removed == 3
    assert taken(path) == [str(number) for number in range(3, MOST + 3)]
    assert taken(path, 0, "page") == ["theirs"]
    with pytest.raises(ValueError, match="more than"):
        put(path, letter("x" * (outbox.LARGEST + 1)))


def test_what_nobody_takes_is_dropped_in_the_end(tmp_path: Path) -> None:
    """E.g. of a target that is no longer in the configuration: with the first run that is recorded after a month."""
    path, month = history(tmp_path), 30 * 24 * 60
    put(path, letter("one", "gone"), letter("two", "gone"), Letter("/gone.yaml", "ops", "three"))

    early, late, later = (record(path, SERIES, run(minute, check("tag"))) for minute in (month, month + 1, month + 2))

    assert (early.expired, later.expired) == ((), ())
    assert late.expired == (Expired("/etc/preflight.yaml", "gone", 2), Expired("/gone.yaml", "ops", 1))
    assert taken(path, month, "gone") == []


def test_a_run_and_its_letters_are_kept_together(tmp_path: Path) -> None:
    """What writes them knows what the run changed; if it fails, nothing was recorded."""
    path = history(tmp_path)
    bad = run(0, check("tag", wrong()))

    with pytest.raises(ZeroDivisionError):
        record(path, SERIES, bad, lambda _: [letter(str(1 // 0))])
    told = record(path, SERIES, bad, lambda recorded: [letter(change.code) for change in recorded.changes])

    assert len(told.changes) == 1
    assert taken(path) == ["moved"]

"""preflight/receipts/receipt.py."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.receipts.receipt import KEPT, ApprovedPin, Receipt, read_receipts, write_receipt

REFERENCE = f"ghcr.io/a/b@sha256:{'1' * 64}"
GOOD = Receipt(
    at=datetime(2026, 11, 23, 22, 0, tzinfo=UTC),
    verdict="pass",
    opened=(),
    repository="github.com/a/b",
    branch="main",
    commit="c" * 40,
    application="abc",
    compose={"docker/compose.app.yaml": "2" * 64},
    pins=(ApprovedPin("IMAGE", "app", "docker/pin.env", REFERENCE),),
    tool="0.1.0",
)


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    """For its owner only, in a folder of its owner only; with the digest beside the reference."""
    path = write_receipt(tmp_path / "receipts", GOOD)
    assert read_receipts(tmp_path / "receipts") == (GOOD,)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    said = json.loads(path.read_text())
    assert said["schema"] == "preflight-receipt/1"
    assert said["pins"][0]["digest"] == f"sha256:{'1' * 64}" == GOOD.pins[0].digest
    assert [each.name for each in path.parent.iterdir()] == [GOOD.name], "nothing half written is left"


def test_the_newest_is_read_first_and_old_ones_go(tmp_path: Path) -> None:
    """Names sort by time; only the newest stay."""
    every = [replace(GOOD, at=GOOD.at + timedelta(minutes=number)) for number in range(KEPT + 3)]
    for each in every:
        write_receipt(tmp_path, each)
    assert read_receipts(tmp_path) == tuple(reversed(every[3:]))


def test_other_files_are_nobodys_receipts(tmp_path: Path) -> None:
    """A half-written one of a killed run, or somebody's note, is not read."""
    write_receipt(tmp_path, GOOD)
    (tmp_path / f".{GOOD.name}.x.new").write_text("{")
    (tmp_path / "note.txt").write_text("hello")
    assert read_receipts(tmp_path) == (GOOD,)


def changed(**changes: Any) -> str:
    """Return the text of a receipt with some keys changed; None takes one away."""
    document: dict[str, Any] = {
        "schema": "preflight-receipt/1", "at": GOOD.at.isoformat(), "verdict": "pass", "opened": [],
        "repository": "r", "branch": "b", "commit": "c", "application": "", "compose": {}, "pins": [], "tool": "1",
    }  # fmt: skip
    return json.dumps({name: value for name, value in {**document, **changes}.items() if value is not None})


def test_the_document_of_the_next_test_is_a_receipt(tmp_path: Path) -> None:
    """Unless something is wrong with it."""
    (tmp_path / "x.json").write_text(changed())
    assert read_receipts(tmp_path)[0].verdict == "pass"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "is none of preflight's"),
        ("null", "is none of preflight's"),
        (changed(schema="preflight-receipt/2"), "is none of preflight's"),
        (changed(verdict="fine"), "is none of preflight's"),
        (changed(at="yesterday"), "is none of preflight's"),
        (changed(at="2026-11-23T22:00:00"), "is none of preflight's"),
        (changed(pins=[{}]), "is none of preflight's"),
        (changed(pins=[{"variable": 1, "service": "", "file": "", "reference": ""}]), "is none of preflight's"),
        (changed(compose=[]), "is none of preflight's"),
        (changed(commit=None), "is none of preflight's"),
        (changed(commit=7), "is none of preflight's"),
        ("x" * 300_000, "is larger than"),
        ("\0\udcff", "is not UTF-8"),
    ],
)
def test_a_broken_receipt_is_told_of(tmp_path: Path, text: str, words: str) -> None:
    """What was approved is then not known: never passed over, and with a remedy."""
    write_receipt(tmp_path, GOOD)
    (tmp_path / "20260101T000000.000000Z-x.json").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(CouldNotLook, match=words) as raised:
        read_receipts(tmp_path)
    assert raised.value.hint


@pytest.mark.parametrize("make", ["folder", "fifo"])
def test_what_is_no_file_is_told_of(tmp_path: Path, make: str) -> None:
    """Nobody hangs in a FIFO."""
    path = tmp_path / "x.json"
    path.mkdir() if make == "folder" else os.mkfifo(path)
    with pytest.raises(CouldNotLook):
        read_receipts(tmp_path)


def test_a_folder_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    """No folder is not an empty one."""
    with pytest.raises(CouldNotLook, match="nope: no such file or directory") as raised:
        read_receipts(tmp_path / "nope")
    assert "STATE-DIR/receipts" in raised.value.hint


def test_the_wrong_folder_is_told_of(tmp_path: Path) -> None:
    """Thousands of files are no receipts of ours."""
    for number in range(2001):
        (tmp_path / f"{number}.json").touch()
    with pytest.raises(CouldNotLook, match="holds 2001 receipts"):
        read_receipts(tmp_path)


def test_a_receipt_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    """With the folder's name and what to do."""
    (tmp_path / "file").touch()
    with pytest.raises(CouldNotLook, match="cannot be written: ") as raised:
        write_receipt(tmp_path / "file", GOOD)
    assert "--state-dir" in raised.value.hint

"""preflight/fleet/saved.py"""

import io
import json
from pathlib import Path

import pytest

from preflight.fleet.saved import read_saved
from preflight.report import Style
from preflight.run.reporters.json_report import render
from preflight.run.reporters.saved import LIMIT
from tests.fakes.fleet import host_report


def test_each_file_is_a_row(tmp_path: Path) -> None:
    """A report is one host; what is no report is an error with the name of the file and the reason."""
    texts = {
        "good": render(host_report("web-1"), Style()),
        "bad": "{",
        "empty": "\n",
        "other": json.dumps({"schema": "preflight/0"}),
        "liar": render(host_report("web-2", runs="1.4.1"), Style()).replace('"exit_code": 1', '"exit_code": 0'),
        "large": " " * (LIMIT + 1),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    files = [tmp_path / name for name in (*texts, "gone")]
    good, *bad = read_saved(files)

    assert (good.name, good.first, good.source) == ("web-1", None, str(files[0]))
    assert [host.name for host in bad] == [*map(str, files[1:])]
    firsts = [host.first for host in bad]
    assert [first and (first.name, first.message.split(": ")[-1]) for first in firsts] == [
        ("no report", "expecting property name enclosed in double quotes"),
        ("no report", "it is empty"),
        ("other version", "the report was written by an older preflight, which counted and named things otherwise"),
        ("no report", "expected pass, as the rest of the report says"),
        ("not readable", f"the report {files[5]} is larger than 16384 KiB"),
        ("not readable", "no such file or directory"),
    ]


def test_a_folder_stands_for_the_reports_in_it(tmp_path: Path) -> None:
    """In order of their names; one without a report is an error, as is a file of that ending that is none."""
    (tmp_path / "none").mkdir()
    (tmp_path / "all" / "c.json").mkdir(parents=True)
    for name in ("b", "a"):
        (tmp_path / "all" / f"{name}.json").write_text(render(host_report(name), Style()))
    (tmp_path / "all" / "notes.txt").write_text("x")
    hosts = [*read_saved([tmp_path / "all", tmp_path / "none"])]

    assert [Path(host.name).name for host in hosts] == ["a", "b", "c.json", "none"]
    assert [host.first.message for host in hosts if host.first] == [
        f"the report {tmp_path}/all/c.json is a directory",
        "no file in it ends in .json",
    ]


def test_standard_input_is_a_file_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """As for `preflight report`."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(render(host_report("web-1"), Style()).encode())))

    [host] = read_saved([Path("-")])

    assert (host.name, host.source) == ("web-1", "standard input")

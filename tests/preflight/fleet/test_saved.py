"""preflight/fleet/saved.py"""

import json
from pathlib import Path

from preflight.fleet.saved import LIMIT, read_saved
from preflight.report import Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report


def test_each_file_is_a_row(tmp_path: Path) -> None:
    """A report is one host; what is no report is an error with the name of the file and the reason."""
    texts = {
        "good": render(host_report("web-1"), Style()),
        "bad": "{",
        "other": json.dumps({"schema": "preflight/0"}),
        "liar": render(host_report("web-2", runs="1.4.1"), Style()).replace('"exit_code": 1', '"exit_code": 0'),
        "large": " " * (LIMIT + 1),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    files = [tmp_path / name for name in (*texts, "gone")]
    good, *bad = read_saved([*files, tmp_path])

    assert (good.name, good.first, good.source) == ("web-1", None, str(files[0]))
    assert [host.name for host in bad] == [*map(str, files[1:]), str(tmp_path)]
    firsts = [host.first for host in bad]
    assert [first and (first.name, first.message.split(": ")[-1]) for first in firsts] == [
        ("no report", "expecting property name enclosed in double quotes"),
        ("no report", "the report was written by an older preflight, which counted and named things otherwise"),
        ("no report", "expected pass, as the rest of the report says"),
        ("not readable", f"the report {files[4]} is larger than 16384 KiB"),
        ("not readable", "no such file or directory"),
        ("not readable", f"the report {tmp_path} is a directory"),
    ]

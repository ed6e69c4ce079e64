"""preflight/cli/fleet_report.py: one table of saved reports."""

import errno
import json
import sys
from pathlib import Path

import pytest

from preflight.cli.fleet_output import FleetOutputs
from preflight.fleet.host import host_of
from preflight.report import Report, Style
from preflight.run.reporters.json_report import render
from tests.fakes.fleet import host_report
from tests.real.cli import PreflightCli


def saved(folder: Path, *reports: Report) -> list[str]:
    """Save reports, return the names of the files."""
    for report in reports:
        (folder / f"{report.host}.json").write_text(render(report, Style()))
    return [str(folder / f"{report.host}.json") for report in reports]


def test_the_exit_code_is_that_of_the_worst_host(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """1 overrides 3, which overrides 0; a file that is not there has its row."""
    well, wrong = saved(tmp_path, host_report("web-1"), host_report("web-3", runs="1.4.1"))
    for files, code in (([well], 0), ([well, "gone.json"], 3), ([well, "gone.json", wrong], 1)):
        done = preflight_cli("fleet", "report", "--format", "json", *files, cwd=tmp_path)
        assert (done.returncode, json.loads(done.stdout)["exit_code"]) == (code, code)
        assert len(json.loads(done.stdout)["hosts"]) == len(files)


def test_formats_and_ages(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """PREFLIGHT_FORMAT may be set for `run`: what only `run` has is a table here; typed, it is refused."""
    files = saved(tmp_path, host_report("web-1"))
    environ = {"PREFLIGHT_FORMAT": "line", "PREFLIGHT_FLEET_OLD": "366d"}
    done = preflight_cli("fleet", "report", *files, cwd=tmp_path, env=environ)
    assert (done.returncode, done.stdout.splitlines()[1].split()[:3]) == (0, ["ok", "web-1", "after"])
    for wrong in (["--format", "line"], ["--old", "soon"]):
        refused = preflight_cli("fleet", "report", *wrong, *files, cwd=tmp_path)
        assert (refused.returncode, refused.stdout) == (2, "")
    quiet = preflight_cli("fleet", "report", "-q", *files, cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


def test_several_documents_in_one_go(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """The files are whole even with -q; a name of the environment for `run` changes nothing here."""
    files = saved(tmp_path, host_report("web-1"), host_report("web-3", runs="1.4.1"))
    outputs = ["--output", "json=all.json", "--output", "html=all.html"]
    environ = {"PREFLIGHT_OUTPUT": "junit=run.xml", "PREFLIGHT_FLEET_OLD": "366d"}
    done = preflight_cli("fleet", "report", "-q", *outputs, *files, cwd=tmp_path, env=environ)

    assert (done.returncode, "web-1" in done.stdout, "web-3" in done.stdout) == (1, False, True)
    assert [host["host"] for host in json.loads((tmp_path / "all.json").read_text())["hosts"]] == ["web-3", "web-1"]
    assert (tmp_path / "all.html").read_text().count("<section") == 4
    assert not (tmp_path / "run.xml").exists()


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("jsn=x", "--output jsn=x: no such format, did you mean json?"),
        ("junit=x", "Formats: table, json, markdown, html, prometheus."),
        ("json=gone/x", "/gone is not there"),
        ("json=-", "--output json=-: - is no regular file"),
        ("json=a --output html=a", "another report goes there"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_first(
    output: str, words: str, tmp_path: Path, preflight_cli: PreflightCli
) -> None:
    """Before any report is read."""
    done = preflight_cli("fleet", "report", "--output", *output.split(), "report.json", cwd=tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert [*tmp_path.iterdir()] == []


@pytest.mark.usefixtures("own_signals")
def test_a_file_that_could_not_be_written_after_all_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 2 where all hosts are well."""

    def full(_path: Path, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("preflight.cli.output_files.replace_file", full)
    outputs = FleetOutputs("json", Style(quiet=True), (("json", tmp_path / "x"),), 60.0, sys.stdout)
    code = outputs.write([host_of(host_report("web-1"))])
    told = capsys.readouterr()

    assert (code, json.loads(told.out)["exit_code"]) == (2, 2)
    assert told.err == f"preflight: {tmp_path}/x could not be written: no space left on device\n"

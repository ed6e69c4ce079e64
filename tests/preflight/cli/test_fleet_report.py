"""preflight/cli/fleet_report.py: one table of saved reports."""

import json
from pathlib import Path

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

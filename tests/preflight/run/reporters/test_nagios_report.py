"""preflight/run/reporters/nagios_report.py, and the exit codes of monitoring plugins"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from preflight.errors import ExitCode
from preflight.model import Finding, Location, Status
from preflight.report import Report, Style
from preflight.run.reporters import own_exit_code
from preflight.run.reporters.json_report import render as render_json
from preflight.run.reporters.nagios_report import State, render, state
from tests.fakes.format_parsers import nagios
from tests.fakes.reports import EVERYTHING, WAIVER, WEAK, report, result
from tests.real.cli import PreflightCli
from tests.real.signals import wait_until

PASS = Finding(Status.PASS, "well")
WARN = Finding(Status.WARN, "fragile", "Fix it.", failure=WEAK)
WAIVED = Finding(Status.WARN, "waived", "Fix it.", failure=WEAK, waived=WAIVER)
ALLOWED = Finding(Status.WARN, "allowed", "Fix it.", failure=WEAK, allowed=True)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (report(result("a", PASS), code=0), State.OK),
        (report(result("a", PASS, WAIVED, ALLOWED), code=0), State.OK),
        (report(result("a", PASS, WARN), code=0), State.WARNING),
        (report(result("a", WARN), code=1), State.CRITICAL),
        (report(result("a", WARN), code=3), State.UNKNOWN),
        (report(result("a", PASS), code=2), State.UNKNOWN),
        (report(code=2, problem="bad"), State.UNKNOWN),
        (report(result("a", PASS), code=143), State.UNKNOWN),
    ],
)
def test_states(what: Report, expected: State) -> None:
    """What is not sure is unknown, never well; what somebody accepted warns nobody."""
    assert state(what) is expected
    assert own_exit_code("nagios", what) == int(expected)
    assert nagios(render(what, Style()))[0] == expected.name
    assert [own_exit_code(name, what) for name in ("json", "table", "sarif")] == [None, None, None]


def test_the_line_names_the_worst_finding_and_counts_the_checks() -> None:
    """With its place."""
    said, text, numbers = nagios(render(EVERYTHING, Style()))

    assert said == "CRITICAL"
    assert text.startswith("do not roll out; b-fail docker/compose.app.yaml:17: `environment:` overrides the pin: ")
    assert text.endswith(
        "(and 1 more); 5 checks: 1 failed, 1 could not look, 1 with warnings, 1 skipped, 1 passed, 1 finding waived"
    )
    assert numbers == {
        "time": 0.5, "checks": 5, "fail": 1, "error": 1, "warn": 1, "skip": 1, "pass": 1, "waived": 1
    }  # fmt: skip


def test_nothing_in_a_text_ends_it() -> None:
    """Neither a bar nor the end of a line."""
    what = report(result("a", Finding(Status.FAIL, "a|b\nc", "x", location=Location("d|e"))))

    assert "a d¦e: a¦b c" in nagios(render(what, Style()))[1]


@pytest.mark.parametrize(
    ("arguments", "variables", "words"),
    [
        (["--format", "nagios", "--bogus"], {}, "No such option"),
        (["--format=nagios", "--only", "no"], {}, "no such check: no"),
        (["--timeout", "x"], {"PREFLIGHT_FORMAT": "nagios"}, "'x': expected a number of seconds"),
    ],
)
def test_a_usage_error_is_unknown(
    arguments: list[str], variables: dict[str, str], words: str, tmp_path: Path, preflight_cli: PreflightCli
) -> None:
    """2 would be critical. The monitor gets its line."""
    done = preflight_cli("run", *arguments, cwd=tmp_path, env=variables)

    said, text, _ = nagios(done.stdout)
    assert (done.returncode, said) == (3, "UNKNOWN")
    assert text.startswith("nothing was checked: ")
    assert words in text


def test_a_configuration_error_is_unknown(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """Also where that configuration names the format."""
    (tmp_path / "preflight.yaml").write_text("format: nagios\nnonsense: 1\n")
    done = preflight_cli("run", cwd=tmp_path)

    assert done.returncode == 3
    assert nagios(done.stdout)[:2] == ("UNKNOWN", "nothing was checked: preflight.yaml:2: unknown key nonsense")


GOOD = render_json(report(result("a", PASS), code=0), Style())
NAGIOS = "report good.json --format nagios"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (f'"$0" -m preflight {NAGIOS}', 0),
        (f'"$0" -m preflight {NAGIOS} > /dev/full', 3),
        (f'"$0" -m preflight {NAGIOS} >&-', 3),
        ('"$0" -m preflight report good.json --format line > /dev/full', 2),
        (f'mkdir gone && cd gone && rmdir ../gone && "$0" -m preflight {NAGIOS}', 3),
        ('mkdir gone && cd gone && rmdir ../gone && "$0" -m preflight run --format line', 2),
    ],
)
def test_a_line_that_nobody_can_read_is_unknown(script: str, code: int, tmp_path: Path) -> None:
    """A full disk behind standard output, none at all, and a folder that is gone."""
    (tmp_path / "good.json").write_text(GOOD)
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(__file__).resolve().parents[4])}
    done = subprocess.run(["sh", "-c", script, sys.executable], cwd=tmp_path, env=env, capture_output=True, check=False)

    assert (done.returncode, done.stderr == b"") == (code, code == 0)


def test_an_interrupted_run_is_unknown(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """In one line, as ever."""
    (tmp_path / "slow.py").write_text("import pathlib, time\npathlib.Path('begun').touch()\ntime.sleep(600)\n")
    process = preflight_cli.start("run", "--checks-dir", ".", "--format", "nagios", cwd=tmp_path)
    wait_until((tmp_path / "begun").exists, process)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)

    assert (process.returncode, nagios(out)[:2]) == (3, ("UNKNOWN", "nothing was checked: interrupted"))


def test_a_run_and_a_saved_report_answer_alike(tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """Nothing to look at is unknown; --output in this format changes no exit code."""
    run = ("run", "--only", "pin-file", "--output", "json=a.json")
    done = preflight_cli(*run, "--format", "nagios", cwd=tmp_path)
    again = preflight_cli("report", "a.json", "--format", "nagios", cwd=tmp_path)
    other = preflight_cli("report", "a.json", "--format", "line", "--output", "nagios=a.txt", cwd=tmp_path)

    assert (done.returncode, done.stdout[:20]) == (ExitCode.COULD_NOT_LOOK, "PREFLIGHT UNKNOWN - ")
    assert (again.returncode, again.stdout) == (3, done.stdout)
    assert (other.returncode, (tmp_path / "a.txt").read_text()) == (0, done.stdout)

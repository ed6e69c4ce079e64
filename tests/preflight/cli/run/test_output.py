"""preflight/cli/run.py: what it writes, where, and to whom."""

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.preflight.cli.run.runner import SCHEMA, SOURCE, Runner
from tests.real.cli import PreflightCli


def test_further_reports_are_written_in_the_same_run(run: Runner, tmp_path: Path) -> None:
    """--output is repeatable; files are whole and replace old ones."""
    (tmp_path / "a.json").write_text("old")
    done = run("--output", f"json={tmp_path / 'a.json'}", "--output", f"table={tmp_path / 'a.txt'}", SAY="fail")

    assert done.returncode == 1
    jsonschema.validate(json.loads((tmp_path / "a.json").read_text()), SCHEMA)
    assert "FAIL  told" in (tmp_path / "a.txt").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.txt", "cwd", "more"]


NOISY = """
import os, subprocess
print("NOISE")
from preflight import About, Check, NoSettings, passed

class Noisy(Check[NoSettings]):
    about = About("noisy", "It is loud", frozenset(), frozenset(), "Is it?", "So.", ())
    def run(self, ctx):
        print("NOISE")
        os.write(1, b"NOISE\\n")
        subprocess.run(["echo", "NOISE"])
        yield passed("well")
"""


def test_what_a_check_prints_does_not_spoil_the_one_document(run: Runner, told: Path) -> None:
    """Neither its own words nor those of the programs it starts."""
    (told / "noisy.py").write_text(NOISY)

    done = run("--only", "noisy", "--format", "json")

    assert json.loads(done.stdout)["status"] == "pass"
    assert done.stderr == "NOISE\n" * 4


def in_a_shell(run: Runner, told: Path, rest: str, say: str = "pass") -> subprocess.CompletedProcess[str]:
    """Run it in a shell that redirects it."""
    command = f"{sys.executable} -m preflight run --checks-dir {told} --only told {rest}"
    env = {**os.environ, "SAY": say, "PYTHONPATH": SOURCE}
    return subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, cwd=run.cwd, env=env, timeout=30, check=False
    )


@pytest.mark.parametrize(("say", "code"), [("pass", 2), ("fail", 1), ("error", 3)])
def test_a_full_disk_is_said_and_never_a_pass(run: Runner, told: Path, say: str, code: int) -> None:
    """Nobody could read the report."""
    done = in_a_shell(run, told, "> /dev/full", say)

    problem = "preflight: standard output could not be written: no space left on device\n"
    assert (done.returncode, done.stderr) == (code, problem)


@pytest.mark.parametrize(
    ("rest", "code"),
    [("2>&-", 0), (">&-", 2), ("<&- >&-", 2), (">&- 2>&-", 2), ("-q >&-", 0), ("--format json --output line=f >&-", 2)],
)
def test_a_report_for_a_closed_stream_is_no_pass(run: Runner, told: Path, rest: str, code: int) -> None:
    """Nobody could read it. What has nothing to say needs no stream."""
    done = in_a_shell(run, told, rest)

    said = "preflight: standard output could not be written: it is closed\n"
    assert (done.returncode, done.stderr) == (code, said if code and "2>&-" not in rest else "")


def test_a_report_that_cannot_be_written_is_in_the_summary(run: Runner, told: Path) -> None:
    """The document on stdout does not say "clear to roll out" where the exit code says otherwise."""
    done = in_a_shell(run, told, f"--output json=/proc/nothing.json --output table={run.cwd}/there")

    assert done.returncode == 2
    assert "Exit 2: a report could not be written." in done.stdout
    assert "/proc/nothing.json could not be written" in done.stderr
    assert (run.cwd / "there").exists()


def test_a_folder_that_is_gone_is_one_line(run: Runner) -> None:
    """Somebody removed the checkout under the shell."""
    done = subprocess.run(
        ["sh", "-c", f"rmdir {run.cwd}; exec {sys.executable} -m preflight run"],
        capture_output=True,
        text=True,
        cwd=run.cwd,
        env={**os.environ, "PYTHONPATH": SOURCE},
        timeout=30,
        check=False,
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("preflight: the folder you stand in is gone")


def test_a_report_on_disk_is_replaced_when_nothing_was_checked(run: Runner) -> None:
    """Yesterday's green report would be taken for today's."""
    (run.cwd / "report.json").write_text("{}")

    done = run("--output", "json=report.json", "--stage", "never")

    written = json.loads((run.cwd / "report.json").read_text())
    jsonschema.validate(written, SCHEMA)
    assert (done.returncode, written["exit_code"]) == (2, 2)
    assert "never" in written["problem"]


def test_a_report_named_by_a_broken_configuration_is_replaced(run: Runner) -> None:
    """Also where the mistake stands in the very file that names it; but not outside its folder."""
    outside = run.cwd.parent / "outside.json"
    outside.write_text("{}")
    text = "output:\n  - json=report.json\n  - json=../outside.json\ntimeuot: 5\n"
    (run.cwd / "preflight.yaml").write_text(text)

    done = run()

    assert done.returncode == 2
    assert "timeuot" in json.loads((run.cwd / "report.json").read_text())["problem"]
    assert outside.read_text() == "{}"


def test_a_reader_that_leaves_changes_nothing(run: Runner, told: Path) -> None:
    """`preflight run | true` keeps the verdict and prints no traceback."""
    command = f"{sys.executable} -m preflight run --checks-dir {told} --only told | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        cwd=run.cwd,
        env={**os.environ, "SAY": "fail", "PYTHONPATH": SOURCE},
        timeout=30,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("1\n", "")


def test_a_bare_environment_is_enough(preflight_cli: PreflightCli, told: Path) -> None:
    """Cron: no HOME, no TERM, no locale, no terminal."""
    done = preflight_cli("run", "--checks-dir", told, "--only", "told", cwd=told, bare=True, env={"SAY": "pass"})

    assert (done.returncode, done.stderr) == (0, "")


def test_an_output_that_knows_only_ascii_is_served(run: Runner) -> None:
    """A terminal without UTF-8 gets a question mark, not a traceback."""
    done = run("-v", SAY="fail", PYTHONIOENCODING="ascii")

    assert done.returncode == 1


def on_a_terminal(command: list[str], cwd: Path, env: dict[str, str]) -> str:
    """Run a command on a pseudo-terminal and return what it wrote there."""
    master, slave = pty.openpty()
    process = subprocess.Popen(command, cwd=cwd, env=env, stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    written = b""
    while select.select([master], [], [], 20)[0]:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        written += chunk
    process.wait(timeout=10)
    os.close(master)
    return written.decode()


def test_a_terminal_gets_colour_and_progress_and_no_color_takes_the_colour(run: Runner, told: Path) -> None:
    """On a terminal progress shows while checks run; NO_COLOR is heeded."""
    command = [sys.executable, "-m", "preflight", "run", "--checks-dir", str(told), "--only", "told"]
    env = {**os.environ, "SAY": "fail", "PYTHONPATH": SOURCE, "TERM": "xterm"}
    env.pop("NO_COLOR", None)

    colourful = on_a_terminal(command, run.cwd, env)
    plain = on_a_terminal(command, run.cwd, {**env, "NO_COLOR": "1"})

    assert "checking 0/1: told" in colourful
    assert "\x1b[1;31mFAIL\x1b[0m" in colourful
    assert "\x1b[1;31m" not in plain
    assert "FAIL" in plain
    assert "\x1b" not in on_a_terminal(command, run.cwd, {**env, "TERM": "dumb"})


def test_a_checkout_does_not_run_itself(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Modules and checks lying in the working folder are not imported, however the tool is started."""
    files = "yaml.py tabulate.py sitecustomize.py checks/__init__.py click.py signal.py pathlib.py"
    for name in files.split():
        path = tmp_path / "evil" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("raise SystemExit('the checkout ran')\n")

    done = preflight_cli("list", cwd=tmp_path / "evil")

    assert done.returncode == 0, done.stderr
    assert "pin-file" in done.stdout

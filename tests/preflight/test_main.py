"""preflight/__main__.py: how the process ends, whatever happens to it or to what it prints to."""

import random
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import preflight
from tests.real.cli import PreflightCli
from tests.real.git import GitRepository
from tests.real.signals import NUMBERS, catches, default_actions, running, wait_until

SOURCE = str(Path(preflight.__file__).resolve().parents[1])
LINES = {
    "hook": "preflight hook: BLOCKED, nothing was judged: interrupted -> Deploy again.\n",
    "run": "preflight: interrupted\n",
    "list": "preflight: interrupted\n",
    "explain": "preflight: interrupted\n",
    "sentinel": "preflight: interrupted\n",
}
"""The line of each command for an interruption."""

PIN = f"IMAGE=127.0.0.1:9/a/b@sha256:{'1' * 64}\n"
COMPOSE = "services: {app: {image: x, env_file: [pin.env]}}\n"


@pytest.fixture
def site(git_repository: GitRepository, tmp_path: Path) -> Path:
    """A checkout with a pin, of which the hook can fetch a clone; `temporary` and `state` lie beside it."""
    git_repository.commit({"compose.yaml": COMPOSE, "pin.env": PIN})
    for name in ("temporary", "state"):
        (tmp_path / name).mkdir()
    return git_repository.path


def command(name: str, site: Path) -> list[str]:
    """Return a command line that does a good deal of what the command can do."""
    return {
        "run": ["run", "--format", "json", "--timeout", "5"],
        "hook": ["-C", "..", "hook", "--repository", str(site), "--branch", "main", "--state-dir", "state"],
        "list": ["list"],
        "explain": ["explain", "pin-file"],
        "sentinel": ["sentinel", "probe"],
    }[name]


# --- what is printed to


@pytest.mark.parametrize("redirect", ["2>/dev/full", "<&- 2>&-", "| true"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--version", 0),
        ("list", 0),
        ("explain nope", 2),
        ("run --only pin-file", 0),
        ("run --only nope --format json", 2),
        ("sentinel status", 0),
        ("init", 2),
        ("hook --repository /nope --branch main --state-dir ../state", 3),
    ],
)
def test_nobody_who_reads_changes_no_verdict(site: Path, words: str, code: int, redirect: str) -> None:
    """A full disk under standard error, no such stream, or a reader who left."""
    (site / "preflight.yaml").touch()  # which init refuses to replace
    assert in_a_shell(site, words, redirect).returncode == code


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--help", 2),
        ("explain hook", 2),
        ("run --only pin-file", 2),
        ("run --only nope --format json", 2),
        ("sentinel status", 2),
        ("hook --repository /nope --branch main --state-dir ../state", 3),
    ],
)
def test_what_could_not_be_printed_is_no_success(site: Path, words: str, code: int, unbuffered: str) -> None:
    """A full disk under standard output: whoever waits for the text learns that it is not all there."""
    done = in_a_shell(site, words, ">/dev/full", unbuffered)

    assert done.returncode == code
    assert ("standard output could not be written: no space left on device" in done.stderr) == (code == 2)
    assert in_a_shell(site, words, ">/dev/full 2>/dev/full", unbuffered).returncode == code
    assert in_a_shell(site, words, "<&- >&- 2>&-", unbuffered).returncode == code


def in_a_shell(site: Path, words: str, redirect: str, unbuffered: str = "") -> "subprocess.CompletedProcess[str]":
    """Run it as a shell does; the exit code is that of the tool."""
    line = f"{shlex.quote(sys.executable)} -m preflight {words} {redirect}; exit ${{PIPESTATUS[0]}}"
    env = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": SOURCE,
        "HOME": str(site.parent),
        "PYTHONUNBUFFERED": unbuffered,
    }
    return subprocess.run(
        ["bash", "-c", line], cwd=site, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_module_that_ends_the_process_is_no_verdict(preflight_cli: PreflightCli, site: Path) -> None:
    """`sys.exit(0)` in somebody's code is not "nothing is wrong"."""
    (site / "sitecustomize.py").write_text("import click\nclick.Context.invoke = lambda *_, **__: exit(0)\n")
    done = preflight_cli("list", cwd=site, env={"PYTHONPATH": f"{site}:{SOURCE}"})

    assert done.returncode == 3
    assert "SystemExit" in done.stderr


def test_an_exit_in_the_report_of_a_mistake_is_no_verdict(preflight_cli: PreflightCli, site: Path) -> None:
    """The last words of a run must not end it with somebody else's exit code."""
    code = "import preflight.cli.problem as p, sys\np.report_problem = lambda *_: sys.exit(0)\n"
    (site / "sitecustomize.py").write_text(code)

    assert preflight_cli("list", "--nope", cwd=site, env={"PYTHONPATH": f"{site}:{SOURCE}"}).returncode == 3


def test_completion_of_the_shell_works(preflight_cli: PreflightCli, site: Path) -> None:
    """It ends with `sys.exit` of click's own."""
    env = {"_PREFLIGHT_COMPLETE": "bash_complete", "COMP_WORDS": "preflight ex", "COMP_CWORD": "1"}
    done = preflight_cli(cwd=site, env=env)

    assert (done.returncode, done.stdout) == (0, "plain,explain\n")


def test_a_folder_that_is_gone_is_one_line(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Nothing can be found from there."""
    script = f'cd {tmp_path}/gone && rmdir ../gone && "$0" -m preflight list'
    (tmp_path / "gone").mkdir()
    done = subprocess.run(
        ["sh", "-c", script, sys.executable], env={"PYTHONPATH": SOURCE}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("preflight: the folder you stand in is gone")
    assert preflight_cli("--version", cwd=tmp_path).returncode == 0


# --- signals

CHILD = """#!/bin/sh
touch {begun}
(sleep 600; true) &
wait
"""

CHECK = """
from preflight import About, Check, NoSettings, passed
from preflight.lib import process
class Slow(Check[NoSettings]):
    about = About("slow", "It is slow", frozenset(), frozenset(), "Is it?", "So.", ())
    def run(self, ctx):
        process.run(["git"], deadline=ctx.deadline)
        yield passed("well")
"""


SLOW = ["run", "--checks-dir", "../own", "--only", "slow"]


@pytest.fixture
def hanging(tmp_path: Path) -> dict[str, str]:
    """An environment whose `git` starts a program of its own, and hangs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").write_text(CHILD.format(begun=tmp_path / "begun"))
    (folder / "git").chmod(0o755)
    (tmp_path / "own").mkdir()
    (tmp_path / "own/slow.py").write_text(CHECK)
    return {"PATH": f"{folder}:/usr/bin:/bin", "TMPDIR": str(tmp_path / "temporary")}


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("name", ["run", "hook", "sentinel"])
def test_programs_that_were_started_end_too(
    preflight_cli: PreflightCli, site: Path, hanging: dict[str, str], name: str, number: signal.Signals
) -> None:
    """With all that they have started, and nothing is left in the temporary folder."""
    words = {"run": SLOW, "hook": command("hook", site), "sentinel": ["sentinel", "arm", "--file", "pin.env"]}[name]
    process = preflight_cli.start(*words, cwd=site, env=hanging)
    wait_until((site.parent / "begun").exists, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 128 + number
    if name == "run":
        assert ("interrupted before it had answered" in out, err) == (True, "")
    else:
        assert (out, err) == ("", LINES[name])
    assert running(str(site.parent)) == []
    assert list((site.parent / "temporary").iterdir()) == []
    assert (site / "pin.env").read_text() == PIN


def test_under_nohup_a_hang_up_changes_nothing(site: Path, hanging: dict[str, str]) -> None:
    """Whoever starts it like that wants it to go on."""
    env = {**hanging, "PYTHONPATH": SOURCE, "HOME": str(site.parent)}
    with default_actions():
        process = subprocess.Popen(
            ["nohup", sys.executable, "-m", "preflight", *SLOW],
            cwd=site, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    wait_until((site.parent / "begun").exists, process)
    assert not catches(process, signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)

    assert process.returncode == 143
    assert running(str(site.parent)) == []


@pytest.mark.parametrize("number", NUMBERS)
def test_an_error_in_the_place_of_the_interruption_is_one(
    preflight_cli: PreflightCli, site: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """Python 3.11 raises a RuntimeError while it makes a class."""
    (tmp_path / "click.py").write_text(
        "import os, signal\n"
        f"try:\n    os.kill(os.getpid(), {int(number)})\n"
        "except BaseException as error:\n    raise RuntimeError from error\n"
    )
    process = preflight_cli.start("list", cwd=site, env={"PYTHONPATH": f"{tmp_path}:{SOURCE}"})
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out, err) == (128 + number, "", LINES["list"])


@dataclass(frozen=True)
class Ended:
    """How a command ended that was sent a signal.

    Args:
        number: Of the signal.
        ready: The handlers were installed when it was sent.
    """

    number: signal.Signals
    ready: bool
    exit_code: int
    out: str
    err: str

    @property
    def before_our_code(self) -> bool:
        """Python itself was interrupted, while it started: it has its own words for Ctrl-C, and none for the rest."""
        if self.ready or re.search(r"preflight/__main__\.py\", line \d+, in (?!<module>)", self.err):
            return False
        if self.number is signal.SIGINT and ("KeyboardInterrupt" in self.err or "Error processing line" in self.err):
            return True  # the latter of the files *.pth, which it goes on without
        return self.exit_code == -self.number and self.err == ""


def signalled(cli: PreflightCli, name: str, site: Path, number: signal.Signals, after_s: float | None) -> Ended:
    """Start a command and send it a signal after so many seconds; None: as soon as its handlers are installed."""
    env = {"TMPDIR": str(site.parent / "temporary")}
    process = cli.start(*command(name, site), cwd=site, env=env, measured=False)
    if after_s is None:
        wait_until(lambda: catches(process, signal.SIGTERM), process)
    else:
        time.sleep(after_s)
    ready = catches(process, signal.SIGTERM)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    return Ended(number, ready, process.returncode, out, err)


def moments(count: int) -> Iterator[tuple[signal.Signals, float | None]]:
    """Yield signals and moments, the same in each run of the suite; first those in which a program is just ready."""
    chance = random.Random(9)
    for place in range(count):
        yield NUMBERS[place % len(NUMBERS)], chance.uniform(0, 0.4) if place >= len(NUMBERS) else None


@pytest.mark.parametrize("count", [8, pytest.param(200, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", ["run", "hook", "list", "explain", "sentinel"])
def test_a_signal_at_any_moment_ends_cleanly(preflight_cli: PreflightCli, site: Path, name: str, count: int) -> None:
    """Its exit code and one line, or the ordinary end of a command that was ready with its answer."""
    env = {"TMPDIR": str(site.parent / "temporary")}
    whole = preflight_cli(*command(name, site), cwd=site, env=env)
    assert whole.returncode in (0, 1, 3), whole.stderr
    interrupted = 0
    for number, after_s in moments(count):
        ended = signalled(preflight_cli, name, site, number, after_s)
        assert running(str(site.parent)) == [], ended
        if ended.before_our_code:
            continue
        if ended.exit_code == whole.returncode and "interrupted" not in ended.out + ended.err:
            assert without_numbers(ended.err) == without_numbers(whole.stderr), ended
            continue
        interrupted += 1
        assert ended.exit_code == 128 + number, ended
        reported = name == "run" and f'"exit_code": {ended.exit_code}' in ended.out
        assert ended.err == LINES[name] or (reported and ended.err == ""), ended
        assert "Traceback" not in ended.out
    assert interrupted >= len(NUMBERS)


def without_numbers(text: str) -> str:
    """Return a text without what differs from one run to the next."""
    return re.sub(r"\d+|receipt.*", "", text)

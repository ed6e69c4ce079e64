"""preflight/cli/hook.py: the command as Coolify runs it."""

import fcntl
import json
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.preflight.hook.test_log_wording import RETRIED, retried
from tests.real.cli import PreflightCli
from tests.real.git import GitRepository
from tests.real.signals import NUMBERS, wait_until

if TYPE_CHECKING:
    import subprocess


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    """Return the one line that was printed, on standard error."""
    assert done.stdout == ""
    assert done.stderr.startswith("preflight hook: ")
    assert done.stderr.count("\n") == 1
    assert not retried(done.stderr)
    return done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--nope"], "No such option '--nope'"),
        (["--timeout", "soon"], "Invalid value for '--timeout'"),
        (["--timeout", "1e9"], "expected a number of seconds"),
        (["--checkout", "/nope"], "does not exist"),
        (["--registry-insecure", "http://x"], "is no host"),
        (["--branch"], "requires an argument"),
        (["too", "many"], "unexpected extra arguments"),
        (["--open-until", "2027-01-01"], "go together"),
        (["--repository", "x", "--branch", "main"], "is no address"),
        (["--state-dir", "{tmp}/file/x", "--repository", "/x"], "cannot be written"),
    ],
)
def test_what_is_wrong_with_the_command_is_one_line(
    preflight_cli: PreflightCli, tmp_path: Path, arguments: list[str], words: str
) -> None:
    """No usage text over five lines: Coolify's log has one for it."""
    (tmp_path / "file").touch()
    given = [argument.format(tmp=tmp_path) for argument in arguments]
    done = preflight_cli("hook", *given, cwd=tmp_path, env={"PREFLIGHT_STATE_DIR": str(tmp_path / "state")})
    line = one_line(done)
    assert words in line
    assert "BLOCKED, nothing was judged: " in line
    assert done.returncode in {2, 3}


@pytest.mark.parametrize("text", RETRIED)
def test_even_what_was_typed_is_said_in_other_words(preflight_cli: PreflightCli, tmp_path: Path, text: str) -> None:
    """An option that quotes such a text must not make Coolify run the hook three times."""
    done = preflight_cli("hook", f"--{text}", cwd=tmp_path)
    one_line(done)
    assert done.returncode == 2


@pytest.mark.parametrize("arguments", [[], ["--repository", "/nowhere"], ["--skip", "image-pullable"]])
def test_a_folder_that_only_the_environment_names_is_not_judged(
    preflight_cli: PreflightCli, git_repository: GitRepository, tmp_path: Path, arguments: list[str]
) -> None:
    """It is not what Coolify deploys."""
    environ = {"PREFLIGHT_STATE_DIR": str(tmp_path / "state"), "PREFLIGHT_CHECKOUT": str(git_repository.path)}
    done = preflight_cli("hook", *arguments, cwd=tmp_path, env=environ)
    assert "BLOCKED, nothing was judged: PREFLIGHT_CHECKOUT in the environment" in one_line(done)
    assert done.returncode == 2


def test_a_folder_and_a_repository_are_one_too_many(
    preflight_cli: PreflightCli, git_repository: GitRepository, tmp_path: Path
) -> None:
    """One of them would be judged, and the other be believed to have been."""
    words = ("--checkout", str(git_repository.path), "--repository", str(git_repository.path))
    done = preflight_cli("hook", *words, cwd=tmp_path, env={"PREFLIGHT_STATE_DIR": str(tmp_path / "state")})
    assert "--checkout judges a folder, --repository names what to fetch" in one_line(done)
    assert done.returncode == 2


def test_it_passes_with_one_line_and_code_0(
    preflight_cli: PreflightCli, git_repository: GitRepository, tmp_path: Path
) -> None:
    """With options from the environment, as every command takes them."""
    git_repository.commit(
        {
            "compose.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
            "pin.env": f"IMAGE=ghcr.io/a/b@sha256:{'1' * 64}\n",
        }
    )
    environ = {
        "PREFLIGHT_STATE_DIR": str(tmp_path / "state"),
        "PREFLIGHT_REPOSITORY": str(git_repository.path),
        "PREFLIGHT_BRANCH": "main",
    }
    done = preflight_cli("hook", "--only", "pin-file", cwd=tmp_path, env=environ)
    assert done.returncode == 0, done.stderr
    assert one_line(done).startswith("preflight hook: PASS: ")
    assert "; set in the environment: PREFLIGHT_REPOSITORY, PREFLIGHT_BRANCH; " in done.stderr
    [receipt] = (tmp_path / "state" / "receipts").glob("*.json")
    assert "PREFLIGHT_BRANCH in the environment" in json.loads(receipt.read_text())["opened"]


def test_nothing_else_prints(preflight_cli: PreflightCli, git_repository: GitRepository, tmp_path: Path) -> None:
    """Neither a check that prints, on either stream, nor one that crashes adds a line."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "loud.py").write_text(
        "import os, sys\n"
        "from preflight import About, Check, NoSettings, passed\n"
        "class Loud(Check[NoSettings]):\n"
        "    about = About('loud', 'Loud', frozenset(), frozenset(), 'a', 'b', ())\n"
        "    def run(self, ctx):\n"
        "        print('noise'); print('noise', file=sys.stderr); os.write(1, b'noise'); os.write(2, b'noise')\n"
        "        yield passed('quiet')\n"
        "class Broken(Check[NoSettings]):\n"
        "    about = About('broken', 'Broken', frozenset(), frozenset(), 'a', 'b', ())\n"
        "    def run(self, ctx):\n"
        "        raise RuntimeError('Connection refused')\n"
        "        yield\n"
    )
    config = tmp_path / "config.yaml"
    config.write_text(f"checks_dir: {folder}\nonly: [loud, broken]\n")
    git_repository.commit({"x": "y"})
    words = ["--repository", str(git_repository.path), "--branch", "main", "--config", str(config)]
    done = preflight_cli("hook", *words, "--state-dir", str(tmp_path / "state"), cwd=tmp_path)
    assert done.returncode == 3
    assert "broken: the check crashed" in one_line(done)
    assert "noise" not in done.stderr


@pytest.mark.parametrize("number", NUMBERS)
def test_an_interrupted_hook_blocks(
    preflight_cli: PreflightCli, git_repository: GitRepository, tmp_path: Path, number: signal.Signals
) -> None:
    """With the exit code of `preflight run`, and a line."""
    git_repository.commit({"x": "y"})
    lock = tmp_path / "state" / "lock"
    lock.parent.mkdir()
    words = ["hook", "--repository", str(git_repository.path), "--branch", "main", "--state-dir", str(lock.parent)]
    with lock.open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        hook = preflight_cli.start(*words, cwd=tmp_path)
        wait_until(lambda: has_open(hook, lock), hook)
        hook.send_signal(number)
        out, said = hook.communicate(timeout=60)

    assert (hook.returncode, out) == (128 + number, "")
    assert said == "preflight hook: BLOCKED, nothing was judged: interrupted -> Deploy again.\n"


def has_open(process: "subprocess.Popen[str]", path: Path) -> bool:
    """Whether a program has opened a file: that it waits for the lock."""
    return any(path == each.resolve() for each in Path(f"/proc/{process.pid}/fd").glob("*"))


def test_a_hook_interrupted_while_it_judges_remembers_no_answer(
    preflight_cli: PreflightCli, git_repository: GitRepository, tmp_path: Path
) -> None:
    """What the checks had found by then is no judgement, not even for a hook that waits for this one."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "slow.py").write_text(
        "import pathlib, time\n"
        "from preflight import About, Check, NoSettings, passed\n"
        "class Slow(Check[NoSettings]):\n"
        "    about = About('slow', 'Slow', frozenset(), frozenset(), 'a', 'b', ())\n"
        "    def run(self, ctx):\n"
        f"        pathlib.Path({str(tmp_path / 'begun')!r}).touch()\n"
        "        time.sleep(600)\n"
        "        yield passed('well')\n"
    )
    config = tmp_path / "config.yaml"
    config.write_text(f"checks_dir: {folder}\nonly: [slow]\n")
    git_repository.commit({"x": "y"})
    words = ["hook", "--repository", str(git_repository.path), "--branch", "main", "--config", str(config)]
    hook = preflight_cli.start(*words, "--state-dir", tmp_path / "state", cwd=tmp_path)
    wait_until((tmp_path / "begun").exists, hook)
    hook.send_signal(signal.SIGTERM)
    _, said = hook.communicate(timeout=60)

    assert hook.returncode == 143
    assert said == "preflight hook: BLOCKED, nothing was judged: interrupted -> Deploy again.\n"
    assert not list((tmp_path / "state").glob("*.json"))


def test_help_is_help(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """It names the options that open the gate, and where the rest is told."""
    done = preflight_cli("hook", "--help", cwd=tmp_path)
    assert done.returncode == 0
    for words in ("--allow-unreachable-registry", "--open-until", "--git-token-file", "preflight explain hook"):
        assert words in done.stdout


def test_what_the_environment_says_is_told_from_the_command(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Forced open by a variable, the line names the variable."""
    env = {
        "PREFLIGHT_STATE_DIR": str(tmp_path / "state"),
        "PREFLIGHT_OPEN_UNTIL": f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%MZ}",
        "PREFLIGHT_REASON": "outage",
    }
    done = preflight_cli("hook", "--repository", "/nope", "--branch", "main", "--skip", "x", cwd=tmp_path, env=env)
    assert done.returncode == 0
    assert "open: --skip x; open until " in done.stderr
    assert done.stderr.endswith("(outage) (PREFLIGHT_OPEN_UNTIL in the environment)\n")

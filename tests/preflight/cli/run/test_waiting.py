"""preflight/cli/run.py: waiting, time limits and signals."""

import json
import signal
from pathlib import Path

import jsonschema
import pytest

from tests.preflight.cli.run.runner import SCHEMA, Runner
from tests.real.signals import NUMBERS, wait_until


def test_waiting_is_for_after_a_rollout(run: Runner) -> None:
    """Before it nothing changes by waiting."""
    done = run("--wait", "5", SAY="pass")

    assert done.returncode == 2
    assert "--wait needs --stage after" in done.stderr


def test_waiting_ends_when_all_is_well(run: Runner, told: Path) -> None:
    """One report comes out, and it is the last one."""
    source = (told / "told.py").read_text()
    begins = source.index("        what = ")
    counting = (
        "        marks = ctx.cwd / 'asked'\n"
        "        marks.write_text((marks.read_text() if marks.exists() else '') + 'x')\n"
        "        what = 'pass' if len(marks.read_text()) > 1 else 'old'\n"
    )
    ends = source.index("\n", begins) + 1
    (told / "told.py").write_text(source[:begins] + counting + source[ends:])

    done = run("--stage", "after", "--wait", "60", "--format", "json")

    assert done.returncode == 0
    assert json.loads(done.stdout)["status"] == "pass"
    assert (run.cwd / "asked").read_text() == "xx"


def test_waiting_ends_at_once_where_it_cannot_help(run: Runner) -> None:
    """A failure that time cannot end."""
    # The test's own limit would end it, were it to wait.
    assert run("--stage", "after", "--wait", "3600", SAY="fail").returncode == 1


def test_a_hang_ends_at_the_timeout(run: Runner) -> None:
    """The whole run has a deadline."""
    done = run("--timeout", "1", SAY="hang")  # the check hangs for ten minutes, which the runner does not wait for

    assert done.returncode == 3
    assert "did not answer within its" in done.stdout


@pytest.mark.parametrize("sent", NUMBERS)
def test_an_interrupted_run_reports_and_leaves(run: Runner, sent: signal.Signals) -> None:
    """A signal ends the run at once, with a whole report and an exit code of its own."""
    process = run.start("--only", "told", "--format", "json", SAY="hang")
    wait_until((run.cwd / "begun").exists, process)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (128 + sent, "")
    data = json.loads(out)
    jsonschema.validate(data, SCHEMA)
    assert data["exit_code"] == 128 + sent
    assert data["checks"][0]["findings"][0]["message"] == "interrupted before it had answered"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_before_any_check_began_there_is_still_one_document(
    run: Runner, told: Path, sent: signal.Signals
) -> None:
    """While the checks are loaded, say."""
    (told / "slow.py").write_text("import pathlib, time\npathlib.Path('begun').touch()\ntime.sleep(600)\n")
    process = run.start("--format", "json")
    wait_until((run.cwd / "begun").exists, process)
    process.send_signal(sent)
    out, err = process.communicate(timeout=60)

    assert (process.returncode, err) == (128 + sent, "preflight: interrupted\n")
    data = json.loads(out)
    jsonschema.validate(data, SCHEMA)
    assert (data["exit_code"], data["problem"]) == (128 + sent, "interrupted")


@pytest.mark.parametrize("way", ["raise RuntimeError from None", "pass"])
def test_a_module_that_swallows_the_interruption_ends_the_run_all_the_same(run: Runner, told: Path, way: str) -> None:
    """Python itself does the first, now and then: it was no answer, and no fault of the module either."""
    (told / "slow.py").write_text(
        "import pathlib, time\n"
        "try:\n    pathlib.Path('begun').touch()\n    time.sleep(600)\n"
        f"except BaseException:\n    {way}\n"
    )
    process = run.start("--format", "json")
    wait_until((run.cwd / "begun").exists, process)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=120)

    assert (process.returncode, err) == (143, "preflight: interrupted\n")
    assert json.loads(out)["problem"] == "interrupted"

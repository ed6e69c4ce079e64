"""preflight/cli/telling.py, preflight/cli/notify.py"""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight.history.place import history_path
from preflight.history.series import series_of
from preflight.history.turn import turn
from preflight.model import Stage
from tests.real.cli import PreflightCli
from tests.real.receiver import Receiver, receiver

CONFIG = """\
notify:
  - {type: healthchecks, url_file: ping-url, attempts: 1}
  - {type: webhook, name: ops, url_env: OPS, hmac_key_env: OPS_KEY, attempts: 1}
"""
KEY = "k3y-of-the-hook"


@pytest.fixture(name="receiver")
def running_receiver() -> Iterator[Receiver]:
    """A real HTTP server on this machine."""
    with receiver() as running:
        yield running


class Job:
    """A health job that judges a folder without a project: one check that cannot look, exit code 3.

    Args:
        cli: The tool.
        folder: It works in.
        to: Whom it tells.
    """

    def __init__(self, cli: PreflightCli, folder: Path, to: Receiver) -> None:
        self._cli, self.folder = cli, folder
        (folder / "c.yaml").write_text(CONFIG)
        (folder / "ping-url").write_text(f"{to.address}/s3cret-ping\n")
        self.env = {"OPS": f"{to.address}/s3cret-hook", "OPS_KEY": KEY, "PREFLIGHT_HISTORY": str(folder / "h.db")}
        self.arguments: tuple[str, ...] = ("run", "--config", "c.yaml", "--only", "pin-file")

    def run(self, *more: str) -> tuple[int, str, str]:
        """Return exit code, stdout and stderr."""
        done = self._cli(*self.arguments, "--record", *more, cwd=self.folder, env=self.env)
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def job(preflight_cli: PreflightCli, tmp_path: Path, receiver: Receiver) -> Job:
    """A job with a monitor and a webhook."""
    return Job(preflight_cli, tmp_path, receiver)


def test_a_recorded_run_is_told(job: Job, receiver: Receiver) -> None:
    """To the monitor each time, to the webhook what changed; and no secret is anywhere."""
    first, second = job.run("--debug", "-v"), job.run("--format", "json")

    assert [each[0] for each in (first, second)] == [3, 3]
    assert receiver.paths.count("/s3cret-ping/start") == receiver.paths.count("/s3cret-ping/3") == 2
    [hook] = [each for each in receiver.taken if each.path == "/s3cret-hook"]
    document = json.loads(hook.body)
    assert document["exit_code"] == 3
    assert document["changes"][0]["check"] == "pin-file"
    assert hook.headers["Preflight-Signature"]
    kept = b"".join(path.read_bytes() for path in job.folder.glob("h.db*"))
    bodies = b"".join(each.body for each in receiver.taken)
    for text in (*first[1:], *second[1:], kept.decode("latin-1"), bodies.decode("latin-1")):
        assert "s3cret" not in text
        assert KEY not in text


def test_a_monitor_that_is_down_hides_nothing(job: Job, receiver: Receiver) -> None:
    """Same report and exit code; said once from cron, and once that it is back; told in the end."""
    receiver.behaviour = 503
    cron = ("-q", "--on-change")
    first, second = job.run(*cron), job.run(*cron)
    receiver.behaviour = 200
    receiver.taken.clear()
    third = job.run(*cron)

    assert [each[0] for each in (first, second, third)] == [3, 3, 3]
    assert "pin-file" in first[1]
    for name in ("healthchecks", "ops"):
        assert f"preflight: notify {name}: not delivered: 127.0.0.1:" in first[2]
        assert f"preflight: notify {name}: works again" in third[2]
    assert second[1:] == ("", "")
    assert receiver.paths.count("/s3cret-hook") == 1
    assert receiver.paths.count("/s3cret-ping/3") == 1


def test_nobody_is_told_of_what_somebody_tries(job: Job, preflight_cli: PreflightCli, receiver: Receiver) -> None:
    """A run that is not recorded; but its configuration is read, and mistakes in it are named."""
    env = {"OPS": job.env["OPS"]}
    assert preflight_cli(*job.arguments, cwd=job.folder, env=env).returncode == 3
    assert receiver.taken == []

    (job.folder / "c.yaml").write_text("notify: [{type: pigeon}]\n")
    done = preflight_cli(*job.arguments, cwd=job.folder, env=env)
    assert done.returncode == 2
    assert "c.yaml:1: notify[0].type must be one of" in done.stderr


def test_a_history_that_is_broken_silences_no_monitor(job: Job, receiver: Receiver) -> None:
    """It hears of the run at once; changes are unknown."""
    (job.folder / "h.db").write_text("this is no database, whatever its name says" * 100)

    code, _, said = job.run()

    assert code == 3
    assert "h.db" in said
    assert receiver.paths[-1] == "/s3cret-ping/3"
    assert "/s3cret-hook" not in receiver.paths


def test_a_run_that_checks_nothing_is_a_failure_to_the_monitor(job: Job, receiver: Receiver) -> None:
    """E.g. a check that no longer exists."""
    job.arguments = (*job.arguments, "--only", "no-such-check")

    code, _, said = job.run()

    assert code == 2
    assert "no-such-check" in said
    assert receiver.paths == ["/s3cret-ping/start", "/s3cret-ping/fail"]


def test_a_signal_while_others_are_told_changes_nothing(
    job: Job, preflight_cli: PreflightCli, receiver: Receiver
) -> None:
    """The result has been printed; what was not delivered waits."""
    receiver.script, receiver.hang_s = [200, "hang", "hang"], 20
    running = preflight_cli.start(*job.arguments, "--record", cwd=job.folder, env=job.env)
    until = time.monotonic() + 30
    while len(receiver.taken) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    assert len(receiver.taken) == 3

    running.send_signal(signal.SIGTERM)
    out, err = running.communicate(timeout=10)

    assert running.returncode == 3
    assert "pin-file" in out
    assert "interrupted" not in err


def test_a_second_run_of_the_same_job_ends_at_once(job: Job, receiver: Receiver) -> None:
    """Exit 3, one line, a document for who asked for one; no report of the first is overwritten, nobody is told."""
    series = series_of(job.folder, job.folder / "c.yaml", Stage.BEFORE, {"only": ("pin-file",)})
    history = history_path(job.folder / "h.db", {})
    with turn(history, series):
        code, out, err = job.run("--format", "json", "--output", "json=report.json")
        other = job.run("--stage", "after")

    assert code == 3
    assert err.startswith("preflight: another run of this job is still busy\n")
    assert json.loads(out)["problem"] == "another run of this job is still busy"
    assert not (job.folder / "report.json").exists()
    assert "still busy" not in other[2]
    assert job.run()[0] == 3
    assert "/s3cret-ping/3" in receiver.paths


def test_every_target_is_tried(job: Job, preflight_cli: PreflightCli, receiver: Receiver) -> None:
    """Exit 0 if all took it, else 3, and which did not and why."""
    test = ("notify", "test", "--config", "c.yaml")
    done = preflight_cli(*test, cwd=job.folder, env=job.env)
    assert (done.returncode, done.stdout) == (
        0,
        "healthchecks (healthchecks)  delivered\nops (webhook)                delivered\n",
    )
    assert sorted(receiver.paths) == ["/s3cret-hook", "/s3cret-ping"]

    done = preflight_cli(*test, cwd=job.folder, env={"OPS": job.env["OPS"]})
    assert done.returncode == 3
    assert "ops (webhook)                NOT DELIVERED: OPS_KEY is empty\n" in done.stdout


def test_without_a_target_there_is_nothing_to_try(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Also where a configuration that was merely found names some."""
    done = preflight_cli("notify", "test", cwd=tmp_path)
    assert done.returncode == 2
    assert "names no target of notifications" in done.stderr

    (tmp_path / "preflight.yaml").write_text(CONFIG)
    done = preflight_cli("notify", "test", cwd=tmp_path)
    assert done.returncode == 2
    assert "merely found may not say whom preflight tells" in done.stderr

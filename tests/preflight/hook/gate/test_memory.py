"""preflight/hook/gate.py: what it keeps: answers, the lock, the log and receipts."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from provision.sample import Sample

import preflight
from preflight.hook.gate import _LOCK, Said, last_deployment, run_hook
from preflight.lib.lock import held
from preflight.receipts.receipt import read_receipts
from tests.limits import cpu_at_most
from tests.preflight.hook.gate.asking import ONLY, lines, order, push, run


@pytest.mark.engine
@pytest.mark.registry
def test_a_second_run_of_the_same_deployment_is_answered_from_the_first(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """With build secrets Coolify runs the hook twice: the answer is the same, cheap, and says that it is not new."""
    asked = order(upstream, sample, tmp_path)
    first = run(asked, environ)
    with cpu_at_most(0.5):
        second = run(asked, environ)
    assert second.exit_code == first.exit_code == 0
    assert second.line.startswith(first.line)
    assert "not judged again" in second.line
    assert len(read_receipts(tmp_path / "state" / "receipts")) == 1
    assert len(lines(tmp_path)) == 2


"""For tests of the gate around the judgement: one check, so that they are quick."""


@pytest.mark.compose
def test_another_commit_or_other_options_are_judged_anew(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """An answer is for one commit and one way to judge it."""
    first = run(order(upstream, sample, tmp_path, **ONLY), environ)
    assert first.exit_code == 0
    assert "not judged again" not in run(order(upstream, sample, tmp_path, strict=True, **ONLY), environ).line
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    assert run(order(upstream, sample, tmp_path, **ONLY), environ).exit_code == 1


@pytest.mark.compose
def test_what_blocked_is_judged_anew(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Whoever mends something on the host and deploys again is not answered with the old failure."""
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    asked = order(upstream, sample, tmp_path, **ONLY)
    assert run(asked, environ).exit_code == 1
    again = run(asked, environ)
    assert again.exit_code == 1
    assert "not judged again" not in again.line


@pytest.mark.compose
@pytest.mark.parametrize("age", [400.0, -60.0])
def test_an_old_pass_does_not_answer(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path, age: float
) -> None:
    """A pass answers again for a few minutes; one that lies in the future (a clock set back) not at all."""
    asked = order(upstream, sample, tmp_path, **ONLY)
    run(asked, environ)
    last = tmp_path / "state" / "last.json"
    said = json.loads(last.read_text())
    last.write_text(json.dumps({**said, "at": said["at"] - age}))
    assert "not judged again" not in run(asked, environ).line


@pytest.mark.compose
@pytest.mark.parametrize("broken", ["", "{", "[]", '{"key": 1}', "nobody", '{"key": "x", "at": "y"}'])
def test_a_broken_memory_is_no_answer(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path, broken: str
) -> None:
    """What cannot be understood is judged again, not trusted."""
    asked = order(upstream, sample, tmp_path, **ONLY)
    run(asked, environ)
    (tmp_path / "state" / "last.json").write_text(broken)
    said = run(asked, environ)
    assert said.exit_code == 0
    assert "not judged again" not in said.line


@pytest.mark.compose
def test_two_at_once_give_one_answer(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """The second waits for the first and says the same, also when the first one blocked."""
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    asked = order(upstream, sample, tmp_path, **ONLY)
    answers: list[Said] = []
    threads = [threading.Thread(target=lambda: answers.append(run_hook(asked, environ))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.exit_code for each in answers] == [1, 1]
    assert sum("not judged again" in each.line for each in answers) == 1


def test_a_lock_held_by_another_shuts_the_gate(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Time runs out: blocked, with the reason."""
    (tmp_path / "state").mkdir()
    with held(tmp_path / "state" / "lock", 0, _LOCK):
        said = run(order(upstream, sample, tmp_path, lock_wait_s=0.2), environ)
    assert said.exit_code == 3
    assert said.line.startswith("BLOCKED, nothing was judged: another run of this hook is still busy")


@pytest.mark.compose
@pytest.mark.parametrize("after_s", [0.3, 0.6, 1.0])
def test_killed_half_way_it_leaves_nothing_half_written(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path, after_s: float
) -> None:
    """SIGKILL at any moment: the next run finds the lock free, sweeps what was left, and answers as if nothing was."""
    asked = order(upstream, sample, tmp_path)
    assert asked.work_dir is not None
    words = ["--repository", str(upstream), "--branch", "main", "--state-dir", str(asked.state_dir)]
    words += ["--work-dir", str(asked.work_dir), "--only", "env-shadowing", "--only", "pin-file"]
    source = str(Path(preflight.__file__).resolve().parents[1])
    with subprocess.Popen(
        [sys.executable, "-m", "preflight", "hook", *words], env={**environ, "PYTHONPATH": source}
    ) as process:
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    (asked.state_dir / ".last.json.x.new").write_text("half") if asked.state_dir.is_dir() else None
    said = run(order(upstream, sample, tmp_path, only=("env-shadowing", "pin-file")), environ)
    assert said.exit_code == 0, said.line
    left = [path.name for path in asked.state_dir.rglob("*") if path.name.startswith(".")]
    assert left == []
    for path in asked.state_dir.rglob("*.json"):
        json.loads(path.read_text())


def test_a_full_log_is_put_aside(upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path) -> None:
    """The log is bounded: one older part is kept."""
    (tmp_path / "state").mkdir()
    log = tmp_path / "state" / "hook.log"
    log.write_text("x" * (1024 * 1024 + 1))
    run(order(upstream, sample, tmp_path, branch="nope"), environ)
    assert len(lines(tmp_path)) == 1
    assert (tmp_path / "state" / "hook.log.1").stat().st_size > 1024 * 1024


@pytest.mark.compose
@pytest.mark.parametrize("what", ["hook.log", "last.json", "report.txt", "receipts"])
def test_what_cannot_be_kept_shuts_the_gate(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path, what: str
) -> None:
    """Without a log, a memory or a receipt nobody could later tell what was let through."""
    state = tmp_path / "state"
    state.mkdir()
    if what == "receipts":
        (state / what).write_text("")
    else:
        (state / what).mkdir()
        (state / what / "x").touch()
    said = run(order(upstream, sample, tmp_path, **ONLY), environ)
    assert said.exit_code == 3
    assert "cannot be written" in said.line
    shutil.rmtree(state)


def test_an_answer_is_good_for_one_deployment_only(tmp_path: Path) -> None:
    """Each deployment begins a new container and writes new files: a setting that came with it is judged anew."""
    process = tmp_path / "stat"
    process.write_text("1 (a) b) S " + " ".join(map(str, range(4, 40))))
    folder = tmp_path / "applications" / "abc"
    folder.mkdir(parents=True)
    seen = [last_deployment("abc", tmp_path, process)]
    assert seen[0].endswith(" 22")
    for name in ("docker-compose.yaml", ".env"):
        (folder / name).write_text("x")
        seen.append(last_deployment("abc", tmp_path, process))
    os.utime(folder / ".env", ns=(1, 1))
    seen.append(last_deployment("abc", tmp_path, process))
    process.write_text("1 (a) b) S " + " ".join(map(str, range(5, 41))))
    seen.append(last_deployment("abc", tmp_path, process))
    assert len(set(seen)) == len(seen)
    assert last_deployment("abc", tmp_path, process) == seen[-1]
    assert last_deployment("", tmp_path, tmp_path / "nope") == os.uname().nodename

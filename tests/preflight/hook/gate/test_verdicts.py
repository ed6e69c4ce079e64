"""preflight/hook/gate.py: what is let through and what is blocked."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from provision.sample import Sample

from preflight.hook.gate import run_hook
from preflight.receipts.receipt import read_receipts
from tests.preflight.hook.gate.asking import SECRET, git, lines, order, push, run
from tests.preflight.hook.test_log_wording import retried
from tests.real.engine import RealEngine


@pytest.mark.engine
@pytest.mark.registry
def test_a_good_rollout_is_let_through(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """The line names commit and digest; a receipt and the whole report are left behind, for their owner only."""
    head = git("-C", str(sample.path), "rev-parse", "HEAD")
    said = run(order(upstream, sample, tmp_path), environ)

    assert said.exit_code == 0, said.line
    digest = sample.reference.partition("@")[2]
    assert said.line.startswith(f"PASS: {upstream.parent}/upstream main@{head[:9]}; pin {digest[:19]}…; ")
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert (receipt.commit, receipt.verdict, receipt.branch) == (head, "pass", "main")
    assert [pin.reference for pin in receipt.pins] == [sample.reference]
    assert list(receipt.compose) == ["docker/compose.app.yaml"]
    assert receipt.name in said.line
    for path in (tmp_path / "state").rglob("*"):
        assert path.is_dir() or path.stat().st_mode & 0o077 == 0, path
    assert json.loads((tmp_path / "state" / "report.json").read_text())["exit_code"] == 0
    assert lines(tmp_path)[0]["exit"] == "0"


@pytest.mark.engine
@pytest.mark.registry
def test_a_bad_rollout_is_blocked(upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path) -> None:
    """What was pushed is judged, not what lies in any checkout here; the line says what to do."""
    sample.shadow("ghcr.io/ls1intum/hephaestus/agent:latest")
    commit = push(sample)
    said = run(order(upstream, sample, tmp_path), environ)

    assert said.exit_code == 1
    assert said.line.startswith("BLOCKED: ")
    assert f"main@{commit[:9]}" in said.line
    assert "env-shadowing: environment: of application-server overrides the pin" in said.line
    assert "-> Delete HEPHAESTUS_AGENT_IMAGE_REFERENCE from environment:" in said.line
    assert f"report: {tmp_path}/state/report.txt" in said.line
    assert "env-shadowing" in (tmp_path / "state" / "report.txt").read_text()
    assert not (tmp_path / "state" / "receipts").exists()


@pytest.mark.engine
@pytest.mark.registry
def test_what_runs_now_does_not_block_what_comes(
    upstream: Path, sample: Sample, environ: Mapping[str, str], engine: RealEngine, tmp_path: Path
) -> None:
    """A service of that name in another project is not judged: the rollout must get through."""
    name = f"hook-old-{os.getpid()}"
    labels = (
        "--label",
        "com.docker.compose.service=application-server",
        "--label",
        "com.docker.compose.project=abc123",
    )
    engine.docker("run", "-d", "--name", name, "--network", "host", *labels, engine.image)
    try:
        said = run(order(upstream, sample, tmp_path), environ)
    finally:
        engine.docker("rm", "-f", name)
    assert said.exit_code == 0, said.line
    report = json.loads((tmp_path / "state" / "report.json").read_text())
    [found] = [each for each in report["checks"] if each["id"] == "coolify-env-file"]
    assert found["status"] == "skip"
    assert [(each["code"], each["evidence"]["not_judged"]) for each in found["findings"]] == [("not-running", [name])]


@pytest.mark.parametrize(
    "case",
    [
        ({"repository": "/nowhere/at/all"}, 3, "cannot be fetched: there is no such repository"),
        ({"repository": "http://127.0.0.1:9/x/y.git"}, 3, "127.0.0.1/x/y cannot be fetched: its host does not answer"),
        ({"branch": "nope"}, 3, "has no branch nope -> Name the branch that Coolify deploys"),
        ({"branch": ""}, 2, "which branch is deployed is not said"),
        ({"repository": ""}, 2, "which repository is deployed is not said"),
        ({"branch": "a b"}, 2, "is no name of a branch"),
        ({"repository": f"https://u:{SECRET}@host/x"}, 2, "holds a user name or password"),
        ({"repository": f"https://{SECRET}@host/x"}, 2, "holds a user name or password"),
        ({"repository": "ext::sh -c x"}, 2, "is no address that git clones from"),
        ({"repository": "--upload-pack=x"}, 2, "is no address that git clones from"),
        ({"commit": "abc"}, 2, "is no id of a commit"),
        ({"commit": "1" * 40}, 3, "cannot be fetched"),
        ({"application": "../x"}, 2, "is no UUID of Coolify's"),
        ({"base_directory": "/../.."}, 2, "leads out of the repository"),
        ({"compose_location": "/nope.yaml"}, 2, "there is no nope.yaml in the commit"),
        ({"config": Path("/nope.yaml")}, 2, "the configuration /nope.yaml: no such file"),
        ({"git_token_file": Path("/nope")}, 3, "the token for git /nope: no such file"),
        ({"allow": ("nope",)}, 2, "--allow: no such check: nope"),
        ({"only": ("nope",)}, 2, "--only: no such check: nope"),
        ({"work_dir": Path("/proc")}, 3, "no temporary folder can be made for the checkout"),
        ({"state_dir": Path("/proc/nope")}, 3, "cannot be written: no such file"),
        ({"timeout_s": 0.001}, 3, "time"),
    ],
)  # fmt: skip
def test_whatever_goes_wrong_shuts_the_gate(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path, case: tuple[Any, int, str]
) -> None:
    """One line with the reason and what to do; nothing that was wrong ever lets a deployment through."""
    change, code, words = case
    said = run_hook(order(upstream, sample, tmp_path, **change), environ)
    assert (said.exit_code, words in said.line) == (code, True), said.line
    assert said.line.startswith("BLOCKED, nothing was judged: ")
    assert " -> " in said.line
    assert SECRET not in said.line
    assert not retried(said.line)


def test_a_mistake_of_our_own_shuts_the_gate(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text of the exception may quote anything: only its kind and place are told."""

    def crash(*_arguments: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("preflight.hook.gate.judge", crash)
    said = run(order(upstream, sample, tmp_path), environ)
    assert said.exit_code == 3
    assert "cannot go on: RuntimeError" in said.line
    assert lines(tmp_path)[0]["said"] == said.line


def test_a_token_for_git_reaches_git_alone(tmp_path: Path, sample: Sample, environ: Mapping[str, str]) -> None:
    """It goes to the repository's own host, over https only, and stands in no line, log or command."""
    token = tmp_path / "token"
    token.write_text(SECRET + "\n")
    asked = order(Path("/x"), sample, tmp_path, repository="https://127.0.0.1:9/a/b", git_token_file=token)
    said = run(asked, environ)
    assert said.exit_code == 3
    plain = run(order(Path("/x"), sample, tmp_path, repository="http://127.0.0.1:9/a/b", git_token_file=token), environ)
    assert (plain.exit_code, "over https only" in plain.line) == (2, True)
    assert SECRET not in (tmp_path / "state" / "hook.log").read_text()

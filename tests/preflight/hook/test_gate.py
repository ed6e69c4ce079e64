"""preflight/hook/gate.py: against a real repository, registry, Compose and engine."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from provision.sample import Sample

import preflight
from preflight.hook.command import Opening, Order
from preflight.hook.gate import _LOCK, Said, last_deployment, run_hook
from preflight.lib.lock import held
from preflight.receipts.receipt import read_receipts
from tests.limits import cpu_at_most
from tests.preflight.hook.test_log_wording import retried
from tests.real.engine import RealEngine

SECRET = "hunter2-very-secret"


@pytest.fixture
def upstream(sample: Sample, tmp_path: Path) -> Path:
    """The repository that Coolify clones."""
    bare = tmp_path / "upstream.git"
    git("clone", "--quiet", "--bare", str(sample.path), str(bare))
    git("-C", str(sample.path), "remote", "add", "origin", str(bare))
    return bare


def git(*arguments: str) -> str:
    """Run git and return what it printed."""
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    who = {
        f"GIT_{role}_{what}": "t@preflight.invalid" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    env = {"PATH": os.environ["PATH"], **quiet, **who}
    return subprocess.run(["git", *arguments], env=env, check=True, capture_output=True, text=True).stdout.strip()


def push(sample: Sample, message: str = "Change") -> str:
    """Commit all and push it; return the commit."""
    git("-C", str(sample.path), "commit", "--quiet", "--all", "--message", message)
    git("-C", str(sample.path), "push", "--quiet", "origin", "HEAD:main")
    return git("-C", str(sample.path), "rev-parse", "HEAD")


def order(upstream: Path, sample: Sample, tmp_path: Path, **more: Any) -> Order:
    """Return an order for the sample's branch."""
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    given: dict[str, Any] = {
        "state_dir": tmp_path / "state",
        "work_dir": work,
        "repository": str(upstream),
        "branch": "main",
        "registry_insecure": (sample.registry,),
        **more,
    }
    return Order(**given)


@pytest.fixture
def environ(engine: RealEngine, tmp_path: Path) -> Mapping[str, str]:
    """What the hook's process has."""
    (tmp_path / "home").mkdir()
    return {**engine.environ, "HOME": str(tmp_path / "home"), "GIT_CONFIG_NOSYSTEM": "1", "DB_PASSWORD": SECRET}


def lines(tmp_path: Path) -> list[dict[str, str]]:
    """Return what was logged."""
    return [json.loads(line) for line in (tmp_path / "state" / "hook.log").read_text().splitlines()]


def run(asked: Order, environ: Mapping[str, str]) -> Said:
    """Run the hook, and see what holds for every answer."""
    said = run_hook(asked, environ)
    assert "\n" not in said.line
    assert SECRET not in said.line
    assert not retried(said.line)
    assert not list((asked.work_dir or Path()).glob("preflight-hook-*")), "the checkout goes with the run"
    return said


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


ONLY = {"only": ("env-shadowing",)}
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


@pytest.mark.compose
def test_the_registry_may_be_allowed_to_be_away(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """With the option, a registry that does not answer blocks nothing; line, log and receipt say so."""
    away = "127.0.0.1:9"
    pin = sample.pin_file
    pin.write_text(pin.read_text().replace(sample.registry, away))
    push(sample, "Pin the agent image for v1.4.2")
    asked = {"only": ("image-pullable", "pin-file"), "registry_insecure": (away,)}
    blocked = run(order(upstream, sample, tmp_path, **asked), environ)
    assert blocked.exit_code == 3
    assert blocked.line.startswith("BLOCKED, could not look: ")

    allowed = run(order(upstream, sample, tmp_path, allow_unreachable_registry=True, **asked), environ)
    assert allowed.exit_code == 0, allowed.line
    assert "let through by --allow-unreachable-registry: image-pullable/could-not-look: " in allowed.line
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert receipt.verdict == "opened"
    assert "--allow-unreachable-registry" in receipt.opened
    assert lines(tmp_path)[-1]["opened"] == "--only image-pullable,pin-file; --allow-unreachable-registry"


@pytest.mark.compose
@pytest.mark.registry
def test_a_registry_that_answers_no_is_not_away(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """The option is for silence: a digest that is gone blocks all the same."""
    pin = sample.pin_file
    pin.write_text(pin.read_text().replace(sample.reference[-8:], "0" * 8))
    push(sample, "Pin the agent image for v1.4.2")
    asked = {"only": ("image-pullable", "pin-file"), "allow_unreachable_registry": True}
    assert run(order(upstream, sample, tmp_path, **asked), environ).exit_code == 1


@pytest.mark.compose
def test_one_check_may_be_allowed_to_fail(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """It runs and is told of, but blocks nothing; with nothing else that passed, the gate stays shut."""
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    allowed = {"only": ("env-shadowing", "env-file-syntax"), "allow": ("env-shadowing/environment",)}
    said = run(order(upstream, sample, tmp_path, **allowed), environ)
    assert said.exit_code == 0, said.line
    assert "open: --only env-shadowing,env-file-syntax; --allow env-shadowing/environment" in said.line
    assert "let through by --allow: env-shadowing/environment: environment: of application-server" in said.line
    alone = run(
        order(upstream, sample, tmp_path, only=("env-shadowing",), allow=("env-shadowing/environment",)), environ
    )
    assert alone.exit_code == 3
    assert "nothing passed" in alone.line


def opening(hours: float) -> Opening:
    """Return an opening that ends in so many hours."""
    return Opening(datetime.now(UTC) + timedelta(hours=hours), "outage of the registry")


@pytest.mark.compose
def test_the_gate_can_be_opened_by_force_until_a_moment(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """What is wrong is said all the same, with who opened it and why; afterwards it is shut again."""
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    said = run(order(upstream, sample, tmp_path, opening=opening(1), **ONLY), environ)
    assert said.exit_code == 0
    assert said.line.startswith("OPEN by force: ")
    assert "1 failed" in said.line
    assert "(outage of the registry)" in said.line
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert receipt.verdict == "opened"
    assert "outage of the registry" in lines(tmp_path)[0]["opened"]
    assert run(order(upstream, sample, tmp_path, opening=opening(-1), **ONLY), environ).exit_code == 1


def test_the_gate_opened_by_force_is_open_when_nothing_can_be_judged(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """The emergency may be that git is away."""
    said = run(order(upstream, sample, tmp_path, repository="/nowhere", opening=opening(1)), environ)
    assert said.exit_code == 0
    assert said.line.startswith("OPEN although nothing was judged: ")
    assert "outage of the registry" in said.line
    assert not (tmp_path / "state" / "receipts").exists()


@pytest.mark.compose
def test_coolifys_fields_say_where_the_files_lie(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Base directory / makes Compose look for the pin file in the root, where it is not: blocked; /docker is right."""
    asked = {"only": ("env-file-syntax", "env-shadowing")}
    good = {"base_directory": "/docker", "compose_location": "/compose.app.yaml"}
    bad = {"base_directory": "/", "compose_location": "/docker%2Fcompose.app.yaml"}
    assert run(order(upstream, sample, tmp_path, **good, **asked), environ).exit_code == 0
    said = run(order(upstream, sample, tmp_path, **bad, **asked), environ)
    assert said.exit_code != 0, said.line


@pytest.mark.compose
def test_the_ui_variables_in_the_sidecar_are_not_taken_for_the_shells(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """In default mode Coolify gives the sidecar every variable of its UI; `up` is not called with them."""
    text = sample.compose_file.read_text()
    line = "SPRING_PROFILES_ACTIVE: ${SPRING_PROFILES_ACTIVE:-prod}"
    name = "HEPHAESTUS_AGENT_IMAGE_REFERENCE"
    sample.compose_file.write_text(text.replace(line, f"{line}\n      OTHER: ${{{name}:-none}}"))
    push(sample)
    inside = {**environ, name: "ghcr.io/a/b:1"}
    assert run(order(upstream, sample, tmp_path, **ONLY), inside).exit_code == 0


@pytest.mark.compose
def test_the_last_deployments_env_file_interpolates(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Coolify calls Compose with the .env of its UI: what the compose file demands of it is not missing here."""
    folder = tmp_path / "coolify" / "applications" / "abc123"
    folder.mkdir(parents=True)
    text = sample.compose_file.read_text()
    sample.compose_file.write_text(text.replace("${SPRING_PROFILES_ACTIVE:-prod}", "${SPRING_PROFILES_ACTIVE:?}"))
    (sample.path / "preflight.yaml").write_text(f"coolify: {{root: {tmp_path / 'coolify'}}}\n")
    git("-C", str(sample.path), "add", "--all")
    push(sample)
    fields = {"base_directory": "/docker", "compose_location": "/compose.app.yaml", "application": "abc123"}
    assert run(order(upstream, sample, tmp_path, **fields, **ONLY), environ).exit_code != 0
    (folder / ".env").write_text(f"SPRING_PROFILES_ACTIVE=prod\nDB_PASSWORD={SECRET}\n")
    for given in (fields, {"application": "abc123"}):
        said = run(order(upstream, sample, tmp_path, **given, **ONLY), environ)
        assert said.exit_code == 0, said.line


@pytest.mark.compose
def test_a_configuration_in_the_checkout_is_heeded_and_told_of(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """What it skips and waives stands in the line; code to run it may not name."""
    config = sample.path / "preflight.yaml"
    sample.shadow("ghcr.io/a/b:1")
    waiver = "waivers: [{check: env-shadowing, code: environment, until: 2999-01-01, reason: known}]\n"
    config.write_text(waiver + "skip: [image-pullable]\nonly: [env-shadowing, env-file-syntax]\n")
    git("-C", str(sample.path), "add", "--all")
    push(sample)
    said = run(order(upstream, sample, tmp_path), environ)
    assert said.exit_code == 0, said.line
    narrowed = (
        "run by preflight.yaml: only env-shadowing, env-file-syntax",
        "left out by preflight.yaml: image-pullable",
        "waived: env-shadowing/environment",
    )
    assert "; ".join(narrowed) in said.line
    assert lines(tmp_path)[-1]["opened"] == "; ".join(narrowed)
    assert read_receipts(tmp_path / "state" / "receipts")[0].opened == narrowed
    config.write_text("checks_dir: evil\n")
    push(sample)
    assert run(order(upstream, sample, tmp_path), environ).exit_code == 2


@pytest.mark.engine
@pytest.mark.registry
@pytest.mark.parametrize("name", ["docker", "preflight.yaml"])
def test_what_lies_behind_a_link_is_not_the_commit(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path, name: str
) -> None:
    """A link may lead to files of this host that are right, where what is deployed is something else: blocked."""
    place, elsewhere = sample.path / name, tmp_path / "elsewhere"
    if place.is_dir():
        place.rename(elsewhere)
    else:
        elsewhere.write_text("skip: [env-shadowing]\n")
    place.symlink_to(elsewhere)
    git("-C", str(sample.path), "add", "--all")
    push(sample)
    said = run(order(upstream, sample, tmp_path), environ)
    assert said.exit_code == 3
    assert "lies behind a link that leads out of the repository -> Commit the file itself" in said.line
    assert not (tmp_path / "state" / "receipts").exists()


@pytest.mark.compose
def test_a_configuration_of_the_operators_own_judges_the_checkout(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Its relative paths are paths in the commit that is to be deployed."""
    config = tmp_path / "etc" / "preflight.yaml"
    config.parent.mkdir()
    config.write_text(
        "pins: [{variable: HEPHAESTUS_AGENT_IMAGE_REFERENCE, service: application-server,"
        " file: docker/agent-image-pin.env, overrides: [docker/agent-image-pin.local.env]}]\n"
        "compose: {files: [docker/compose.app.yaml], project_directory: docker}\n"
    )
    said = run(order(upstream, sample, tmp_path, config=config, only=("pin-file", "env-shadowing")), environ)
    assert said.exit_code == 0, said.line
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert [pin.file for pin in receipt.pins] == ["docker/agent-image-pin.env"]


@pytest.mark.registry
def test_the_branch_that_is_deployed_is_the_one_compared_with(
    upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path
) -> None:
    """Another branch than the remote's default one is deployed: its own head is what the pin must be at."""
    git("-C", str(sample.path), "checkout", "--quiet", "-b", "production")
    pin = sample.pin_file
    pin.write_text(pin.read_text().replace(sample.reference[-8:], "0" * 8))
    git("-C", str(sample.path), "commit", "--quiet", "--all", "--message", "Pin the agent image for v9.0.0")
    git("-C", str(sample.path), "push", "--quiet", "origin", "production")
    said = run(order(upstream, sample, tmp_path, branch="production", only=("pin-freshness",)), environ)
    assert said.exit_code == 0, said.line
    said = run(
        order(upstream, sample, tmp_path, branch="", only=("pin-freshness",)),
        {**environ, "COOLIFY_BRANCH": '"production"'},
    )
    assert said.exit_code == 0, said.line


@pytest.mark.compose
def test_a_commit_can_be_named(upstream: Path, sample: Sample, environ: Mapping[str, str], tmp_path: Path) -> None:
    """For a rollback: that commit is judged, not the branch's head."""
    good = git("-C", str(sample.path), "rev-parse", "HEAD")
    sample.shadow("ghcr.io/a/b:1")
    push(sample)
    said = run(order(upstream, sample, tmp_path, commit=good, **ONLY), environ)
    assert said.exit_code == 0, said.line
    assert f"main@{good[:9]}" in said.line


@pytest.mark.compose
def test_a_checkout_that_is_there_is_judged_in_place(
    sample: Sample, environ: Mapping[str, str], tmp_path: Path, upstream: Path
) -> None:
    """In Coolify's custom build command: no fetch, and the checkout stays."""
    asked = order(upstream, sample, tmp_path, repository="", branch="main", checkout=sample.path, **ONLY)
    said = run(asked, environ)
    assert said.exit_code == 0, said.line
    assert sample.path.is_dir()
    (receipt,) = read_receipts(tmp_path / "state" / "receipts")
    assert receipt.commit == git("-C", str(sample.path), "rev-parse", "HEAD")


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

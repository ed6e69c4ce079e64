"""checks/approved_rollout.py, against containers of a real engine."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.approved_rollout import ApprovedRollout, Settings
from preflight.context import Options
from preflight.engine.container import Container
from preflight.engine.door import Engine
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.model import Finding, Stage, Status, Subject
from preflight.project import ComposeProject, Pin
from preflight.receipts.receipt import ApprovedPin, Receipt, write_receipt
from preflight.testing import fake_context, run_check
from tests.real.engine import RealEngine

VARIABLE, SERVICE = "AGENT_IMAGE_REFERENCE", "application-server"
NEW, OLD, FOREIGN = (f"ghcr.io/example/agent@sha256:{digit * 64}" for digit in "123")
COMMIT, OTHER = "c" * 40, "d" * 40
SECRET = "hunter2-do-not-show"
NOW = datetime.now(UTC)
AFTER = Options(stage=Stage.AFTER)


class Host:
    """A service whose containers a test starts, and a folder of receipts."""

    def __init__(self, engine: RealEngine, folder: Path) -> None:
        self.engine, self.folder = engine, folder
        self.project = f"approved-{uuid.uuid4().hex[:10]}"
        self.receipts = folder / "receipts"

    def run(self, value: str | None = NEW, commit: str = COMMIT) -> None:
        """Start a container that was made with a value and from a commit."""
        labels = {"com.docker.compose.service": SERVICE, "com.docker.compose.project": self.project}
        words = [word for name, text in labels.items() for word in ("--label", f"{name}={text}")]
        environ = {VARIABLE: value, "SOURCE_COMMIT": commit, "DB_PASSWORD": SECRET}
        words += [word for name, text in environ.items() if text for word in ("--env", f"{name}={text}")]
        self.engine.docker("run", "-d", "--network", "host", *words, self.engine.image)

    def approve(self, value: str = NEW, commit: str = COMMIT, minutes_ago: int = 60, **changes: Any) -> None:
        """Write a receipt."""
        pins = (ApprovedPin(VARIABLE, SERVICE, "docker/pin.env", value),)
        at = NOW - timedelta(minutes=minutes_ago)
        made = Receipt(at, "pass", (), "github.com/a/b", "main", commit, "abc", {"compose.yaml": "2" * 64}, pins, "0.1")
        write_receipt(self.receipts, replace(made, **changes))

    def check(self, settings: Settings | None = None, **changes: Any) -> list[Finding]:
        """Run the check; no finding of any test may hold the secret."""
        pin = Pin(VARIABLE, SERVICE, self.folder / "pin.env")
        project = ComposeProject(self.folder, project_name=self.project)
        engine = Engine(self.engine.environ)
        context = fake_context(self.folder, pins=[pin], project=project, engine=engine, options=AFTER)
        check = ApprovedRollout(Settings(str(self.receipts)) if settings is None else settings)
        found = run_check(check, replace(context, **changes))
        assert SECRET not in repr(found)
        return found

    def only(self, settings: Settings | None = None, **changes: Any) -> Finding:
        """Run the check and return its one finding."""
        [finding] = self.check(settings, **changes)
        return finding


@pytest.fixture
def host(engine: RealEngine, tmp_path: Path) -> Iterator[Host]:
    """Nothing runs, nothing is approved."""
    one = Host(engine, tmp_path)
    yield one
    label = f"label=com.docker.compose.project={one.project}"
    found = engine.docker("ps", "-aq", "--filter", label).stdout.split()
    if found:
        engine.docker("rm", "-f", *found)


pytestmark = pytest.mark.engine


def test_what_was_approved_runs(host: Host) -> None:
    """The newest receipt's digest, from its commit."""
    host.approve(OLD, OTHER, 600)
    host.approve()
    host.run()
    found = host.only()
    assert found.status is Status.PASS
    assert "runs what was approved at" in found.message
    assert "commit ccccccccc" in found.message
    assert found.evidence["approved_commit"] == COMMIT


def test_before_a_rollout_it_is_not_asked(host: Host) -> None:
    """What runs then is what the rollout replaces."""
    host.approve()
    host.run(FOREIGN)
    found = host.only(options=Options())
    assert found.status is Status.SKIP
    assert found.message == "asked at stage after only"


def test_several_containers_are_told_of_together(host: Host) -> None:
    """Replicas that run the same are one line."""
    host.approve()
    host.run()
    host.run(commit="")
    found = host.only()
    assert (found.status, "2 containers run what was approved" in found.message) == (Status.PASS, True)


def test_a_digest_that_was_never_approved_fails(host: Host) -> None:
    """Somebody walked around the gate."""
    host.approve()
    host.run(FOREIGN)
    found = host.only()
    assert (found.status, found.code) == (Status.FAIL, "never-approved")
    assert found.subject is not None
    assert found.subject.kind == "container"
    assert "runs ghcr.io/example/agent@sha256:333333333333…, which the hook never approved" in found.message
    assert "deploy an approved commit" in found.hint


def test_a_value_that_is_no_reference_is_not_shown(host: Host) -> None:
    """It may be a secret that landed in the wrong variable."""
    host.approve()
    host.run(SECRET)
    found = host.only()
    assert (found.code, "runs something, which the hook never approved" in found.message) == ("never-approved", True)


def test_a_rollout_that_did_not_arrive_fails(host: Host) -> None:
    """What was approved before still runs, long after the newest approval."""
    host.approve(OLD, OTHER, 600)
    host.approve()
    host.run(OLD, OTHER)
    found = host.only()
    assert (found.status, found.code) == (Status.FAIL, "not-arrived")
    assert found.failure is not None
    assert found.failure.settles


@pytest.mark.parametrize(("value", "commit"), [(OLD, OTHER), (NEW, OTHER)])
def test_a_rollout_that_may_be_going_on_is_waited_for(host: Host, value: str, commit: str) -> None:
    """Between the hook's pass and the new container nothing is wrong yet: a warning, for half an hour."""
    host.approve(OLD, OTHER, 600)
    host.approve(minutes_ago=5)
    host.run(value, commit)
    found = host.only()
    assert (found.status, found.code) == (Status.WARN, "under-way")
    assert host.only(Settings(str(host.receipts), grace_minutes=1)).status is Status.FAIL


def test_never_approved_is_not_waited_for(host: Host) -> None:
    """A foreign digest is wrong at any time."""
    host.approve(minutes_ago=1)
    host.run(FOREIGN)
    assert host.only().code == "never-approved"


def test_another_commit_fails(host: Host) -> None:
    """The same digest, but a commit that the hook never saw: a push came in between."""
    host.approve()
    host.run(commit=OTHER)
    found = host.only()
    assert (found.status, found.code) == (Status.FAIL, "other-commit")
    assert found.evidence["runs_commit"] == OTHER
    assert "was made from commit ddddddddd; approved was ccccccccc" in found.message


@pytest.mark.parametrize("commit", ["", "HEAD", "main"])
def test_a_container_that_does_not_tell_its_commit_is_judged_by_its_digest(host: Host, commit: str) -> None:
    """SOURCE_COMMIT can be switched off in Coolify, and may be HEAD."""
    host.approve()
    host.run(commit=commit)
    assert host.only().status is Status.PASS


def test_a_container_without_the_pin_fails(host: Host) -> None:
    """Which check tells why is said."""
    host.approve()
    host.run(None)
    found = host.only()
    assert (found.status, found.code) == (Status.FAIL, "no-value")
    assert "preflight run --only coolify-env-file" in found.hint


def test_what_was_let_through_by_force_warns(host: Host) -> None:
    """Whoever looks later sees that the gate was open, and why."""
    host.approve(verdict="opened", opened=("open until 2026-11-24 (outage)",))
    host.run()
    found = host.only()
    assert (found.status, found.code) == (Status.WARN, "gate-opened")
    assert "but the gate was opened: open until 2026-11-24 (outage)" in found.message


def test_a_receipt_for_other_pins_fails(host: Host) -> None:
    """It approves nothing for this one."""
    host.approve(pins=())
    host.run()
    found = host.only()
    assert (found.status, found.code) == (Status.FAIL, "pin-not-covered")
    assert found.subject == Subject("variable", VARIABLE)


def test_without_containers_there_is_nothing_to_compare(host: Host) -> None:
    """A skip, which is no pass."""
    host.approve()
    found = host.only()
    assert (found.status, "no container runs" in found.message) == (Status.SKIP, True)


def test_without_a_folder_it_skips(host: Host) -> None:
    """Most hosts have no hook; the hint says how to set it."""
    found = host.only(Settings())
    assert (found.status, "STATE-DIR/receipts" in found.hint) == (Status.SKIP, True)
    assert host.only(Settings(), environ={"PREFLIGHT_STATE_DIR": str(host.folder)}).status is Status.SKIP


def test_in_the_sidecar_the_folder_is_known(host: Host) -> None:
    """The image sets PREFLIGHT_STATE_DIR."""
    host.approve()
    host.run()
    assert host.only(Settings(), environ={"PREFLIGHT_STATE_DIR": str(host.folder)}).status is Status.PASS


def test_an_empty_folder_warns(host: Host) -> None:
    """Nothing was approved yet: a first deployment is never gated."""
    host.receipts.mkdir()
    host.run()
    found = host.only()
    assert (found.status, found.code) == (Status.WARN, "nothing-approved")


@pytest.mark.parametrize("broken", ["{", "[]"])
def test_a_broken_receipt_is_an_error(host: Host, broken: str) -> None:
    """What was approved is then not known."""
    host.approve()
    (host.receipts / "20990101T000000.000000Z-x.json").write_text(broken)
    assert host.only().status is Status.ERROR


@pytest.mark.parametrize(("application", "status"), [("abc", Status.PASS), ("", Status.PASS), ("xyz", Status.ERROR)])
def test_receipts_of_another_application_approve_nothing(host: Host, application: str, status: Status) -> None:
    """Two applications that share a state folder would approve of each other's rollouts."""
    host.run()
    host.approve(minutes_ago=90, application=application)
    host.approve()
    found = host.only()
    assert found.status is status
    assert found.code == ("mixed-receipts" if status is Status.ERROR else "")
    assert found.evidence.get("applications") == (["abc", "xyz"] if status is Status.ERROR else None)


def test_a_folder_that_is_not_there_is_an_error(host: Host) -> None:
    """It was configured, so somebody expects receipts in it."""
    found = host.only()
    assert found.status is Status.ERROR
    assert "no such file" in found.message


def test_a_container_that_cannot_be_seen_is_an_error(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have ended while it was asked."""
    host.approve()
    host.run()

    def refuse(_engine: Engine, containers: list[Container], _deadline: Deadline) -> list[CouldNotLook]:
        return [CouldNotLook("it stopped while it was asked", "Run preflight again.") for _ in containers]

    monkeypatch.setattr(Engine, "look_at_all", refuse)
    found = host.only()
    assert (found.status, found.message.endswith("it stopped while it was asked")) == (Status.ERROR, True)


@pytest.mark.parametrize("bad", [{"receipts": "receipts"}, {"grace_minutes": -1}])
def test_settings_that_make_no_sense_are_refused(bad: Any) -> None:
    """A relative folder would be another one for cron."""
    with pytest.raises(ValueError, match="must be"):
        Settings(**bad)

"""checks/coolify_redeploy.py: in words; what is found is tested with preflight/coolify/judge/redeploy.py."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checks.coolify_redeploy import CoolifyRedeploy
from preflight.check import NoSettings
from preflight.model import Finding, Stage, Status
from preflight.testing import run_check
from tests.fakes.coolify_api import FakeCoolify, saying
from tests.fakes.coolify_host import NEW, OLD, PIN_FILE, SECRET, SERVICE, UUID, VARIABLE, Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server on which a container runs with the old pin."""
    one = Host(tmp_path)
    one.write_pin(OLD)
    one.deploy()
    one.in_helper(inside={VARIABLE: OLD, "PASSWORD": SECRET})
    return one


@pytest.fixture
def api(host: Host) -> Iterator[FakeCoolify]:
    """Coolify's API, whose address and token the host's environment names."""
    with FakeCoolify() as one:
        host.environ |= one.environ
        yield one


def check(host: Host, stage: Stage = Stage.BEFORE) -> list[Finding]:
    """Run the check at a stage; no finding may hold the secret."""
    ctx = host.context()
    ctx = replace(ctx, options=replace(ctx.options, stage=stage))
    found = run_check(CoolifyRedeploy(NoSettings()), ctx)
    assert SECRET not in repr(found)
    return list(found)


def push(host: Host, message: str) -> str:
    """Commit the new pin and return the commit's id."""
    return host.git.commit({PIN_FILE: f"{VARIABLE}={NEW}\n"}, message)


@pytest.mark.parametrize(("stage", "status"), [(Stage.BEFORE, Status.WARN), (Stage.AFTER, Status.FAIL)])
def test_a_release_job_that_marks_its_commit(host: Host, stage: Stage, status: Status) -> None:
    """Before a rollout it is a warning with the way out; afterwards it is why the containers are stale."""
    commit = push(host, "chore: pin the agent image for v2 [skip ci]")

    [finding] = check(host, stage)

    assert (finding.status, finding.code) == (status, "skip-marker")
    assert finding.message == f"{SERVICE}: Coolify ignores the push of commit {commit[:9]}: [skip ci]"
    assert "[skip actions]" in finding.hint
    assert "by hand" in finding.hint
    assert str(finding.location) == PIN_FILE
    assert finding.evidence["commit"] == commit


def test_once_it_runs_nothing_has_to_be_deployed(host: Host) -> None:
    """However the commit is marked."""
    push(host, "chore: pin the agent image for v2 [skip ci]")
    host.engine.listed.clear()
    host.in_helper(inside={VARIABLE: NEW})

    [finding] = check(host, Stage.AFTER)

    assert (finding.status, finding.code) == (Status.PASS, "")
    assert finding.message == f"{SERVICE} runs with what {PIN_FILE} says: nothing has to be deployed"


def test_a_push_that_deploys(host: Host, api: FakeCoolify) -> None:
    """The message says how far was looked."""
    commit = push(host, "chore: pin the agent image for v2 [skip actions]")
    host.git.commit({"other": "x"}, "docs")
    environ = dict(host.environ)
    host.environ.clear()
    words = f"{SERVICE}: nothing keeps Coolify from deploying commit {commit[:9]} and 1 more"
    [unasked] = check(host)
    assert (unasked.status, unasked.message) == (
        Status.PASS,
        f"{words} (its API was not asked for Auto deploy and Watch paths)",
    )

    host.environ |= environ
    api.add_application(UUID)
    [asked] = check(host)
    assert (asked.status, asked.message) == (Status.PASS, words)


def test_every_obstacle_is_named(host: Host, api: FakeCoolify) -> None:
    """Each has a way out of its own."""
    push(host, "chore: pin the agent image for v2 [skip ci]")
    api.add_application(UUID, watch_paths="src/**", settings={"is_auto_deploy_enabled": False})

    findings = check(host)

    assert [each.code for each in findings] == ["skip-marker", "auto-deploy-off", "watch-paths"]
    assert {each.status for each in findings} == {Status.WARN}
    assert 'set Auto deploy to "Deploy on push"' in findings[1].hint
    assert "Add the pin file to Watch paths" in findings[2].hint


def test_what_cannot_be_seen_is_an_error(host: Host, api: FakeCoolify) -> None:
    """An API that refuses; a pin that names no value."""
    push(host, "chore: pin the agent image for v2")
    api.always("/applications", saying(403, "API is disabled."))
    [refused] = check(host)
    assert refused.status is Status.ERROR
    assert "Auto deploy and Watch paths are not known" in refused.message

    host.git.commit({PIN_FILE: "OTHER=x\n"})
    [unknown] = check(host)
    assert (unknown.status, "no value" in unknown.message) == (Status.ERROR, True)


def test_without_coolify_it_does_not_apply(host: Host) -> None:
    """A skip with the reason."""
    host.engine.listed.clear()

    [finding] = check(host)

    assert finding.status is Status.SKIP
    assert "nothing is deployed yet" in finding.message

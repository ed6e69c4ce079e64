"""Runs coolify-rendered-compose on a host, and says what holds for every answer."""

from dataclasses import replace

from checks.coolify_rendered_compose import CoolifyRenderedCompose
from preflight.check import NoSettings
from preflight.context import Options
from preflight.model import Finding, Stage, Status
from preflight.testing import run_check
from tests.fakes.coolify_host import SECRET, Host

NAME = "agent-image-pin.env"
YAML = "docker-compose.yaml"


def check(host: Host, stage: Stage = Stage.AFTER) -> list[Finding]:
    """Run the check; no finding of any test may hold the secret."""
    context = replace(host.context(), options=Options(stage=stage))
    found = run_check(CoolifyRenderedCompose(NoSettings()), context)
    assert SECRET not in repr(found)
    return found


def only(host: Host, status: Status) -> Finding:
    """Run the check after a rollout and return its one finding, of that status."""
    [finding] = check(host)
    assert finding.status is status, finding
    return finding


def wrong(host: Host, code: str, *, before: Status) -> Finding:
    """Run the check at both stages; return its one finding, a failure after a rollout."""
    found = [check(host, stage) for stage in Stage]
    assert [[(each.status, each.code) for each in one] for one in found] == [[(before, code)], [(Status.FAIL, code)]]
    return found[1][0]

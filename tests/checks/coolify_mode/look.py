"""Runs coolify-mode on a host, and says what holds for every answer."""

from typing import Any

from checks.coolify_mode import CoolifyMode
from preflight.check import NoSettings
from preflight.model import Finding, Status, Subject
from preflight.testing import run_check
from tests.fakes.coolify_api import FakeCoolify
from tests.fakes.coolify_host import SECRET, SERVICE, UUID, Host

RAW_AND_PRESERVE = "(Base Directory /docker, Compose Location /compose.app.yaml)"


def check(host: Host, *, previews: bool = False) -> list[Finding]:
    """Run the check; no finding of any test may hold the secret. What it says of previews is left out by default."""
    found = run_check(CoolifyMode(NoSettings()), host.context())
    assert SECRET not in repr(found)
    return [each for each in found if previews or "preview deployment" not in each.message]


def only(host: Host, status: Status, code: str = "") -> Finding:
    """Run the check and return its one finding, of that status and code, which is about the service."""
    [finding] = check(host)
    assert (finding.status, finding.code) == (status, code), finding
    assert finding.subject == Subject("service", SERVICE)
    assert len(finding.message) < 280
    return finding


def registered(api: FakeCoolify, **fields: Any) -> None:
    """Let the API know the application as the way out says it must be set up."""
    settings = {"base_directory": "/docker", "docker_compose_location": "/compose.app.yaml", **fields}
    api.add_application(UUID, **settings)


def raw_and_preserved(host: Host) -> None:
    """The one combination that keeps the pin."""
    host.deploy(raw=True, copied=True)
    host.container(raw=True)

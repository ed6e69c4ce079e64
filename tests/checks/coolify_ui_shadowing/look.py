"""Runs coolify-ui-shadowing on a host, and says what holds for every answer."""

from pathlib import Path

from checks.coolify_ui_shadowing import CoolifyUiShadowing
from preflight.check import NoSettings
from preflight.model import Finding, Status
from preflight.project import Pin
from preflight.testing import run_check
from tests.fakes.coolify_api import TOKEN, Token
from tests.fakes.coolify_server import OLD, VARIABLE, CoolifyHost
from tests.real.coolify import Application

SECRET = "hunter2-do-not-show"
SENSITIVE = Token(frozenset({"read", "read:sensitive"}))
TAKES = f"    environment:\n      {VARIABLE}: "


def application(tmp_path: Path, *, raw: bool = False, preserve: bool = False) -> CoolifyHost:
    """Return a host with an application, not deployed yet."""
    return CoolifyHost(tmp_path, Application(tmp_path, raw=raw, preserve=preserve))


def look(host: CoolifyHost, *more: Pin) -> list[Finding]:
    """Run the check; no finding may show a value that is none of its business."""
    findings = run_check(CoolifyUiShadowing(NoSettings()), host.context(*more))
    shown = "".join(f"{each.message}{each.hint}{dict(each.evidence)}" for each in findings)
    assert SECRET not in shown
    assert OLD not in shown
    assert TOKEN.split("|")[1] not in shown
    for each in findings:
        assert each.message.isprintable()
        # where the test happens to lie is not the product's doing
        assert len(each.message.replace(str(host.root), "/data/coolify")) < 200
        assert each.hint or each.status is Status.PASS
    return findings


def only(host: CoolifyHost) -> Finding:
    """Run the check and return its one finding."""
    findings = look(host)
    assert len(findings) == 1, findings
    return findings[0]


def passes(host: CoolifyHost, words: str = "nothing in Coolify's UI overrides") -> Finding:
    """It passes, with these words."""
    found = only(host)
    assert found.status is Status.PASS, found
    assert words in found.message
    return found


def fails(host: CoolifyHost, code: str, words: str, hint: str) -> Finding:
    """It fails with this code and these words; before a rollout nobody is told to deploy."""
    found = only(host)
    assert (found.status, found.code) == (Status.FAIL, code), found
    assert "redeploy" not in found.hint
    assert words in found.message
    assert hint in found.hint
    return found


def place(found: Finding) -> str:
    """Return the name and line of where it is said to be."""
    return Path(str(found.location)).name

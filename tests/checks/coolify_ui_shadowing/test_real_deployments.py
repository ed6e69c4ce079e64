"""checks/coolify_ui_shadowing.py against what containers get when real Compose deploys what Coolify wrote."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from checks.coolify_ui_shadowing import CoolifyUiShadowing
from preflight.check import NoSettings
from preflight.compose.ask.door import Compose
from preflight.coolify.door import Coolify as Door
from preflight.coolify.settings import CoolifySettings
from preflight.engine.door import Engine
from preflight.model import Finding, Status
from preflight.project import ComposeProject, Pin
from preflight.testing import fake_context, run_check
from tests.fakes.authority import make_authority
from tests.fakes.coolify_api import TOKEN, FakeCoolify, variable
from tests.fakes.coolify_server import NEW, OLD, PIN_NAME, SERVICE, VARIABLE
from tests.real.cli import PreflightCli
from tests.real.coolify import Application, Coolify, ServiceStack
from tests.real.git import GitRepository

pytestmark = pytest.mark.engine

ENTRY = {"path": f"./{PIN_NAME}", "required": False}
NAME, _, DIGEST = NEW.partition("@")


@dataclass(frozen=True)
class Case:
    """One thing that a person may do in Coolify's UI or in git.

    Args:
        mode: "default", "raw" or "stack".
        rows: Of the UI.
        service: More of the service.
        pin: What the pin file gives the variable.
        pin_in: See ``CoolifySettings``.
    """

    mode: str
    rows: dict[str, str | None] = field(default_factory=dict)
    service: dict[str, Any] = field(default_factory=dict)
    pin: str = NEW
    pin_in: str = "file"


HARMLESS = {
    "raw": Case("raw"),
    "raw, a row that nothing takes": Case("raw", {VARIABLE: OLD}),
    "raw, .env before the pin": Case("raw", {VARIABLE: OLD}, {"env_file": [".env", ENTRY]}),
    "raw, in the UI": Case("raw", {VARIABLE: NEW}, {"environment": {VARIABLE: f"${{{VARIABLE}}}"}}, pin_in="ui"),
    "stack": Case("stack"),
    "stack, another row": Case("stack", {"OTHER": OLD}),
    "default, in the UI": Case("default", {VARIABLE: NEW}, pin_in="ui"),
    "default, in the UI in two parts": Case("default", {"D": DIGEST, VARIABLE: f"{NAME}@${{D}}"}, pin_in="ui"),
}
HARMFUL = {
    "raw, environment takes it": Case("raw", {VARIABLE: OLD}, {"environment": {VARIABLE: f"${{{VARIABLE}}}"}}),
    "raw, Coolify's own blank row": Case("raw", {}, {"environment": {VARIABLE: f"${{{VARIABLE}}}"}}),
    "raw, environment without a value": Case("raw", {VARIABLE: OLD}, {"environment": {VARIABLE: None}}),
    "raw, bare name in a list": Case("raw", {VARIABLE: OLD}, {"environment": [VARIABLE]}),
    "raw, another name": Case("raw", {"REFERENCE": OLD}, {"environment": {VARIABLE: "${REFERENCE}"}}),
    "raw, .env after the pin": Case("raw", {VARIABLE: OLD}, {"env_file": [ENTRY, ".env"]}),
    "raw, the pin's value": Case("raw", {"DIGEST": OLD}, pin=f"{NAME}@${{DIGEST:-{DIGEST}}}"),
    "raw, the pin's value and Coolify's own": Case("raw", {}, pin=f"{NAME}@${{COOLIFY_BRANCH:-{DIGEST}}}"),
    "raw, no row in the UI": Case("raw", {VARIABLE: NEW}, {"env_file": ["other.env"]}, pin_in="ui"),
    "stack, a row": Case("stack", {VARIABLE: OLD}),
    "stack, a blank row": Case("stack", {VARIABLE: None}),
    "stack, Coolify's own blank row": Case("stack", {}, {"environment": {VARIABLE: f"${{{VARIABLE}}}"}}),
    "stack, the pin's value": Case("stack", {"DIGEST": OLD}, pin=f"{NAME}@${{DIGEST:-{DIGEST}}}"),
    "default, a row": Case("default", {VARIABLE: OLD}),
    "default, another in the UI": Case("default", {VARIABLE: OLD}, pin_in="ui"),
    "default, nothing in the UI": Case("default", pin_in="ui"),
    "default, an unknown shared variable": Case("default", {VARIABLE: "{{team.X}}"}, pin_in="ui"),
    "default, written out": Case("default", {VARIABLE: NEW}, {"environment": {VARIABLE: OLD}}, pin_in="ui"),
}


@dataclass
class Real:
    """A repository and a server."""

    coolify: Coolify
    repository: GitRepository

    def deploy(self, case: Case) -> str | None:
        """Deploy a case and return what the container got."""
        service = {
            "image": self.coolify.engine.image,
            "network_mode": "host",
            "stop_grace_period": "0s",
            "env_file": [ENTRY],
            **case.service,
        }
        text = yaml.safe_dump({"services": {SERVICE: service}})
        pin = f"{VARIABLE}={case.pin}\n"
        self.repository.commit({"compose.yaml": text, PIN_NAME: pin, "other.env": "OTHER=x\n"})
        one: Application | ServiceStack
        if case.mode == "stack":
            one = ServiceStack(text)
        else:
            is_raw = case.mode == "raw"
            one = Application(self.repository.path, compose_location="/compose.yaml", raw=is_raw, preserve=is_raw)
        for key, value in case.rows.items():
            one.variables.set(key, value)
        if isinstance(one, ServiceStack):
            self.coolify.folder(one).mkdir(parents=True)
            (self.coolify.folder(one) / PIN_NAME).write_text(pin)
            self.coolify.deploy_stack(one)
        else:
            self.coolify.deploy(one)
        return self.coolify.environment(one, SERVICE).get(VARIABLE)

    def look(self, case: Case) -> Finding:
        """Run the check and return its one finding."""
        environ, checkout = self.coolify.engine.environ, self.repository.path
        file, pin = checkout / "compose.yaml", checkout / PIN_NAME
        engine, project = Engine(environ), ComposeProject(checkout, files=(file,))
        settings = CoolifySettings(root=self.coolify.root, pin_in=case.pin_in)
        ctx = fake_context(
            checkout,
            pins=(Pin(VARIABLE, SERVICE, pin),),
            project=project,
            environ=environ,
            compose=Compose(project, environ),
            engine=engine,
            coolify=Door(settings, environ, engine, (file, pin)),
        )
        (found,) = run_check(CoolifyUiShadowing(NoSettings()), ctx)
        return found


@pytest.fixture
def real(coolify: Coolify, git_repository: GitRepository) -> Real:
    """Both, of the test's own."""
    return Real(coolify, git_repository)


@pytest.mark.parametrize("case", HARMLESS.values(), ids=HARMLESS)
def test_what_does_no_harm_passes(real: Real, case: Case) -> None:
    """The container got the pin, and the check lets it through."""
    assert real.deploy(case) == NEW
    assert real.look(case).status is Status.PASS


@pytest.mark.parametrize("case", HARMFUL.values(), ids=HARMFUL)
def test_what_does_harm_fails(real: Real, case: Case) -> None:
    """The container got something else because of the UI, and the check says so."""
    assert real.deploy(case) != NEW
    found = real.look(case)

    assert found.status is Status.FAIL
    assert OLD not in found.message + found.hint


def test_whole_tool_asks_the_api(
    real: Real, preflight_cli: PreflightCli, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Over TLS with an own authority; the token is in no output, whatever happens."""
    authority = make_authority(tmp_path_factory.mktemp("tls"))
    assert real.deploy(HARMLESS["stack"]) == NEW
    (folder,) = (real.coolify.root / "services").iterdir()
    token_file, config = tmp_path / "token", tmp_path / "preflight.yaml"
    token_file.write_text(TOKEN)
    token_file.chmod(0o600)
    with FakeCoolify(tls=authority.server) as api:
        api.add_service(folder.name)
        coolify = {"root": str(real.coolify.root), "url": api.url, "token_file": str(token_file)}
        coolify["ca_file"] = str(authority.ca_file)
        base = {"files": [str(real.repository.path / "compose.yaml")]}
        pins = [{"variable": VARIABLE, "service": SERVICE, "file": str(real.repository.path / PIN_NAME)}]
        config.write_text(json.dumps({"coolify": coolify, "compose": base, "pins": pins}))

        def run(*options: str) -> tuple[int, str]:
            words = ("run", "--only", "coolify-ui-shadowing", "-v", "--config", str(config), *options)
            done = preflight_cli(*words, cwd=real.repository.path, env=real.coolify.engine.environ)
            assert TOKEN.split("|")[1] not in done.stdout + done.stderr
            return done.returncode, " ".join(done.stdout.split())

        code, said = run()
        assert (code, len(api.requests)) == (0, 1), said
        assert "nothing in Coolify's UI overrides" in said

        api.variables[folder.name] = [variable(VARIABLE, OLD)]
        code, said = run()
        assert code == 1
        assert "with the next deployment" in said

        api.tokens.clear()
        code, said = run()
        assert code == 3
        assert "does not know the token (401)" in said
        assert run("--offline")[0] == 0

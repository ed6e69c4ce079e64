"""checks/coolify_rendered_compose.py: what else the deployed compose file says of the variable."""

import shutil
import time
from pathlib import Path

import pytest

from checks.coolify_rendered_compose import CoolifyRenderedCompose
from checks.coolify_ui_shadowing import CoolifyUiShadowing
from preflight.check import NoSettings
from preflight.model import Status
from preflight.testing import run_check
from tests.checks.coolify_rendered_compose.look import NAME, YAML, only, wrong
from tests.fakes.coolify_host import NEW, OLD, OTHER, PIN_FILE, SECRET, SERVICE, VARIABLE, Host
from tests.fakes.coolify_server import VARIABLE as PIN
from tests.fakes.coolify_server import CoolifyHost
from tests.real.coolify import Application, Coolify


def test_a_build_argument_that_became_environment_fails(host: Host) -> None:
    """Coolify merges build: args: into environment:, which overrides every file."""
    for arguments in ([f"{VARIABLE}=x"], {VARIABLE: "x"}):
        host.describe(build={"context": ".", "args": arguments})
        host.deploy(raw=True, copied=True)
        only(host, Status.PASS)

        host.deploy(raw=True, copied=True, environment={VARIABLE: "x", "DATABASE_PASSWORD": SECRET})

        finding = wrong(host, "build-argument", before=Status.FAIL)
        assert f"has {VARIABLE}: Coolify copied it from build: args:" in finding.message


def test_a_bare_name_that_became_empty_fails(host: Host) -> None:
    """Of `- X` Coolify makes an empty X; of `X:` in a map nothing, which Compose takes for the shell's."""
    host.describe(environment=[VARIABLE])
    host.deploy(raw=True, copied=True)
    only(host, Status.PASS)

    host.deploy(raw=True, copied=True, environment={VARIABLE: ""})
    assert (
        "which the repository names without a value; Coolify gave it a value"
        in wrong(host, "bare-name", before=Status.FAIL).message
    )
    host.settings["pin_in"] = "ui"
    wrong(host, "bare-name", before=Status.FAIL)

    host.deploy(raw=True, copied=True, environment={VARIABLE: None})
    only(host, Status.PASS)
    host.settings["pin_in"] = "file"
    assert "Coolify kept it without a value" in wrong(host, "bare-name", before=Status.FAIL).message


def test_any_other_entry_of_the_variable_fails(host: Host) -> None:
    """Whether the repository has it too is said."""
    host.deploy(raw=True, copied=True, environment={VARIABLE: "constant"})
    assert (
        "which the repository does not have: it overrides every env file"
        in wrong(host, "environment-yet", before=Status.WARN).message
    )

    host.describe(environment={VARIABLE: "constant"})
    assert "as in the repository" in wrong(host, "environment", before=Status.FAIL).message


def test_a_deployed_file_without_the_entry_or_the_service_fails(host: Host) -> None:
    """The deployment is older than the repository, or of another branch."""
    host.deploy(raw=True, env_file=["other.env"])
    assert f"does not list {PIN_FILE}, but other.env" in wrong(host, "not-listed", before=Status.WARN).message

    (host.home() / YAML).write_text("services: {webapp: {image: x}}\n")
    assert wrong(host, "no-service", before=Status.WARN).message == f"{SERVICE}: {YAML} has no such service"


def test_a_deployment_without_services_is_named_with_its_reason(host: Host) -> None:
    """Default mode writes such a file where Symfony refuses the repository's, and removes the containers."""
    (host.home() / YAML).write_text("services: {  }\n")

    finding = wrong(host, "no-services", before=Status.WARN)
    assert "YAML reader refused the repository's compose file" in finding.message
    assert "!reset" in finding.hint


def test_a_half_written_file_is_one_line_with_its_place(host: Host) -> None:
    """File and line, no traceback; so also .env that is a folder."""
    (host.home() / YAML).write_text("services:\n  application-server:\n    env_file: [a\n")
    for _ in range(2):
        problem = only(host, Status.ERROR)
        assert f"{host.home() / YAML}:" in problem.message
        assert "wait for a deployment that is under way, or redeploy" in problem.hint

    host.deploy(raw=True, copied=True)
    only(host, Status.PASS)
    (host.home() / ".env").unlink()
    (host.home() / ".env").mkdir()
    finding = only(host, Status.ERROR)
    assert f"the env file {host.home() / '.env'} is a folder" in finding.message
    assert f"rmdir {host.home() / '.env'}" in finding.hint


def test_what_was_never_deployed_is_skipped(host: Host) -> None:
    """With a container it must have been: then the missing file is an error. Without Coolify: a skip."""
    (host.home() / YAML).unlink()
    assert "Coolify has written no docker-compose.yaml" in only(host, Status.ERROR).message

    host.engine.listed.clear()
    host.settings["application"] = host.home().name
    assert "never deployed here" in only(host, Status.SKIP).message

    host.settings["application"] = OTHER
    only(host, Status.ERROR)
    (host.home() / ".env").unlink()
    host.settings.clear()
    assert "Coolify has no service" in only(host, Status.SKIP).message


@pytest.mark.engine
def test_what_real_deployments_leave_is_told(host: Host, coolify: Coolify, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaced in default mode; kept and there with raw mode and Preserve Repository; stale when no longer copied."""
    from preflight.engine.door import Engine

    shutil.rmtree(host.home())
    engine = coolify.engine
    host.describe(image=engine.image, pull_policy="never", network_mode="host")
    app = Application(host.checkout, base_directory="/docker", compose_location="/compose.app.yaml")
    host.settings["root"] = coolify.root

    def deploy() -> None:
        coolify.deploy(app)
        monkeypatch.setattr(host, "engine", Engine(engine.environ))  # a new one, since it asks each thing once

    deploy()
    finding = only(host, Status.FAIL)
    assert f"lists only .env, in place of {NAME}" in finding.message
    changed = finding.evidence["changed"]
    assert isinstance(changed, list)
    assert "+ COOLIFY_RESOURCE_UUID" in changed

    app.raw, app.preserve = True, True
    deploy()
    only(host, Status.PASS)

    app.preserve = False
    host.write_pin(OLD)
    time.sleep(1.1)  # git's times are whole seconds
    deploy()
    wrong(host, "stale-copy", before=Status.FAIL)


def test_a_preview_overwrote_the_compose_file(host: Host) -> None:
    """In default mode with Preserve Repository its services have other names; no branch is to blame for that."""
    file = host.home() / YAML
    file.write_text(file.read_text().replace(f'"{SERVICE}"', f'"{SERVICE}-pr-7"'))

    finding = wrong(host, "overwritten-by-preview", before=Status.WARN)

    assert finding.message == f"{SERVICE}: a preview deployment (pull request 7) overwrote {YAML}"


FILLED = {
    "bare in a list": f"    environment:\n      - {PIN}\n",
    "empty": f"    environment:\n      {PIN}: ''\n",
    "itself with a default": f"    environment:\n      {PIN}: ${{{PIN}:-d}}\n",
    "in another": f"    environment:\n      OTHER: ${{{PIN}:-d}}\n",
    "in another with more": f"    environment:\n      OTHER: ${{{PIN}:-d}}-x\n",
    "nested in another": f"    environment:\n      OTHER: ${{X:-${{{PIN}}}}}\n",
    "bare build argument": f"    build:\n      context: .\n      args:\n        - {PIN}\n",
}


@pytest.mark.parametrize("lines", FILLED.values(), ids=FILLED)
def test_what_coolify_fills_from_the_ui_follows_it(tmp_path: Path, lines: str) -> None:
    """With pin_in: ui, its parser writes the UI's value into `environment:`, at each deployment the one of then."""
    host = CoolifyHost(tmp_path, Application(tmp_path), {"pin_in": "ui"})
    host.service(lines)
    for value in (NEW, OLD):
        host.resource.variables.set(PIN, value)
        host.deploy()

        [finding] = run_check(CoolifyRenderedCompose(NoSettings()), host.context())

        assert f"nothing there overrides {PIN} of Coolify's UI" in finding.message
        assert finding.status is Status.PASS
        [shadowing] = run_check(CoolifyUiShadowing(NoSettings()), host.context())
        assert shadowing.status is (Status.PASS if value == NEW else Status.FAIL)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            f"    environment:\n      {PIN}: written\n",
            f"environment: in {YAML} has {PIN}: it overrides the UI's variable",
        ),
        (
            f"    build:\n      context: .\n      args:\n        - {PIN}=written\n",
            "Coolify copied it from build: args:",
        ),
    ],
)
def test_what_does_not_follow_the_ui_fails(tmp_path: Path, lines: str, words: str) -> None:
    """The remedy leaves the UI's variable, the only source, where it is."""
    host = CoolifyHost(tmp_path, Application(tmp_path), {"pin_in": "ui"})
    host.service(lines)
    host.resource.variables.set(PIN, NEW)
    host.deploy()

    [finding] = run_check(CoolifyRenderedCompose(NoSettings()), host.context())

    assert finding.status is Status.FAIL
    assert words in finding.message
    assert "UI" not in finding.hint

"""checks/coolify_rendered_compose.py: on servers laid out by hand, and once on one that was really deployed to."""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from checks.coolify_rendered_compose import CoolifyRenderedCompose
from checks.coolify_ui_shadowing import CoolifyUiShadowing
from preflight.check import NoSettings
from preflight.context import Options
from preflight.model import Finding, Stage, Status
from preflight.testing import run_check
from tests.fakes.coolify_host import COMPOSE_FILE, ENTRY, NEW, OLD, OTHER, PIN_FILE, SECRET, SERVICE, VARIABLE, Host
from tests.fakes.coolify_server import VARIABLE as PIN
from tests.fakes.coolify_server import CoolifyHost
from tests.real.coolify import Application, Coolify

NAME = "agent-image-pin.env"
YAML = "docker-compose.yaml"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server and a checkout, deployed in the one combination that keeps the pin, which passes."""
    one = Host(tmp_path)
    one.deploy(raw=True, copied=True)
    one.container(raw=True)
    only(one, Status.PASS)
    return one


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


def test_a_kept_entry_with_the_same_bytes_passes(host: Host) -> None:
    """The file is named where `up` looks; what Coolify changed is in the evidence, names only."""
    finding = only(host, Status.PASS)

    assert finding.message == f"{SERVICE}: {YAML} lists {NAME}, which is there as in the checkout"
    assert finding.evidence["changed"] == ["env_file:", NAME, "environment:", "DATABASE_PASSWORD"]


def test_a_replaced_env_file_fails(host: Host) -> None:
    """Default mode leaves .env only; the mode's way out is told by coolify-mode."""
    host.engine.listed.clear()
    host.deploy(environment={"DATABASE_PASSWORD": SECRET, "COOLIFY_BRANCH": "main"})
    host.in_helper()

    finding = wrong(host, "env-file-replaced", before=Status.WARN)

    assert finding.message == f"{SERVICE}: {YAML} lists only .env, in place of {NAME}"
    assert "coolify-mode" in finding.hint
    assert finding.evidence["changed"] == [
        *("env_file:", f"- {NAME}", "+ .env", "environment:", "DATABASE_PASSWORD", "+ COOLIFY_BRANCH")
    ]

    host.settings["pin_in"] = "ui"
    assert f"nothing there overrides {VARIABLE} of Coolify's UI" in only(host, Status.PASS).message


def test_a_file_that_is_not_there_fails(host: Host) -> None:
    """`required: false` hides it; without that, the next `up` stops when the old container is gone."""
    (host.home() / NAME).unlink()
    finding = wrong(host, "missing", before=Status.FAIL)
    assert f"{host.home() / NAME} is not there, and required: false hides that" in finding.message
    assert "Preserve Repository" in finding.hint

    host.deploy(raw=True, env_file=[NAME])
    assert "the next `up` stops" in wrong(host, "missing", before=Status.FAIL).message


def test_a_copy_in_another_folder_is_named(host: Host) -> None:
    """With base directory / the copy lies one folder deeper than Compose looks."""
    (host.home() / "docker").mkdir()
    (host.home() / NAME).rename(host.home() / PIN_FILE)

    finding = wrong(host, "missing", before=Status.FAIL)

    assert "is not there" in finding.message
    assert f"lies at {PIN_FILE} there: set Base Directory /docker and Compose Location" in finding.hint


def test_a_folder_in_its_place_fails(host: Host) -> None:
    """Raw mode makes a folder for a bind mount, even where a file is meant."""
    (host.home() / NAME).unlink()
    (host.home() / NAME).mkdir()

    finding = wrong(host, "not-a-file", before=Status.FAIL)

    assert "is a folder, not a file" in finding.message
    assert f"rmdir {host.home() / NAME}" in finding.hint


def test_anything_else_in_its_place_fails(host: Host) -> None:
    """A pipe is not read."""
    (host.home() / NAME).unlink()
    os.mkfifo(host.home() / NAME)

    assert "is not a regular file" in wrong(host, "not-a-file", before=Status.FAIL).message


def test_an_older_pin_is_a_warning_until_it_was_deployed_again(host: Host) -> None:
    """Not deployed since the pin changed: that is what a rollout is for. Deployed since: nothing copies it any more."""
    past = time.time() - 3600
    os.utime(host.home() / YAML, (past, past))
    host.write_pin(OLD)
    finding = wrong(host, "old-copy", before=Status.WARN)
    assert f"nothing was deployed since {PIN_FILE} changed" in finding.message
    assert host.git.git("rev-parse", "--short=9", "HEAD~2") in finding.message

    later = time.time() + 60
    os.utime(host.home() / YAML, (later, later))
    finding = wrong(host, "stale-copy", before=Status.FAIL)
    assert "although Coolify deployed since" in finding.message
    assert "coolify-mode" in finding.hint

    (host.home() / "docker").mkdir()
    (host.home() / PIN_FILE).write_bytes((host.checkout / PIN_FILE).read_bytes())
    hint = wrong(host, "stale-copy", before=Status.FAIL).hint
    assert f"Today's copy lies at {PIN_FILE} there: set Base Directory /docker and Compose Location" in hint


def test_what_the_pin_file_never_said_fails(host: Host) -> None:
    """Someone else wrote it."""
    (host.home() / NAME).write_text(f"{VARIABLE}={OLD}\n")

    assert (
        f"is not {PIN_FILE}, nor what that was in any commit"
        in wrong(host, "foreign-copy-yet", before=Status.WARN).message
    )

    (host.home() / NAME).write_bytes(b"\xff\xfe")
    wrong(host, "foreign-copy-yet", before=Status.WARN)


def test_what_no_deployment_replaces_fails_at_both_stages(host: Host) -> None:
    """The repository was copied long ago and is not any more."""
    for name in (NAME, Path(COMPOSE_FILE).name):
        (host.home() / name).write_text(f"{VARIABLE}={OLD}\n")
        os.utime(host.home() / name, (0, 0))

    wrong(host, "foreign-copy", before=Status.FAIL)


def test_a_file_that_the_next_deployment_brings_only_warns_before(host: Host) -> None:
    """The entry was deployed before the pin file was in git."""
    os.utime(host.home() / YAML, (0, 0))
    (host.home() / NAME).unlink()

    wrong(host, "missing-yet", before=Status.WARN)


def test_other_bytes_with_the_same_pin_are_a_warning(host: Host) -> None:
    """A comment that changed does no harm."""
    (host.home() / NAME).write_text(f"{VARIABLE}={NEW}\n")

    assert only(host, Status.WARN).code == "other-text"


def test_a_later_file_that_sets_the_variable_fails(host: Host) -> None:
    """A developer's override that was left on the server overrides the pin; one that is not there does not."""
    host.deploy(raw=True, copied=True, env_file=[ENTRY, {"path": "local.env", "required": False}])
    only(host, Status.PASS)

    (host.home() / "local.env").write_text(f"{VARIABLE}={OLD}\n")

    assert (
        f"local.env is read after the pin file and sets {VARIABLE} too"
        in wrong(host, "later-file", before=Status.FAIL).message
    )


def test_a_service_stack_names_its_own_file_last(host: Host) -> None:
    """What .env holds there, coolify-ui-shadowing judges."""
    (host.home() / YAML).unlink()
    (host.home() / ".env").unlink()
    host.engine.listed.clear()
    home = host.deploy(stack=True, copied=True)
    host.container(folder=str(home), stack=True)

    assert " as in the checkout, then Coolify's .env" in only(host, Status.PASS).message


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


def test_a_path_with_an_unknown_variable_cannot_be_followed(host: Host) -> None:
    """Compose would refuse it, too."""
    host.deploy(raw=True, copied=True, env_file=["${NOWHERE:?}/" + NAME])

    assert "depends on a variable" in only(host, Status.ERROR).message


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


PREVIEW = "SERVICE_NAME_APPLICATION_SERVER=application-server-pr-7\n"


@pytest.mark.parametrize("text", [f"# the agent\n{VARIABLE}={OLD}\n", f"{VARIABLE}=of the pull request\n"])
def test_a_preview_overwrote_the_pin_file(host: Host, text: str) -> None:
    """It is named, whether or not git once had what lies there; a redeployment of production undoes it."""
    host.write_pin(OLD)
    host.write_pin(NEW)
    host.deploy(raw=True, copied=True)
    (host.home() / NAME).write_text(text)
    (host.home() / ".env").write_text(PREVIEW)

    finding = wrong(host, "overwritten-by-preview", before=Status.WARN)

    assert finding.message == f"{SERVICE}: a preview deployment (pull request 7) overwrote {host.home() / NAME}"
    assert finding.hint.startswith("Redeploy production in Coolify. To keep it so, set Preview deployments to ")

    host.deploy(raw=True, copied=True)
    only(host, Status.PASS)


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

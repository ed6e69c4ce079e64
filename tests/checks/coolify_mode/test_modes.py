"""checks/coolify_mode.py: what each mode of Coolify does to the pin."""

import os
import time
from pathlib import Path
from unittest.mock import Mock

import pytest

from preflight.errors import CouldNotLook
from preflight.model import Status
from tests.checks.coolify_mode.look import RAW_AND_PRESERVE, check, only, raw_and_preserved
from tests.fakes.coolify_host import COMPOSE_FILE, ENTRY, PIN_FILE, SERVICE, UUID, VARIABLE, Host
from tests.real.coolify import Application, Coolify


def test_raw_mode_with_preserve_repository_passes(host: Host) -> None:
    """The entry is kept and the file is copied; what tells so is in the evidence."""
    raw_and_preserved(host)

    finding = only(host, Status.PASS)

    assert finding.message == f"{SERVICE}: Raw Compose Deployment with Preserve Repository brings the pin file"
    assert finding.evidence["application"] == UUID
    assert "only the labels of raw mode" in str(finding.evidence["because"])


@pytest.mark.parametrize("on_host", [False, True], ids=["default", "preserved"])
def test_default_mode_fails_with_both_ways_out(host: Host, *, on_host: bool) -> None:
    """The pin file is dropped; the hint says which switches, with the very folder, or the variable in the UI."""
    raw_and_preserved(host)
    only(host, Status.PASS)
    host.engine.listed.clear()
    host.deploy()
    if on_host:
        host.container()
    else:
        host.in_helper()

    finding = only(host, Status.FAIL, "env-file-replaced")

    assert f"drops {PIN_FILE}: Coolify replaces env_file: by its own .env" in finding.message
    assert ("with Preserve Repository" in finding.message) is on_host
    assert RAW_AND_PRESERVE in finding.hint
    assert f"set {VARIABLE} in Coolify's UI" in finding.hint
    assert "`coolify: {pin_in: ui}`" in finding.hint
    assert str(finding.location) == f"{COMPOSE_FILE}:6"


def test_default_mode_passes_where_the_pin_is_in_the_ui(host: Host) -> None:
    """With pin_in: ui, default mode is right: its .env reaches every service."""
    host.deploy()
    host.in_helper()
    only(host, Status.FAIL, "env-file-replaced")

    host.settings["pin_in"] = "ui"

    assert f"default mode brings {VARIABLE} of Coolify's UI" in only(host, Status.PASS).message


@pytest.mark.parametrize("arguments", [{VARIABLE: "old"}, [f"{VARIABLE}=old"]], ids=["map", "list"])
def test_a_build_argument_overrides_the_variable_of_the_ui(host: Host, arguments: object) -> None:
    """Coolify copies it into `environment:` with the next deployment; one that takes the UI's value does no harm."""
    host.settings["pin_in"] = "ui"
    host.deploy()
    host.in_helper()
    only(host, Status.PASS)

    host.describe(build={"args": arguments})
    finding = only(host, Status.FAIL, "build-argument")
    assert f"copies build: args: into environment:, where {VARIABLE} overrides the UI's" in finding.message
    assert f"Rename the build argument {VARIABLE}" in finding.hint

    for harmless in ({VARIABLE: None}, {VARIABLE: f"${{{VARIABLE}}}"}, {"OTHER": "x"}):
        host.describe(build={"args": harmless})
        only(host, Status.PASS)


def test_raw_mode_without_a_copy_fails(host: Host) -> None:
    """The entry is kept, the file is not there: Preserve Repository is the way out."""
    raw_and_preserved(host)
    only(host, Status.PASS)
    for name in ("agent-image-pin.env", "compose.app.yaml"):
        (host.home() / name).unlink()

    finding = only(host, Status.FAIL, "not-copied")

    assert "keeps env_file:, but does not copy the repository: agent-image-pin.env does not arrive" in finding.message
    assert "Preserve Repository on" in finding.hint
    assert "Base Directory /docker" in finding.hint


def test_a_copy_from_long_before_the_last_deployment_cannot_tell(host: Host) -> None:
    """Nothing is deleted from the folder, so an old copy may be left over from when the switch was on."""
    raw_and_preserved(host)
    only(host, Status.PASS)
    old = time.time() - 30 * 86400
    for name in ("agent-image-pin.env", "compose.app.yaml"):
        os.utime(host.home() / name, (old, old))

    finding = only(host, Status.ERROR, "could-not-look")

    assert "perhaps left over" in finding.message
    assert "Look whether Preserve Repository is on" in finding.hint


def test_a_path_that_leads_out_of_the_folder_fails(host: Host) -> None:
    """Whatever Coolify copies, its top is where relative paths begin: no base directory brings what lies above."""
    raw_and_preserved(host)
    host.git.commit({"pins/agent.env": f"{VARIABLE}=x\n"})
    only(host, Status.PASS)

    host.describe(env_file=[{"path": "../pins/agent.env", "required": False}])
    host.pin_file = "pins/agent.env"
    finding = only(host, Status.FAIL, "path-outside")

    assert "looks for ../pins/agent.env, which leads out of the folder that Coolify copies to" in finding.message
    assert "Move agent.env into /docker of the repository" in finding.hint
    assert "Preserve Repository" not in finding.hint


def test_a_closed_folder_cannot_tell_of_copies(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raw mode told by a label, files not seen: that is said, and that root would see them."""
    raw_and_preserved(host)
    only(host, Status.PASS)
    closed = CouldNotLook(f"{host.home()} may not be read by this user", "Run preflight as root (sudo).")
    monkeypatch.setattr("preflight.coolify.host.mode.is_regular_file", Mock(side_effect=closed))

    finding = only(host, Status.ERROR, "could-not-look")

    assert f"({host.home()} may not be read by this user)" in finding.message
    assert finding.hint.startswith("Run preflight as root (sudo); or look whether Preserve Repository is on")


def test_an_absolute_path_needs_no_copy(host: Host, tmp_path: Path) -> None:
    """A file on the host that is named absolutely is found in raw mode, as long as it is there."""
    there = host.checkout / PIN_FILE
    host.describe(env_file=[{"path": str(there), "required": False}])
    host.deploy(raw=True, env_file=[str(there)])
    host.container(raw=True)
    assert "reads the pin file on this host" in only(host, Status.PASS).message

    link = tmp_path / "elsewhere"
    link.symlink_to(host.checkout)
    host.describe(env_file=[{"path": f"{link}/{PIN_FILE}", "required": False}])
    only(host, Status.PASS)


def test_an_absolute_path_to_nothing_fails(host: Host) -> None:
    """It names no file on this host."""
    host.describe(env_file=[{"path": str(host.checkout / PIN_FILE)}])
    host.deploy(raw=True)
    host.container(raw=True)
    only(host, Status.PASS)

    (host.checkout / PIN_FILE).unlink()

    assert f"there is no {host.checkout / PIN_FILE} on this host" in only(host, Status.FAIL, "no-file").message


def test_a_pin_that_the_repository_does_not_list_fails(host: Host) -> None:
    """No mode brings what is not listed."""
    raw_and_preserved(host)
    only(host, Status.PASS)

    host.describe(env_file=["other.env"])

    finding = only(host, Status.FAIL, "not-listed")
    assert f"{SERVICE} does not list {PIN_FILE}" in finding.message
    assert "env-file-syntax" in finding.hint


def test_a_service_stack_reads_a_copy_that_nobody_refreshes(host: Host) -> None:
    """With the file in its folder it works today; without, the pin cannot arrive."""
    home = host.deploy(stack=True)
    (home / "agent-image-pin.env").write_bytes((host.checkout / PIN_FILE).read_bytes())
    host.container(uuid=UUID, folder=str(home), stack=True)
    assert "which no deployment refreshes" in only(host, Status.WARN, "stack-copy").message

    (home / "agent-image-pin.env").unlink()

    finding = only(host, Status.FAIL, "not-in-stack")
    assert f"agent-image-pin.env is not in {home}" in finding.message
    assert "Storages, a file mount" in finding.hint


def test_a_variable_of_the_ui_reaches_no_container_in_raw_mode(host: Host) -> None:
    """With pin_in: ui raw mode needs an entry that takes the variable, or .env among the files."""
    host.settings["pin_in"] = "ui"
    host.describe(environment={VARIABLE: f"${{{VARIABLE}}}"})
    raw_and_preserved(host)
    only(host, Status.PASS)

    host.describe()
    finding = only(host, Status.FAIL, "ui-not-read")
    assert f"so {VARIABLE} does not arrive from there" in finding.message
    assert "Switch Raw Compose Deployment off" in finding.hint

    host.describe(env_file=[ENTRY, ".env"])
    only(host, Status.PASS)
    host.describe(env_file=[ENTRY, ".env"], environment={VARIABLE: "constant"})
    only(host, Status.FAIL, "ui-not-read")


@pytest.mark.parametrize(
    ("version", "variables", "status"),
    [
        ("4.0.0-beta.290", True, Status.WARN),
        ("4.0.0-beta.291", False, Status.WARN),
        ("4.0.0-beta.291", True, Status.FAIL),
        ("4.0.0-beta.434", True, Status.FAIL),
        ("4.0.0-beta.435", False, Status.FAIL),
        ("who-knows", True, Status.FAIL),
    ],
)
def test_what_default_mode_does_depends_on_the_version(
    host: Host, version: str, status: Status, *, variables: bool
) -> None:
    """Kept before beta.291, replaced from there on where the UI has variables, since beta.435 always."""
    home = host.deploy()
    if not variables:
        (home / ".env").write_text("")
    host.in_helper(coolify_version=version)

    finding = only(host, status, "old-coolify" if status is Status.WARN else "env-file-replaced")

    assert finding.evidence["coolify"] == version
    if status is Status.WARN:
        assert "Before you update Coolify: switch Raw Compose Deployment and Preserve Repository on" in finding.hint


def test_an_application_that_was_deployed_without_services_is_in_default_mode(host: Host) -> None:
    """Raw mode would have failed; so the cause is named, and not that nothing tells the mode."""
    host.settings["application"] = UUID
    (host.home() / "docker-compose.yaml").write_text("services: {  }\n")
    host.describe(**{"x-note": "!note"})
    file = host.checkout / COMPOSE_FILE
    host.git.commit({COMPOSE_FILE: file.read_text().replace('"!note"', "!note x")})

    refused, replaced = check(host)

    assert "Coolify's YAML reader refuses" in refused.message
    assert (refused.status, refused.code) == (Status.FAIL, "yaml-refused")
    assert (replaced.status, replaced.code) == (Status.FAIL, "env-file-replaced")
    assert "has no services, which default mode writes" in str(refused.evidence["because"])


@pytest.mark.engine
def test_what_real_deployments_leave_is_told(host: Host, coolify: Coolify, monkeypatch: pytest.MonkeyPatch) -> None:
    """Default mode fails; with the switches and folder that the hint names, deployed again, it passes."""
    from preflight.engine.door import Engine

    engine = coolify.engine
    body = {"image": engine.image, "pull_policy": "never", "network_mode": "host"}
    host.describe(**body)
    app = Application(host.checkout, base_directory="/docker", compose_location="/compose.app.yaml")
    host.settings["root"] = coolify.root

    def deploy() -> None:
        coolify.deploy(app)
        monkeypatch.setattr(host, "engine", Engine(engine.environ))  # a new one, since it asks each thing once

    deploy()
    assert RAW_AND_PRESERVE in only(host, Status.FAIL, "env-file-replaced").hint

    app.raw, app.preserve = True, True
    deploy()
    only(host, Status.PASS)

    app.preserve = False
    for name in ("agent-image-pin.env", "compose.app.yaml"):
        (coolify.folder(app) / name).unlink()
    deploy()
    assert "Preserve Repository" in only(host, Status.FAIL, "not-copied").hint

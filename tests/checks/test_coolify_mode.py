"""checks/coolify_mode.py: on servers laid out by hand, and once on one that the stand-in for Coolify deployed to."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from checks.coolify_mode import CoolifyMode
from preflight.check import NoSettings
from preflight.errors import CouldNotLook
from preflight.model import Finding, Stage, Status, Subject
from preflight.testing import run_check
from tests.fakes.coolify_api import FakeCoolify, saying
from tests.fakes.coolify_host import COMPOSE_FILE, ENTRY, OTHER, PIN_FILE, SECRET, SERVICE, UUID, VARIABLE, Host
from tests.real.coolify import Application, Coolify

RAW_AND_PRESERVE = "(Base Directory /docker, Compose Location /compose.app.yaml)"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server and a checkout."""
    return Host(tmp_path)


@pytest.fixture
def api(host: Host) -> Iterator[FakeCoolify]:
    """Coolify's API, whose address and token the host's environment names."""
    with FakeCoolify() as one:
        host.environ |= one.environ
        yield one


def test_what_follows_a_change_of_settings_depends_on_the_stage(host: Host) -> None:
    """Before a rollout no hint says deploy, and without the API it says why preflight sees no change yet."""
    host.deploy()
    host.in_helper()
    before = only(host, Status.FAIL, "env-file-replaced")
    assert before.hint.endswith(
        "Then run preflight again; without Coolify's API it sees the settings of the last deployment."
    )
    assert "redeploy" not in before.hint

    context = host.context()
    after = replace(context, options=replace(context.options, stage=Stage.AFTER))
    [finding] = run_check(CoolifyMode(NoSettings()), after)
    assert (finding.status, finding.code) == (Status.FAIL, "env-file-replaced")
    assert finding.hint.endswith(" Then redeploy.")


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


def test_previews_that_change_production_are_warned_of(host: Host, api: FakeCoolify) -> None:
    """They must be known to be off, for raw mode with Preserve Repository is what this check advises."""
    raw_and_preserved(host)
    changes = "in raw mode a preview deployment changes production's pin"
    off = 'Set Preview deployments to "Disabled" (Configuration > Advanced in Coolify), or deploy pull requests'
    registered(api, raw=True, preserve=True, settings={"is_preview_deployments_enabled": True})
    right, on = check(host, previews=True)
    assert (right.status, on.status, on.code) == (Status.PASS, Status.WARN, "previews")
    assert on.message == f"{SERVICE}: previews are deployed, and {changes}"
    assert on.hint.startswith(off)

    registered(api, raw=True, preserve=True)
    assert [each.status for each in check(host, previews=True)] == [Status.PASS]

    host.environ.clear()
    _, unknown = check(host, previews=True)
    assert (unknown.status, unknown.code) == (Status.WARN, "previews-unknown")
    assert unknown.message == f"{SERVICE}: nothing tells whether previews are deployed; {changes}"
    assert unknown.hint.startswith(off)


def registered(api: FakeCoolify, **fields: Any) -> None:
    """Let the API know the application as the way out says it must be set up."""
    settings = {"base_directory": "/docker", "docker_compose_location": "/compose.app.yaml", **fields}
    api.add_application(UUID, **settings)


def raw_and_preserved(host: Host) -> None:
    """The one combination that keeps the pin."""
    host.deploy(raw=True, copied=True)
    host.container(raw=True)


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


def test_the_next_deployment_decides(host: Host, api: FakeCoolify) -> None:
    """Settings that were changed since are judged; the message says both modes."""
    raw_and_preserved(host)
    registered(api, raw=True, preserve=True)
    only(host, Status.PASS)

    registered(api, raw=False, preserve=True)
    finding = only(host, Status.FAIL, "env-file-replaced")
    assert (
        "deployed in Raw Compose Deployment with Preserve Repository, but next in default mode with Preserve Repository"
        in finding.message
    )
    assert finding.evidence["next"] == "default mode with Preserve Repository"

    registered(api, raw=True, preserve=False)
    assert "but next in Raw Compose Deployment, which keeps env_file:" in only(host, Status.FAIL, "not-copied").message


def test_a_wrong_base_directory_is_seen_before_the_first_deployment(host: Host, api: FakeCoolify) -> None:
    """The API tells where the copy will lie; nothing of the application need be here."""
    host.remote("git@github.com:owner/name.git")
    registered(api, raw=True, preserve=True)
    assert "never deployed here" in str(only(host, Status.PASS).evidence["found_by"])

    registered(api, raw=True, preserve=True, base_directory="/", docker_compose_location=f"/{COMPOSE_FILE}")
    finding = only(host, Status.FAIL, "copied-elsewhere")
    assert f"looks for agent-image-pin.env, but the base directory set in Coolify copies it to {PIN_FILE}" in (
        finding.message
    )
    assert RAW_AND_PRESERVE in finding.hint

    registered(api, raw=True, preserve=True, base_directory="/backend", docker_compose_location="/x.yaml")
    assert "does not copy it" in check(host)[0].message


def test_another_compose_file_than_is_judged_is_an_error(host: Host, api: FakeCoolify) -> None:
    """Coolify deploys one file, this run judges another."""
    raw_and_preserved(host)
    registered(api, raw=True, preserve=True)
    only(host, Status.PASS)

    registered(api, raw=True, preserve=True, docker_compose_location="/compose.other.yaml")

    good, problem = check(host)
    assert (good.status, problem.status, problem.code) == (Status.PASS, Status.ERROR, "other-compose-file")
    assert "Coolify deploys docker/compose.other.yaml" in problem.message
    assert "`compose: {files: [docker/compose.other.yaml]}`" in problem.hint


OVERRIDE = "docker/compose.override.yaml"


def test_a_pin_listed_in_a_file_that_coolify_does_not_deploy_fails(host: Host, api: FakeCoolify) -> None:
    """Coolify's `up` reads one file: an override of the repository's is not laid over it."""
    raw_and_preserved(host)
    registered(api, raw=True, preserve=True)
    host.git.commit({OVERRIDE: "services: {}\n"})
    host.files = (COMPOSE_FILE, OVERRIDE)
    only(host, Status.PASS)

    host.describe(env_file=["other.env"])
    host.git.commit({OVERRIDE: json.dumps({"services": {SERVICE: {"env_file": [ENTRY]}}})})
    finding = only(host, Status.FAIL, "listed-in-other-file")
    assert f"reads {COMPOSE_FILE} only, and {PIN_FILE} is listed in {OVERRIDE}" in finding.message
    assert finding.hint == f"Move that entry into {COMPOSE_FILE}."

    host.describe()
    host.git.commit({OVERRIDE: "services: {}\n"})
    only(host, Status.PASS)


def test_which_of_two_compose_files_coolify_deploys_only_the_api_tells(host: Host) -> None:
    """Without it, a pin that only one of them lists may or may not arrive."""
    raw_and_preserved(host)
    host.git.commit({OVERRIDE: "services: {}\n"})
    only(host, Status.PASS)

    host.files = (COMPOSE_FILE, OVERRIDE)
    finding = only(host, Status.ERROR, "could-not-look")

    assert "reads one compose file" in finding.message
    assert "`compose: {files: [FILE]}`" in finding.hint


def test_a_custom_start_command_is_warned_of(host: Host, api: FakeCoolify) -> None:
    """It runs in place of `up`; what it holds is never shown. With files of its own, nothing is known."""
    raw_and_preserved(host)
    registered(api, raw=True, preserve=True)
    only(host, Status.PASS)

    registered(api, raw=True, preserve=True, docker_compose_custom_start_command=f"X={SECRET} docker compose up -d")
    good, warning = check(host)
    assert (good.status, warning.status, warning.code) == (Status.PASS, Status.WARN, "start-command")
    assert "a custom start command runs in place of Coolify's `up`" in warning.message

    for named, statuses in {
        "-f ./compose.app.yaml": [Status.PASS, Status.WARN],
        "--file=docker-compose.yaml": [Status.PASS, Status.WARN],
        "-f compose.app.yaml -f compose.old.yaml": [Status.ERROR],
        "--file 'compose.old.yaml'": [Status.ERROR],
    }.items():
        registered(api, raw=True, preserve=True, docker_compose_custom_start_command=f"docker compose {named} up -d")
        assert [each.status for each in check(host)] == statuses, named

    host.engine.listed.clear()
    host.deploy()
    host.in_helper()
    registered(api, docker_compose_custom_start_command="docker compose -f a.yaml -f b.yaml up -d")
    assert "custom command with files of its own" in only(host, Status.ERROR, "start-command-files").message


def test_labels_as_a_map_fail_in_raw_mode_and_are_warned_of_where_it_is_advised(host: Host) -> None:
    """Raw mode adds list entries to them, which Compose refuses."""
    host.describe(labels={"a": "b"})
    host.deploy(raw=True, copied=True)
    host.container(raw=True)
    assert f"labels: of {SERVICE} is a map" in only(host, Status.FAIL, "labels-map").message

    host.engine.listed.clear()
    host.deploy()
    host.in_helper()
    assert [(each.status, each.code) for each in check(host)] == [
        (Status.WARN, "refused-in-raw-mode"),
        (Status.FAIL, "env-file-replaced"),
    ]
    host.settings["pin_in"] = "ui"
    only(host, Status.PASS)

    host.settings["pin_in"] = "file"
    host.describe(labels=["a=b"])
    only(host, Status.FAIL, "env-file-replaced")


def test_labels_as_a_map_with_the_value_true_are_warned_of(host: Host) -> None:
    """Raw mode adds none to them: it works, but nobody finds the containers by label."""
    host.describe(labels={"a": True})
    raw_and_preserved(host)

    warning, good = check(host)

    assert (warning.status, warning.code, good.status) == (Status.WARN, "labels-true", Status.PASS)
    assert "raw mode adds no label" in warning.message


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a tag": ({"env_file": "!reset"}, "deploys a file without services", "yaml-refused"),
    "a literal dollar": ({"environment": {"A": "$$hunter2"}}, "the next deployment fails", "variable-name"),
    "a path behind a variable": ({"environment": ["A=$B/hunter2"]}, "the next deployment fails", "variable-name"),
    "an alternative": ({"environment": {"A": "${B:+hunter2}"}}, "the next deployment fails", "variable-name"),
    "a bare build argument": (
        {"environment": {"A": "b"}, "build": {"args": ["C"]}},
        "a number for its name",
        "numbered-argument",
    ),
    "an empty list": ({"command": []}, "as an empty map", "empty-list"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_coolify_cannot_deploy_fails_in_place_of_a_pass(host: Host, name: str) -> None:
    """With the pin in the UI everything else is as it should be; no value is shown."""
    service, words, code = REFUSED[name]
    host.describe(**service)
    file = host.checkout / COMPOSE_FILE
    host.git.commit({COMPOSE_FILE: file.read_text().replace('"!reset"', "!reset []")})
    host.deploy()
    host.in_helper()
    host.settings["pin_in"] = "ui"

    finding = only(host, Status.FAIL, code)

    assert words in finding.message
    assert "hunter2" not in f"{finding}"
    assert finding.hint
    assert finding.location is not None


def test_a_key_that_is_there_twice_fails_with_the_reason(host: Host) -> None:
    """Compose refuses it as well, but Coolify goes on without services."""
    host.deploy()
    host.in_helper()
    host.git.commit({COMPOSE_FILE: f"services:\n  {SERVICE}:\n    image: x\n    image: y\n"})

    finding = only(host, Status.FAIL, "yaml-refused")

    assert "the key image stands here again" in finding.message
    assert "removes the containers and starts none" in finding.message
    assert finding.location is not None
    assert finding.location.line == 4


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


def test_in_raw_mode_an_unreadable_file_fails_before_anything_is_stopped(host: Host) -> None:
    """There the deployment ends at once."""
    host.describe(**{"x-note": "!note"})
    raw_and_preserved(host)
    file = host.checkout / COMPOSE_FILE
    host.git.commit({COMPOSE_FILE: file.read_text().replace('"!note"', "!note x")})

    assert "nothing is stopped" in only(host, Status.FAIL, "yaml-refused").message


def test_an_api_that_refuses_is_an_error_beside_the_verdict(host: Host, api: FakeCoolify) -> None:
    """What lies here is judged; that the next deployment is not known is said."""
    raw_and_preserved(host)
    registered(api, raw=True, preserve=True)
    only(host, Status.PASS)

    api.always("/applications", saying(401, "Unauthenticated."))

    good, problem = check(host)
    assert (good.status, problem.status) == (Status.PASS, Status.ERROR)
    assert "whether the next deployment is like the last is not known" in problem.message


def test_several_applications_are_an_error_and_none_a_skip(host: Host) -> None:
    """It is said how to choose; without Coolify, what was looked for."""
    finding = only(host, Status.SKIP, "not-applicable")
    assert "no Coolify here: no container is labelled coolify.managed=true" in finding.message

    raw_and_preserved(host)
    only(host, Status.PASS)
    host.deploy(uuid=OTHER)

    finding = only(host, Status.ERROR, "could-not-look")
    assert UUID in finding.message
    assert OTHER in finding.message
    assert "coolify: {application: UUID}" in finding.hint


def test_what_holds_for_two_pins_is_said_once(host: Host) -> None:
    """Two pins in one file of one service have one verdict, and one warning of previews."""
    raw_and_preserved(host)
    context = host.context()
    twice = replace(context, pins=(host.pin, replace(host.pin, variable="SECOND")))

    assert [each.status for each in run_check(CoolifyMode(NoSettings()), twice)] == [Status.PASS, Status.WARN]


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

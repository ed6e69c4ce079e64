"""checks/coolify_mode.py: the settings that the next deployment will use."""

import json
from dataclasses import replace

from checks.coolify_mode import CoolifyMode
from preflight.check import NoSettings
from preflight.model import Stage, Status
from preflight.testing import run_check
from tests.checks.coolify_mode.look import RAW_AND_PRESERVE, check, only, raw_and_preserved, registered
from tests.fakes.coolify_api import FakeCoolify, saying
from tests.fakes.coolify_host import COMPOSE_FILE, ENTRY, OTHER, PIN_FILE, SECRET, SERVICE, UUID, Host


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

"""checks/coolify_rendered_compose.py: the file that the deployed service reads."""

import os
import time
from pathlib import Path

import pytest

from preflight.model import Status
from tests.checks.coolify_rendered_compose.look import NAME, YAML, only, wrong
from tests.fakes.coolify_host import COMPOSE_FILE, ENTRY, NEW, OLD, PIN_FILE, SECRET, SERVICE, VARIABLE, Host


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


def test_a_path_with_an_unknown_variable_cannot_be_followed(host: Host) -> None:
    """Compose would refuse it, too."""
    host.deploy(raw=True, copied=True, env_file=["${NOWHERE:?}/" + NAME])

    assert "depends on a variable" in only(host, Status.ERROR).message


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

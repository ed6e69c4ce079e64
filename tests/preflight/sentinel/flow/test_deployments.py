"""preflight/sentinel/flow.py: who deploys, and what the container carries."""

import threading
import time

import pytest

from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, saying
from tests.preflight.sentinel.flow.arming import PUSH, SENTINEL, arm, deploying_on_push, subjects, wait_for
from tests.preflight.sentinel.site import COMPOSE, PIN, Site
from tests.real.coolify import Application


def test_triggered_through_the_api(site: Site, application: Application, api: FakeCoolify) -> None:
    """The whole way: the container carries it, and afterwards neither file nor branch does."""
    api.add_application(application.uuid, raw=True, preserve=True)
    api.statuses = ["queued", "in_progress"]
    api.on_deploy = lambda _: threading.Thread(target=site.coolify.deploy, args=(application,)).start()

    done = arm(site, *PUSH, env=api.environ)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    token = lines[0].removeprefix(f"Armed docker/pin.env: {SENTINEL}")
    assert lines[1].startswith("Pushed it to origin/main (")
    assert lines[2] == "Coolify deploys it; waiting up to 60 s."
    assert lines[3].startswith("app: ")
    assert lines[3].endswith(" carries the sentinel: the file feeds it")
    assert lines[4] == "Disarmed docker/pin.env."
    assert lines[5].startswith("Pushed that to origin/main (")
    assert site.coolify.environment(application, "app")["PREFLIGHT_SENTINEL"] == token
    assert site.on_remote() == PIN
    assert subjects(site)[:2] == [f"{word} the preflight sentinel in docker/pin.env" for word in ("Disarm", "Arm")]
    assert len([each for each in api.asked("/deploy") if each.method == "POST"]) == 1
    assert TOKEN not in done.stdout + done.stderr


def test_deployed_on_push(site: Site, application: Application) -> None:
    """Without the API somebody else triggers it."""
    with deploying_on_push(site, application):
        done = arm(site, *PUSH)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Waiting up to 60 s for Coolify to deploy it" in done.stdout
    assert site.on_remote() == PIN


def test_an_api_that_does_not_tell_how_it_goes(site: Site, application: Application, api: FakeCoolify) -> None:
    """The containers tell as well."""
    api.add_application(application.uuid, raw=True, preserve=True)
    api.always("/deployments/", saying(500, "Server Error"))
    api.on_deploy = lambda _: threading.Thread(target=site.coolify.deploy, args=(application,)).start()

    done = arm(site, *PUSH, env=api.environ)

    assert (done.returncode, done.stderr) == (0, "")


def test_no_trigger_asks_nothing(site: Site, application: Application, api: FakeCoolify) -> None:
    """Where each push deploys anyway, a second deployment is not asked for."""
    api.add_application(application.uuid, raw=True, preserve=True)
    with deploying_on_push(site, application):
        done = arm(site, *PUSH, "--no-trigger", env=api.environ)

    assert done.returncode == 0
    assert not [each for each in api.asked("/deploy") if each.method == "POST"]


def test_nobody_deploys(site: Site, application: Application) -> None:
    """The time is up: exit 1, what was seen, and all is disarmed."""
    done = arm(site, *PUSH, wait=2)

    assert done.returncode == 1
    assert "app: no container was made within 2 s that carries the sentinel: 1 container from before" in done.stdout
    assert site.on_remote() == PIN
    assert "PREFLIGHT_SENTINEL" not in site.coolify.environment(application, "app")


@pytest.mark.parametrize("status", ["failed", "cancelled-by-user"])
def test_a_deployment_that_fails(site: Site, application: Application, api: FakeCoolify, status: str) -> None:
    """Nobody waits for the rest of the time."""
    api.add_application(application.uuid, raw=True, preserve=True)
    api.statuses = ["queued", status]

    done = arm(site, *PUSH, wait=3600, env=api.environ)

    assert done.returncode == 1
    assert f"app: Coolify's deployment ended as {status}" in done.stdout
    assert site.on_remote() == PIN


def test_a_deployment_that_is_refused(site: Site, application: Application, api: FakeCoolify) -> None:
    """The token may not deploy: exit 3, and all is disarmed."""
    api.add_application(application.uuid, raw=True, preserve=True)
    api.tokens = {TOKEN: Token(frozenset({"read"}))}

    done = arm(site, *PUSH, env=api.environ)

    assert done.returncode == 3
    assert "deploy" in done.stderr
    assert site.on_remote() == PIN


def test_a_container_without_it(site: Site, application: Application, api: FakeCoolify) -> None:
    """Deployed after arming, and still without: said as soon as the deployment is finished."""
    api.add_application(application.uuid, raw=True, preserve=True)
    text = COMPOSE.format(image=site.coolify.engine.image).replace("./pin.env", "./other.env")
    site.checkout.commit({"docker/compose.app.yaml": text})
    site.checkout.git("push", "-q", "origin", "main")
    api.statuses = ["finished"]
    api.on_deploy = lambda _: (site.coolify.deploy(application), None)[1]

    done = arm(site, *PUSH, env=api.environ)

    assert done.returncode == 1
    assert "was made after arming and does not carry the sentinel (the deployment is finished)" in done.stdout
    assert "preflight sentinel probe" in done.stdout
    assert site.on_remote() == PIN


def test_a_container_without_it_and_without_the_api(site: Site, application: Application) -> None:
    """Told when the time is up, since another deployment might have followed."""
    text = COMPOSE.format(image=site.coolify.engine.image).replace("./pin.env", "./other.env")
    site.checkout.commit({"docker/compose.app.yaml": text})
    site.checkout.git("push", "-q", "origin", "main")
    site.cli("sentinel", "arm", cwd=site.checkout.path)
    time.sleep(1.1)  # an engine tells whole seconds
    site.coolify.deploy(application)

    done = site.cli("sentinel", "verify", "--wait", "3", cwd=site.checkout.path, env=site.environ)

    assert done.returncode == 1
    assert "does not carry the sentinel (3 s are over)" in done.stdout


def test_without_push_the_operator_does_it(site: Site, application: Application) -> None:
    """Committed by hand while it waits; the file is disarmed here, and that git has it is said beforehand."""
    process = site.start("arm", "--via", "coolify", "--wait", "60")
    wait_for(site.pin, SENTINEL)
    site.checkout.git("commit", "-qam", "Arm it")
    site.checkout.git("push", "-q", "origin", "main")
    site.coolify.deploy(application)
    out, _ = process.communicate(timeout=90)

    assert process.returncode == 0, out
    assert "Now commit and push that line, and deploy; then take it out of git again." in out
    assert site.pin.read_text() == PIN


def test_a_container_of_an_earlier_arming_does_not_count(site: Site, application: Application) -> None:
    """Armed already, and deployed then: the old container is no proof of today's deployment."""
    site.cli("sentinel", "arm", cwd=site.checkout.path)
    site.checkout.git("commit", "-qam", "Arm it")
    site.checkout.git("push", "-q", "origin", "main")
    site.coolify.deploy(application)
    time.sleep(1.1)  # an engine tells whole seconds

    verified = site.cli("sentinel", "verify", "--wait", "0", cwd=site.checkout.path, env=site.environ)
    done = site.cli(*("sentinel", "arm", "--via", "coolify", "--wait", "2"), cwd=site.checkout.path, env=site.environ)

    assert verified.returncode == 0
    assert "carries the sentinel: the file feeds it" in verified.stdout
    assert done.returncode == 1
    assert "no container was made within 2 s" in done.stdout

"""preflight/sentinel/flow.py and verify.py: arm, push, deploy, wait, disarm, with a Coolify that really deploys."""

import os
import pty
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, saying
from tests.preflight.sentinel.site import COMPOSE, PIN, Site
from tests.real.coolify import Application
from tests.real.git import GitRepository
from tests.real.signals import default_actions, wait_until

PUSH = ("--push", "--branch", "main")
SENTINEL = "PREFLIGHT_SENTINEL="


@contextmanager
def deploying_on_push(site: Site, application: Application) -> Iterator[None]:
    """Be the Coolify that is told of each push; the second push is the one that disarms, and is not deployed here."""
    head = GitRepository(site.bare).git("rev-parse", "main")
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.1):
            if GitRepository(site.bare).git("rev-parse", "main") != head:
                site.coolify.deploy(application)
                return

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def api() -> Iterator[FakeCoolify]:
    """Coolify's API, with a token that may deploy."""
    with FakeCoolify() as fake:
        fake.tokens = {TOKEN: Token(frozenset({"read", "deploy"}))}
        yield fake


@pytest.fixture
def application(site: Site) -> Application:
    """Deployed once, in the mode in which the file arrives."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)
    return application


def arm(
    site: Site, *words: str, wait: float = 60, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run all of it in the checkout; afterwards that is what it was, and clean."""
    head = site.checkout.git("rev-parse", "HEAD")
    done = site.cli(
        *("sentinel", "arm", "--via", "coolify", "--wait", str(wait), *words),
        cwd=site.checkout.path,
        env={**site.environ, **(env or {})},
        timeout=120,
    )
    assert site.pin.read_text() == PIN
    assert site.checkout.git("status", "--porcelain") == ""
    assert site.checkout.git("rev-parse", "HEAD") == head
    return done


def subjects(site: Site) -> list[str]:
    """What was committed on the remote, newest first."""
    return GitRepository(site.bare).git("log", "--format=%s", "main").splitlines()


def wait_for(path: Path, text: str) -> None:
    """Wait until a file says something."""
    limit = time.monotonic() + 60
    while text not in path.read_text():
        assert time.monotonic() < limit
        time.sleep(0.02)


def wait_for_push(site: Site) -> None:
    """Wait until the remote is armed."""
    limit = time.monotonic() + 60
    while SENTINEL not in site.on_remote():
        assert time.monotonic() < limit
        time.sleep(0.05)


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


def test_a_push_that_is_declined(site: Site, application: Application) -> None:
    """Exit 3, the file is as it was, and nothing is asked of the remote again."""
    hook = site.bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    done = arm(site, *PUSH)

    assert done.returncode == 3
    assert "origin/main refuses the push" in done.stderr
    assert "Disarmed docker/pin.env." in done.stdout
    assert "MAY BE LEFT" not in done.stderr
    assert subjects(site) == ["Change"]
    assert application.uuid


def test_default_mode_is_refused_beforehand(site: Site) -> None:
    """Production is not deployed for nothing: nothing was armed, and what to switch."""
    site.coolify.deploy(site.application(raw=False, preserve=False))

    done = arm(site, *PUSH)

    assert (done.returncode, done.stdout) == (3, "")
    assert "nothing was armed: in its default mode Coolify replaces env_file:" in done.stderr
    assert "Raw Compose Deployment" in done.stderr
    assert subjects(site) == ["Change"]


def test_no_coolify_here(site: Site) -> None:
    """Exit 3, and the way without."""
    done = arm(site, *PUSH)

    assert (done.returncode, done.stdout) == (3, "")
    assert "Without Coolify: `preflight sentinel arm`." in done.stderr


def test_a_pin_kept_in_the_ui(site: Site, application: Application) -> None:
    """Nothing is armed."""
    site.configure("  pin_in: ui\n")
    done = arm(site, *PUSH)
    assert done.returncode == 3
    assert "coolify.pin_in is ui" in done.stderr
    assert application.uuid


def test_a_dirty_checkout(site: Site, application: Application) -> None:
    """Nothing is armed; see test_git_publish.py for each reason."""
    (site.checkout.path / "docker/compose.app.yaml").write_text("services: {}\n")
    done = site.cli("sentinel", "arm", "--via", "coolify", *PUSH, cwd=site.checkout.path, env=site.environ)
    assert done.returncode == 3
    assert "has uncommitted changes; nothing was written" in done.stderr
    assert site.pin.read_text() == PIN
    assert application.uuid


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_while_waiting(site: Site, application: Application, how: signal.Signals, code: int) -> None:
    """Disarmed here and on the branch, and the exit code says how it ended."""
    process = site.start("arm", "--via", "coolify", *PUSH)
    wait_for_push(site)
    assert SENTINEL in site.pin.read_text()

    process.send_signal(how)
    out, errors = process.communicate(timeout=120)

    assert process.returncode == code
    assert "Disarmed docker/pin.env." in out
    assert errors == "preflight: interrupted\n"
    assert site.pin.read_text() == PIN
    assert site.on_remote() == PIN
    assert application.uuid


def test_nobody_listens_any_more(site: Site, application: Application) -> None:
    """Ctrl-C ends `| tee log` as well: that keeps nobody from disarming the branch."""
    process = site.start("arm", "--via", "coolify", *PUSH)
    wait_for_push(site)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.send_signal(signal.SIGINT)
    errors = process.stderr.read()
    process.stderr.close()

    assert process.wait(timeout=60) == 130
    assert errors == "preflight: interrupted\n"
    assert site.pin.read_text() == PIN
    assert site.on_remote() == PIN
    assert application.uuid


def test_the_terminal_hangs_up(site: Site, application: Application) -> None:
    """The ssh session is gone: one SIGHUP of the kernel and one of the shell; disarmed all the same."""
    process = site.start("arm", "--via", "coolify", *PUSH)
    wait_for_push(site)
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=120)

    assert process.returncode == 129
    assert "Disarmed docker/pin.env." in out
    assert site.pin.read_text() == PIN
    assert site.on_remote() == PIN
    assert application.uuid


def test_what_cannot_be_taken_back_is_named(site: Site, application: Application) -> None:
    """The remote goes away while waiting: the last words are the commands that do it, and they do."""
    process = site.start("arm", "--via", "coolify", *PUSH)
    wait_for_push(site)
    away = site.bare.with_name("away.git")
    site.bare.rename(away)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=120)
    away.rename(site.bare)

    assert process.returncode == 130
    assert "Disarmed docker/pin.env." in out
    assert "A SENTINEL MAY BE LEFT in origin/main. Take it away: " in errors
    command = next(line for line in errors.splitlines() if "MAY BE LEFT" in line).partition("Take it away: ")[2]
    assert command == "preflight sentinel disarm --file docker/pin.env --push --remote origin --branch main"
    assert SENTINEL in site.on_remote()
    done = site.cli(*shlex.split(command)[1:], cwd=site.checkout.path, env=site.environ)
    assert done.returncode == 0, done.stderr
    assert site.on_remote() == PIN
    assert application.uuid


def test_interrupted_again_while_disarming(site: Site, application: Application) -> None:
    """Whoever cannot wait for the end is told what is left, and the command."""
    hook = site.bare / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntest -e {site.folder}/slow || exit 0\ntouch {site.folder}/asked\nsleep 600\n")
    hook.chmod(0o755)
    process = site.start("arm", "--via", "coolify", *PUSH)
    assert process.stdout is not None
    while "Pushed it" not in process.stdout.readline():
        assert process.poll() is None
    (site.folder / "slow").touch()
    process.send_signal(signal.SIGINT)
    wait_until((site.folder / "asked").exists, process)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    (site.folder / "slow").unlink()

    assert process.returncode == 130
    assert "A SENTINEL MAY BE LEFT in origin/main. Take it away: preflight sentinel disarm" in errors
    assert site.pin.read_text() == PIN
    assert application.uuid


def test_after_sigkill_one_command_disarms_both(site: Site, application: Application) -> None:
    """Nobody could clean up: `status` says so, `disarm --push` mends it."""
    process = site.start("arm", "--via", "coolify", *PUSH)
    wait_for_push(site)
    process.kill()
    process.communicate(timeout=120)

    status = site.cli("sentinel", "status", cwd=site.checkout.path, env=site.environ)
    done = site.cli("sentinel", "disarm", *PUSH, cwd=site.checkout.path, env=site.environ)

    assert "docker/pin.env is armed" in status.stdout
    assert (done.returncode, done.stderr) == (0, "")
    assert site.pin.read_text() == PIN
    assert site.on_remote() == PIN
    again = site.cli("sentinel", "disarm", *PUSH, cwd=site.checkout.path, env=site.environ)
    assert "origin/main is not armed." in again.stdout
    assert application.uuid


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


def test_verify_needs_an_armed_file(site: Site, application: Application) -> None:
    """Exit 3, and what comes first."""
    done = site.cli("sentinel", "verify", "--wait", "0", cwd=site.checkout.path, env=site.environ)
    assert (done.returncode, done.stdout) == (3, "")
    assert "docker/pin.env is not armed" in done.stderr
    assert application.uuid


def test_verify_looks_once_with_no_time(site: Site, application: Application) -> None:
    """Exit 1: the container is older than the sentinel."""
    site.cli("sentinel", "arm", cwd=site.checkout.path)
    done = site.cli("sentinel", "verify", "--wait", "0", cwd=site.checkout.path, env=site.environ)
    assert done.returncode == 1
    assert "1 container from before" in done.stdout
    assert application.uuid


def test_verify_without_an_engine(site: Site) -> None:
    """Exit 3, not 1: nothing was seen."""
    site.cli("sentinel", "arm", cwd=site.checkout.path)
    env = {**site.environ, "DOCKER_HOST": "unix:///nowhere.sock"}
    done = site.cli("sentinel", "verify", "--wait", "0", cwd=site.checkout.path, env=env)
    assert done.returncode == 3
    assert "no Docker engine" in done.stderr


def test_verify_without_coolify(site: Site) -> None:
    """Any project; one that carries it but has ended is no pass."""
    engine, folder = site.coolify.engine, site.checkout.path / "docker"
    site.cli("sentinel", "arm", cwd=site.checkout.path)
    words = ("-f", "compose.app.yaml")
    engine.compose(*words, "up", "-d", cwd=folder)
    try:
        good = site.cli("sentinel", "verify", "--wait", "20", cwd=site.checkout.path, env=site.environ)
        engine.compose(*words, "stop", cwd=folder)
        ended = site.cli("sentinel", "verify", "--wait", "0", cwd=site.checkout.path, env=site.environ)
    finally:
        engine.compose(*words, "down", cwd=folder)
    assert good.returncode == 0
    assert ended.returncode == 1
    assert "carries the sentinel, but it is exited" in ended.stdout


def test_progress_is_shown_on_a_terminal_only(site: Site, application: Application) -> None:
    """One line, cleared at the end."""
    site.cli("sentinel", "arm", cwd=site.checkout.path)
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    master, terminal = pty.openpty()
    source = str(Path(__file__).resolve().parents[3])
    with default_actions():
        process = subprocess.Popen(
            [sys.executable, "-m", "preflight", "sentinel", "verify", "--wait", "600"],
            cwd=site.checkout.path,
            env={**site.environ, **measured, "PYTHONPATH": source, "HOME": str(site.folder), "TERM": "xterm"},
            stdout=subprocess.DEVNULL,
            stderr=terminal,
        )
    os.close(terminal)
    said = ""
    while "1 without" not in said:
        said += os.read(master, 65536).decode()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    rest = os.read(master, 65536).decode()
    os.close(master)

    assert re.fullmatch(r"(\r\x1b\[Kwaiting \d+ s more: 0 with the sentinel, [01] without)+", said)
    assert rest == "\r\n" + "preflight: interrupted\r\n"
    assert application.uuid


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("arm", "--via", "coolify", "--push"), "--push needs --branch"),
        (("arm", "--push", "--branch", "main"), "--push goes with --via coolify"),
        (("disarm", "--push"), "--push needs --branch"),
        (("arm", "--via", "coolify", "--push", "--branch", "--x"), "is not a name that git allows"),
        (("verify", "--wait", "-1"), "--wait"),
        (("arm", "--via", "portainer"), "--via"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    site: Site, application: Application, words: tuple[str, ...], said: str
) -> None:
    """Exit 2, and nothing was armed."""
    done = site.cli("sentinel", *words, cwd=site.checkout.path, env=site.environ)
    assert done.returncode == 2
    assert said in done.stderr
    assert site.pin.read_text() == PIN
    assert application.uuid


def test_two_files_may_be_meant(site: Site) -> None:
    """Exit 2: one is named with --file."""
    (site.checkout.path / "docker/two.env").write_text(PIN)
    text = (site.checkout.path / "preflight.yaml").read_text()
    two = "{variable: AGENT_IMAGE, service: app, file: docker/two.env}]"
    (site.checkout.path / "preflight.yaml").write_text(text.replace("}]", f"}}, {two}", 1))

    done = site.cli("sentinel", "arm", "--via", "coolify", cwd=site.checkout.path, env=site.environ)
    none = site.cli("sentinel", "probe", "--file", "no.env", cwd=site.checkout.path, env=site.environ)

    assert done.returncode == 2
    assert "2 pin files may be meant" in done.stderr
    assert none.returncode == 2
    assert "none of the pins is in that file" in none.stderr

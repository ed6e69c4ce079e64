"""preflight/sentinel/flow.py: disarmed, however it ends."""

import shlex
import signal

import pytest

from tests.preflight.sentinel.flow.arming import PUSH, SENTINEL, wait_for_push
from tests.preflight.sentinel.site import PIN, Site
from tests.real.coolify import Application
from tests.real.signals import wait_until


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

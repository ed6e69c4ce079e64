"""preflight/sentinel/flow.py: what keeps it from arming."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.preflight.sentinel.flow.arming import PUSH, arm, subjects
from tests.preflight.sentinel.site import PIN, Site
from tests.real.coolify import Application
from tests.real.signals import default_actions


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
    """Nothing is armed; see tests/preflight/git/test_publish.py for each reason."""
    (site.checkout.path / "docker/compose.app.yaml").write_text("services: {}\n")
    done = site.cli("sentinel", "arm", "--via", "coolify", *PUSH, cwd=site.checkout.path, env=site.environ)
    assert done.returncode == 3
    assert "has uncommitted changes; nothing was written" in done.stderr
    assert site.pin.read_text() == PIN
    assert application.uuid


def test_progress_is_shown_on_a_terminal_only(site: Site, application: Application) -> None:
    """One line, cleared at the end."""
    site.cli("sentinel", "arm", cwd=site.checkout.path)
    measured = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    master, terminal = pty.openpty()
    source = str(Path(__file__).resolve().parents[4])
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
        (("arm", "--via", "coolify", "--push", "--branch", "--x"), "--branch is not the name of a branch"),
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

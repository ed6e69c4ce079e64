"""Arms in a checkout whose remote Coolify deploys."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.preflight.sentinel.site import PIN, Site
from tests.real.coolify import Application
from tests.real.git import GitRepository

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

"""preflight/sentinel/verify.py: whether containers carry it."""

from tests.preflight.sentinel.site import Site
from tests.real.coolify import Application


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

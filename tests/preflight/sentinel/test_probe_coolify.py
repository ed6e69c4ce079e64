"""preflight/sentinel/coolify_deployment.py: the probe of what Coolify's `up` would do, in each of its modes."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from preflight.lib.temporary import me
from preflight.sentinel.probe import PREFIX
from tests.fakes.coolify_api import FakeCoolify
from tests.preflight.sentinel.site import COMPOSE, PIN, Site
from tests.preflight.sentinel.state import production
from tests.real.coolify import ServiceStack


def test_raw_with_the_repository_preserved(site: Site) -> None:
    """The one combination in which the file arrives: exit 0, and through which copy."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)

    done = site.probe()

    copy = site.coolify.folder(application) / "pin.env"
    assert (done.returncode, done.stderr) == (0, "")
    assert "app: the sentinel arrives, as Coolify's `up` (Raw Compose Deployment with" in done.stdout
    assert str(copy) in done.stdout


def test_raw_with_another_base_directory(site: Site) -> None:
    """The copy lies below, `up` looks beside: it does not arrive, and the remedy names the base directory."""
    site.coolify.deploy(site.application(raw=True, preserve=True, base="/"))

    done = site.probe()

    assert done.returncode == 1
    assert "the sentinel does not arrive" in done.stdout
    assert "file not found where Coolify looks" in done.stdout
    assert "/docker" in done.stdout


def test_raw_without_the_repository(site: Site) -> None:
    """Nothing brings the file there: the answer, and the switch to turn."""
    application = site.application(raw=True, preserve=False)
    site.coolify.deploy(application)

    done = site.probe()

    assert done.returncode == 1
    assert "file not found where Coolify looks" in done.stdout
    assert "Preserve Repository" in done.stdout
    application.preserve = True
    site.coolify.deploy(application)
    assert site.probe().returncode == 0


def test_default_mode_is_imitated(site: Site) -> None:
    """`env_file:` is replaced there: it does not arrive, and it is said that the helper is imitated."""
    site.coolify.deploy(site.application(raw=False, preserve=False))

    done = site.probe()

    assert done.returncode == 1
    assert "as Coolify's `up` (default mode): replaced by Coolify: env_file: became its own .env" in done.stdout
    assert "imitated here with the checkout" in done.stdout
    assert "Raw Compose Deployment and Preserve Repository" in done.stdout


def test_default_mode_with_the_repository_preserved(site: Site) -> None:
    """The file lies on the host, and still nobody reads it."""
    site.coolify.deploy(site.application(raw=False, preserve=True))

    done = site.probe()

    assert done.returncode == 1
    assert "replaced by Coolify" in done.stdout


def test_default_mode_lets_a_base_bring_the_file(site: Site) -> None:
    """Coolify replaces the service's own list; what it extends from another file is merged in by Compose."""
    text = COMPOSE.format(image=site.coolify.engine.image)
    base = "services:\n  base:\n    env_file: [./pin.env]\n"
    extending = text.replace("  app:\n", "  app:\n    extends: {file: base.yaml, service: base}\n")
    site.checkout.commit({"docker/base.yaml": base, "docker/compose.app.yaml": extending})
    site.checkout.git("push", "-q", "origin", "main")
    site.coolify.deploy(site.application(raw=False, preserve=False))

    done = site.probe()

    assert done.returncode == 0, done.stdout
    assert site.coolify.environment(next(iter(site.coolify._applications.values())), "app")["AGENT_IMAGE"]


def test_a_service_stack(site: Site) -> None:
    """The file is put there by hand: it arrives, and the note says whose copy that is."""
    stack = ServiceStack(COMPOSE.format(image=site.coolify.engine.image))
    site.coolify.save(stack)
    (site.coolify.folder(stack) / "pin.env").write_text(PIN)
    site.coolify.deploy_stack(stack)

    done = site.probe()

    assert done.returncode == 0, done.stdout
    assert "is put there by hand" in done.stdout


def test_a_stack_whose_ui_has_the_variable(site: Site) -> None:
    """The sentinel arrives, the pin is beaten by Coolify's `.env`: no pass, and no value shown."""
    stack = ServiceStack(COMPOSE.format(image=site.coolify.engine.image))
    stack.variables.set("AGENT_IMAGE", "topsecret")
    site.coolify.save(stack)
    (site.coolify.folder(stack) / "pin.env").write_text(PIN)
    site.coolify.deploy_stack(stack)

    done = site.probe()

    assert done.returncode == 1
    assert "AGENT_IMAGE has another value than in the file" in done.stdout
    assert "topsecret" not in done.stdout + done.stderr


def test_a_pin_kept_in_the_ui_is_not_probed(site: Site) -> None:
    """Exit 3: a sentinel in the file would prove nothing."""
    site.configure("  pin_in: ui\n")
    site.coolify.deploy(site.application(raw=True, preserve=True))

    done = site.probe()

    assert done.returncode == 3
    assert "coolify.pin_in is ui" in done.stderr


def test_a_half_written_file(site: Site) -> None:
    """Exit 3 with file and line, one line of it."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)
    file = site.coolify.folder(application) / "docker-compose.yaml"
    file.write_text(file.read_text()[:40] + "\n  - [")

    done = site.probe()

    assert done.returncode == 3
    assert "docker-compose.yaml" in done.stderr
    assert done.stderr.count("\n") == 1


def test_settings_that_were_changed_since(site: Site) -> None:
    """The API says that the next deployment goes another way: what lies here is no proof of it, so exit 3."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)
    with FakeCoolify() as api:
        row = api.add_application(application.uuid, raw=True, preserve=True, base_directory="/docker")
        same = site.probe(api.environ)
        api.add_application(application.uuid, raw=False, preserve=True, base_directory="/docker")
        changed = site.probe(api.environ)

    assert row
    assert same.returncode == 0, same.stdout + same.stderr
    assert changed.returncode == 3
    assert "Coolify's settings were changed since the last deployment" in changed.stderr


def test_the_api_tells_the_base_directory(site: Site) -> None:
    """A copy that an earlier base directory left is not the one that git feeds."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)
    with FakeCoolify() as api:
        api.add_application(application.uuid, raw=True, preserve=True, base_directory="/")
        done = site.probe(api.environ)

    assert done.returncode == 1
    assert "the sentinel does not arrive" in done.stdout


def test_a_base_directory_without_the_pin(site: Site) -> None:
    """Nothing of the pin's folder is copied then, whatever lies there."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)
    with FakeCoolify() as api:
        api.add_application(application.uuid, raw=True, preserve=True, base_directory="/frontend")
        done = site.probe(api.environ)

    assert done.returncode == 1
    assert "the sentinel does not arrive" in done.stdout


def test_what_comes_next_is_not_known(site: Site) -> None:
    """Where the API was not needed for the answer, its silence is a note."""
    site.coolify.deploy(site.application(raw=True, preserve=False))
    with FakeCoolify() as api:
        environ = api.environ
    done = site.probe(environ)

    assert done.returncode == 1, done.stderr
    assert "Whether its settings were changed since is not known: " in done.stdout


def test_an_api_that_does_not_answer(site: Site) -> None:
    """Exit 3: whoever gives an API wants it asked, and only it tells where the copy lies that git feeds."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)
    with FakeCoolify() as api:
        environ = api.environ
    done = site.probe(environ)

    assert (done.returncode, done.stdout) == (3, "")
    assert "could not be reached" in done.stderr


def test_default_mode_without_a_container(site: Site) -> None:
    """The API tells what no label does; without it, the checkout's own compose file stands in."""
    application = site.application(raw=False, preserve=False)
    site.coolify.deploy(application)
    engine = site.coolify.engine
    engine.docker("rm", "-f", site.coolify.container(application, "app"))
    with FakeCoolify() as api:
        places = {"base_directory": "/docker", "docker_compose_location": "/compose.app.yaml"}
        api.add_application(application.uuid, raw=False, preserve=False, **places)
        told = site.probe(api.environ)
    alone = site.probe()

    for done in (told, alone):
        assert done.returncode == 1, done.stderr
        assert "replaced by Coolify: env_file: became its own .env" in done.stdout


def test_a_leftover_is_not_the_file_in_git(site: Site) -> None:
    """Copied once, and never again since Preserve Repository is off: it is read, and still nothing feeds it."""
    application = site.application(raw=True, preserve=True)
    site.coolify.deploy(application)
    application.preserve = False
    site.coolify.deploy(application)
    folder = site.coolify.folder(application)
    for path in (folder / "pin.env", folder / "compose.app.yaml"):
        os.utime(path, (1, 1))

    done = site.probe()

    assert done.returncode == 1, done.stderr
    assert "the sentinel does not arrive, as Coolify's `up` (Raw Compose Deployment): stale: the copy" in done.stdout
    assert "Preserve Repository" in done.stdout


def stop_half_way(site: Site, how: signal.Signals) -> subprocess.CompletedProcess[str]:
    """Stop a probe as soon as its container is there: the engine is asked slowly by a proxy of the test's own."""
    process = site.start("probe")
    limit = time.monotonic() + 60
    while time.monotonic() < limit and process.poll() is None:
        if any(site.temporary.glob(f"{PREFIX}*")):
            break
        time.sleep(0.002)
    process.send_signal(how)
    out, errors = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, errors)


@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_probe_leaves_nothing(site: Site, how: signal.Signals, code: int) -> None:
    """Neither in the engine nor among the temporary files."""
    site.coolify.deploy(site.application(raw=True, preserve=True))
    before = production(site.coolify.engine)

    done = stop_half_way(site, how)

    assert (done.returncode, done.stdout) == (code, "")
    assert "interrupted" in done.stderr
    assert production(site.coolify.engine) == before
    assert not list(site.temporary.glob(f"{PREFIX}*"))


def test_a_killed_probe_is_cleared_away_by_the_next(site: Site) -> None:
    """Production is untouched; folder and container are found, removed and reported, those of the living are not."""
    engine = site.coolify.engine
    site.coolify.deploy(site.application(raw=True, preserve=True))
    before, files = production(engine), site.content()
    killed = stop_half_way(site, signal.SIGKILL)
    assert killed.returncode == -signal.SIGKILL
    (left,) = site.temporary.glob(f"{PREFIX}*")
    owner = left.name.removeprefix(PREFIX).rpartition(".")[0]
    labels = ("--label", f"preflight.probe={owner}", "--network", "none")
    engine.docker("create", "--name", f"{PREFIX}left", *labels, engine.image)
    mine = me()
    alive = ("--label", f"preflight.probe={mine}", "--network", "none")
    engine.docker("create", "--name", f"{PREFIX}alive", *alive, engine.image)
    try:
        assert site.content() == files
        done = site.cli("sentinel", "probe", cwd=site.checkout.path, env=site.environ)

        assert done.returncode == 0
        assert "removed 1 container that an earlier probe left when it was killed" in done.stderr
        assert "removed 1 temporary folder that an earlier probe left when it was killed" in done.stderr
        names = engine.docker("ps", "-a", "--format", "{{.Names}}").stdout.split()
        assert f"{PREFIX}left" not in names
        assert f"{PREFIX}alive" in names
    finally:
        engine.docker("rm", "-f", f"{PREFIX}alive")
    assert production(engine) == before
    assert site.content() == files
    assert not list(site.temporary.glob(f"{PREFIX}*"))


def test_a_probe_killed_with_its_container_made(site: Site, tmp_path: Path) -> None:
    """Killed by its own hand just after the engine has made the container: the next probe removes that one."""
    engine = site.coolify.engine
    site.coolify.deploy(site.application(raw=True, preserve=True))
    before = production(engine)
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal\nfrom preflight.engine import created_container\n"
        "def die(*_, **__):\n    os.kill(os.getpid(), signal.SIGKILL)\n"
        "created_container.environment_of = die\n"
    )
    source = str(Path(__file__).resolve().parents[3])
    process = site.start("probe", env={"PYTHONPATH": f"{tmp_path}:{source}"})
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert len(production(engine).containers) == len(before.containers) + 1

    done = site.cli("sentinel", "probe", cwd=site.checkout.path, env=site.environ)

    assert done.returncode == 0
    assert "removed 1 container" in done.stderr
    assert production(engine) == before

"""preflight/coolify/host/mode.py and deployed.py, through the door, on servers laid out by hand."""

import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from preflight.coolify.host.deployed import Deployed, NeverDeployed, deployed_file, up_project
from preflight.coolify.host.mode import Mode, Settings, tell_mode
from preflight.coolify.resource import Kind, Resource, Situation
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.fakes.coolify_api import FakeCoolify, saying
from tests.fakes.coolify_host import SERVICE, UUID, Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """An empty server and a checkout; which application is meant is configured."""
    one = Host(tmp_path)
    one.settings["application"] = UUID
    one.home()
    return one


@pytest.fixture
def api(host: Host) -> Iterator[FakeCoolify]:
    """Coolify's API."""
    with FakeCoolify() as one:
        host.environ |= one.environ
        yield one


def mode(host: Host) -> Mode:
    """Ask a new door."""
    door, deadline = host.door(), Deadline.after(10)
    return door.mode(door.resource(SERVICE, deadline), deadline)


def deployed(host: Host) -> Deployed:
    """Ask a new door."""
    door, deadline = host.door(), Deadline.after(10)
    return door.deployed(door.resource(SERVICE, deadline), deadline)


def test_labels_tell_the_mode(host: Host) -> None:
    """The folder of the helper; all of Coolify's labels; only those of raw mode."""
    host.in_helper()
    assert (mode(host).situation, mode(host).preserved) == (Situation.DEFAULT, False)
    assert "was made in Coolify's helper" in mode(host).because[0]

    host.engine.listed.clear()
    host.container()
    assert (mode(host).situation, mode(host).preserved) == (Situation.DEFAULT_PRESERVED, True)

    host.engine.listed.clear()
    host.container(raw=True)
    assert (mode(host).situation, mode(host).preserved) == (Situation.RAW, None)


def test_the_newest_container_counts(host: Host) -> None:
    """An old one may have been made in another mode."""
    host.in_helper(name="old")
    host.container(raw=True)

    assert mode(host).situation is Situation.RAW


def test_the_deployed_file_tells_the_mode(host: Host) -> None:
    """By its labels, since an old Coolify kept env_file: in default mode too; else by .env in every service."""
    host.deploy()
    assert mode(host).because[0] == "docker-compose.yaml carries all of Coolify's labels"
    host.deploy(raw=True)
    assert mode(host).situation is Situation.RAW
    host.deploy(labels={"coolify.managed": "true", "coolify.version": "4.3.11"})
    assert mode(host).situation is Situation.DEFAULT

    host.deploy(labels="x", env_file=["./.env"])
    assert "every service in docker-compose.yaml has env_file: ['.env']" in mode(host).because[0]
    host.deploy(labels=[], env_file=["a.env", ".env"])
    assert "keeps env_file: as the repository has it" in mode(host).because[0]


def test_a_copy_of_the_repository_tells_that_it_is_preserved(host: Host) -> None:
    """Its absence tells the contrary; one much older than the deployment tells nothing; nor does a closed folder."""
    host.deploy(raw=True)
    assert (mode(host).situation, mode(host).preserved) == (Situation.RAW, False)

    home = host.deploy(raw=True, copied=True)
    assert (mode(host).situation, mode(host).preserved) == (Situation.RAW_PRESERVED, True)

    old = time.time() - 86400
    for name in ("compose.app.yaml", "agent-image-pin.env"):
        os.utime(home / name, (old, old))
    assert (mode(host).situation, mode(host).preserved) == (Situation.RAW, None)
    os.utime(home / "compose.app.yaml")
    assert mode(host).preserved is True

    (home / "docker-compose.yaml").unlink()
    host.container(raw=True)
    assert mode(host).preserved is True


def test_a_file_of_another_mode_than_the_containers_is_the_next_one(host: Host) -> None:
    """Every deployment writes the file, also one that failed: the settings were changed."""
    host.in_helper()
    host.deploy(raw=True)

    found = mode(host)

    assert (found.situation, found.next, found.coming) == (Situation.DEFAULT, Situation.RAW, Situation.RAW)
    assert "since then" in found.because[-1]


def test_nothing_that_tells_is_an_error(host: Host) -> None:
    """No container, no file, no API: never a guess. So also an empty file."""
    with pytest.raises(CouldNotLook, match="nothing tells in which mode"):
        mode(host)
    (host.home() / "docker-compose.yaml").write_text("")
    with pytest.raises(CouldNotLook):
        mode(host)


def test_the_api_tells_what_comes_next(host: Host, api: FakeCoolify) -> None:
    """And what the host does not tell of the last time; before Coolify 4.2.0 it tells neither."""
    api.add_application(UUID, raw=True, preserve=True)
    assert mode(host) == Mode(Situation.RAW_PRESERVED, ("its settings in Coolify's API say so",), preserved=True)

    host.container(raw=True)
    assert (mode(host).situation, mode(host).next) == (Situation.RAW_PRESERVED, None)
    api.add_application(UUID, raw=False, preserve=True)
    assert (mode(host).situation, mode(host).next) == (Situation.RAW_PRESERVED, Situation.DEFAULT_PRESERVED)

    api.version = (4, 1, 0)
    assert (mode(host).situation, mode(host).next, mode(host).preserved) == (Situation.RAW, None, None)


def test_a_switch_that_the_api_does_not_tell_stays_as_it_was(host: Host) -> None:
    """Half an answer is not taken for a no."""
    host.deploy(raw=True, copied=True)
    files = ("docker/agent-image-pin.env", "agent-image-pin.env")
    found = tell_mode(deployed(host).resource, deployed(host), files, Settings(raw=True, preserve=None))

    assert (found.situation, found.preserved, found.next) == (Situation.RAW_PRESERVED, True, None)


def test_an_api_that_refuses_does_not_hide_what_lies_here(host: Host, api: FakeCoolify) -> None:
    """Its refusal is told with the mode; where nothing else tells, it is the answer."""
    api.always("/applications", saying(401, "Unauthenticated."))
    with pytest.raises(CouldNotLook, match="token"):
        mode(host)

    host.in_helper()
    found = mode(host)
    assert found.situation is Situation.DEFAULT
    assert found.problem is not None
    assert "token" in found.problem.message


def test_a_service_stack_is_one(tmp_path: Path) -> None:
    """It has no modes, and no settings in the API."""
    host = Host(tmp_path)
    home = host.deploy(stack=True)
    assert (mode(host).situation, mode(host).preserved) == (Situation.SERVICE, False)
    assert deployed(host).file == home / "docker-compose.yml"


def test_a_file_that_no_container_tells_of_is_never_deployed(host: Host) -> None:
    """With a container it must be there, in a folder that is mounted under its own path."""
    with pytest.raises(NeverDeployed, match=r"never deployed here: Coolify has written no docker-compose.yaml"):
        deployed(host)

    host.container()
    with pytest.raises(CouldNotLook, match="although container") as caught:
        deployed(host)
    assert not isinstance(caught.value, NeverDeployed)
    (host.home() / "docker-compose.yaml").symlink_to("nowhere")
    with pytest.raises(CouldNotLook, match="no such file"):
        deployed(host)


def test_the_same_error_is_given_to_all_who_ask(host: Host) -> None:
    """File and line are kept."""
    (host.deploy() / "docker-compose.yaml").write_text("services:\n  a:\n    image: [\n")
    door, deadline = host.door(), Deadline.after(10)
    resource = door.resource(SERVICE, deadline)
    messages = []
    for _ in range(2):
        with pytest.raises(CouldNotLook) as caught:
            door.deployed(resource, deadline)
        messages.append(caught.value.message)

    assert messages[0] == messages[1]
    assert f"{host.home()}/docker-compose.yaml:" in messages[0]


def test_with_preserve_repository_the_container_tells_the_file(host: Host) -> None:
    """Default mode then reads the repository's own file name (AJ 881), if it lies in the folder."""
    home = host.deploy(copied=True)
    one = host.container()
    resource = Resource(UUID, Kind.APPLICATION, home, (one,))
    for written, file in {
        f"{home}/compose.app.yaml": "compose.app.yaml",
        "/artifacts/x/compose.yaml": "docker-compose.yaml",
        f"{home}/gone.yaml,": "docker-compose.yaml",
        f"{home}/\0.yaml": "docker-compose.yaml",
    }.items():
        labels = {**one.labels, "com.docker.compose.project.config_files": written}
        assert deployed_file(replace(resource, containers=(replace(one, labels=labels),))) == home / file


def test_how_coolify_calls_compose(host: Host) -> None:
    """A stack names no env file; raw mode names no project."""
    resource = Resource(UUID, Kind.APPLICATION, host.home())
    file = host.home() / "docker-compose.yaml"

    raw, default, stack = (
        up_project(resource, each, file) for each in (Situation.RAW, Situation.DEFAULT, Situation.SERVICE)
    )

    assert (raw.project_name, default.project_name, stack.project_name) == (None, UUID, UUID)
    assert (raw.env_files, stack.env_files) == ((host.home() / ".env",), ())
    assert {each.project_directory for each in (raw, default, stack)} == {host.home()}


def test_variables_of_the_ui_come_from_the_api(host: Host, api: FakeCoolify) -> None:
    """Without a token nobody asks."""
    api.add_application(UUID)
    door, deadline = host.door(), Deadline.after(10)
    resource = door.resource(SERVICE, deadline)
    assert door.variables(resource, deadline) == ()
    assert door.application(replace(resource, kind=Kind.SERVICE), deadline) is None
    assert host.door(offline=True).variables(resource, deadline) is None
    assert len(api.asked("/envs")) == 1

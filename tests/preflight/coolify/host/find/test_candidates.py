"""preflight/coolify/host/find.py: several candidates, unreadable files and closed folders."""

import pytest

from checks.coolify_mode import CoolifyMode
from preflight.check import NoSettings
from preflight.coolify.resource import Situation
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.model import Status
from tests.fakes.coolify_host import OTHER, SERVICE, UUID, Host
from tests.limits import cpu_at_most
from tests.preflight.coolify.host.find.finding import find, refused
from tests.real.plain_user import as_plain_user


def test_several_candidates_are_listed_with_how_to_choose(host: Host) -> None:
    """Running or stopped: staging that runs does not stand in for production that does not."""
    host.in_helper()
    assert find(host).uuid == UUID
    host.deploy(uuid=OTHER)

    problem = refused(host)

    assert problem.message == (
        f"2 resources of Coolify's have a service {SERVICE}: {UUID} (container {SERVICE}-{UUID}-123456789012), "
        f"{OTHER} (folder applications/{OTHER})"
    )
    assert "coolify: {application: UUID}" in problem.hint
    host.settings["application"] = OTHER
    assert find(host).uuid == OTHER


def test_very_many_candidates_are_not_all_read(host: Host) -> None:
    """Fifty are enough to know that nobody can choose."""
    for number in range(55):
        host.deploy(uuid=f"u{number:02}")

    message = refused(host).message

    assert message.startswith("at least 50 resources of Coolify's have a service")
    assert message.endswith("and 42 more")


def test_a_half_written_file_counts_as_a_candidate(host: Host) -> None:
    """It may be ours; reading it tells file and line."""
    (host.deploy() / "docker-compose.yaml").write_text(f"services:\n  {SERVICE}:\n    image: [\n")
    found = find(host)
    assert found.uuid == UUID
    with pytest.raises(CouldNotLook, match=r"docker-compose.yaml:\d"):
        host.door().deployed(found, Deadline.after(5))

    host.deploy(uuid=OTHER)
    assert UUID in refused(host).message


def test_a_file_that_cannot_be_read_is_no_absence(host: Host) -> None:
    """A folder in its place: nobody knows whether it had the service."""
    home = host.deploy()
    (home / "docker-compose.yaml").unlink()
    (home / "docker-compose.yaml").mkdir()

    assert f"{home}/docker-compose.yaml cannot be read, so nobody knows" in refused(host).message


def test_an_application_without_any_service_may_be_the_one(host: Host) -> None:
    """Coolify's YAML reader refused its file; nothing tells that it is ours, so nobody guesses."""
    (host.home() / "docker-compose.yaml").write_text("services: {  }\n")

    problem = refused(host)

    assert f"{UUID} was deployed without any service" in problem.message
    assert f"coolify: {{application: {UUID}}}" in problem.hint
    host.settings["application"] = UUID
    assert find(host).uuid == UUID


def test_a_folder_that_is_closed_is_never_absent(open_host: Host) -> None:
    """Mode 0700 of another user: it is said, and that root may; also of the one that is configured."""
    open_host.deploy()
    assert find(open_host).uuid == UUID
    home = open_host.home()
    for closed in (open_host.root, open_host.root / "applications", home):
        closed.chmod(0o000)
        try:
            with as_plain_user():
                problem = refused(open_host)
                open_host.settings["application"] = UUID
                configured = closed == home or "may not be read" in refused(open_host).message
                open_host.settings.clear()
        finally:
            closed.chmod(0o755)
        assert "is there but may not be read by this user" in problem.message
        assert problem.hint == "Run preflight as root (sudo)."
        assert configured


def test_the_check_of_the_mode_could_not_look_there(open_host: Host) -> None:
    """A folder that is closed is an error (exit code 3), never a pass and never a skip."""
    open_host.deploy()
    check = CoolifyMode(NoSettings())
    open_host.root.chmod(0o000)
    try:
        with as_plain_user():
            [finding] = check.run(open_host.context())
    finally:
        open_host.root.chmod(0o755)

    assert finding.status is Status.ERROR
    assert "may not be read by this user" in finding.message
    assert "sudo" in finding.hint


def test_one_running_container_tells_without_the_folders(open_host: Host) -> None:
    """What is in the closed folder is an error for those who need it, and no guess for the others."""
    open_host.in_helper()
    home = open_host.deploy(raw=True)
    open_host.root.chmod(0o000)
    try:
        with as_plain_user():
            door, deadline = open_host.door(), Deadline.after(10)
            found = door.resource(SERVICE, deadline)
            with pytest.raises(CouldNotLook, match="may not be read by this user"):
                door.deployed(found, deadline)
            assert door.mode(found, deadline).situation is Situation.DEFAULT
            open_host.engine.listed.clear()
            one = open_host.container(folder=str(home), raw=True)
            door = open_host.door()
            found = door.resource(SERVICE, deadline)
            assert (found.containers, door.mode(found, deadline).preserved) == ((one,), None)
            open_host.in_helper(uuid=OTHER)
            assert "may not be read" in refused(open_host).message
    finally:
        open_host.root.chmod(0o755)


def test_ten_thousand_applications_are_looked_through_quickly(host: Host) -> None:
    """One small file each is read, almost none as YAML; the search ends when its time is up."""
    text = (
        "services:\n  webapp:\n    image: x\n    environment:\n      URL: http://application-server/\n" + "# x\n" * 300
    )
    for number in range(10_000):
        folder = host.root / "applications" / f"u{number:05}"
        folder.mkdir(parents=True)
        (folder / "docker-compose.yaml").write_text(text)
    host.deploy()

    with cpu_at_most(5):
        assert find(host).uuid == UUID

    with pytest.raises(DeadlineExceeded):
        host.door().resource(SERVICE, Deadline.after(0.02))

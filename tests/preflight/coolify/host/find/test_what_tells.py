"""preflight/coolify/host/find.py: what tells that an application is the one."""

import pytest

from preflight.coolify.resource import Kind
from preflight.errors import CouldNotLook, DoesNotApply
from preflight.lib.deadline import Deadline
from tests.fakes.coolify_api import FakeCoolify, saying
from tests.fakes.coolify_host import OTHER, SERVICE, UUID, Host
from tests.preflight.coolify.host.find.finding import find, refused


def test_no_coolify_does_not_apply(host: Host) -> None:
    """It is said what was looked for; without its folder an engine that does not answer is none of our business."""
    with pytest.raises(DoesNotApply, match=r"no container is labelled coolify.managed=true, and .* has no applic"):
        find(host)

    host.engine.problem = CouldNotLook("the engine does not answer")
    assert refused(host).message == "the engine does not answer"
    host.root.rmdir()
    with pytest.raises(DoesNotApply, match=r"no Coolify here: no Docker engine answers, and .* has no applications"):
        find(host)
    host.settings["application"] = UUID
    assert refused(host).message == "the engine does not answer"


def test_coolify_without_the_service_does_not_apply(host: Host) -> None:
    """It is said how much was looked at."""
    host.container(service="other")
    (host.deploy() / "docker-compose.yaml").write_text("services: {other: {image: x}} # application-server: no\n")

    with pytest.raises(DoesNotApply, match=r"looked at 1 container labelled coolify.managed=true and 1 folder in"):
        find(host)


def test_the_working_folder_tells_the_uuid(host: Host) -> None:
    """Raw mode, Preserve Repository and service stacks run `up` in the resource's own folder."""
    host.container(folder=f"{host.root}/applications/{UUID}/docker", uuid="some-name", raw=True)
    host.container("old", folder=f"{host.root}/applications/{UUID}", uuid="some-name")

    found = find(host)

    assert (found.uuid, found.kind, found.folder) == (UUID, Kind.APPLICATION, host.root / "applications" / UUID)
    assert [each.name for each in found.containers] == [
        "old",
        f"{SERVICE}-{UUID}-123456789012".replace(UUID, "some-name"),
    ]
    assert found.version == "4.3.11"


def test_the_project_tells_the_uuid_with_the_name_or_a_folder(host: Host) -> None:
    """Default mode runs in the helper; the project is the UUID."""
    host.in_helper()
    assert find(host).uuid == UUID
    assert host.engine.inspected == []

    host.engine.listed.clear()
    host.in_helper(name="another-name", uuid=OTHER)
    host.home(OTHER)
    assert find(host).uuid == OTHER
    assert host.engine.inspected == []


def test_the_container_itself_tells_the_uuid_where_no_label_does(host: Host) -> None:
    """With a custom start command the project is the deployment's; without any trace nobody guesses."""
    host.in_helper(name="x", uuid="q1w2e3r4", inside={"COOLIFY_RESOURCE_UUID": UUID})
    assert find(host).uuid == UUID
    host.engine.inside.clear()
    assert find(host).uuid == "q1w2e3r4"  # raw mode sets no such variable: its project is the folder's name

    host.engine.listed.clear()
    host.in_helper(name="x", uuid="no uuid")
    host.engine.inside["x"] = {"COOLIFY_RESOURCE_UUID": "../../etc"}
    problem = refused(host)
    assert "container x is Coolify's, but nothing on it tells which one it is" in problem.message
    assert "coolify: {application: UUID}" in problem.hint


def test_labels_cannot_steer_the_terminal(host: Host) -> None:
    """Control characters in names and labels are not passed on, and no label leads out of the root."""
    host.in_helper(name="x\x1b[2J\n", uuid="\x1b]0;", coolify_version="4\x1b[1m.0")
    assert "\x1b" not in refused(host).message

    host.engine.listed.clear()
    host.in_helper(coolify_version="4\x1b[1m.0\0")
    assert find(host).version == "4 [1m.0"

    host.engine.listed.clear()
    host.container("y", uuid="\0", folder=f"{host.root}/applications/../../etc")
    assert "nothing on it tells" in refused(host).message


def test_previews_are_not_production(host: Host) -> None:
    """Whatever the pull request's service is called; one-off containers are neither."""
    preview = host.in_helper(name="p", service=f"{SERVICE}-pr-7", coolify_pullRequestId="7")
    with pytest.raises(DoesNotApply):
        find(host)

    also = host.in_helper(name="q", coolify_pullRequestId="8")
    host.in_helper(name="r", com_docker_compose_oneoff="True")
    good = host.in_helper()

    found = find(host)

    assert found.containers == (good,)
    assert found.previews == (also, preview)


def test_a_service_stack_is_found(host: Host) -> None:
    """By its containers and by its folder."""
    home = host.deploy(stack=True)
    found = find(host)
    assert (found.kind, found.folder, found.compose_file.name) == (Kind.SERVICE, home, "docker-compose.yml")

    host.container(folder=str(home), stack=True)
    assert find(host).kind is Kind.SERVICE


def test_a_stopped_application_is_found_by_its_folder(host: Host) -> None:
    """Stopping removes the containers, the folder stays; a file in the folders' place is passed over."""
    home = host.deploy()
    (host.root / "applications" / "README").write_text("x")
    (host.root / "applications" / "a b").mkdir()

    assert find(host).folder == home


def test_the_configured_application_must_be_here(host: Host) -> None:
    """A folder, or a container of it."""
    host.settings["application"] = UUID
    host.in_helper(uuid=OTHER)
    problem = refused(host)
    assert f"coolify.application is {UUID}, but this host has no folder of it" in problem.message
    assert "Correct the UUID" in problem.hint

    one = host.in_helper()
    assert find(host).containers == (one,)
    host.engine.listed.clear()
    home = host.home(kind="services")
    found = find(host)
    assert (found.folder, found.kind, found.containers) == (home, Kind.SERVICE, ())


def test_the_git_remote_chooses_through_the_api(host: Host, api: FakeCoolify) -> None:
    """If exactly one is deployed from the checkout's repository, and all others surely are not."""
    host.in_helper()
    host.deploy(uuid=OTHER)
    api.add_application(UUID, git_repository="https://github.com/owner/name.git", name="Production")
    assert UUID in refused(host).message  # the other may be anything

    api.add_application(OTHER, git_repository="someone/else")
    assert find(host).uuid == UUID

    api.add_application(OTHER, git_repository="owner/name", name="Staging", git_branch="develop")
    message = refused(host).message
    assert f"{UUID} (Production, branch main), {OTHER} (Staging, branch develop)" in message

    api.always("/applications", saying(401, "Unauthenticated."))
    assert "2 resources" in refused(host).message
    assert "token" in refused(host).message


def test_the_only_candidate_must_not_be_of_another_repository(host: Host, api: FakeCoolify) -> None:
    """Services are called alike; unless it is configured, that of another repository is not judged."""
    host.in_helper()
    assert find(host).uuid == UUID  # the API does not know it
    api.add_application(UUID, git_repository="owner/name")
    assert find(host).uuid == UUID

    api.add_application(UUID, git_repository="someone/else", name="Foreign")
    problem = refused(host)
    assert "is Foreign, branch main, deployed from another repository than github.com/owner/name" in problem.message
    assert f"coolify: {{application: {UUID}}}" in problem.hint

    host.settings["application"] = UUID
    assert find(host).uuid == UUID
    host.settings.clear()
    api.always("/applications", saying(500, "x"))
    assert find(host).uuid == UUID  # whoever needs the API is told


def test_what_was_never_deployed_is_found_by_the_git_remote(host: Host, api: FakeCoolify) -> None:
    """So that the mode can be judged before the first rollout; other build packs are passed over."""
    with pytest.raises(DoesNotApply, match="no Coolify here"):
        find(host)
    api.add_application(OTHER, build_pack="nixpacks")
    with pytest.raises(DoesNotApply, match=r"and Coolify's API has none of github.com/owner/name"):
        find(host)

    api.add_application(UUID, name="Production")
    found = find(host)
    assert (found.uuid, found.kind, found.containers) == (UUID, Kind.APPLICATION, ())
    assert found.found_by == "Coolify's API (Production, branch main); never deployed here"

    api.add_application(OTHER, name="Staging")
    assert "2 resources of Coolify's are deployed from github.com/owner/name" in refused(host).message
    assert host.door(offline=True).api(Deadline.after(1)) is None


def test_the_configured_one_may_be_known_to_the_api_only(host: Host, api: FakeCoolify) -> None:
    """Application or stack; a UUID that it does not know is an error."""
    host.settings["application"] = UUID
    assert "has no folder of it" in refused(host).message
    api.add_service(UUID)
    assert find(host).kind is Kind.SERVICE
    del api.services[UUID]
    api.add_application(UUID)
    assert "never deployed here" in find(host).found_by
    api.always("/applications", saying(403, "API is disabled."))
    assert "API" in refused(host).message


def test_without_a_remote_the_api_chooses_nothing(host: Host) -> None:
    """Nor does a repository that git refuses."""
    with FakeCoolify() as api:
        host.environ |= api.environ
        api.add_application(UUID)
        with pytest.raises(DoesNotApply):
            find(host)
        (host.checkout / ".git" / "config").write_text("[broken\n")
        with pytest.raises(DoesNotApply):
            find(host)

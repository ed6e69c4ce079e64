"""preflight/coolify/judge/redeploy.py"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.judge.redeploy import Redeploy, look_at_redeploy
from preflight.errors import CouldNotLook, DoesNotApply
from tests.fakes.coolify_api import FakeCoolify, saying
from tests.fakes.coolify_host import NEW, OLD, PIN_FILE, UUID, VARIABLE, Host


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server on which a container runs with the old pin."""
    one = Host(tmp_path)
    one.write_pin(OLD)
    one.deploy()
    one.in_helper(inside={VARIABLE: OLD})
    return one


@pytest.fixture
def api(host: Host) -> Iterator[FakeCoolify]:
    """Coolify's API, whose address and token the host's environment names."""
    with FakeCoolify() as one:
        host.environ |= one.environ
        yield one


def look(host: Host) -> Redeploy:
    """Find out whether a push deploys the pin."""
    ctx = host.context()
    return look_at_redeploy(ctx, ctx.pins[0])


def push(host: Host, message: str, **files: str) -> str:
    """Commit the new pin, or other files, and return the commit's id."""
    return host.git.commit(files or {PIN_FILE: f"{VARIABLE}={NEW}\n"}, message)


@pytest.mark.parametrize(
    ("messages", "markers"),
    [
        (["chore: pin v2 [skip ci]"], ("[skip ci]",)),
        (["chore: pin v2 [SKIP CI]"], ("[skip ci]",)),
        (["chore: pin v2\n\nby the release job\n\n[skip cd]"], ("[skip cd]",)),
        (['Revert "chore: pin v2 [skip ci]"\n\nThis reverts commit abc.'], ("[skip ci]",)),
        (["chore: pin v2 [skip ci]", "docs [skip cd]"], ("[skip ci]", "[skip cd]")),
        (["chore: pin v2 [skip ci]", "fix: a bug"], ()),
        (["chore: pin v2"], ()),
        (["chore: pin v2 [skip actions]"], ()),
        (["chore: pin v2 [ci skip]"], ()),
        (["chore: pin v2 [no ci]"], ()),
        (["chore: pin v2 [skip  ci]"], ()),
    ],
)
def test_markers(host: Host, messages: list[str], markers: tuple[str, ...]) -> None:
    """A push is ignored where every message in it has one, in any case."""
    first = push(host, messages[0])
    for message in messages[1:]:
        push(host, message, other="x")

    found = look(host)

    assert (found.markers, found.is_deployed, found.commit.hash) == (markers, False, first)
    assert len(found.push.commits) == len(messages)


@pytest.mark.parametrize(
    ("version", "heeds"), [("4.0.0-beta.470", False), ("4.0.9", False), ("4.1.0", True), ("4.3.11", True), ("", True)]
)
def test_versions(host: Host, version: str, heeds: bool) -> None:
    """Since 4.1.0; a version that nothing tells counts as today's."""
    host.engine.listed.clear()
    host.in_helper(inside={VARIABLE: OLD}, coolify_version=version)
    push(host, "chore: pin v2 [skip ci]")

    assert bool(look(host).markers) is heeds


def test_commits_before_the_pin_do_not_count_unless_they_are_known_to_be_undeployed(host: Host) -> None:
    """They were pushed before; a container that tells its commit shows that they were not."""
    deployed = host.git.git("rev-parse", "HEAD")
    push(host, "feat: something", other="x")
    push(host, "chore: pin v2 [skip ci]")
    assert look(host).markers == ("[skip ci]",)

    host.engine.listed.clear()
    host.in_helper(inside={VARIABLE: OLD, "SOURCE_COMMIT": deployed})
    assert (look(host).markers, len(look(host).push.commits)) == ((), 2)

    host.engine.listed.clear()
    host.in_helper(inside={VARIABLE: OLD, "SOURCE_COMMIT": "f" * 40})
    assert look(host).markers == ("[skip ci]",)


def test_a_commit_that_changes_the_file_but_not_the_pin(host: Host) -> None:
    """The pin has its value since an earlier one."""
    first = push(host, "chore: pin v2")
    host.git.commit({PIN_FILE: f"# more\n{VARIABLE}={NEW}\n"}, "docs [skip ci]")

    assert (look(host).commit.hash, look(host).markers) == (first, ())


def test_a_pin_that_runs_already(host: Host) -> None:
    """Deployed by hand, for instance; every container must have it."""
    push(host, "chore: pin v2 [skip ci]")
    host.engine.listed.clear()
    host.in_helper(inside={VARIABLE: NEW})
    assert look(host).is_deployed

    host.in_helper(name="second", inside={VARIABLE: OLD})
    assert not look(host).is_deployed


def test_the_switch(host: Host, api: FakeCoolify) -> None:
    """Auto deploy, where this Coolify tells of it."""
    push(host, "chore: pin v2")
    api.add_application(UUID, settings={"is_auto_deploy_enabled": False})
    assert (look(host).is_switched_off, look(host).api_asked) == (True, True)

    api.add_application(UUID, settings={"is_auto_deploy_enabled": True})
    assert not look(host).is_switched_off

    api.version = (4, 1, 2)
    api.add_application(UUID, settings={"is_auto_deploy_enabled": False})
    assert not look(host).is_switched_off


@pytest.mark.parametrize(
    ("fields", "unwatched"),
    [
        ({"watch_paths": "src/**"}, True),
        ({"watch_paths": "docker/**"}, False),
        ({"watch_paths": None}, False),
        ({"watch_paths": " \n"}, False),
        ({}, False),
        ({"watch_paths": "src/**", "git_repository": "https://bitbucket.org/owner/name"}, False),
        ({"watch_paths": "src/**", "git_repository": "git@gitlab.com:owner/name.git"}, True),
    ],
)
def test_watch_paths(host: Host, api: FakeCoolify, fields: dict[str, Any], unwatched: bool) -> None:
    """They must name a file of the push; pushes from Bitbucket are not asked."""
    push(host, "chore: pin v2")
    api.add_application(UUID, **fields)

    assert look(host).is_unwatched is unwatched


def test_an_api_that_refuses(host: Host, api: FakeCoolify) -> None:
    """The markers are judged all the same."""
    push(host, "chore: pin v2 [skip ci]")
    api.always("/applications", saying(403, "API is disabled."))

    found = look(host)

    assert (found.markers, found.api_asked) == (("[skip ci]",), False)
    assert found.problem is not None


def test_where_no_push_deploys(host: Host) -> None:
    """A stack has no repository; a first deployment is made by hand; what is not committed is not pushed."""
    host.git.write({PIN_FILE: f"{VARIABLE}={NEW}\n"})
    with pytest.raises(DoesNotApply, match="is not pushed yet"):
        look(host)

    host.engine.listed.clear()
    with pytest.raises(DoesNotApply, match="nothing is deployed yet"):
        look(host)

    host.deploy(stack=True, uuid="eeee0000bbbb1111cccc2222")
    host.settings["application"] = "eeee0000bbbb1111cccc2222"
    with pytest.raises(DoesNotApply, match="a service stack is deployed by hand"):
        look(host)


def test_a_shallow_clone_does_not_tell(host: Host, tmp_path: Path) -> None:
    """The oldest commit it has seems to have made the pin; where that has no marker, the push deploys anyway."""
    push(host, "chore: pin v2")
    push(host, "docs [skip ci]", other="x")
    host.git.git("clone", "-q", "--depth=1", f"file://{host.checkout}", str(tmp_path / "shallow"))
    host.git = type(host.git)(tmp_path / "shallow")
    with pytest.raises(CouldNotLook, match="shallow clone"):
        look(host)

    push(host, "fix: a bug", other="y")
    assert look(host).markers == ()


def test_a_git_that_cannot_be_asked_is_no_answer(host: Host) -> None:
    """Never "does not apply"."""
    push(host, "chore: pin v2 [skip ci]")
    (host.checkout / ".git/HEAD").write_text("")

    with pytest.raises(CouldNotLook):
        look(host)

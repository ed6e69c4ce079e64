"""preflight/coolify/judge/rendered.py"""

import os
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.door import Coolify
from preflight.coolify.host.mode import Mode
from preflight.coolify.judge.rendered import Copy, Rendered, look_at_rendered
from preflight.coolify.resource import Situation
from preflight.errors import CouldNotLook
from tests.fakes.coolify_host import ENTRY, NEW, OLD, SECRET, VARIABLE, Host

NAME = ENTRY["path"]


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A server with an application in raw mode, the repository copied."""
    one = Host(tmp_path)
    one.write_pin(OLD)
    one.write_pin(NEW)
    one.deploy(raw=True, copied=True)
    return one


def look(host: Host) -> Rendered:
    """Compare; nothing that is found may hold the secret."""
    ctx = host.context()
    found = look_at_rendered(ctx, ctx.pins[0])
    assert SECRET not in repr(found)
    return found


def copy(host: Host) -> Path:
    """Return where Compose looks for the pin file on the server."""
    return host.home() / str(NAME)


def test_all_as_in_the_repository(host: Host) -> None:
    """The entry is kept, its file has the same bytes, nothing overrides it."""
    found = look(host)

    assert (found.has_service, found.copy, found.commit) == (True, Copy.SAME, None)
    assert (found.written, found.deployed) == ((NAME,), (NAME,))
    assert (found.only_own, found.elsewhere, found.later, found.own_last, found.overriding) == (
        False,
        None,
        None,
        False,
        None,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{VARIABLE}={NEW}\n", Copy.SAME_VALUE),
        (f"{VARIABLE}=never\n", Copy.OTHER),
        ("", Copy.OTHER),
        (f"{VARIABLE}='{NEW}\n", Copy.OTHER),
    ],
)
def test_other_bytes(host: Host, text: str, expected: Copy) -> None:
    """The value may be the same all the same; else it is what the pin file never said."""
    copy(host).write_text(text)

    assert look(host).copy is expected


@pytest.mark.parametrize(("later", "expected"), [(3600, Copy.STALE), (-(10**8), Copy.BEFORE)])
def test_an_older_commits_file(host: Host, later: int, expected: Copy) -> None:
    """Not deployed since the pin changed; or deployed, and not refreshed."""
    commits = host.git.git("log", "--format=%H %ct", "--", "docker").splitlines()
    copy(host).write_text(f"# the agent\n{VARIABLE}={OLD}\n")
    moment = int(commits[0].split()[1]) + later
    os.utime(host.home() / "docker-compose.yaml", (moment, moment))

    found = look(host)

    assert found.copy is expected
    assert found.commit is not None
    assert found.commit.hash in {each.split()[0] for each in commits}


def test_nothing_there_and_a_copy_elsewhere(host: Host) -> None:
    """The base directory is not the folder of the compose file."""
    copy(host).unlink()
    assert (look(host).copy, look(host).elsewhere) == (Copy.MISSING, None)

    (host.home() / "docker").mkdir()
    (host.home() / "docker" / str(NAME)).write_text("x")
    assert look(host).elsewhere == Path("docker") / str(NAME)
    assert look(host).to_place == "Base Directory /docker and Compose Location /compose.app.yaml"

    copy(host).mkdir()
    assert look(host).copy is Copy.FOLDER
    copy(host).rmdir()
    os.mkfifo(copy(host))
    assert look(host).copy is Copy.IRREGULAR


def test_a_path_that_nobody_can_tell(host: Host) -> None:
    """Compose would refuse it, or a variable is missing."""
    host.deploy(raw=True, copied=True, env_file=[f"${{MUST:?}}/{NAME}"])

    assert look(host).copy is Copy.UNCLEAR


def test_coolifys_own_dotenv_alone(host: Host) -> None:
    """Default mode put it instead of everything."""
    host.deploy()

    found = look(host)

    assert (found.entry, found.copy, found.only_own, found.deployed) == (None, None, True, (".env",))


def test_what_is_read_after_the_pin_file(host: Host) -> None:
    """Coolify's own ``.env`` is told apart from a file that sets the variable too."""
    host.deploy(raw=True, copied=True, env_file=[ENTRY, "more.env", ".env"])
    (host.home() / "more.env").write_text("OTHER=x\n")
    assert (look(host).later, look(host).own_last) == (None, True)

    (host.home() / "more.env").write_text(f"{VARIABLE}={OLD}\n")
    assert look(host).later == host.home() / "more.env"


@pytest.mark.parametrize(
    ("repository", "deployed", "expected"),
    [
        ({}, {VARIABLE: "x"}, (False, False, False)),
        ({"environment": {VARIABLE: "x"}}, {VARIABLE: "x"}, (False, False, True)),
        ({"environment": [VARIABLE]}, {VARIABLE: ""}, (False, True, True)),
        ({"build": {"args": {VARIABLE: "x"}}}, {VARIABLE: "x"}, (True, False, False)),
    ],
    ids=["ui", "written", "bare", "build"],
)
def test_environment_overrides_the_file(
    host: Host, repository: dict[str, Any], deployed: dict[str, str], expected: tuple[bool, bool, bool]
) -> None:
    """Where it comes from: a build argument, a name without a value, or the repository itself."""
    host.describe(**repository)
    host.deploy(raw=True, copied=True, environment=deployed)

    overriding = look(host).overriding

    assert overriding is not None
    assert (overriding.from_build, overriding.was_bare, overriding.in_repository) == expected


def test_environment_that_takes_the_uis_value(host: Host) -> None:
    """With ``pin_in: ui`` that is as it should be."""
    host.deploy(environment={VARIABLE: f"${{{VARIABLE}}}"})
    assert look(host).overriding is not None

    host.settings["pin_in"] = "ui"
    assert look(host).overriding is None


def test_the_difference_has_names_only(host: Host) -> None:
    """What was there and is gone, what is new, what stayed."""
    host.deploy(environment={"NEW": SECRET})

    assert look(host).diff == ("env_file:", f"- {NAME}", "+ .env", "environment:", "- DATABASE_PASSWORD", "+ NEW")


def test_a_service_that_is_not_deployed(host: Host) -> None:
    """The containers are still there, the deployed file has another service."""
    host.container(raw=True)
    (host.home() / "docker-compose.yaml").write_text("services: {other: {image: x}}\n")

    assert look(host).has_service is False


def deployed_at(host: Host, seconds: int) -> None:
    """Let the last deployment be that long after the pin file's last commit."""
    moment = int(host.git.git("log", "-1", "--format=%ct", "--", "docker")) + seconds
    os.utime(host.home() / "docker-compose.yaml", (moment, moment))


@pytest.mark.parametrize(
    ("text", "last", "coming", "rewritten"),
    [
        ("", Situation.RAW_PRESERVED, None, True),
        ("", Situation.RAW, None, False),
        ("", Situation.RAW, Situation.RAW_PRESERVED, True),
        ("", Situation.RAW_PRESERVED, Situation.RAW, False),
        (f"# the agent\n{VARIABLE}={OLD}\n", Situation.RAW_PRESERVED, None, False),
        (f"# the agent\n{VARIABLE}={OLD}\n", Situation.RAW, Situation.RAW_PRESERVED, True),
        (None, Situation.RAW_PRESERVED, None, False),
        (None, Situation.RAW, Situation.RAW_PRESERVED, True),
    ],
)
def test_what_the_next_deployment_rewrites(
    host: Host, monkeypatch: pytest.MonkeyPatch, text: str | None, last: Situation, coming: Situation | None, *,
    rewritten: bool,
) -> None:  # fmt: skip
    """What nobody knows is replaced by a copy; what a deployment left alone, only if the settings were changed."""
    monkeypatch.setattr(Coolify, "mode", lambda *_: Mode(last, (), next=coming))
    deployed_at(host, 3600)
    copy(host).unlink() if text is None else copy(host).write_text(text)

    assert look(host).rewritten is rewritten


def test_a_pin_file_that_is_younger_than_the_deployment_comes_with_the_next(host: Host) -> None:
    """The entry came first, with required: false."""
    deployed_at(host, -(10**8))
    copy(host).unlink()

    assert look(host).rewritten


def test_where_the_copy_lies_elsewhere_nothing_is_rewritten(host: Host) -> None:
    """The base directory is wrong; the next deployment copies to the same place again."""
    (host.home() / "docker").mkdir()
    copy(host).rename(host.home() / "docker" / str(NAME))
    deployed_at(host, -(10**8))

    assert not look(host).rewritten


def test_where_the_mode_is_not_known_nothing_is_promised(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing tells whether the next deployment copies the repository."""

    def unknown(*_: object) -> Mode:
        raise CouldNotLook("nothing tells")

    monkeypatch.setattr(Coolify, "mode", unknown)
    copy(host).write_text("X=never\n")

    assert not look(host).rewritten


def test_a_preview_was_deployed_last(host: Host) -> None:
    """Then what lies there is the pull request's."""
    assert look(host).preview == ""
    (host.home() / ".env").write_text("SERVICE_NAME_APPLICATION_SERVER=application-server-pr-7\n")

    assert look(host).preview == "7"

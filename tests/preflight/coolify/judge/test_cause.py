"""preflight/coolify/judge/cause.py, on folders as Coolify leaves them; test_running_cause.py deploys for real."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.coolify.host.deployed import read_deployed
from preflight.coolify.host.mode import Mode
from preflight.coolify.judge.cause import Cause, CauseKind, Lost, find_cause
from preflight.coolify.judge.location import ComposeLocation
from preflight.coolify.judge.ui_rows import RowHolder
from preflight.coolify.resource import Kind, Resource, Situation
from preflight.project import Pin

NEW, OLD = "ghcr.io/o/i@sha256:new", "ghcr.io/o/i@sha256:old"
ENTRY = {"path": "pin.env", "required": False}
BORN = datetime(2026, 1, 1, tzinfo=UTC)
LOCATION = ComposeLocation("/docker", "/compose.app.yaml")


def lost(
    folder: Path,
    situation: Situation = Situation.RAW_PRESERVED,
    copies: dict[str, str] | None = None,
    env: str = "HOST=0.0.0.0\n",
    **service: Any,
) -> Lost:
    """Return a pin that did not arrive, with what Coolify left in the folder.

    Args:
        folder: Of the test.
        situation: How it was deployed.
        copies: Files there with the pin's value in each.
        env: The text of ``.env``.
        service: The deployed service.
    """
    kind = Kind.SERVICE if situation is Situation.SERVICE else Kind.APPLICATION
    home = folder / "home"
    home.mkdir(exist_ok=True)
    body = {"image": "x", "env_file": [ENTRY], **service}
    (home / kind.compose_file).write_text(json.dumps({"services": {"app": body}}))
    (home / ".env").write_text(env)
    for name, value in ({"pin.env": NEW} if copies is None else copies).items():
        (home / name).parent.mkdir(exist_ok=True)
        (home / name).write_text(f"PIN={value}\n")
    return Lost(
        pin=Pin("PIN", "app", Path("/checkout/docker/pin.env")),
        expected=NEW,
        created=datetime.now(UTC) + timedelta(hours=1),
        mode=Mode(situation, ()),
        deployed=read_deployed(Resource("uuid", kind, home)),
        location=LOCATION,
    )


def cause(found: Lost) -> Cause:
    """Return why; that there is a reason is seen first."""
    cause = find_cause(found)
    assert cause is not None
    return cause


@pytest.mark.parametrize("situation", [Situation.DEFAULT, Situation.DEFAULT_PRESERVED])
@pytest.mark.parametrize("seen", [False, True], ids=["unread", "read"])
def test_default_mode_replaces_it(tmp_path: Path, situation: Situation, seen: bool) -> None:
    """Also where the folder cannot be read: the mode alone tells."""
    found = lost(tmp_path, situation, {}, env_file=[".env"])

    why = cause(found if seen else replace(found, deployed=None))

    assert (why.kind, why.words) == (CauseKind.REPLACED, "replaced by Coolify: env_file: became its own .env")
    assert "(Base Directory /docker, Compose Location /compose.app.yaml)" in why.remedy


def test_the_ui_in_place_of_the_file(tmp_path: Path) -> None:
    """Where the UI has the variable, the container got that."""
    found = lost(tmp_path, Situation.DEFAULT, {}, env=f"PIN={OLD}\n", env_file=[".env"])

    assert cause(found).words.endswith("became its own .env; PIN comes from Coolify's UI instead")


def test_a_branch_that_does_not_name_the_file(tmp_path: Path) -> None:
    """Raw mode keeps what is written, and that is something else."""
    why = cause(lost(tmp_path, env_file=["other.env"]))

    assert why.words == "the docker-compose.yaml that Coolify deployed does not name pin.env"
    assert why.remedy == "Redeploy app from the branch that names it in env_file:."


@pytest.mark.parametrize(
    ("path", "copies", "remedy"),
    [
        ("pin.env", {}, "Switch Preserve Repository on and set Base Directory /docker and Compose Location"),
        ("pin.env", {"docker/pin.env": NEW}, "Its copy lies at docker/pin.env there: set Base Directory /docker"),
        ("../pin.env", {}, "Move pin.env into /docker of the repository"),
        ("/nowhere/pin.env", {}, "Name it in env_file: of app by a path relative to the compose file"),
        ("${DIR:-gone}/pin.env", {}, "Switch Preserve Repository on"),
    ],
)
def test_a_file_that_is_not_there(tmp_path: Path, path: str, copies: dict[str, str], remedy: str) -> None:
    """What helps depends on where the path leads, and on where a copy lies."""
    why = cause(lost(tmp_path, Situation.RAW, copies, env_file=[{"path": path, "required": False}]))

    assert why.kind is CauseKind.NOT_FOUND
    assert why.words.startswith("file not found where Coolify looks: /")
    assert why.remedy.startswith(remedy)


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    """Docker makes one for a bind mount that is missing."""
    found = lost(tmp_path, copies={})
    (tmp_path / "home/pin.env").mkdir()

    assert cause(found).remedy.startswith("A folder lies in its place: remove ")


@pytest.mark.parametrize(("value", "blank"), [(OLD, ""), ("", " (blank)")])
def test_a_stacks_dotenv_comes_last(tmp_path: Path, value: str, blank: str) -> None:
    """Even a blank row overrides the file; one that says the same does not."""
    listed = [ENTRY, ".env"]

    why = cause(lost(tmp_path, Situation.SERVICE, env=f"PIN={value}\n", env_file=listed))

    assert why.words == f"shadowed by the UI: PIN{blank} stands in .env, which comes after the pin file"
    assert why.remedy == "Delete PIN in Coolify (Environment Variables). Then redeploy."
    held = replace(
        lost(tmp_path, Situation.SERVICE, env=f"PIN={value}\n", env_file=listed), holders=(RowHolder("web", "X"),)
    )
    assert cause(held).remedy == (
        "Take ${PIN} out of X in environment: of web; once that is deployed, delete PIN in Coolify's UI. Then redeploy."
    )
    assert find_cause(lost(tmp_path, Situation.SERVICE, env=f"PIN={NEW}\n", env_file=listed)) is None
    assert find_cause(lost(tmp_path, Situation.SERVICE, env=f"PIN={OLD}\n", env_file=[".env", ENTRY])) is None


@pytest.mark.parametrize(
    ("environment", "env", "words"),
    [
        ({"PIN": "${PIN:-x}"}, f"PIN={OLD}\n", "shadowed by the UI: environment: takes PIN from there"),
        ({"PIN": None}, f"PIN={OLD}\n", "shadowed by the UI: environment: takes PIN from there"),
        ({"PIN": "${PIN:-x}"}, "", "shadowed by environment: of app in the deployed file"),
        ({"PIN": OLD}, f"PIN={OLD}\n", "shadowed by environment: of app in the deployed file"),
    ],
)
def test_environment_overrides_it(tmp_path: Path, environment: dict[str, Any], env: str, words: str) -> None:
    """Whether the value comes from the UI or stands there."""
    why = cause(lost(tmp_path, env=env, environment=environment))

    assert (why.kind, why.words) == (CauseKind.SHADOWED, words)


def test_a_container_older_than_the_copy(tmp_path: Path) -> None:
    """It was made before: deploying again is all there is to do."""
    why = cause(replace(lost(tmp_path), created=BORN))

    assert (why.kind, why.redeploy_fixes) == (CauseKind.STALE, True)
    assert why.remedy == "Redeploy it in Coolify."


def test_a_copy_that_is_not_what_the_checkout_says(tmp_path: Path) -> None:
    """A deployment brings a new one only where it copies the repository."""
    kept = cause(lost(tmp_path, copies={"pin.env": OLD}))
    by_hand = cause(lost(tmp_path, Situation.RAW, copies={"pin.env": OLD}))

    assert kept.words.endswith("pin.env, is not what the checkout says")
    assert kept.remedy.startswith("Redeploy it in Coolify from the branch that holds the pin")
    assert by_hand.remedy.startswith("Switch Preserve Repository on")


def test_a_copy_left_over_while_the_new_one_lies_elsewhere(tmp_path: Path) -> None:
    """The newer copy tells where Coolify copies to today."""
    found = lost(tmp_path, copies={"pin.env": OLD, "docker/pin.env": NEW})
    os.utime(tmp_path / "home/pin.env", (BORN.timestamp(), BORN.timestamp()))

    why = cause(found)

    assert why.words.endswith("is left over from earlier; today's copy lies at docker/pin.env there")
    assert "Set Base Directory /docker and Compose Location /compose.app.yaml in Coolify" in why.remedy


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ("HOST=x\n", "Coolify's UI has no PIN"),
        (f"PIN={OLD}\n", "Coolify's UI says something else for PIN"),
        (f"PIN={NEW}\nSERVICE_NAME_APP=app-pr-7\n", "when it was made (.env holds preview 7's by now)"),
    ],
)
def test_the_ui_as_the_place_of_the_pin(tmp_path: Path, env: str, words: str) -> None:
    """With ``pin_in: ui`` it is to blame for what it says."""
    why = cause(replace(lost(tmp_path, Situation.DEFAULT, env=env, env_file=[".env"]), pin_in="ui"))

    assert words in why.words
    assert why.remedy == "Set PIN in Coolify's UI to what pin.env says, then redeploy."


def test_the_ui_says_so_by_now(tmp_path: Path) -> None:
    """A container older than ``.env`` is stale; for a newer one nothing here tells why."""
    found = replace(lost(tmp_path, Situation.DEFAULT, env=f"PIN={NEW}\n", env_file=[".env"]), pin_in="ui")

    assert find_cause(found) is None
    assert cause(replace(found, created=BORN)).kind is CauseKind.STALE


PREVIEW = "SERVICE_NAME_APP=app-pr-7\n"


def test_a_preview_overwrote_the_pin_file(tmp_path: Path) -> None:
    """Its ``.env`` tells; production's own copy, or one that says the same, is not overwritten."""
    why = cause(lost(tmp_path, copies={"pin.env": OLD}, env=PREVIEW))

    assert (why.kind, why.redeploy_fixes) == (CauseKind.PREVIEW, False)
    assert why.words == f"a preview deployment (pull request 7) overwrote {tmp_path / 'home/pin.env'}"
    assert why.remedy.startswith("Redeploy production in Coolify. To keep it so, set Preview deployments")
    assert find_cause(lost(tmp_path, env=PREVIEW)) is None


def test_a_preview_overwrote_the_compose_file(tmp_path: Path) -> None:
    """Where that has Coolify's own name in the repository, too."""
    why = cause(lost(tmp_path, env=PREVIEW, env_file=["other.env"]))

    assert why.words.endswith("(pull request 7) overwrote " + str(tmp_path / "home/docker-compose.yaml"))


def test_a_preview_overwrote_the_uis_variables(tmp_path: Path) -> None:
    """In raw mode production's containers are made with them."""
    found = lost(tmp_path, Situation.RAW, {}, env=PREVIEW, env_file=[".env"])

    assert cause(replace(found, pin_in="ui")).kind is CauseKind.PREVIEW

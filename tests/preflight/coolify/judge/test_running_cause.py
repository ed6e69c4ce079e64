"""preflight/coolify/judge/running_cause.py and its cause.py, on what a stand-in for Coolify deploys for real."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from preflight.coolify.judge.cause import CauseKind
from preflight.coolify.judge.running_cause import cause_of
from tests.real.coolify import Coolify, ServiceStack
from tests.real.git import GitRepository
from tests.real.scene import FOREIGN, NEW, OLD, SERVICE, VARIABLE, Scene

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.engine


def _nothing() -> Any:
    return None


@pytest.fixture
def scene(coolify: Coolify, git_repository: GitRepository) -> Scene:
    """Nothing deployed yet."""
    one = Scene(coolify, git_repository)
    one.commit()
    return one


@pytest.mark.parametrize("preserve", [False, True])
def test_default_mode_replaces_the_pin_file(scene: Scene, preserve: bool) -> None:
    """The remedy is raw mode with the repository preserved, and applied it helps."""
    application = scene.application(preserve=preserve)
    scene.coolify.deploy(application)

    cause = scene.cause()
    assert cause.kind is CauseKind.REPLACED
    assert cause.words == "replaced by Coolify: env_file: became its own .env"
    assert "Base Directory /docker, Compose Location /compose.app.yaml" in cause.remedy

    application.raw = application.preserve = True
    scene.coolify.deploy(application)
    scene.passes()


def test_default_mode_with_the_variable_in_the_ui(scene: Scene) -> None:
    """That is where it comes from then; as a choice of the operator it must say what the file says."""
    application = scene.application()
    application.variables.set(VARIABLE, FOREIGN)
    scene.coolify.deploy(application)
    assert "comes from Coolify's UI instead" in scene.cause().words

    scene.pin_in = "ui"
    assert scene.cause().words == f"Coolify's UI says something else for {VARIABLE}"

    application.variables.set(VARIABLE, NEW)
    scene.coolify.deploy(application)
    scene.passes()

    application.variables.remove(VARIABLE)
    scene.coolify.deploy(application)
    assert scene.cause().words == f"Coolify's UI has no {VARIABLE}"


def test_raw_mode_does_not_find_the_file_until_the_repository_is_preserved(scene: Scene) -> None:
    """`required: false` hides that it is missing."""
    application = scene.application(raw=True)
    scene.coolify.deploy(application)

    cause = scene.cause()
    assert cause.kind is CauseKind.NOT_FOUND
    assert cause.words.endswith(f"applications/{application.uuid}/agent-image-pin.env")
    assert cause.remedy.startswith("Switch Preserve Repository on and set Base Directory /docker and Compose Location ")

    application.preserve = True
    scene.coolify.deploy(application)
    scene.passes()


def test_a_base_directory_from_which_the_path_leads_nowhere(scene: Scene) -> None:
    """The file is copied, but not to where Compose looks."""
    application = scene.application(
        raw=True, preserve=True, base_directory="/", compose_location="/docker/compose.app.yaml"
    )
    scene.coolify.deploy(application)

    cause = scene.cause()
    assert cause.kind is CauseKind.NOT_FOUND
    assert cause.remedy.startswith("Its copy lies at docker/agent-image-pin.env there: set Base Directory /docker and")

    application.base_directory, application.compose_location = "/docker", "/compose.app.yaml"
    scene.coolify.deploy(application)
    scene.passes()


def test_a_folder_in_place_of_the_file_has_a_remedy_of_its_own(scene: Scene) -> None:
    """Raw mode makes one for every bind source (coollabsio/coolify#8107): a deployment alone does not remove it."""
    application = scene.application(raw=True)
    scene.coolify.deploy(application)
    place = scene.coolify.folder(application) / "agent-image-pin.env"
    place.mkdir()

    cause = scene.cause()
    assert cause.kind is CauseKind.NOT_FOUND
    assert cause.remedy == f"A folder lies in its place: remove {place} on the server, then redeploy."


def test_an_absolute_path_that_leads_nowhere_has_to_become_relative(scene: Scene) -> None:
    """Nothing that Coolify copies lies there."""
    application = scene.application(raw=True)
    scene.coolify.deploy(application)
    deployed = scene.coolify.folder(application) / "docker-compose.yaml"
    deployed.write_text(deployed.read_text().replace("agent-image-pin.env", "/srv/nowhere/agent-image-pin.env"))

    cause = scene.cause()
    assert cause.kind is CauseKind.NOT_FOUND
    assert cause.remedy.startswith(f"Name it in env_file: of {SERVICE} by a path relative to the compose file")


def test_a_copy_that_is_no_longer_updated_is_stale(scene: Scene) -> None:
    """Preserve Repository was switched off; what it copied last still resolves."""
    application = scene.application(raw=True, preserve=True)
    scene.coolify.deploy(application)
    scene.passes()

    application.preserve = False
    scene.commit(OLD)
    scene.coolify.deploy(application)

    cause = scene.cause()
    assert cause.kind is CauseKind.STALE
    assert "is not what the checkout says" in cause.words

    application.preserve = True
    scene.coolify.deploy(application)
    scene.passes()


def test_a_container_older_than_the_copy_is_stale(scene: Scene) -> None:
    """A failed deployment may leave the folder newer than the containers."""
    application = scene.application(raw=True, preserve=True)
    scene.coolify.deploy(application)
    folder = scene.coolify.folder(application)
    (scene.repository.path / "docker/agent-image-pin.env").write_text(f"{VARIABLE}={OLD}\n")
    (folder / "agent-image-pin.env").write_text(f"{VARIABLE}={OLD}\n")
    later = (datetime.now(UTC) + timedelta(minutes=1)).timestamp()
    os.utime(folder / "agent-image-pin.env", (later, later))

    cause = scene.cause()
    assert cause.kind is CauseKind.STALE
    assert cause.words.startswith("stale: made before")


def test_a_pin_file_that_the_deployed_compose_file_does_not_name(scene: Scene) -> None:
    """The deployed branch is behind the checkout."""
    application = scene.application(raw=True, preserve=True)
    scene.path = "other.env"
    scene.commit()
    scene.coolify.deploy(application)

    cause = scene.cause()
    assert cause.words == "the docker-compose.yaml that Coolify deployed does not name agent-image-pin.env"
    assert "from the branch that names it" in cause.remedy


@pytest.mark.parametrize("line", [f"      {VARIABLE}: ${{{VARIABLE}}}", f"      - {VARIABLE}=${{{VARIABLE}:-x}}"])
def test_the_ui_shadows_through_interpolation_in_raw_mode(scene: Scene, line: str) -> None:
    """The UI reaches the container only where environment: takes from it."""
    application = scene.application(raw=True, preserve=True)
    application.variables.set(VARIABLE, FOREIGN)
    scene.coolify.deploy(application)
    scene.passes()

    scene.commit(more=f"    environment:\n{line}\n")
    scene.coolify.deploy(application)

    cause = scene.cause()
    assert cause.kind is CauseKind.SHADOWED
    assert cause.words == f"shadowed by the UI: environment: takes {VARIABLE} from there"


def test_a_value_written_in_environment_shadows(scene: Scene) -> None:
    """Not the UI's doing, and not said to be."""
    scene.commit(more=f"    environment:\n      {VARIABLE}: {FOREIGN}\n")
    scene.coolify.deploy(scene.application(raw=True, preserve=True))

    cause = scene.cause()
    assert cause.words == f"shadowed by environment: of {SERVICE} in the deployed file"


@pytest.mark.parametrize(("value", "words"), [(FOREIGN, ""), ("", " (blank)")])
def test_a_service_stack_appends_the_ui_last(scene: Scene, value: str, words: str) -> None:
    """Even a blank row overrides the pin file; without one the file counts."""
    text = (scene.repository.path / "docker/compose.app.yaml").read_text()
    stack = ServiceStack(text)
    stack.variables.set(VARIABLE, value)
    scene.coolify.save(stack)
    pin = (scene.repository.path / "docker/agent-image-pin.env").read_text()
    (scene.coolify.folder(stack) / "agent-image-pin.env").write_text(pin)
    scene.coolify.deploy_stack(stack)

    cause = scene.cause()
    assert cause.words == f"shadowed by the UI: {VARIABLE}{words} stands in .env, which comes after the pin file"

    stack.variables.remove(VARIABLE)
    scene.coolify.deploy_stack(stack)
    scene.passes()


@pytest.mark.parametrize("why", ["the same value", "listed before"])
def test_what_stands_in_the_ui_of_a_stack_is_not_blamed_for_an_old_container(scene: Scene, why: str) -> None:
    """The UI that says what the pin says, or is read before it, shadows nothing: deleting it there would not help."""
    stack = ServiceStack((scene.repository.path / "docker/compose.app.yaml").read_text())
    scene.coolify.save(stack)
    folder, pin = scene.coolify.folder(stack), scene.repository.path / "docker/agent-image-pin.env"
    (folder / "agent-image-pin.env").write_text(f"{VARIABLE}={FOREIGN}\n")
    scene.coolify.deploy_stack(stack)
    (folder / "agent-image-pin.env").write_text(pin.read_text())
    value = pin.read_text().partition(f"{VARIABLE}=")[2].split()[0] if why == "the same value" else "other"
    (folder / ".env").write_text(f"{VARIABLE}={value}\n")
    assert scene.cause().kind is (CauseKind.STALE if why == "the same value" else CauseKind.SHADOWED)

    if why == "listed before":
        deployed = folder / "docker-compose.yml"
        written = yaml.safe_load(deployed.read_text())
        entries = written["services"][SERVICE]["env_file"]
        written["services"][SERVICE]["env_file"] = [entries[-1], *entries[:-1]]
        deployed.write_text(yaml.safe_dump(written))
        cause = scene.cause()
        assert cause.kind is CauseKind.STALE
        assert cause.words.startswith("stale: made before ")


def test_a_service_stack_without_the_file(scene: Scene) -> None:
    """Nobody copies it there."""
    scene.coolify.deploy_stack(ServiceStack((scene.repository.path / "docker/compose.app.yaml").read_text()))

    cause = scene.cause()
    assert cause.kind is CauseKind.NOT_FOUND
    assert cause.remedy.startswith("Put agent-image-pin.env into the stack's folder")


@pytest.mark.parametrize("spoil", ["file", "folder"])
def test_what_cannot_be_read_leaves_what_the_labels_tell(scene: Scene, spoil: str) -> None:
    """A half-written file costs the reason, never the verdict."""
    application = scene.application()
    scene.coolify.deploy(application)
    spoilers: dict[str, Callable[[Path], object]] = {
        "file": lambda folder: (folder / "docker-compose.yaml").write_text("services: {app: [", encoding="utf-8"),
        "folder": lambda folder: folder.rename(folder.parents[2] / "elsewhere"),
    }
    spoilers[spoil](scene.coolify.folder(application))

    assert scene.cause().kind is CauseKind.REPLACED


def test_a_container_that_coolify_did_not_make_has_no_such_cause(scene: Scene) -> None:
    """Nor has one that could not be seen."""
    application = scene.application()
    scene.coolify.deploy(application)
    found, _ = scene.look()
    [judgement] = found.judged
    nothing: Any = None

    assert cause_of(nothing, replace(found, resource=None), judgement) is None
    assert cause_of(nothing, found, replace(judgement, created=None)) is None


def test_a_preview_changes_production_in_raw_mode_with_preserve_repository(scene: Scene) -> None:
    """The pull request's pin runs in production; deploying production again brings the right one back."""
    application = scene.application(raw=True, preserve=True)
    scene.coolify.deploy(application)
    scene.passes()
    production = scene.repository.git("rev-parse", "HEAD")
    scene.commit(FOREIGN)
    pull_request = scene.repository.git("rev-parse", "HEAD")
    scene.repository.git("reset", "--quiet", "--hard", production)
    scene.repository.git("update-ref", "refs/heads/pull-7", pull_request)
    scene.coolify.deploy(application, pull_request=7, commit=pull_request)

    cause = scene.cause()
    assert cause.kind is CauseKind.PREVIEW
    assert cause.words.startswith("a preview deployment (pull request 7) overwrote ")

    scene.coolify.deploy(application)
    scene.passes()

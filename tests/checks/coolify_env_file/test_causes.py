"""checks/coolify_env_file.py: each cause that Coolify can be, on what a stand-in for it deploys for real."""

import pytest

from checks.coolify_env_file import CoolifyEnvFile
from preflight.check import NoSettings
from preflight.model import Stage, Status
from preflight.testing import run_check
from tests.real.coolify import Coolify, ServiceStack
from tests.real.git import GitRepository
from tests.real.scene import FOREIGN, VARIABLE, Scene

pytestmark = pytest.mark.engine


@pytest.fixture
def scene(coolify: Coolify, git_repository: GitRepository) -> Scene:
    """Nothing deployed yet."""
    one = Scene(coolify, git_repository)
    one.commit()
    return one


def finds(scene: Scene, code: str, before: Status) -> None:
    """The container is found wrong for that cause; after a rollout it fails."""
    for stage, status in ((Stage.BEFORE, before), (Stage.AFTER, Status.FAIL)):
        [finding] = run_check(CoolifyEnvFile(NoSettings()), scene.context(stage))
        assert (finding.status, finding.code) == (status, code), finding
        assert finding.subject is not None
        assert finding.subject.kind == "container"


def test_the_file_is_not_where_coolify_looks(scene: Scene) -> None:
    """Raw mode without a copy of the repository."""
    scene.coolify.deploy(scene.application(raw=True))

    finds(scene, "file-not-found", Status.FAIL)


def test_the_ui_overrides_the_pin(scene: Scene) -> None:
    """In a service stack its variables come last."""
    text = (scene.repository.path / "docker/compose.app.yaml").read_text()
    stack = ServiceStack(text)
    stack.variables.set(VARIABLE, FOREIGN)
    scene.coolify.save(stack)
    pin = (scene.repository.path / "docker/agent-image-pin.env").read_text()
    (scene.coolify.folder(stack) / "agent-image-pin.env").write_text(pin)
    scene.coolify.deploy_stack(stack)

    finds(scene, "overridden-by-ui", Status.FAIL)


def test_a_copy_that_no_deployment_replaces(scene: Scene) -> None:
    """The base directory was changed: Compose goes on reading what the first deployment copied."""
    application = scene.application(raw=True, preserve=True)
    scene.commit(FOREIGN)
    scene.coolify.deploy(application)
    scene.repository.git("reset", "--quiet", "--hard", "HEAD~1")
    application.base_directory, application.compose_location = "/", "/docker/compose.app.yaml"
    scene.coolify.deploy(application)

    finds(scene, "leftover-copy", Status.FAIL)


def test_a_copy_that_the_next_deployment_replaces(scene: Scene) -> None:
    """It is that of a commit that was taken back since."""
    application = scene.application(raw=True, preserve=True)
    scene.commit(FOREIGN)
    scene.coolify.deploy(application)
    scene.repository.git("reset", "--quiet", "--hard", "HEAD~1")

    finds(scene, "old-copy", Status.WARN)


def test_a_preview_overwrote_the_pin(scene: Scene) -> None:
    """The pull request's pin runs in production."""
    application = scene.application(raw=True, preserve=True)
    scene.coolify.deploy(application)
    production = scene.repository.git("rev-parse", "HEAD")
    scene.commit(FOREIGN)
    pull_request = scene.repository.git("rev-parse", "HEAD")
    scene.repository.git("reset", "--quiet", "--hard", production)
    scene.repository.git("update-ref", "refs/heads/pull-7", pull_request)
    scene.coolify.deploy(application, pull_request=7, commit=pull_request)

    finds(scene, "overwritten-by-preview", Status.WARN)

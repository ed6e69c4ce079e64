"""preflight/run/header.py"""

import os

from preflight.lib.deadline import Deadline
from preflight.project import ComposeProject, Pin
from preflight.run.config import Configuration
from preflight.run.header import describe
from preflight.run.scene import set_scene
from tests.real.git import GIT_ENVIRON, GitRepository


def test_a_configuration_elsewhere_is_about_the_checkout_that_it_names(git_repository: GitRepository) -> None:
    """The header has its commit and its folder, wherever the configuration lies."""
    checkout, elsewhere = git_repository.path, git_repository.path.parent / "etc"
    git_repository.commit({"pin.env": "A=1\n", "compose.yaml": "services: {}\n"})
    environ = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}
    pins = (Pin("A", "a", checkout / "pin.env"),)
    project = ComposeProject(elsewhere, (checkout / "compose.yaml",))
    configuration = Configuration(elsewhere / "app.yaml", elsewhere, pins, project)
    scene = set_scene(configuration, environ, frozenset(), Deadline.after(20), registry_insecure=frozenset())

    judged = describe(scene, [], environ, elsewhere, git=True)

    assert (judged.project, judged.root) == (str(checkout), str(checkout))
    assert (len(judged.commit), judged.dirty) == (40, False)

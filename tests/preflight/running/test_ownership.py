"""preflight/running/ownership.py."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from preflight.compose.labels import CONFIG_FILES, ONE_OFF, PROJECT, WORKING_DIR
from preflight.engine.container import Container
from preflight.project import ComposeProject
from preflight.running.ownership import Choice, choose, made_by_coolify

PROJECT_FILES = ComposeProject(Path("/srv/app"), (Path("/srv/app/docker/compose.app.yaml"),))


def container(name: str, project: str, **labels: str) -> Container:
    """One of a service, with Compose's labels under short names."""
    names = {"files": CONFIG_FILES, "folder": WORKING_DIR, "one_off": ONE_OFF}
    full = {names.get(key, "coolify." + key): value for key, value in labels.items()}
    return Container(name, name, "image", "running", "Up", datetime.now(UTC), {PROJECT: project, **full})


def chosen(
    *containers: Container, project: ComposeProject = PROJECT_FILES, environ: Mapping[str, str] | None = None
) -> tuple[list[str], bool, list[str]]:
    """Names of ours, whether certain, names of those elsewhere."""
    choice = choose(containers, project, environ or {})
    return [each.name for each in choice.ours], choice.certain, [each.name for each in choice.elsewhere]


def test_the_files_tell_whatever_the_project_is_called() -> None:
    """One of several files is enough; the rest of the project comes along."""
    ours = container(
        "ours", "x", files="/srv/app/docker/compose.app.yaml,/srv/app/extra.yaml", folder="/srv/app/docker"
    )
    same = container("same", "x", files="/home/ops/override.yaml")
    other = container("other", "y", files="/srv/other/compose.yaml", folder="/srv/other")
    assert chosen(ours, same, other) == (["ours", "same"], True, ["other"])


def test_a_link_to_the_checkout_is_the_checkout(tmp_path: Path) -> None:
    """`/srv/current` points to a release."""
    (tmp_path / "release").mkdir()
    (tmp_path / "current").symlink_to("release")
    project = ComposeProject(tmp_path / "release", (tmp_path / "release" / "compose.yaml",))
    ours = container("ours", "x", files=str(tmp_path / "current" / "compose.yaml"))
    assert chosen(ours, project=project) == (["ours"], True, [])


def test_the_folder_tells_when_no_files_are_known() -> None:
    """Compose found the files by itself."""
    ours = container("ours", "x", folder="/srv/app", files="/srv/app/compose.yaml")
    assert chosen(ours, project=ComposeProject(Path("/srv/app"))) == (["ours"], True, [])
    assert chosen(container("ours", "x", folder="/srv/app/docker")) == (["ours"], True, [])


def test_other_files_of_the_same_folder_are_not_ours() -> None:
    """Two stacks may share a folder."""
    ours = container("ours", "x", files="/srv/app/docker/compose.app.yaml", folder="/srv/app/docker")
    other = container("other", "y", files="/srv/app/docker/compose.db.yaml", folder="/srv/app/docker")
    assert chosen(ours, other) == (["ours"], True, ["other"])


def test_the_configured_name_tells_when_the_files_do_not() -> None:
    """From the configuration, else from the environment."""
    one, two = container("one", "prod"), container("two", "staging")
    named = ComposeProject(Path("/srv/app"), project_name="prod")
    assert chosen(one, two, project=named) == (["one"], True, ["two"])
    assert chosen(one, two, environ={"COMPOSE_PROJECT_NAME": "staging"}) == (["two"], True, ["one"])


def test_with_a_configured_name_that_nobody_has_only_coolify_may_be_meant() -> None:
    """Coolify gives names of its own."""
    other, coolify = container("other", "x"), container("coolify", "uuid", managed="true")
    named = ComposeProject(Path("/srv/app"), project_name="prod")
    assert chosen(other, coolify, project=named) == (["coolify"], False, ["other"])
    assert chosen(other, project=named) == ([], False, ["other"])


def test_the_default_name_of_the_folder_is_a_guess() -> None:
    """Better than none, and said to be one."""
    one, two = container("one", "docker", files="/copy/compose.app.yaml"), container("two", "else")
    assert chosen(one, two) == (["one"], False, ["two"])
    folder = ComposeProject(Path("/srv"), project_directory=Path("/srv/_My App.1"))
    assert chosen(container("one", "myapp1"), two, project=folder) == (["one"], False, ["two"])


def test_without_any_sign_all_are_judged() -> None:
    """None may hide another."""
    assert chosen(container("one", "x"), container("two", "y")) == (["one", "two"], False, [])
    assert chosen(container("one", "docker"), container("two", "y", managed="true")) == (["one", "two"], False, [])


def test_previews_and_one_off_containers_are_not_the_service() -> None:
    """A pull request number of 0 is the main deployment."""
    main = container("main", "x", pullRequestId="0", managed="true")
    preview = container("preview", "x-pr-7", pullRequestId="7", managed="true")
    once = container("once", "x", one_off="True")
    assert choose((main, preview, once), PROJECT_FILES, {}) == Choice((main,), certain=False, previews=(preview,))


def test_strange_labels_match_nothing() -> None:
    """And make no traceback."""
    strange = container("strange", "\x1b[31m", files=",,\0,\x07", folder="\0")
    assert chosen(strange) == (["strange"], False, [])


@pytest.mark.parametrize(
    "labels",
    [{}, {"folder": "/srv/app"}, {"managed": "false"}],
)
def test_coolify_labels_what_it_makes(labels: Mapping[str, str]) -> None:
    """In every mode; what is not labelled so is somebody else's."""
    assert made_by_coolify(container("x", "x", managed="true"))
    assert not made_by_coolify(container("x", "x", **labels))


def test_those_of_the_application_are_surely_ours() -> None:
    """Whatever else was taken for ours is not."""
    one, other = container("one", "a", managed="true"), container("other", "b", managed="true")
    choice = choose([one, other], PROJECT_FILES, {}).only([one])
    assert (choice.ours, choice.certain, choice.elsewhere) == ((one,), True, (other,))

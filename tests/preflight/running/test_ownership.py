"""preflight/running/ownership.py."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from preflight.compose.labels import CONFIG_FILES, ONE_OFF, PROJECT, WORKING_DIR
from preflight.engine.container import Container
from preflight.running.ownership import Checkout, Choice, choose, described, made_by_coolify

OURS = Checkout((Path("/srv/app/docker/compose.app.yaml"),), Path("/srv/app/docker"))
ROOT = Path("/srv/app")


def container(name: str, project: str, **labels: str) -> Container:
    """One of a service, with Compose's labels under short names."""
    names = {"files": CONFIG_FILES, "folder": WORKING_DIR, "one_off": ONE_OFF}
    full = {names.get(key, "coolify." + key): value for key, value in labels.items()}
    return Container(name, name, "image", "running", "Up", datetime.now(UTC), {PROJECT: project, **full})


def chosen(
    *containers: Container, checkout: Checkout = OURS, root: Path | None = ROOT
) -> tuple[list[str], list[str], list[str]]:
    """Names of ours, of Coolify's, and of those elsewhere."""
    choice = choose(containers, checkout, root)
    return names(choice.ours), names(choice.coolify), names(choice.elsewhere)


def names(containers: tuple[Container, ...]) -> list[str]:
    """Names of containers, in their order."""
    return [each.name for each in containers]


def test_the_files_tell_whatever_the_project_is_called() -> None:
    """One of several files is enough; the rest of the project comes along."""
    ours = container(
        "ours", "x", files="/srv/app/docker/compose.app.yaml,/srv/app/extra.yaml", folder="/srv/app/docker"
    )
    same = container("same", "x", files="/home/ops/override.yaml")
    other = container("other", "y", files="/srv/other/compose.yaml", folder="/srv/other")
    assert chosen(ours, same, other) == (["ours", "same"], [], ["other"])


def test_a_link_to_the_checkout_is_the_checkout(tmp_path: Path) -> None:
    """`/srv/current` points to a release."""
    (tmp_path / "release").mkdir()
    (tmp_path / "current").symlink_to("release")
    checkout = Checkout((tmp_path / "release" / "compose.yaml",), tmp_path / "release")
    ours = container("ours", "x", files=str(tmp_path / "current" / "compose.yaml"))
    assert chosen(ours, checkout=checkout) == (["ours"], [], [])


def test_the_folder_tells_when_no_files_are_known() -> None:
    """An old Compose left no label of them."""
    assert chosen(container("ours", "x", folder="/srv/app/docker")) == (["ours"], [], [])


def test_other_files_of_the_same_folder_are_ours_under_the_folders_name_only() -> None:
    """Two stacks may share a folder; a file rendered there by `docker compose config` has the name of the folder."""
    stack = container("stack", "y", files="/srv/app/docker/compose.db.yaml", folder="/srv/app/docker")
    rendered = container("rendered", "docker", files="/srv/app/docker/rendered.yaml", folder="/srv/app/docker")
    assert chosen(stack, rendered) == (["rendered"], [], ["stack"])


def test_a_file_rendered_elsewhere_in_the_repository_is_ours_under_the_folders_name() -> None:
    """`docker compose -f docker/compose.app.yaml config > rendered.yaml` writes the name into it."""
    one = container("one", "docker", files="/srv/app/rendered.yaml", folder="/srv/app")
    other = container("other", "web", files="/srv/app/web/compose.yaml", folder="/srv/app/web")
    away = container("away", "docker", files="/srv/else/rendered.yaml", folder="/srv/else")
    assert chosen(one, other, away) == (["one"], [], ["other", "away"])
    assert chosen(one, root=None) == ([], [], ["one"])


def test_the_configured_name_tells() -> None:
    """Also where another project was made from the same files; where nothing has the name, the files tell."""
    one, two = container("one", "prod"), container("two", "staging", files="/srv/app/docker/compose.app.yaml")
    named = Checkout(OURS.files, OURS.folder, "prod")
    assert chosen(one, two, checkout=named) == (["one"], [], ["two"])
    assert chosen(two, checkout=named) == (["two"], [], [])


def test_a_service_of_the_same_name_is_none_of_ours_for_that() -> None:
    """Neither is a project that has the name of our folder by chance."""
    copy = container("copy", "docker", files="/copy/docker/compose.app.yaml", folder="/copy/docker")
    assert chosen(copy, container("bare", "x")) == ([], [], ["copy", "bare"])
    assert chosen(container("bare", "docker")) == ([], [], ["bare"])


def test_of_coolifys_its_application_tells() -> None:
    """Those of another application are not judged."""
    one, other = container("one", "a", managed="true"), container("other", "b", managed="true")
    choice = choose([one, other], OURS)
    assert (choice.ours, choice.coolify) == ((), (one, other))
    choice = choice.with_application([one])
    assert (choice.ours, choice.coolify, choice.elsewhere) == ((one,), (), (other,))


def test_previews_and_one_off_containers_are_not_the_service() -> None:
    """A pull request number of 0 is the main deployment."""
    main = container("main", "x", pullRequestId="0", managed="true")
    preview = container("preview", "x-pr-7", pullRequestId="7", managed="true")
    once = container("once", "x", one_off="True")
    assert choose((main, preview, once), OURS) == Choice((), coolify=(main,), previews=(preview,))


def test_strange_labels_match_nothing() -> None:
    """And make no traceback; what is shown of them is fit to show."""
    strange = container("strange", "\x1b[31m", files=",,\0,\x07", folder="\0")
    assert chosen(strange) == ([], [], ["strange"])
    assert "\x1b" not in described(strange, Path("/"))


@pytest.mark.parametrize(
    "labels",
    [{}, {"folder": "/srv/app"}, {"managed": "false"}],
)
def test_coolify_labels_what_it_makes(labels: Mapping[str, str]) -> None:
    """In every mode; what is not labelled so is somebody else's."""
    assert made_by_coolify(container("x", "x", managed="true"))
    assert not made_by_coolify(container("x", "x", **labels))


def test_a_container_whose_status_went_on_is_still_the_same() -> None:
    """The application's containers are listed a moment later, and by then it is `Up 2 seconds`."""
    first = container("web", "uuid", managed="true")
    later = replace(first, status="Up 2 seconds")

    choice = Choice((), coolify=(first,)).with_application([later])

    assert (choice.ours, choice.elsewhere) == ((first,), ())

"""preflight/git/checkout.py"""

from pathlib import Path

import pytest

from preflight.git.checkout import judged_folder
from preflight.project import ComposeProject, Pin


@pytest.mark.parametrize(
    ("base", "files", "repositories", "expected"),
    [
        ("etc", ["srv/app/docker/c.yaml"], ["srv/app"], "srv/app"),
        ("etc", ["srv/app/docker/c.yaml"], ["srv/app", "etc"], "srv/app"),
        ("etc", ["srv/app/docker/c.yaml"], [], "srv/app/docker"),
        ("srv", ["srv/app/docker/c.yaml"], ["srv/app"], "srv/app"),
        ("srv", ["srv/app/docker/c.yaml"], [], "srv"),
        ("srv/app", ["srv/app/docker/c.yaml"], ["srv/app"], "srv/app"),
        ("srv/app/deploy", ["srv/app/docker/c.yaml"], ["srv/app"], "srv/app/deploy"),
        ("srv/app/docker/x", ["srv/app/docker/c.yaml"], [], "srv/app/docker/x"),
        ("srv/app", ["srv/app/docker/c.yaml"], ["srv/app", "srv/app/docker"], "srv/app"),
        ("link", ["srv/app/docker/c.yaml"], ["srv/app"], "link"),
        ("etc", [], ["srv/app"], "etc"),
    ],
    ids=["elsewhere", "in another repository", "no git", "above", "above, no git", "root", "inside", "inside, no git",
         "submodule", "link to it", "nothing named"],
)  # fmt: skip
def test_which_folder_is_judged(
    tmp_path: Path, base: str, files: list[str], repositories: list[str], expected: str
) -> None:
    """That of the configuration, unless it names files of a checkout that it does not lie in."""
    for folder in ("etc", "srv/app/docker/x", "srv/app/deploy", *(f"{each}/.git" for each in repositories)):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / "link").symlink_to("srv/app")
    named = tuple(tmp_path / file for file in files)
    pins = tuple(Pin("A", "a", file) for file in named)

    assert judged_folder(ComposeProject(tmp_path / base, named)) == tmp_path / expected
    assert judged_folder(ComposeProject(tmp_path / base), pins) == tmp_path / expected

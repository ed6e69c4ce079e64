"""preflight/compose/shadow/origins.py"""

from pathlib import Path

import pytest

from preflight.compose.shadow.origins import (
    SourceKind,
    ValueSource,
    find_source,
    interpolation_files,
    read_quietly,
)
from preflight.project import ComposeProject

BASE = Path("/srv/app")


@pytest.mark.parametrize(
    ("project", "environ", "expected"),
    [
        (ComposeProject(BASE), {}, ("/srv/app/.env",)),
        (ComposeProject(BASE, (Path("/srv/app/docker/compose.yaml"),)), {}, ("/srv/app/docker/.env",)),
        (ComposeProject(BASE, project_directory=Path("/other")), {}, ("/other/.env",)),
        (ComposeProject(BASE), {"COMPOSE_ENV_FILES": "a.env, b.env,"}, ("/srv/app/a.env", "/srv/app/b.env")),
        (ComposeProject(BASE, env_files=(Path("/x.env"),)), {"COMPOSE_ENV_FILES": "a.env"}, ("/x.env",)),
    ],
)
def test_files_that_feed_interpolation(
    project: ComposeProject, environ: dict[str, str], expected: tuple[str, ...]
) -> None:
    """``--env-file`` replaces COMPOSE_ENV_FILES, which replaces ``.env`` of the project's folder."""
    assert tuple(map(str, interpolation_files(project, environ, project.files))) == expected


def test_where_a_name_is_set(tmp_path: Path) -> None:
    """The shell comes first, then the last of the files; a file that is not there says nothing."""
    first, second = tmp_path / "a.env", tmp_path / "b.env"
    first.write_text("A=1\nB=1\n")
    second.write_text("# more\nB=2\n")
    files = (first, second, tmp_path / "gone.env")

    assert find_source("A", {"A": ""}, files) == ValueSource(SourceKind.SHELL, "A")
    assert find_source("A", {}, files) == ValueSource(SourceKind.FILE, "A", first, 1)
    assert find_source("B", {}, files) == ValueSource(SourceKind.FILE, "B", second, 2)
    assert find_source("C", {}, files) is None


def test_a_file_that_cannot_be_read_is_as_empty(tmp_path: Path) -> None:
    """Compose has judged it; this only looks for lines."""
    (tmp_path / "bad.env").write_text("A='x\n")

    assert read_quietly(tmp_path / "bad.env").assignments == ()
    assert read_quietly(tmp_path).assignments == ()
    assert read_quietly(tmp_path / "bad.env", raw=True).value("A") == "'x"

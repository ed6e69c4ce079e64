"""preflight/compose/ask/refused_path.py."""

from pathlib import Path

import pytest

from preflight.compose.ask.refused_path import is_written
from preflight.project import ComposeProject


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("sub/x.env", True),
        ("../other/y.env", True),
        ("compose.yaml", True),
        (".env", True),
        ("hunter2/x.env", False),
        ("sub/hunter2.env", False),
    ],
)
def test_a_part_that_stands_nowhere_is_not_shown(tmp_path: Path, path: str, *, shown: bool) -> None:
    """It is the value of a variable, which may be a secret."""
    file = tmp_path / "compose.yaml"
    file.write_text("services: {app: {env_file: [sub/x.env, ../other/y.env, '${SECRET}/x.env']}}\n")
    project = ComposeProject(tmp_path, (file,))

    assert is_written(tmp_path / path, project, {"SECRET": "hunter2"}) is shown


def test_an_env_file_of_the_command_line_that_is_at_fault_is_shown(tmp_path: Path) -> None:
    """The operator has named it; .env is Compose's own name."""
    project = ComposeProject(tmp_path, env_files=(tmp_path / "x.env",))

    assert is_written(tmp_path / "x.env", project, {})
    assert not is_written(tmp_path / "hunter2.env", project, {})


def test_nothing_is_shown_where_nobody_can_tell(tmp_path: Path) -> None:
    """No compose file that can be read."""
    assert not is_written(tmp_path / "hunter2.env", ComposeProject(tmp_path, (tmp_path / "none.yaml",)), {})

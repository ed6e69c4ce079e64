"""Compose files, project directory and variables are found as Compose finds them."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from preflight.compose.read.files import NAMES, OVERRIDE_NAMES, compose_files, find_files
from preflight.errors import CouldNotLook
from preflight.project import ComposeProject
from tests.preflight.compose import real


def _service(path: str) -> str:
    return "f" + "".join(char if char.isalnum() else "-" for char in path)


def _put(root: Path, *paths: str) -> None:
    """Write compose files whose one service is named after the file."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(f"services: {{{_service(path)}: {{image: b, env_file: [x.env]}}}}\n")


def _agree(
    root: Path, cwd: str = ".", environ: Mapping[str, str] | None = None, *, directory: str = "", env_file: str = ""
) -> list[str]:
    """Ask Compose and ourselves which files count; return our answer relative to ``root``."""
    base = (root / cwd).resolve()
    arguments = (["--project-directory", directory] if directory else []) + (
        ["--env-file", env_file] if env_file else []
    )
    services = real.config(base, *arguments, environ=environ)
    project = ComposeProject(
        base,
        project_directory=base / directory if directory else None,
        env_files=(base / env_file,) if env_file else (),
    )
    found = find_files(project, environ or {})
    names = [os.path.relpath(path, root) for path in found.files]
    assert services is not None
    assert sorted(services) == sorted(map(_service, names))
    for service in services.values():
        assert service["env_file"][0]["path"] == str(found.folder / "x.env")
    return names


@pytest.mark.compose
def test_the_default_names_are_tried_in_composes_order(tmp_path: Path) -> None:
    """The first default name wins, with the first override name of the same folder, found from below too."""
    _put(tmp_path, *NAMES, *OVERRIDE_NAMES)
    (tmp_path / "sub" / "deep").mkdir(parents=True)
    for name in NAMES:
        assert _agree(tmp_path)[0] == name
        assert _agree(tmp_path, "sub/deep")[0] == name
        (tmp_path / name).unlink()
    _put(tmp_path, "compose.yaml")
    for name in OVERRIDE_NAMES:
        assert _agree(tmp_path) == ["compose.yaml", name]
        (tmp_path / name).unlink()
    assert _agree(tmp_path) == ["compose.yaml"]


@pytest.mark.compose
@pytest.mark.parametrize(
    ("dotenv", "environ", "options", "found"),
    [
        ({}, {"COMPOSE_FILE": "sub/s.yaml:o.yaml"}, {}, ["sub/s.yaml", "o.yaml"]),
        ({}, {"COMPOSE_FILE": "o.yaml;sub/s.yaml", "COMPOSE_PATH_SEPARATOR": ";"}, {}, ["o.yaml", "sub/s.yaml"]),
        ({".env": "COMPOSE_FILE=o.yaml\n"}, {}, {}, ["o.yaml"]),
        ({".env": "COMPOSE_FILE=o.yaml\n"}, {"COMPOSE_FILE": "sub/s.yaml"}, {}, ["sub/s.yaml"]),
        ({".env": "COMPOSE_FILE=o.yaml\n"}, {"COMPOSE_DISABLE_ENV_FILE": "1"}, {}, ["compose.yaml"]),
        ({".env": "COMPOSE_FILE=${D:-sub}/s.yaml\n"}, {}, {}, ["sub/s.yaml"]),
        ({".env": "COMPOSE_FILE=sub/s.yaml;o.yaml\nCOMPOSE_PATH_SEPARATOR=;\n"}, {}, {}, ["sub/s.yaml", "o.yaml"]),
        ({".env": "COMPOSE_FILE=o.yaml\n"}, {}, {"directory": "sub"}, ["compose.yaml"]),
        ({"sub/.env": "COMPOSE_FILE=o.yaml\n"}, {}, {"directory": "sub"}, ["o.yaml"]),
        ({"sub/.env": "COMPOSE_FILE=o.yaml\n"}, {}, {}, ["compose.yaml"]),
        (
            {"e.env": "COMPOSE_FILE=o.yaml\n", ".env": "COMPOSE_FILE=sub/s.yaml\n"},
            {},
            {"env_file": "e.env"},
            ["o.yaml"],
        ),
        ({"e.env": "COMPOSE_FILE=o.yaml\n"}, {"COMPOSE_ENV_FILES": "e.env"}, {}, ["o.yaml"]),
        ({"e.env": "A='open\n", ".env": "COMPOSE_ENV_FILES=e.env\n"}, {}, {}, ["compose.yaml"]),
        ({".env": "COMPOSE_FILE=o.yaml\n"}, {}, {"env_file": "/dev/null"}, ["compose.yaml"]),
        ({}, {}, {"directory": "sub"}, ["compose.yaml"]),
    ],
)
def test_files_are_named_as_for_compose(
    dotenv: Mapping[str, str], environ: Mapping[str, str], options: Mapping[str, str], found: list[str], tmp_path: Path
) -> None:
    """COMPOSE_FILE counts from the shell, then --env-file, then .env of the project directory."""
    _put(tmp_path, "compose.yaml", "o.yaml", "sub/s.yaml")
    for name, text in dotenv.items():
        (tmp_path / name).write_text(text)
    assert _agree(tmp_path, environ=environ, **options) == found


@pytest.mark.compose
def test_an_empty_compose_file_variable_fails_for_compose_and_us(tmp_path: Path) -> None:
    """COMPOSE_FILE= names the folder itself, which is no file, rather than nothing."""
    _put(tmp_path, "compose.yaml")
    assert real.config(tmp_path, environ={"COMPOSE_FILE": ""}) is None
    assert compose_files(ComposeProject(tmp_path), {"COMPOSE_FILE": ""}) == (tmp_path,)


def test_given_files_win_and_set_the_folder(tmp_path: Path) -> None:
    """Files named by the operator are taken as they are; the first one's folder is the project directory."""
    given = (tmp_path / "a" / "x.yaml", tmp_path / "b" / "y.yaml")
    found = find_files(ComposeProject(tmp_path, given), {"COMPOSE_FILE": "z.yaml"})
    assert (found.files, found.folder) == (given, tmp_path / "a")


def test_where_there_is_no_file_there_is_none(tmp_path: Path) -> None:
    """An empty folder has no compose files (unless one stands above it, as for Compose)."""
    files = compose_files(ComposeProject(tmp_path), {})
    assert not [path for path in files if path.is_relative_to(tmp_path)]


def test_a_dotenv_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """What .env would have named is not guessed."""
    (tmp_path / ".env").write_text("A='open\n")
    with pytest.raises(CouldNotLook, match=r"\.env:1: "):
        compose_files(ComposeProject(tmp_path), {})


def test_the_variables_of_interpolation_are_the_shells_over_those_of_env_files(tmp_path: Path) -> None:
    """Later env files override earlier ones, the shell overrides them all; a name without a value adds nothing."""
    (tmp_path / "1.env").write_text("A=1\nB=1\nC=1\nD\n")
    (tmp_path / "2.env").write_text("B=2\nC=2\n")
    project = ComposeProject(tmp_path, (tmp_path / "c.yaml",), env_files=(tmp_path / "1.env", tmp_path / "2.env"))
    assert find_files(project, {"C": "3"}).environ == {"A": "1", "B": "2", "C": "3"}

"""preflight/install/program.py"""

import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from preflight.errors import ConfigurationError
from preflight.install.program import path_for_job, this_program
from preflight.lib.installing import how_to_install
from preflight.version import __version__


def script(folder: Path, said: str = f"preflight {__version__}") -> Path:
    """Write a program that answers like ours."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "preflight"
    program.write_text(f"#!/bin/sh\necho {said}\n")
    program.chmod(0o755)
    return program


def test_the_script_that_was_called_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was called: the link that pipx makes outlives an update."""
    real = script(tmp_path / "venvs" / "deploy-preflight" / "bin")
    link = tmp_path / "bin" / "preflight"
    link.parent.mkdir()
    link.symlink_to(real)
    monkeypatch.setattr(sys, "argv", [str(link), "install", "cron"])

    assert this_program({}) == (str(link),)


def test_the_file_of_make_zipapp_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip archive behind a first line that starts it."""
    file = tmp_path / "preflight.pyz"
    file.write_bytes(f"#!/bin/sh\necho preflight {__version__}; exit\n".encode())
    file.chmod(0o755)
    with ZipFile(file, "a") as archive:
        archive.writestr("__main__.py", "")
    monkeypatch.setattr(sys, "argv", [str(file), "install", "cron"])

    assert this_program({}) == (str(file),)


def test_else_the_one_beside_the_interpreter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``python -m preflight``, or a relative path that ``-C`` has made wrong."""
    beside = script(tmp_path / "bin")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    for called in ("/x/preflight/__main__.py", "./preflight"):
        monkeypatch.setattr(sys, "argv", [called])
        assert this_program({}) == (str(beside),)


def test_else_the_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter without a script beside it, e.g. of a distribution's package."""
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\n[ "$1 $2 $3" = "-m preflight --version" ] && echo preflight {__version__}\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(sys, "argv", ["/x/preflight/__main__.py"])

    assert this_program({}) == (str(python), "-m", "preflight")


@pytest.mark.parametrize("said", ["preflight 0.0.0", "hello", ""])
def test_what_does_not_answer_from_elsewhere_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    """A job that could not start would tell nobody."""
    monkeypatch.setattr(sys, "argv", [str(script(tmp_path, said))])

    with pytest.raises(ConfigurationError, match="could not start this preflight") as refused:
        this_program({})

    assert refused.value.hint == how_to_install()


def test_a_cache_is_no_place_for_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``uvx preflight`` and ``pipx run`` make environments that are cleared away."""
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".cache" / "uv" / "archive-v0" / "x"))

    for environ in ({"HOME": str(tmp_path)}, {"UV_CACHE_DIR": str(tmp_path / ".cache" / "uv")}):
        with pytest.raises(ConfigurationError, match="lies in a cache"):
            this_program(environ)


def test_docker_and_git_are_found_by_the_job(tmp_path: Path) -> None:
    """Wherever they are today; the standard folders come first, and nothing is there twice."""
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\n")
    docker.chmod(0o755)

    path = path_for_job({"PATH": f"{tmp_path}:/usr/bin"}).split(":")

    assert path[:2] == ["/usr/local/sbin", "/usr/local/bin"]
    assert path.count("/usr/bin") == 1
    assert path[-1] == str(tmp_path)

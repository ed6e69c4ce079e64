"""collection/roles/preflight: real installations, by pipx, by uv, and of the file that ``make zipapp`` writes."""

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from provision.wheels import runtime_wheels

from preflight.version import __version__
from tests.collection.test_preflight_module import ROOT, ansible, folder
from tests.collection.test_role import play

__all__ = ["folder"]

OLDER = "0.1.9"
BARE_PATH = "/usr/bin:/bin"


def run(*argv: str, cwd: Path = ROOT, env: dict[str, str] | None = None, seconds: float = 300) -> str:
    """Run a program that has to succeed, and return what it prints."""
    done = subprocess.run(argv, cwd=cwd, env=env, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wheel(place: Path, version: str) -> Path:
    """Build the wheel of this checkout, under a version."""
    checkout = place / f"checkout-{version}"
    checkout.mkdir()
    for name in ("preflight", "checks"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    stated = checkout / "preflight" / "version.py"
    stated.write_text(stated.read_text().replace(f'"{__version__}"', f'"{version}"'))
    offline = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(place)]
    run(sys.executable, "-m", "pip", "wheel", *offline, str(checkout))
    return next(place.glob(f"deploy_preflight-{version}-*.whl"))


@pytest.mark.parametrize(
    ("installer", "versions"),
    [("pipx", (OLDER, __version__, __version__)), ("uv", (__version__, OLDER, OLDER))],
    ids=["pipx-upgrade", "uv-downgrade"],
)
def test_another_version_is_installed_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch, installer: str, versions: tuple[str, ...]
) -> None:
    """The real installers, from files: another version replaces the one that is there; the same changes nothing."""
    wheels = str(runtime_wheels())
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": wheels}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
        monkeypatch.setenv(f"UV_{name}", value)
    monkeypatch.setenv("UV_PYTHON", f"{sys.version_info.major}.{sys.version_info.minor}")
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    changed, present = [], []
    for version in versions:
        package = next(folder.glob(f"deploy_preflight-{version}-*.whl"), None) or wheel(folder, version)
        given = {"preflight_install": installer, "preflight_package": str(package), "preflight_version": version}

        code, counts, said = play(folder, **given)

        assert code == 0, said
        changed.append(counts["changed"])
        present.append(run(str(folder / "bin" / "preflight"), "--version", cwd=folder, env={"PATH": BARE_PATH}))
    assert changed == [1, 1, 0]
    assert present == [f"preflight {version}\n" for version in versions]


@pytest.fixture
def bare_host(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A host that has a Python of this version and nothing else: no pip, no package."""
    venv.create(folder / "bare", with_pip=False)
    hosts = (folder / "hosts").read_text().replace(sys.executable, str(folder / "bare" / "bin" / "python3"))
    (folder / "hosts").write_text(hosts)
    monkeypatch.setenv("PATH", f"{folder / 'bare' / 'bin'}:{BARE_PATH}")
    (folder / "bin").mkdir()
    return folder


def test_the_zipapp_on_a_host_that_has_only_python(bare_host: Path) -> None:
    """The role installs it once, in the place of a link; the tool runs, and a broken file does not replace it."""
    path = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    file = bare_host / "made" / "preflight.pyz"
    run("sh", "docker/zipapp.sh", str(file), env=path)
    program, earlier = bare_host / "bin" / "preflight", bare_host / "earlier"
    earlier.write_text("#!/bin/sh\necho preflight 0.0.1\n")
    program.symlink_to(earlier)
    given = {"preflight_install": "zipapp", "preflight_zipapp": str(file)}

    first, again = play(bare_host, **given), play(bare_host, **given)

    assert (first[0], again[0]) == (0, 0), first[2] + again[2]
    assert (first[1]["changed"], again[1]["changed"]) == (1, 0)
    assert (program.is_symlink(), "0.0.1" in earlier.read_text()) == (False, True)
    assert [path.name for path in program.parent.iterdir()] == ["preflight"]
    clean = {"PATH": os.environ["PATH"], "HOME": str(bare_host), "LC_ALL": "C.UTF-8"}
    assert run(str(program), "--version", cwd=bare_host, env=clean) == f"preflight {__version__}\n"
    isolated = [str(bare_host / "bare" / "bin" / "python3"), "-I", "-S", str(program)]
    assert "pin-file" in run(*isolated, "list", cwd=bare_host, env=clean)
    project = bare_host / "web-1"
    run("git", "init", "--quiet", str(project))
    assert f" {program} -C {project} run " in run(str(program), "install", "cron", "--dry-run", cwd=project, env=clean)

    file.write_bytes(file.read_bytes()[:-2000])
    broken = play(bare_host, **given)

    assert (broken[0], broken[1]["failed"]) == (2, 1), broken[2]
    assert run(str(program), "--version", cwd=bare_host, env=clean) == f"preflight {__version__}\n"


def test_the_collection_is_built_as_the_manual_says(folder: Path) -> None:
    """Under the version of the tool."""
    done = ansible(folder, "ansible-galaxy", "collection", "build", str(ROOT / "collection"), "--output-path", "built")

    assert done.returncode == 0, done.stderr
    [archive] = (folder / "built").iterdir()
    assert archive.name == f"deploy_preflight-preflight-{__version__}.tar.gz"

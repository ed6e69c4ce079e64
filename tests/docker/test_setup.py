"""docker/setup.sh, with a stand-in for Python that notes what it is asked for: no network, no real environment."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534
PYTHON = """#!/bin/sh
printf '%s\\n' "$*" >>"$LOG"
case "$*" in
*" install "*--requirement*) [ ! -e no-network ] ;;
"-m venv --clear .venv") rm -rf .venv && mkdir -p .venv/bin && cp "$PYTHON" .venv/bin/python ;;
esac
"""
ENVIRONMENT = "-m venv --clear .venv"
PACKAGES = (
    "-m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:"
    " --requirement requirements/build.txt --requirement requirements/{}.txt"
)
CHECKOUT = "-m pip install --quiet --disable-pip-version-check --no-deps --no-index --no-build-isolation --editable ."

SetUp = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Make what the script looks at."""
    folder = tmp_path / "checkout"
    (folder / "docker").mkdir(parents=True)
    shutil.copy(ROOT / "docker" / "setup.sh", folder / "docker")
    shutil.copy(ROOT / "pyproject.toml", folder)
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    return folder


@pytest.fixture
def set_up(checkout: Path, tmp_path: Path) -> SetUp:
    """Return what runs the script, and gives its exit code and how it made and filled the environment."""
    python, log = tmp_path / "python3", tmp_path / "log"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)

    def run(*arguments: str) -> tuple[int, list[str]]:
        log.write_text("")
        env = {"PATH": os.environ["PATH"], "PYTHON": str(python), "LOG": str(log)}
        script = ["sh", str(checkout / "docker" / "setup.sh"), *arguments]
        done = subprocess.run(script, env=env, capture_output=True, timeout=60, check=False)
        lines = log.read_text(encoding="utf-8").splitlines()
        return done.returncode, [line for line in lines if line.startswith(("-m venv", "-m pip"))]

    return run


@pytest.mark.parametrize(("arguments", "lock"), [((), "run"), (("zipapp",), "zipapp"), (("dev",), "dev")])
def test_it_installs_the_lock_and_the_checkout_once(arguments: tuple[str, ...], lock: str, set_up: SetUp) -> None:
    """All that comes from elsewhere has a hash; the checkout is built by the locked backend, without a network."""
    assert set_up(*arguments) == (0, [ENVIRONMENT, PACKAGES.format(lock), CHECKOUT])
    assert set_up(*arguments) == (0, [])


@pytest.mark.parametrize("lock", ["build", "run", "verify", "dev"])
def test_a_changed_lock_makes_a_new_environment(lock: str, set_up: SetUp, checkout: Path) -> None:
    """What the lock no longer names does not stay, nor what mypy remembers of the packages."""
    set_up("dev")
    remembered = checkout / ".mypy_cache"
    remembered.mkdir()
    with (checkout / "requirements" / f"{lock}.txt").open("a") as file:
        file.write("# changed\n")
    assert set_up("dev") == (0, [ENVIRONMENT, PACKAGES.format("dev"), CHECKOUT])
    assert not remembered.exists()
    assert set_up("dev") == (0, [])


def test_a_changed_pyproject_installs_the_checkout_again(set_up: SetUp, checkout: Path) -> None:
    """Entry points may have changed; the packages have not."""
    set_up("dev")
    with (checkout / "pyproject.toml").open("a") as file:
        file.write("# changed\n")
    assert set_up("dev") == (0, [CHECKOUT])
    assert set_up("dev") == (0, [])


def test_the_set_up_for_tests_serves_the_demo_too(set_up: SetUp) -> None:
    """From the small one to the large one all is installed; back again nothing is to be done."""
    set_up()
    assert set_up("dev") == (0, [ENVIRONMENT, PACKAGES.format("dev"), CHECKOUT])
    assert set_up() == (0, [])
    assert set_up("dev") == (0, [])


def test_what_failed_is_done_again(set_up: SetUp, checkout: Path) -> None:
    """A lock that could not be installed does not count as installed."""
    (checkout / "no-network").touch()
    assert set_up("dev") == (1, [ENVIRONMENT, PACKAGES.format("dev")])
    (checkout / "no-network").unlink()
    assert set_up("dev") == (0, [ENVIRONMENT, PACKAGES.format("dev"), CHECKOUT])


def test_an_unknown_set_up_is_refused(set_up: SetUp) -> None:
    """A misspelt word does not become the small set-up."""
    assert set_up("develop") == (2, [])


def test_a_folder_that_an_earlier_run_as_root_made_is_named() -> None:
    """With the command that gives it back."""
    with TemporaryDirectory(prefix="preflight-setup-") as folder:
        checkout = Path(folder)
        checkout.chmod(0o755)
        (checkout / "docker").mkdir()
        shutil.copy(ROOT / "docker" / "setup.sh", checkout / "docker")
        (checkout / ".cache").mkdir(mode=0o555)
        done = subprocess.run(
            ["sh", f"{folder}/docker/setup.sh"],
            user=NOBODY if os.geteuid() == 0 else None,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "cannot go on: .cache belongs to somebody else; an earlier run as root made it",
        '  -> sudo chown -R "$(id -un)" .venv .cache',
    ]

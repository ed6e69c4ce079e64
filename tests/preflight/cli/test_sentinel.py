"""preflight/cli/sentinel.py, as a person calls it."""

from pathlib import Path

import pytest

from tests.real.cli import PreflightCli
from tests.real.git import GitRepository

PIN = "AGENT_IMAGE=ghcr.io/example/agent@sha256:" + "1" * 64 + "\n"


@pytest.fixture
def checkout(git_repository: GitRepository) -> GitRepository:
    """A repository whose configuration names one pin."""
    git_repository.commit(
        {
            "preflight.yaml": "pins: [{variable: AGENT_IMAGE, service: app, file: docker/pin.env}]\n",
            "docker/pin.env": PIN,
        }
    )
    return git_repository


def test_the_whole_way(preflight_cli: PreflightCli, checkout: GitRepository) -> None:
    """Arm, look, arm again, disarm, look: exit 0 each time, and the work tree is clean again."""
    said = [
        preflight_cli("sentinel", word, cwd=checkout.path)
        for word in ("arm", "status", "arm", "disarm", "status", "disarm")
    ]

    assert [done.returncode for done in said] == [0] * 6
    assert [done.stderr for done in said] == [""] * 6
    lines = [done.stdout.splitlines()[0] for done in said]
    token = lines[0].partition("=")[2]
    assert lines == [
        f"Armed docker/pin.env: PREFLIGHT_SENTINEL={token}",
        f"docker/pin.env is armed: PREFLIGHT_SENTINEL={token} (line 1)",
        f"docker/pin.env is armed already: PREFLIGHT_SENTINEL={token}",
        "Disarmed docker/pin.env.",
        "docker/pin.env is not armed.",
        "docker/pin.env is not armed.",
    ]
    assert "Now deploy" in said[0].stdout
    assert checkout.git("status", "--porcelain") == ""


def test_uncommitted_changes_are_mentioned(preflight_cli: PreflightCli, checkout: GitRepository) -> None:
    """On standard error; arming is safe all the same."""
    checkout.write({"docker/pin.env": PIN.replace("1", "2")})
    done = preflight_cli("sentinel", "arm", cwd=checkout.path)
    assert done.returncode == 0
    assert done.stderr == "preflight: docker/pin.env has uncommitted changes; they stay, also after disarming\n"


def test_files_can_be_named(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Without configuration or git; one that is not there does not stop the other."""
    (tmp_path / "a.env").write_text(PIN)
    done = preflight_cli("sentinel", "arm", "--file", "none.env", "--file", "a.env", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr == "preflight: there is no file none.env. Correct the path, or create the file.\n"
    assert done.stdout.startswith("Armed a.env")


def test_nothing_found_is_a_usage_error(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """Exit 2, and how to say which."""
    done = preflight_cli("sentinel", "status", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "no pin file was found" in done.stderr
    assert "--file" in done.stderr


def test_it_works_in_a_bare_environment(preflight_cli: PreflightCli, checkout: GitRepository) -> None:
    """Cron has no HOME and no PATH."""
    assert preflight_cli("sentinel", "arm", cwd=checkout.path, bare=True).returncode == 0


def test_help_tells_the_exit_codes(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """And how it goes."""
    done = preflight_cli("sentinel", "--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "Exit codes:" in done.stdout
    assert "demands that very value in every container" in done.stdout

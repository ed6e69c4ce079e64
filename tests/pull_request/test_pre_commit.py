"""The hook of .pre-commit-hooks.yaml, run by the real pre-commit as part of a real `git commit`."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.pull_request.project import GOOD, TAG, project
from tests.real.compose import docker_config
from tests.real.git import GIT_ENVIRON, GitRepository

ROOT = Path(__file__).resolve().parents[2]
HOOKS = ROOT / ".pre-commit-hooks.yaml"
CONFIGURATION = """\
repos:
  - repo: {hooks}
    rev: {commit}
    hooks:
      - id: preflight
        language: system  # this environment has preflight; everything else is as the hook says
"""


class Committer:
    """Somebody who commits in a project with the hook.

    Args:
        repository: The project.
        environ: Of ``git commit``, and so of the hook.
    """

    def __init__(self, repository: GitRepository, environ: dict[str, str]) -> None:
        self.repository = repository
        self._environ = environ

    def commits(self, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Change files and commit them."""
        self.repository.write(files)
        self.repository.git("add", "--all")
        return self.runs("git", "commit", "--message", "Change it")

    def runs(self, *argv: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the project."""
        return subprocess.run(
            argv,
            cwd=self.repository.path,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=90,
            check=False,
        )


@pytest.fixture(scope="module")
def committer(tmp_path_factory: pytest.TempPathFactory) -> Committer:
    """A project whose commits run the hook."""
    folder = tmp_path_factory.mktemp("pre-commit")
    hooks = GitRepository.create(folder / "hooks")
    hooks.write({HOOKS.name: HOOKS.read_text(encoding="utf-8")})
    hooks.git("add", "--all")
    hooks.git("commit", "--quiet", "--message", "Offer a hook")
    repository = project(folder / "project")
    environ = {
        **GIT_ENVIRON,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "PRE_COMMIT_HOME": str(folder / "cache"),
        "DOCKER_CONFIG": str(docker_config()),
    }
    made = Committer(repository, environ)
    text = CONFIGURATION.format(hooks=hooks.path, commit=hooks.git("rev-parse", "HEAD"))
    repository.write({".pre-commit-config.yaml": text})
    assert made.runs("pre-commit", "install").returncode == 0
    return made


def test_a_pin_that_is_a_tag_is_not_committed(committer: Committer) -> None:
    """The person who writes it reads what is wrong, where, and what to do."""
    before = committer.repository.git("rev-parse", "HEAD")
    done = committer.commits({"deploy/app-image-pin.env": TAG})

    assert done.returncode != 0
    assert "FAIL  pin-file/tag  deploy/app-image-pin.env:1" in done.stdout
    assert committer.repository.git("rev-parse", "HEAD") == before


def test_a_new_digest_is_committed(committer: Committer) -> None:
    """Though no commit has it yet when the hook runs."""
    done = committer.commits({"deploy/app-image-pin.env": GOOD.replace("a" * 64, "b" * 64)})

    assert done.returncode == 0, done.stdout
    assert "Passed" in done.stdout


def test_other_files_do_not_start_it(committer: Committer) -> None:
    """A change to the manual waits for nothing."""
    done = committer.commits({"README.md": "Read me.\n"})

    assert done.returncode == 0
    assert "(no files to check)Skipped" in done.stdout


@pytest.mark.parametrize(
    ("path", "starts"),
    [
        ("compose.yaml", True),
        ("docker/docker-compose.prod.yml", True),
        ("docker/compose.app.yaml", True),
        ("docker/agent-image-pin.env", True),
        (".env", True),
        ("docker/.env.production", True),
        (".github/workflows/release.yml", True),
        (".github/actions/clean-up/action.yml", True),
        ("preflight.yaml", True),
        ("src/environment.py", False),
        ("docs/compose.md", False),
        ("tests/data/workflows/a.yml", False),
    ],
)
def test_it_starts_for_what_decides_what_runs(path: str, starts: bool) -> None:
    """Compose files, env files, workflows, the configuration; nothing else."""
    [hook] = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))

    assert (re.search(hook["files"], path) is not None) is starts

"""preflight/cli/problem.py: which files say that nothing was checked."""

import json
from pathlib import Path

import pytest

from preflight.cli.problem import report_problem
from tests.real.git import GitRepository

FILES = {"pin.env": "A=1\n", "compose.yaml": "services: {}\n", "docker/app.yaml": "services: {}\n", "kept.txt": "x\n"}


@pytest.fixture
def folder(git_repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which the operator stands."""
    git_repository.commit(FILES)
    monkeypatch.chdir(git_repository.path)
    return git_repository.path


@pytest.mark.parametrize(
    "target",
    [".git/config", ".git/hooks/post-checkout", "sub/../.git/HEAD", "pin.env", "compose.yaml", "docker/app.yaml",
     "kept.txt", "preflight.yaml", "../outside.json", "new/../.git/index"],
)  # fmt: skip
@pytest.mark.parametrize("text", ["output: [json={}]\n", "typo: 1\noutput:\n  - json={}\n"])
def test_a_found_configuration_that_is_wrong_overwrites_nothing(folder: Path, target: str, text: str) -> None:
    """Also where its output is what is wrong with it: the refusal must not be written to what was refused."""
    (folder / "sub").mkdir()
    (folder / "preflight.yaml").write_text(text.format(target))
    before = {path: path.read_bytes() for path in sorted(folder.parent.rglob("*")) if path.is_file()}

    report_problem(["run"], "it is wrong", 2)

    assert {path: path.read_bytes() for path in sorted(folder.parent.rglob("*")) if path.is_file()} == before


def test_a_file_that_the_configuration_names_is_not_overwritten(folder: Path) -> None:
    """Git does not know it yet, but the configuration reads it."""
    (folder / "pins.txt").write_text("A=1\n")
    (folder / "preflight.yaml").write_text("pins: [{file: pins.txt}]\noutput: [json=pins.txt]\n")

    report_problem(["run"], "it is wrong", 2)

    assert (folder / "pins.txt").read_text() == "A=1\n"


@pytest.mark.parametrize("given", [False, True], ids=["found", "named"])
def test_yesterdays_report_is_replaced(folder: Path, given: bool) -> None:
    """A green report of yesterday would be taken for today's."""
    (folder / "report.json").write_text('{"exit_code": 0}')
    (folder / "preflight.yaml").write_text("output: [json=report.json]\n")

    report_problem(["run", *(["--config", "preflight.yaml"] if given else [])], "it is wrong", 2)

    assert json.loads((folder / "report.json").read_text())["exit_code"] == 2


@pytest.mark.parametrize("arguments", [["--output", "json=-"], []], ids=["option", "configuration"])
def test_no_file_gets_the_name_of_a_stream(folder: Path, arguments: list[str]) -> None:
    """Not even when that is what the report says."""
    (folder / "preflight.yaml").write_text("output: [json=-]\n")

    report_problem(["run", *arguments], "it is wrong", 2)

    assert not (folder / "-").exists()

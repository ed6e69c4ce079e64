"""preflight/cli/completion.py: ids for the Tab key, without running any check's code."""

import os
from pathlib import Path

import pytest

from preflight.run.discovery import discover
from tests.fakes.packages import install
from tests.real.cli import PreflightCli

IDS = [check.about.id for check in discover().checks]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("preflight run --only pin-f", {"pin-file", "pin-freshness"}),
        ("preflight run --skip ghcr-", {each for each in IDS if each.startswith("ghcr-")}),
        ("preflight run --only disk", {"disk-space"}),
        ("preflight run --checks-dir more --only my", {"my-check"}),
        ("preflight hook --skip pin-fr", {"pin-freshness"}),
        ("preflight explain set", {"setup"}),
        ("preflight explain hoo", {"hook"}),
        ("preflight explain pin-fi", {"pin-file"}),
        ("preflight run --only nothing", set()),
    ],
)
def test_ids_are_completed_and_nothing_is_run(
    preflight_cli: PreflightCli, tmp_path: Path, words: str, found: set[str]
) -> None:
    """Files and entry points name the checks."""
    mark = "open('ran', 'w')"
    install(tmp_path / "site", "acme", {"disk-space": "acme_disk:DiskSpace"}, {"acme_disk.py": mark})
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "my_check.py").write_text(mark)
    source = str(Path(__file__).resolve().parents[3])
    env = {
        "PYTHONPATH": os.pathsep.join((source, str(tmp_path / "site"))),
        "_PREFLIGHT_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split()) - 1),
    }

    done = preflight_cli(cwd=tmp_path, env=env)

    assert {line.removeprefix("plain,") for line in done.stdout.split()} == found
    assert not (tmp_path / "ran").exists()

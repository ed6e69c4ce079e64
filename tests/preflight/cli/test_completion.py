"""preflight/cli/completion.py: ids for the Tab key, without running any check's code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from preflight.run.discovery import discover
from tests.fakes.packages import install
from tests.real.cli import PreflightCli


def codes(check_id: str) -> set[str]:
    """Return the codes of a check's failures."""
    return {code for check in discover().checks if check.about.id == check_id for code in check.about.codes}


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
        ("preflight run --tag coo", {"coolify"}),
        ("preflight run --allow pin-f", {"pin-file/", "pin-freshness/"}),
        ("preflight run --allow coolify-red", {f"coolify-redeploy/{code}" for code in codes("coolify-redeploy")}),
        ("preflight hook --allow pin-file/sub", {"pin-file/submodule"}),
        ("preflight explain pin-file/nu", {"pin-file/nul"}),
        ("preflight explain setup/br", {"setup/broken-module"}),
        ("preflight explain disk-space/", set()),
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


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_program(preflight_cli: PreflightCli, tmp_path: Path, shell: str) -> None:
    """It names the variable that the program looks for."""
    done = preflight_cli("completion", shell, cwd=tmp_path)

    assert done.returncode == 0
    assert f"_PREFLIGHT_COMPLETE={shell}_complete" in done.stdout
    assert ('string split --max 1 ","' in done.stdout) == (shell == "fish"), "click's own cuts help at its first comma"


def test_bash_takes_the_script_and_completes_with_it(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """A real bash, with the words that a person would have typed."""
    script = tmp_path / "completion.bash"
    script.write_text(preflight_cli("completion", "bash", cwd=tmp_path).stdout)
    words = "COMP_WORDS=(preflight run --only pin-f); COMP_CWORD=3; _preflight_completion preflight"
    bin_folder = str(Path(sys.executable).parent)

    done = subprocess.run(
        ["bash", "-c", f'. ./completion.bash; {words}; printf "%s\\n" "${{COMPREPLY[@]}}"'],
        cwd=tmp_path,
        env={"PATH": f"{bin_folder}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stdout.split() == ["pin-file", "pin-freshness"], done.stderr

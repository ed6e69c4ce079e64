"""preflight/cli/pin.py and preflight/pin/history.py: real git, real registry, real engine."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from provision.registry import RegistryClient
from provision.sample import REPOSITORY, VARIABLE, Sample

from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine

pytestmark = [pytest.mark.engine, pytest.mark.registry]


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(preflight_cli: PreflightCli, sample: Sample, engine: RealEngine) -> Run:
    """Run `preflight pin …` in the sample."""

    def call(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        insecure = ("--registry-insecure", sample.registry)
        return preflight_cli("pin", *arguments, *insecure, cwd=sample.path, env={**engine.environ, **environ})

    return call


def test_history_shows_releases_and_rollbacks(run: Run, sample: Sample) -> None:
    """Newest first: the way back is marked as such, a moved tag and a deleted digest are seen."""
    sample.release("1.4.2", RegistryClient(sample.registry))
    sample.revert()
    RegistryClient(sample.registry).push_image(REPOSITORY, "1.4.0", content="somebody else's")

    done = run("history", "--format", "json")

    assert done.returncode == 0, done.stderr
    [pin] = json.loads(done.stdout)["pins"]
    newest, released, *older = pin["changes"]
    assert (pin["variable"], pin["history_ends"]) == (VARIABLE, None)
    assert (newest["release"], newest["returns_to"]) == ("1.4.1", older[0]["commit"])
    assert (released["release"], released["tag"], released["registry"]) == ("1.4.2", "same", "yes")
    assert {each["release"]: each["tag"] for each in older}["1.4.0"] == "moved"
    assert newest["on_host"] is False
    assert newest["running"] == []


def test_the_history_fits_a_narrow_terminal(run: Run) -> None:
    """No row is wider than 80 columns, and none loses what is known of it; a wide terminal has a column for each."""
    narrow = run("history", "--offline", COLUMNS="80").stdout.splitlines()[2:]
    assert max(map(len, narrow)) <= 80
    assert "".join(narrow).count("registry: not asked") == 5
    assert "RELEASE    DIGEST" in run("history", "--offline", COLUMNS="120").stdout


def test_show_is_the_newest_change(run: Run) -> None:
    """`preflight pin` alone, too; the table names release and short digest."""
    shown = run("show")

    assert shown.returncode == 0, shown.stderr
    assert "1.4.1" in shown.stdout
    assert "sha256:" in shown.stdout
    assert len([line for line in shown.stdout.splitlines() if "sha256:" in line]) == 2


def test_show_names_line_and_reference_of_the_work_tree(run: Run, sample: Sample) -> None:
    """What the file has now counts, and that nobody committed it is said; a file that says nothing is exit 3."""
    [pin] = json.loads(run("show", "--format", "json").stdout)["pins"]
    assert (pin["line"], pin["reference"], pin["committed"]) == (
        2,
        sample.pin_file.read_text().split("=")[1].strip(),
        True,
    )
    other = f"{sample.registry}/{REPOSITORY}@sha256:{'1' * 64}"
    sample.pin_file.write_text(f"\n\n{VARIABLE}={other}\n")

    shown = run("show", "--offline", "--variable", VARIABLE)
    assert f"docker/agent-image-pin.env:3\n{other} (not committed)\n" in shown.stdout

    named = f"{{variable: {VARIABLE}, service: application-server, file: docker/agent-image-pin.env}}"
    (sample.path / "preflight.yaml").write_text(f"pins: [{named}]\n")
    sample.pin_file.write_text("OTHER=1\n")
    told = {command: run(command, "--offline") for command in ("show", "history")}
    assert {command: done.returncode for command, done in told.items()} == {"show": 3, "history": 0}
    assert f"docker/agent-image-pin.env gives {VARIABLE} no value" in told["show"].stderr


def test_a_history_that_is_cut_off_says_so(
    preflight_cli: PreflightCli, sample: Sample, engine: RealEngine, tmp_path: Path
) -> None:
    """And claims neither that the pin is committed nor that it is not."""
    clone = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{sample.path}", str(clone)], check=True)
    told = {
        format_: preflight_cli("pin", "show", "--offline", "--format", format_, cwd=clone, env=engine.environ).stdout
        for format_ in ("table", "json", "line")
    }
    assert "no commit here changed the pin\nthe history is cut off at commit" in told["table"]
    assert "not committed" not in told["table"]
    assert json.loads(told["json"])["pins"][0]["committed"] is None
    assert told["line"].endswith(":2 no commit here changed the pin\n")


def test_a_variable_that_is_no_pin_is_a_usage_error(run: Run) -> None:
    """Nothing shown would look like nothing pinned."""
    for command in ("show", "history"):
        done = run(command, "--offline", "--variable", "NONE")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"there is no pin NONE\n  Choose with --variable: {VARIABLE}." in done.stderr


def test_offline_asks_no_registry(run: Run) -> None:
    """What was not asked is called so."""
    done = run("history", "--offline", "--format", "line")

    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5
    assert all("not asked not asked" in line for line in done.stdout.splitlines())


def test_a_folder_without_a_pin_is_a_usage_error(preflight_cli: PreflightCli, tmp_path: Path) -> None:
    """With what to do."""
    done = preflight_cli("pin", cwd=tmp_path)

    assert done.returncode == 2
    assert "there is no compose file" in done.stderr

"""action.yml: its steps run by a runner of our own, on a project whose pin is wrong."""

import re
from pathlib import Path

import pytest
import yaml

from preflight.model import Need
from preflight.run.discovery import discover_own
from preflight.version import __version__
from tests.pull_request.project import TAG, project
from tests.pull_request.runner import Runner, machine
from tests.real.compose import docker_config

ROOT = Path(__file__).resolve().parents[2]
INSTALL, COMPARE, RUN = "Install preflight", "Compare the version", "Run preflight"
ATTACK = """$(touch ran)`touch ran`'; touch ran; '"; touch ran; "\ntouch ran"""


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A machine on which the action's first step installed preflight, with the project checked out."""
    folder = tmp_path_factory.mktemp("action")
    (folder / "temp").mkdir()
    workspace = project(folder / "work space", TAG).path
    one = Runner(ROOT, workspace, folder / "temp", machine(HOME=str(folder), DOCKER_CONFIG=str(docker_config())))
    installed = one.step(INSTALL)
    assert installed.code == 0, installed.log
    return one


def test_what_is_wrong_is_said_in_the_pull_request(runner: Runner) -> None:
    """An annotation at the line, a table in the summary after what was there, the exit code of preflight."""
    done = runner.step(RUN)

    assert done.code == 1
    [annotation] = done.annotations
    assert annotation.startswith("::error file=deploy/app-image-pin.env,line=2,title=preflight%3A pin-file/tag::")
    assert done.summary.startswith("What the step had said before.\n")
    assert "pin-file/tag" in done.summary


def test_paths_are_those_of_the_repository(runner: Runner) -> None:
    """Also where the step works in a folder of it."""
    done = runner.step(RUN, working_directory="deploy", config="../preflight.yaml", args="--only\npin-file")

    assert done.code == 1
    assert "file=deploy/app-image-pin.env,line=2," in done.annotations[0]


def test_options_are_one_a_line(runner: Runner) -> None:
    """Empty lines are none."""
    page = runner.temp / "page.html"
    done = runner.step(RUN, args=f"--allow\npin-file/tag\n\n--skip\ncompose-version\n--output\nhtml={page}\n")

    assert done.code == 0, done.log
    assert "9 checks left out" in done.log
    assert "<b>warn:</b> clear to roll out" in page.read_text(encoding="utf-8")  # the package has its templates


@pytest.mark.parametrize("inputs", [{"working_directory": ATTACK}, {"config": ATTACK, "args": ATTACK}])
def test_no_input_is_a_command(runner: Runner, inputs: dict[str, str]) -> None:
    """What a workflow passes on from a stranger's branch name stays a word."""
    done = runner.step(RUN, **inputs)

    assert done.code in (1, 2), done.log
    assert not [path for folder in (runner.workspace, runner.temp) for path in folder.rglob("ran")]


def test_another_version_than_the_one_that_is_named_is_refused(runner: Runner) -> None:
    """Who pins a commit can say which version that should be."""
    assert runner.step(COMPARE).code == 0
    assert runner.step(COMPARE, version=__version__).code == 0
    refused = runner.step(COMPARE, version="99.0.0")
    assert refused.code == 2
    assert f"this commit of the action has preflight {__version__}" in refused.annotations[0]


def test_no_expression_is_in_a_script(runner: Runner) -> None:
    """The runner would write the value into the script before bash reads it."""
    steps = runner.definition["runs"]["steps"]

    assert not [step["name"] for step in steps if "${{" in step["run"]]
    assert all(
        re.fullmatch(r"\$\{\{ inputs\.[a-z-]+ \}\}", text) for step in steps for text in step.get("env", {}).values()
    )


def test_what_looks_at_the_host_is_left_out() -> None:
    """By the action and by the hook alike: all checks that need an engine and no network, and no other."""
    host = {
        check.about.id
        for check in discover_own().checks
        if Need.ENGINE in check.about.needs and Need.NETWORK not in check.about.needs
    }
    script = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"][-1]["run"]
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    looped = script.partition("for check in ")[2].partition(";")[0].replace("\\\n", " ").split()

    assert set(looped) == host
    assert set(re.findall(r"--skip (\S+)", hook["entry"])) == host

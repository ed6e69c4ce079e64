"""Tests of preflight/workflows/collect.py."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight import DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.workflows import collect
from preflight.workflows.collect import read_workflows
from preflight.workflows.judge import PackageReleases, judge_steps, judge_unseen
from preflight.workflows.language import Language
from preflight.workflows.model import UnseenKind
from preflight.workflows.package import Package
from preflight.workflows.value import Tri
from tests.preflight.workflows.judging import REPOSITORY, workflow, workflows

CASES = sorted((Path(__file__).resolve().parents[2] / "cases-workflows").glob("*.yml"))
_WORDS = [
    "{",
    "- ",
    "on:",
    "jobs:",
    "steps: [x]",
    "matrix: {a: [[1]]}",
    "<<: *x",
    "&x",
    "uses: ./",
    "with: 1",
    "!t x",
    "\x00",
    "'",
]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(CASES), st.data())
def test_no_damage_makes_a_traceback(case: Path, data: st.DataObject) -> None:
    """Lines gone, doubled, moved or replaced: a workflow is judged, or is a problem of its own, and nothing breaks."""
    lines = case.read_text(encoding="utf-8").split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        word = data.draw(st.sampled_from(_WORDS))
        indent = " " * data.draw(st.integers(0, 10))
        change = data.draw(st.sampled_from(["drop", "double", "replace", "insert"]))
        lines[at : at + 1] = {
            "drop": [""],
            "double": [lines[at], lines[at]],
            "replace": [indent + word],
            "insert": [lines[at], indent + word],
        }[change]
    with TemporaryDirectory() as folder:
        target = Path(folder) / ".github" / "workflows" / "w.yml"
        target.parent.mkdir(parents=True)
        target.write_text("\n".join(lines), encoding="utf-8")

        found = read_workflows(Path(folder).resolve(), Deadline.after(30))

        judged = judge_steps(found.steps, Package("acme", "agent/runner"), PackageReleases(), Deadline.after(30))
        assert found.files
        assert all(each.place.line for each in judged)
        assert all(each.notes for each in judge_unseen(found.unseen))


def test_programs_scripts_and_actions_are_read(tmp_path: Path) -> None:
    """What a step runs here is a step of its own: a script in its working directory, the program of an action."""
    steps = "- run: ./prune.sh\n  working-directory: ci/tools\n- uses: ./a\n- uses: acme/agent/b@main"
    files = {
        **workflow(steps),
        "ci/tools/prune.sh": "x\n",
        "a/action.yaml": "runs: {using: node20, main: index.js}\n",
        "a/index.js": "y\n",
        "b/action.yml": "runs:\n  using: composite\n  steps:\n    - run: make z\n      shell: bash\n",
    }

    found = workflows(tmp_path, files, REPOSITORY)

    assert [step.script.text for step in found.steps if step.script] == ["./prune.sh", "x\n", "y\n", "make z"]
    assert [path.name for path in found.scripts] == ["prune.sh", "index.js"]
    assert [path.name for path in found.files] == ["w.yml", "action.yaml", "action.yml"]
    assert [each.what for each in found.unseen] == ["make z"]


def test_variables_of_workflow_job_and_step(tmp_path: Path) -> None:
    """The inner hide the outer; GitHub's own are there; what a step sets for those behind it is not known any more."""
    steps = "- run: a\n  env: {C: 3}\n- run: echo B=4 >> $GITHUB_ENV\n- run: b"
    files = workflow(steps, head="on: push\nenv: {A: 1, B: 1, C: 1}\n", job="    env: {B: 2}\n")

    first, _, last = (step.script for step in workflows(tmp_path, files, REPOSITORY).steps)

    assert first is not None
    assert last is not None
    assert {name: first.env[name].text for name in ("a", "b", "c")} == {"a": "1", "b": "2", "c": "3"}
    assert first.env["github_repository"].text == "acme/agent"
    assert last.env["b"].unknown == ("env.b (a step sets it)",)
    assert last.env["a"].text == "1"


@pytest.mark.parametrize(
    ("head", "job", "step", "language"),
    [
        ("", "", "- run: x", Language.SHELL),
        ("", "", "- run: x\n  shell: pwsh", Language.POWERSHELL),
        ("", "    defaults: {run: {shell: python}}\n", "- run: x", Language.OTHER),
        ("defaults: {run: {shell: pwsh}}\n", "", "- run: x", Language.POWERSHELL),
        ("", "", "- uses: actions/github-script@v7\n  with: {script: x}", Language.JAVASCRIPT),
        ("", "", "- uses: appleboy/ssh-action@v1\n  with: {script: x}", Language.SHELL),
    ],
)
def test_language_of_a_script(tmp_path: Path, head: str, job: str, step: str, language: Language) -> None:
    """By the shell of step, job or workflow; the script of actions/github-script is JavaScript."""
    [found] = workflows(tmp_path, workflow(step, head=f"on: push\n{head}", job=job)).steps

    assert found.script is not None
    assert found.script.language is language


def test_windows_runs_powershell(tmp_path: Path) -> None:
    """Where no shell is named."""
    text = "on: push\njobs:\n  j:\n    runs-on: windows-latest\n    steps:\n      - run: x\n"

    [found] = workflows(tmp_path, {".github/workflows/w.yml": text}).steps

    assert found.script is not None
    assert found.script.language is Language.POWERSHELL


def test_calls_are_followed(tmp_path: Path) -> None:
    """A reusable workflow of this repository, by its path or its full name, with what the caller hands over."""
    called = (
        "on: {workflow_call: {inputs: {p: {default: web}}}}\njobs:\n  k:\n    steps:\n"
        "      - uses: x/y@v1\n        with: {name: '${{ inputs.p }}'}\n"
    )
    caller = (
        "on: push\njobs:\n  a:\n    uses: ./.github/workflows/c.yml\n  b:\n    with: {p: runner}\n"
        "    uses: acme/agent/.github/workflows/c.yml@main\n"
    )

    found = workflows(tmp_path, {".github/workflows/c.yml": called, ".github/workflows/w.yml": caller}, REPOSITORY)

    assert [step.inputs["name"].text for step in found.steps] == ["web", "runner"]
    assert [place.line for step in found.steps for place in step.job.via] == [4, 7]
    assert not found.unseen


@pytest.mark.parametrize(
    ("uses", "files", "reason"),
    [
        ("./.github/workflows/gone.yml", {}, "there is no ./.github/workflows/gone.yml"),
        ("./../outside.yml", {}, "there is no ./../outside.yml"),
        ("./.github/workflows/c.yml", {".github/workflows/c.yml": "on: push\njobs: {}\n"}, "has no workflow_call"),
    ],
)
def test_call_that_github_refuses_cannot_run(tmp_path: Path, uses: str, files: dict[str, str], reason: str) -> None:
    """What is not there, or may not be called, deletes nothing."""
    caller = f"on: push\njobs:\n  a:\n    permissions: write-all\n    uses: {uses}\n"

    found = workflows(tmp_path / "root", {**files, ".github/workflows/w.yml": caller})

    [(place, words)] = found.cannot_run
    assert reason in words
    assert place.line == 5
    assert not found.unseen
    assert not found.problems


def test_calls_in_a_circle_end(tmp_path: Path) -> None:
    """A workflow that calls itself, and an action that uses itself."""
    files = {
        ".github/workflows/w.yml": "on: [push, workflow_call]\njobs:\n  a:\n    uses: ./.github/workflows/w.yml\n",
        ".github/workflows/x.yml": workflow("- uses: ./a")[".github/workflows/w.yml"],
        "a/action.yml": "runs:\n  using: composite\n  steps:\n    - uses: ./a\n",
    }

    found = workflows(tmp_path, files)

    assert not found.problems
    assert not found.steps


def test_action_that_is_not_here(tmp_path: Path) -> None:
    """A path that leads nowhere or out of the repository, and a container, cannot be seen."""
    (tmp_path / "prune").mkdir()
    (tmp_path / "prune" / "action.yml").write_text("runs: {using: composite, steps: []}\n", encoding="utf-8")
    files = {
        **workflow("- uses: ./gone\n- uses: ./../prune\n- uses: ./c\n- uses: ./d"),
        "c/action.yml": "runs: {using: docker, image: Dockerfile}\n",
        "d/action.yml": "runs: {using: node20, main: i.js}\n",
        "d/i.js": "x" * 300_000,
    }

    found = workflows(tmp_path / "root", files)

    assert [(each.what, each.reason, each.kind) for each in found.unseen] == [
        ("./gone", "not in this repository", UnseenKind.ACTION),
        ("./../prune", "not in this repository", UnseenKind.ACTION),
        ("./c", "an action that runs a container", UnseenKind.ACTION),
        ("i.js", "a program that is too long or no text", UnseenKind.ACTION),
    ]


def test_workflow_of_another_repository_cannot_be_seen(tmp_path: Path) -> None:
    """What it may do its name and its job's permissions tell."""
    text = "on: push\npermissions: write-all\njobs:\n  j:\n    uses: acme/ci/.github/workflows/x.yml@main\n"

    [found] = workflows(tmp_path, {".github/workflows/w.yml": text}, REPOSITORY).unseen

    assert (found.kind, found.job.writes_packages) == (UnseenKind.WORKFLOW, True)


def test_files_that_are_no_workflow_or_action_are_problems(tmp_path: Path) -> None:
    """Once each, however often they are called."""
    files = {
        **workflow("- uses: ./a\n- uses: ./a\n- uses: ./b"),
        ".github/workflows/x.yml": "on: push\n",
        "a/action.yml": "name: x\n",
        "b/action.yml": "[",
    }

    found = workflows(tmp_path, files)

    assert [problem.path.parent.name for problem in found.problems] == ["a", "b", "workflows"]
    assert "no runs: this is no action" in found.problems[0].message
    assert "no jobs: this is no workflow" in found.problems[2].message


def test_too_many_steps_are_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A matrix of matrices ends; that the rest was not looked at is said."""
    monkeypatch.setattr(collect, "MAX_STEPS", 6)
    files = workflow("- run: x", job="    strategy: {matrix: {a: [1, 2, 3, 4, 5]}}\n")

    found = workflows(tmp_path, files)

    assert len(found.steps) == 3  # each in a job of its own, which counts too
    assert "more than 6 steps" in found.problems[0].message


def test_calls_that_multiply_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight workflows, each of which calls the next in a matrix of six: over a million jobs without a single step."""
    monkeypatch.setattr(collect, "MAX_STEPS", 500)
    matrix = "strategy: {matrix: {a: [1, 2, 3, 4, 5, 6]}}"
    files = {
        f".github/workflows/{name}.yml": "on: [push, workflow_call]\njobs:\n  j:\n"
        f"    {matrix}\n    uses: ./.github/workflows/{following}.yml\n"
        for name, following in pairwise("abcdefgh")
    }
    files[".github/workflows/h.yml"] = "on: workflow_call\njobs: {}\n"

    found = workflows(tmp_path, files)

    assert not found.steps
    assert all("more than 500 steps" in problem.message for problem in found.problems)
    assert found.problems


@pytest.mark.parametrize(
    ("caller", "called", "writes"),
    [
        ("write-all", "", True),
        ("{packages: write}", "", True),
        ("read-all", "", False),
        ("", "", None),
        ("{packages: write}", "permissions: {contents: read}", False),
    ],
)
def test_permissions_of_a_called_workflow(tmp_path: Path, caller: str, called: str, writes: Tri) -> None:
    """Those of the job that calls it, where it says nothing itself."""
    job = f"    permissions: {caller}\n" if caller else ""
    files = {
        ".github/workflows/w.yml": f"on: push\njobs:\n  a:\n{job}    uses: ./.github/workflows/c.yml\n",
        ".github/workflows/c.yml": workflow("- run: x", head=f"on: workflow_call\n{called}\n")[
            ".github/workflows/w.yml"
        ],
    }

    [found] = workflows(tmp_path, files).steps

    assert found.job.writes_packages is writes


def test_what_is_switched_off_or_odd_is_no_step(tmp_path: Path) -> None:
    """Jobs and steps whose condition is false; lists where text is due; text where a list is."""
    text = """on: [push]
jobs:
  a: text
  b: {steps: text}
  c: {steps: [text, {}, {uses: [x]}, {run: null}, {if: false, run: x}]}
  d: {if: "${{ false }}", steps: [{run: x}]}
"""

    found = workflows(tmp_path, {".github/workflows/w.yml": text})

    assert (found.steps, found.unseen, found.problems) == ([], [], [])


def test_time_is_kept(tmp_path: Path) -> None:
    """Before each step."""
    workflows(tmp_path, workflow("- run: x"))

    with pytest.raises(DeadlineExceeded):
        read_workflows(tmp_path, Deadline.after(-1))

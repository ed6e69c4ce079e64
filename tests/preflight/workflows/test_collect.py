"""Tests of preflight/workflows/collect.py and judge.py: damaged workflows."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.lib.deadline import Deadline
from preflight.workflows.collect import read_workflows
from preflight.workflows.judge import PackageReleases, judge_steps, judge_unseen
from preflight.workflows.package import Package

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

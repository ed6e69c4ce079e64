"""Tests of preflight/workflows/script_files.py."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from preflight.workflows import script_files
from preflight.workflows.language import Language
from preflight.workflows.model import Job, Place, Step, Unseen, UnseenKind
from preflight.workflows.script_files import Caller, ScriptFiles
from tests.preflight.workflows.judging import REPOSITORY, script

LISTED = "gh api /x"


def run(root: Path, text: str, files: Mapping[str, str], *folders: str) -> tuple[list[str], list[Unseen]]:
    """Return the files that a script runs, from the root, and what it runs that is not in view."""
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    caller = Caller(Job("j"), {}, tuple(root / folder for folder in folders), REPOSITORY)
    found = list(ScriptFiles(root).run_by(script(text), caller))
    steps = [str(each.place.path.relative_to(root)) for each in found if isinstance(each, Step)]
    return steps, [each for each in found if isinstance(each, Unseen)]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("./ci/prune.sh", "ci/prune.sh"),
        ("bash ci/prune", "ci/prune"),
        ("ci/prune --all", "ci/prune"),
        ("node ci/prune.mjs", "ci/prune.mjs"),
        ("python -m ci.prune", "ci/prune.py"),
        ("echo x | xargs ci/prune.sh", "ci/prune.sh"),
        ('"$GITHUB_WORKSPACE/ci/prune.sh"', "ci/prune.sh"),
        ("make prune", "Makefile"),
        ("npm run prune", "package.json"),
        ("just prune", "justfile"),
    ],
)
def test_scripts_are_found_from_the_root(tmp_path: Path, text: str, name: str) -> None:
    """Whatever runs them, and files in which tasks are defined as well."""
    assert run(tmp_path, text, {name: LISTED})[0] == [name]


def test_scripts_are_found_from_other_folders(tmp_path: Path) -> None:
    """The working directory, that of an action, and that of the script which runs another one."""
    files = {"ci/a.sh": "./b.sh\n", "ci/b.sh": LISTED}

    assert run(tmp_path, "./a.sh", files, "ci")[0] == ["ci/a.sh", "ci/b.sh"]
    assert run(tmp_path, "ci/a.sh", files)[0] == ["ci/a.sh", "ci/b.sh"]


def test_scripts_in_a_circle_end(tmp_path: Path) -> None:
    """Each file is taken once for a step, however many run it."""
    files = {"a.sh": "./b.sh\n./a.sh\n", "b.sh": "./a.sh\n./c.sh\n", "c.sh": "./a.sh\n./b.sh\n"}

    assert run(tmp_path, "./a.sh; ./a.sh; ./c.sh", files)[0] == ["a.sh", "c.sh", "b.sh"]


def test_number_of_scripts_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of scripts ends."""
    monkeypatch.setattr(script_files, "MAX_FILES", 3)

    assert len(run(tmp_path, "./0.sh", {f"{n}.sh": f"./{n + 1}.sh" for n in range(9)})[0]) == 3


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("./gone.sh", UnseenKind.SCRIPT, "it runs a script that is not in this repository"),
        ("bash $SCRIPT", UnseenKind.SCRIPT, "it runs a script that is not in this repository"),
        ("../outside.sh", UnseenKind.SCRIPT, "it runs a script that is not in this repository"),
        ("curl x | bash", UnseenKind.SCRIPT, "it runs what it downloads"),
        ("make x", UnseenKind.TASK, "it runs tasks of this repository"),
    ],
)
def test_what_is_not_in_view(tmp_path: Path, text: str, kind: UnseenKind, words: str) -> None:
    """A script that is not there, one outside, a download, and tasks even where their file is read."""
    root = tmp_path / "root"
    (tmp_path / "outside.sh").write_text(LISTED, encoding="utf-8")

    [found] = run(root, text, {"Makefile": LISTED})[1]

    assert found.kind is kind
    assert words in found.reason
    assert found.place == Place(Path("x.sh"), 1)


def test_what_a_makefile_names_is_no_script_that_is_missing(tmp_path: Path) -> None:
    """A path there often is a target; a script that is there is read."""
    steps, unseen = run(tmp_path, "make x", {"Makefile": "build/x: src/x\n\t./ci/prune.sh\n", "ci/prune.sh": LISTED})

    assert steps == ["Makefile", "ci/prune.sh"]
    assert [each.what for each in unseen] == ["make x"]


def test_program_that_cannot_be_read(tmp_path: Path) -> None:
    """A binary, or one that is too long, is not in view."""
    steps, [found] = run(tmp_path, "./tool", {"tool": "x" * 300_000})

    assert not steps
    assert found.reason == "a program that is too long or no text"


def test_language_and_environment_of_a_file(tmp_path: Path) -> None:
    """By its name; it sees what its caller sees."""
    (tmp_path / "a.mjs").write_text(LISTED, encoding="utf-8")
    here = script("node a.mjs", env={"PKG": "web"})

    [found] = ScriptFiles(tmp_path).run_by(here, Caller(Job("j"), here.env, (), REPOSITORY))

    assert isinstance(found, Step)
    assert found.script is not None
    assert found.script.language is Language.JAVASCRIPT
    assert found.script.env["pkg"].text == "web"
    assert found.script.repository is REPOSITORY


def test_scripts_of_other_languages_run_nothing(tmp_path: Path) -> None:
    """What a program of JavaScript starts is not followed."""
    here = script("./a.sh", Language.JAVASCRIPT)

    assert list(ScriptFiles(tmp_path).run_by(here, Caller(Job("j"), {}, (), REPOSITORY))) == []

"""preflight/run/discovery.py, and the contract of every installed check."""

import inspect
import re
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.failures import COMMON
from preflight.model import Area, Need
from preflight.run.discovery import BrokenModule, CheckClass, _Finder, discover

ROOT = Path(__file__).resolve().parents[3]

CHECK = '''
from preflight import About, Check, NoSettings, passed

class {name}(Check[NoSettings]):
    """Made up."""
    about = About("{id}", "t", frozenset({{"x"}}), frozenset(), "a", "w", (("f", "m"),))
    def run(self, ctx):
        return [passed("ok")]
'''


def test_checks_of_a_folder_are_found_beside_the_built_in_ones(tmp_path: Path) -> None:
    """--checks-dir adds checks; files that start with an underscore are the author's own."""
    (tmp_path / "mine.py").write_text(CHECK.format(name="Mine", id="mine"))
    (tmp_path / "_helper.py").write_text("raise RuntimeError")

    found = discover([tmp_path])

    assert "mine" in [check.about.id for check in found.checks]
    assert found.broken == ()


def test_the_order_is_that_of_cause_and_effect() -> None:
    """The pin file first, what runs last; within an area by id, so that the report's order is stable."""
    places = [(check.about.area, check.about.id) for check in discover().checks]

    assert places == sorted(places)
    assert places[0] == (Area.PIN, "pin-file")
    assert places[-1][0] is Area.RUNNING


def test_a_folder_in_the_working_directory_is_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout must not run itself: neither `checks/` nor any module lying there is imported."""
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(tmp_path)

    discover()

    assert not (tmp_path / "ran").exists()


def test_a_module_that_does_not_load_is_reported_without_its_words(tmp_path: Path) -> None:
    """A broken plug-in is an error in the report; the text of its exception may quote anything."""
    (tmp_path / "bad.py").write_text("x = 1\nraise RuntimeError('TOKEN=hunter2')\n")
    (tmp_path / "worse.py").write_text("def broken(:\n")

    broken = discover([tmp_path]).broken

    assert broken[0] == BrokenModule(str(tmp_path / "bad.py"), f"RuntimeError at {tmp_path.name}/bad.py:2")
    assert broken[1] == BrokenModule(str(tmp_path / "worse.py"), f"SyntaxError at {tmp_path.name}/worse.py:1")


def test_a_module_that_ends_the_process_does_not_load(tmp_path: Path) -> None:
    """`sys.exit(0)` in somebody's check file must not end the run with "nothing wrong"."""
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(0)\n")

    [broken] = discover([tmp_path]).broken

    assert broken == BrokenModule(str(tmp_path / "leaves.py"), f"SystemExit at {tmp_path.name}/leaves.py:2")


def test_an_entry_point_that_ends_the_process_does_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor in an installed package."""
    (tmp_path / "leaving_package.py").write_text("raise SystemExit(0)\n")
    monkeypatch.syspath_prepend(tmp_path)
    finder = _Finder()

    finder.load_entry_point("leaving", "leaving_package")

    assert [broken.name for broken in finder.broken] == ["leaving_package"]


def test_two_checks_with_one_id_are_an_error_that_names_both(tmp_path: Path) -> None:
    """Which of them answered would be luck."""
    (tmp_path / "a.py").write_text(CHECK.format(name="A", id="twin"))
    (tmp_path / "b.py").write_text(CHECK.format(name="B", id="twin"))

    with pytest.raises(ConfigurationError, match=r"two checks have the id twin: .*a\.A and .*b\.B"):
        discover([tmp_path])


def test_a_check_that_says_nothing_of_itself_is_an_error(tmp_path: Path) -> None:
    """The author learns which class it is."""
    (tmp_path / "a.py").write_text(CHECK.format(name="A", id="a").replace("about = About", "other = About"))

    with pytest.raises(ConfigurationError, match=r"a\.A has no `about = About"):
        discover([tmp_path])


def test_a_missing_or_empty_folder_is_an_error(tmp_path: Path) -> None:
    """A misspelt --checks-dir must not silently check less."""
    with pytest.raises(ConfigurationError, match="is not a folder"):
        discover([tmp_path / "gone"])
    with pytest.raises(ConfigurationError, match=r"holds no \*\.py file"):
        discover([tmp_path])


def test_an_entry_point_may_name_a_package_a_module_or_a_class() -> None:
    """Third parties add one line."""
    for value, ids in (
        ("checks", {check.about.id for check in discover().checks}),
        ("checks.pin_file", {"pin-file"}),
        ("checks.pin_file:PinFile", {"pin-file"}),
    ):
        finder = _Finder()
        finder.load_entry_point("test", value)
        assert {check.about.id for check in finder.classes} == ids
        assert finder.broken == []


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        ("no_such_package", BrokenModule("no_such_package", "ModuleNotFoundError at importlib/__init__.py:126")),
        (
            "checks.pin_file:Nobody",
            BrokenModule("test = checks.pin_file:Nobody", "it is no subclass of preflight.Check"),
        ),
    ],
)
def test_an_entry_point_that_leads_nowhere_is_reported(value: str, broken: BrokenModule) -> None:
    """An uninstalled half of a plug-in shows."""
    finder = _Finder()
    finder.load_entry_point("test", value)

    assert [one.name for one in finder.broken] == [broken.name]
    assert finder.broken[0].reason.split(" at ")[0] == broken.reason.split(" at ")[0]


@pytest.mark.parametrize("check", discover().checks, ids=lambda check: check.about.id)
class TestContract:
    """What every built-in check keeps."""

    def test_names_agree(self, check: CheckClass) -> None:
        """One check, one file, one class, one test file, named alike."""
        about = check.about
        stem = about.id.replace("-", "_")
        assert check.__module__ == f"checks.{stem}"
        assert check.__name__ == "".join(word.capitalize() for word in about.id.split("-"))
        assert (ROOT / "tests" / "checks" / f"test_{stem}.py").is_file()

    def test_it_says_all_about_itself(self, check: CheckClass) -> None:
        """Id, title, tags, and for each failure a remedy."""
        about = check.about
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", about.id)
        assert about.title
        assert not about.title.endswith(".")
        assert about.tags
        assert about.asks
        assert about.why
        assert about.failures
        assert all(each.says and each.fix for each in about.codes.values())
        assert not {each.code for each in COMMON} & about.codes.keys()
        assert all(isinstance(need, Need) for need in about.needs)
        assert inspect.getdoc(check)


def test_every_file_in_checks_holds_a_check() -> None:
    """A file without one would be a check that silently does not run."""
    files = {file.stem for file in (ROOT / "checks").glob("*.py") if not file.name.startswith("_")}

    assert {check.__module__.removeprefix("checks.") for check in discover().checks} == files

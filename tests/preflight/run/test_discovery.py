"""preflight/run/discovery.py, and the contract of every installed check."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest

from preflight.errors import ConfigurationError
from preflight.failures import COMMON
from preflight.model import Area, Need
from preflight.run.contract import CheckClass
from preflight.run.discovery import discover, known_ids
from tests.fakes.packages import install

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

    bad, worse = discover([tmp_path]).broken

    assert (bad.name, bad.reason) == (str(tmp_path / "bad.py"), f"RuntimeError at {tmp_path.name}/bad.py:2")
    assert (worse.name, worse.reason) == (str(tmp_path / "worse.py"), f"SyntaxError at {tmp_path.name}/worse.py:1")
    assert f"in {tmp_path / 'bad.py'}:2, <module>" in bad.trace
    assert "hunter2" not in repr((bad, worse))


def test_a_module_that_ends_the_process_does_not_load(tmp_path: Path) -> None:
    """`sys.exit(0)` in somebody's check file must not end the run with "nothing wrong"."""
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(0)\n")

    [broken] = discover([tmp_path]).broken

    assert (broken.name, broken.reason) == (str(tmp_path / "leaves.py"), f"SystemExit at {tmp_path.name}/leaves.py:2")


def test_an_entry_point_that_ends_the_process_does_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor in an installed package."""
    install(tmp_path, "leaving", {"leaving": "leaving_package"}, {"leaving_package.py": "raise SystemExit(0)\n"})
    monkeypatch.syspath_prepend(tmp_path)

    assert [broken.name for broken in discover().broken] == ["leaving_package"]


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


def test_an_entry_point_may_name_a_package_a_module_or_a_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Third parties add one line."""
    files = {f"acme_{name}.py": CHECK.format(name=name.capitalize(), id=f"acme-{name}") for name in ("one", "two")}
    files |= {f"acme_more/{name}": text.replace("acme-", "more-") for name, text in files.items()}
    files |= {"acme_more/__init__.py": "", "acme_more/_helper.py": "raise RuntimeError"}
    points = {"acme": "acme_more", "one": "acme_one", "acme-two": "acme_two:Two"}
    monkeypatch.syspath_prepend(install(tmp_path, "acme", points, files))

    found = discover()

    assert set(found.ids) >= {"acme-one", "acme-two", "more-one", "more-two"}
    assert found.broken == ()


@pytest.mark.parametrize(
    ("point", "name", "reason"),
    [
        ("x = no_such_package", "no_such_package", "ModuleNotFoundError"),
        ("nobody = acme:Nobody", "nobody = acme:Nobody", "it is no subclass of preflight.Check"),
        ("nobody = acme:Path", "nobody = acme:Path", "it is no subclass of preflight.Check"),
        ("mine = acme:Mine", "mine = acme:Mine", "it holds acme-mine, and not mine as its name says"),
    ],
)
def test_an_entry_point_that_leads_nowhere_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str, name: str, reason: str
) -> None:
    """An uninstalled half of a plug-in shows, and one that is named as another check."""
    text = "from pathlib import Path\n" + CHECK.format(name="Mine", id="acme-mine")
    monkeypatch.syspath_prepend(install(tmp_path, "acme", dict([point.split(" = ")]), {"acme.py": text}))
    monkeypatch.delitem(sys.modules, "acme", raising=False)

    [broken] = discover().broken

    assert (broken.name, broken.reason.split(" at ")[0]) == (name, reason)


class TestSelectiveLoading:
    """What is not asked for is not imported, where its id is known without that."""

    POINTS: ClassVar = {"acme-named": "acme_named:Named", "unnamed": "acme_unnamed", "Odd Name": "acme_odd:Odd"}
    FILES: ClassVar = {
        f"acme_{name}.py": CHECK.format(name=name.capitalize(), id=f"acme-{name}")
        for name in ("named", "unnamed", "odd")
    }

    def loaded(self, folder: Path, wanted: str) -> set[str]:
        """Return the modules of checks that a process loads for the check it wants; all ids are known to it."""
        code = f"""
import sys
from preflight.run.discovery import discover
found = discover((), {{{wanted!r}}}.__contains__)
assert "pin-freshness" in found.ids and "acme-named" in found.ids and "acme-odd" in found.ids, found
print(*(name for name in sys.modules if name.startswith(("checks.", "acme_"))))
"""
        install(folder, "acme", self.POINTS, self.FILES)
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(folder)))}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
        return set(done.stdout.split())

    def test_of_our_own_only_the_one_file(self, tmp_path: Path) -> None:
        """`pin-file` is in `pin_file.py`; what does not name its check is imported to learn it."""
        assert self.loaded(tmp_path, "pin-file") == {"checks.pin_file", "acme_unnamed", "acme_odd"}

    def test_of_others_the_one_that_names_its_check(self, tmp_path: Path) -> None:
        """The entry point's name is the id, and its value one class."""
        assert self.loaded(tmp_path, "acme-named") == {"acme_named", "acme_unnamed", "acme_odd"}

    def test_nothing_for_an_id_that_no_check_has(self, tmp_path: Path) -> None:
        """It is refused without a look into any file."""
        assert self.loaded(tmp_path, "pin-fil") == {"acme_unnamed", "acme_odd"}

    def test_a_module_that_is_not_asked_for_is_not_missed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What does not load is named if it was asked for, or if only loading could tell what it holds."""
        broken = dict.fromkeys(self.FILES, "raise RuntimeError")
        monkeypatch.syspath_prepend(install(tmp_path, "acme", self.POINTS, broken))
        for name in self.FILES:
            monkeypatch.delitem(sys.modules, name.removesuffix(".py"), raising=False)

        def names(wanted: str) -> list[str]:
            return [module.name for module in discover((), {wanted}.__contains__).broken]

        assert names("pin-file") == ["acme_odd", "acme_unnamed"]
        assert names("acme-named") == ["acme_odd", "acme_unnamed", "acme_named"]

    def test_an_id_that_stands_twice_is_looked_into(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The same class twice is one check; two classes are a mistake, whatever was asked for."""
        points = {"acme-one": "acme_twice:One", "pin-file": "checks.pin_file:PinFile"}
        files = {"acme_twice.py": CHECK.format(name="One", id="acme-one")}
        monkeypatch.syspath_prepend(install(tmp_path / "a", "acme", points, files))
        assert "pin-file" in discover((), {"acme-one"}.__contains__).ids

        more = {"acme_again.py": CHECK.format(name="One", id="acme-one")}
        monkeypatch.syspath_prepend(install(tmp_path / "b", "again", {"again": "acme_again"}, more))
        with pytest.raises(ConfigurationError, match="two checks have the id acme-one"):
            discover((), {"pin-file"}.__contains__)

    def test_ids_are_known_without_importing_any_check(self, tmp_path: Path) -> None:
        """For completion in the shell; those of a folder are guessed."""
        (tmp_path / "more").mkdir()
        (tmp_path / "more" / "my_check.py").write_text("raise RuntimeError")
        (tmp_path / "more" / "_mine.py").write_text("")

        ids = known_ids([tmp_path / "more", tmp_path / "gone"])

        assert set(ids) == {check.about.id for check in discover().checks} | {"my-check"}


@pytest.mark.parametrize("check", discover().checks, ids=lambda check: check.about.id)
class TestContract:
    """What every built-in check keeps."""

    def test_names_agree(self, check: CheckClass) -> None:
        """One check, one file, one class, one test file or folder of them, named alike."""
        about = check.about
        stem = about.id.replace("-", "_")
        assert check.__module__ == f"checks.{stem}"
        assert check.__name__ == "".join(word.capitalize() for word in about.id.split("-"))
        tests = ROOT / "tests" / "checks"
        assert (tests / f"test_{stem}.py").is_file() != any((tests / stem).glob("test_*.py"))

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

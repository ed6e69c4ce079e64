"""preflight/run/reporters/third_party.py: formats of installed packages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from preflight.cli.output_files import output_files
from preflight.errors import ConfigurationError
from preflight.report import Style
from preflight.run.reporters import FORMATS, all_formats, reporter
from preflight.run.reporters.third_party import GROUP, ReporterFailed
from tests.fakes.packages import install
from tests.fakes.reports import EVERYTHING, report
from tests.real.cli import PreflightCli

MODULE = """
def render(report, style):
    return f"<r host='{report.host}' checks='{len(report.results)}'/>"

def crash(report, style):
    raise RuntimeError("TOKEN=hunter2")

def none(report, style):
    return None

def leave(report, style):
    print("NOISE")
    raise SystemExit(0)

VALUE = 3
"""
POINTS = {
    "acme-xml": "acme_formats:render",
    "crash": "acme_formats:crash",
    "none": "acme_formats:none",
    "leave": "acme_formats:leave",
    "value": "acme_formats:VALUE",
    "gone": "acme_formats:gone",
    "lost": "acme_lost:render",
    "bare": "acme_formats",
    "json": "acme_formats:render",
    "Not A Name": "acme_formats:render",
}


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that brings formats, most of them broken."""
    folder = install(tmp_path / "site", "acme", POINTS, {"acme_formats.py": MODULE}, group=GROUP)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "acme_formats", raising=False)
    return folder


def test_a_package_adds_formats_and_replaces_none(acme: Path) -> None:
    """Its entry points name them; ours come first and stay ours."""
    assert acme.is_dir()
    assert all_formats() == (*FORMATS, "acme-xml", "bare", "crash", "gone", "leave", "lost", "none", "value")
    assert reporter("acme-xml")(EVERYTHING, Style()) == "<r host='host' checks='5'/>"
    assert reporter("json").__module__ == "preflight.run.reporters.json_report"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("value", "acme_formats:VALUE names no function"),
        ("gone", "acme_formats:gone names no function"),
        ("bare", "acme_formats names no function"),
        ("lost", "the format lost does not load: ModuleNotFoundError"),
        ("nobody", "no such format: nobody"),
    ],
)
def test_what_does_not_load_is_refused(acme: Path, name: str, words: str) -> None:
    """Before anything runs, with the entry point."""
    assert acme.is_dir()
    with pytest.raises(ConfigurationError) as refused:
        reporter(name)

    assert words in refused.value.message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("crash", "the format crash failed: RuntimeError at"),
        ("leave", "the format leave failed: SystemExit at"),
        ("none", "the format none returned NoneType, not str"),
    ],
)
def test_a_format_that_fails_says_so_without_its_words(acme: Path, name: str, words: str) -> None:
    """The text of an exception may quote anything."""
    assert acme.is_dir()
    with pytest.raises(ReporterFailed) as failed:
        reporter(name)(EVERYTHING, Style())

    assert words in failed.value.message
    assert "hunter2" not in failed.value.message


def test_two_packages_with_one_format_are_refused(acme: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of them answered would be luck."""
    assert acme.is_dir()
    monkeypatch.syspath_prepend(install(tmp_path / "b", "b", {"acme-xml": "b:render"}, group=GROUP))

    with pytest.raises(ConfigurationError, match="acme-xml: acme_formats:render and b:render"):
        reporter("acme-xml")


def test_an_unknown_format_is_refused_with_the_nearest(acme: Path) -> None:
    """And all that there are."""
    assert [name for name, _ in output_files([f"acme-xml={acme}/x"], FORMATS, all_formats)] == ["acme-xml"]
    with pytest.raises(ConfigurationError, match="acme-xlm=x: no such format, did you mean acme-xml") as refused:
        output_files(["acme-xlm=x"], FORMATS, all_formats)

    assert refused.value.hint.startswith("Formats: table, line, json")


def test_a_run_in_a_format_of_a_package(acme: Path, tmp_path: Path, preflight_cli: PreflightCli) -> None:
    """On standard output, in a file, and for a report that says why nothing was checked; one that fails is named."""
    env = {"PYTHONPATH": os.pathsep.join((str(Path(__file__).resolve().parents[4]), str(acme)))}
    cwd = tmp_path / "cwd"
    cwd.mkdir()

    done = preflight_cli("run", "--only", "pin-file", "--format", "acme-xml", "--output", "crash=x", cwd=cwd, env=env)
    assert (done.returncode, done.stdout[:9]) == (3, "<r host='")
    assert f"preflight: {cwd}/x could not be written: the format crash failed: RuntimeError at" in done.stderr

    wrong = preflight_cli("run", "--only", "no", "--format", "acme-xml", cwd=cwd, env=env)
    assert (wrong.returncode, wrong.stdout[-14:]) == (2, "' checks='0'/>")

    left = preflight_cli("run", "--only", "no", "--format", "leave", cwd=cwd, env=env)
    assert left.returncode == 2

    (cwd / "saved.json").write_text(reporter("json")(EVERYTHING, Style()))
    saved = preflight_cli("report", "saved.json", "--format", "json", "--output", "leave=x", cwd=cwd, env=env)
    assert (saved.returncode, saved.stdout[:9]) == (2, '{"schema"')

    helped = preflight_cli("run", "--help", cwd=cwd, env=env)
    assert "acme-xml" in helped.stdout


def test_built_in_formats_look_for_no_package() -> None:
    """Nor does the start of a run."""
    code = (
        "import sys; import preflight.cli.run, preflight.cli.output; from preflight.run.reporters import reporter; "
        "reporter('json'); print(*(m for m in sys.modules if 'third_party' in m or m.endswith('_report')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["preflight.run.reporters.json_report"]


def test_the_format_in_the_manual_works_as_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Entry point and function."""
    text = (Path(__file__).resolve().parents[4] / "docs" / "manual" / "reports.md").read_text(encoding="utf-8")
    [(name, value)] = re.findall(r'^(acme-text) = "(.*)"$', text, re.MULTILINE)
    [code] = re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    files = {"acme_preflight/__init__.py": "", "acme_preflight/text.py": code}
    monkeypatch.syspath_prepend(install(tmp_path, "acme", {name: value}, files, group=GROUP))

    render = reporter("acme-text")

    assert render(EVERYTHING, Style()).splitlines()[:2] == ["a-pass pass", "b-fail fail"]
    assert render(report(code=2, problem="bad"), Style()) == "bad\n"

"""tests/raised.py, in small projects of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_CONFTEST = """
import pytest
from preflight import About, Check, Failure, NoSettings
from preflight.testing import fake_context, run_check
from tests import raised

SEEN, OTHER = Failure("seen", "It is seen.", "Fix it."), Failure("other", "It is other.", "Fix it.")


class Odd(Check):
    about = About("odd", "It is even", frozenset({"t"}), frozenset(), "Is it?", "So.", (SEEN, OTHER))

    def run(self, ctx):
        yield ctx.found(self.settings, "wrong")


@pytest.fixture
def find():
    return lambda failure: run_check(Odd(failure), fake_context())


def pytest_addoption(parser):
    raised.add_option(parser)


def pytest_configure(config):
    config.pluginmanager.register(raised.RaisedFailures(config, lambda: (Odd.about,)))
"""
_TESTS = """
from conftest import OTHER, SEEN


def test_seen(find):
    assert [each.code for each in find(SEEN)] == ["seen"]
"""
_OTHER = """

def test_other(find):
    assert [each.code for each in find(OTHER)] == ["other"]
"""
_MADE_UP = """

def test_made_up(find):
    from dataclasses import replace

    twin = replace(OTHER)
    assert twin == OTHER
    find(twin)
"""


def run(folder: Path, tests: str, *arguments: str) -> tuple[int, bool]:
    """Run pytest in a project, and return its exit code and whether it names the failure that was not raised."""
    (folder / "suite").mkdir()
    (folder / "suite" / "conftest.py").write_text(_CONFTEST)
    (folder / "suite" / "test_odd.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = suite\naddopts = -m 'not slow'\nmarkers = slow\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "1 passed" in done.stdout or "2 passed" in done.stdout, done.stdout
    return done.returncode, "no test raises odd/other" in done.stdout


@pytest.mark.parametrize(
    ("tests", "arguments", "expected"),
    [
        (_TESTS, (), (1, True)),
        (_TESTS + _OTHER, (), (0, False)),
        (_TESTS + _MADE_UP, (), (1, True)),
        (_TESTS, ("--numprocesses", "2"), (1, True)),
        (_TESTS + _OTHER, ("--numprocesses", "2"), (0, False)),
        (_TESTS, ("-k", "seen"), (0, False)),
        (_TESTS, ("-m", "not other"), (0, False)),
        (_TESTS, ("suite/test_odd.py",), (0, False)),
        (_TESTS, ("suite", "--list-unraised"), (0, True)),
    ],
    ids=["left", "none-left", "made-up", "workers", "workers-none-left", "keyword", "mark", "path", "listed"],
)
def test_only_a_whole_run_that_leaves_a_failure_unraised_fails(
    tmp_path: Path, tests: str, arguments: tuple[str, ...], expected: tuple[int, bool]
) -> None:
    """A failure with the same words that a test made up does not count."""
    assert run(tmp_path, tests, *arguments) == expected

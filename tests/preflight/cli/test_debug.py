"""preflight/cli/debug.py: tracebacks on request, without a value in them, and what does not load is named."""

import json
import os
from pathlib import Path

import pytest

from tests.fakes.packages import install
from tests.real.cli import PreflightCli

CRASHING = '''
from preflight import About, Check, Context, NoSettings

SECRET = "TOKEN=hunter2"

class Crashing(Check[NoSettings]):
    """Crashes."""
    about = About("crashing", "t", frozenset({"x"}), frozenset(), "a", "w", ())
    def run(self, ctx: Context):
        token = SECRET
        try:
            int(token)
        except ValueError as error:
            raise RuntimeError(f"{token} is bad") from error
'''
BROKEN = 'SECRET = "TOKEN=hunter2"\nraise RuntimeError(SECRET)\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a check that crashes."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "crashing.py").write_text(CRASHING)
    return tmp_path / "more"


def test_a_crash_has_its_traceback_on_request_without_a_value(
    preflight_cli: PreflightCli, tmp_path: Path, folder: Path
) -> None:
    """On standard error, below the report; also by the environment."""
    words = ("run", "--checks-dir", folder, "--only", "crashing")

    plain = preflight_cli(*words, cwd=tmp_path)
    for done in (
        preflight_cli(*words, "--debug", cwd=tmp_path),
        preflight_cli(*words, cwd=tmp_path, env={"PREFLIGHT_DEBUG": "1"}),
    ):
        assert done.returncode == plain.returncode == 3
        lines = done.stderr.splitlines()
        assert "preflight: crashing: the check crashed: RuntimeError at more/crashing.py:14" in lines
        assert f"  in {folder / 'crashing.py'}:14, run" in lines
        assert "  caused by ValueError at more/crashing.py:12" in lines
        assert "hunter2" not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert "crashing.py" not in plain.stderr


def test_a_crash_has_its_traceback_as_evidence(preflight_cli: PreflightCli, tmp_path: Path, folder: Path) -> None:
    """Whoever reads the report later, as that of the hook, need not run it again."""
    done = preflight_cli("run", "--checks-dir", folder, "--only", "crashing", "--format", "json", cwd=tmp_path)

    [check] = json.loads(done.stdout)["checks"]
    assert f"in {folder / 'crashing.py'}:14, run" in check["findings"][0]["evidence"]["traceback"]
    assert "hunter2" not in done.stdout


def test_what_does_not_load_is_named_also_with_only(preflight_cli: PreflightCli, tmp_path: Path, folder: Path) -> None:
    """Whether it was asked for, or stands beside that."""
    (folder / "broken.py").write_text(BROKEN)

    beside = preflight_cli("run", "--checks-dir", folder, "--only", "crashing", "--debug", cwd=tmp_path)
    asked = preflight_cli("run", "--checks-dir", folder, "--only", "broken", cwd=tmp_path)

    reason = "RuntimeError at more/broken.py:2"
    assert beside.returncode == 3
    assert f"the check module {folder / 'broken.py'} does not load: {reason}" in " ".join(beside.stderr.split())
    assert f"  in {folder / 'broken.py'}:2, <module>" in beside.stderr.splitlines()
    assert asked.returncode == 2
    assert "--only: no such check: broken" in asked.stderr
    assert f"{folder / 'broken.py'} does not load: {reason}" in asked.stderr
    assert "hunter2" not in beside.stdout + beside.stderr + asked.stderr


def test_an_installed_check_that_does_not_load_is_an_error_of_the_run(
    preflight_cli: PreflightCli, tmp_path: Path
) -> None:
    """Its entry point says its id, so it exists, and nobody could look."""
    install(tmp_path / "site", "acme", {"disk-space": "acme_disk:DiskSpace"}, {"acme_disk.py": BROKEN})
    source = str(Path(__file__).resolve().parents[3])
    env = {"PYTHONPATH": os.pathsep.join((source, str(tmp_path / "site"))), "COLUMNS": "200"}
    reason = "acme_disk does not load: RuntimeError at site/acme_disk.py:2"

    run = preflight_cli("run", "--only", "disk-space", cwd=tmp_path, env=env)
    listed = preflight_cli("list", "--debug", cwd=tmp_path, env=env)
    explained = preflight_cli("explain", "disk-space", "--debug", cwd=tmp_path, env=env)
    other = preflight_cli("explain", "pin-file", cwd=tmp_path, env=env)

    assert run.returncode == 3
    assert f"the check module {reason}" in " ".join(run.stdout.split())
    assert (listed.returncode, explained.returncode, explained.stdout) == (3, 3, "")
    for done in (listed, explained):
        assert f"preflight: {reason}" in done.stderr
        assert f"  in {tmp_path / 'site' / 'acme_disk.py'}:2, <module>" in done.stderr.splitlines()
        assert "hunter2" not in done.stdout + done.stderr
    assert (other.returncode, other.stderr) == (0, "")


def test_a_mistake_of_our_own_has_its_traceback_on_request(
    preflight_cli: PreflightCli, tmp_path: Path, folder: Path
) -> None:
    """Whatever ends the program by accident: here settings that crash before any check runs."""
    text = CRASHING.replace("NoSettings]", "Knobs]").replace(
        "class Crashing",
        "from dataclasses import dataclass\n@dataclass\nclass Knobs:\n"
        "    def __post_init__(self): raise KeyError(SECRET)\n\nclass Crashing",
    )
    (folder / "crashing.py").write_text(text.replace("    def run", "    settings_type = Knobs\n    def run"))
    words = ("run", "--checks-dir", folder, "--only", "crashing")

    plain, debugged = preflight_cli(*words, cwd=tmp_path), preflight_cli(*words, "--debug", cwd=tmp_path)

    assert plain.returncode == debugged.returncode == 3
    assert plain.stderr.startswith("preflight: a mistake in preflight or in a check: KeyError at more/crashing.py:")
    assert ", __post_init__" not in plain.stderr
    assert ", __post_init__" in debugged.stderr
    assert "hunter2" not in plain.stderr + debugged.stderr


def test_settings_without_their_type_are_refused_in_one_line(
    preflight_cli: PreflightCli, tmp_path: Path, folder: Path
) -> None:
    """Not an AttributeError of the check when it runs."""
    text = CRASHING.replace("NoSettings]", "Knobs]").replace("class Crashing", "class Knobs: ...\n\nclass Crashing")
    (folder / "crashing.py").write_text(text)

    done = preflight_cli("run", "--checks-dir", folder, "--only", "crashing", cwd=tmp_path)

    assert done.returncode == 2
    assert "Crashing is a Check[Knobs] without `settings_type = Knobs`" in done.stderr
    assert "Add `settings_type = Knobs` to the class." in done.stderr

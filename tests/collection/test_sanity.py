"""collection/: Ansible's own sanity tests, all that apply."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from provision.errors import ProvisionError
from provision.sanity import LEFT_OUT, sanity_home, words

from tests.real.missing import missing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The collection where Ansible looks for it, and in no git repository."""
    folder = tmp_path / "ansible_collections" / "deploy_preflight" / "preflight"
    shutil.copytree(ROOT / "collection", folder)
    return folder


def sanity(collection: Path, *options: str) -> tuple[int, str]:
    """Run ansible-test; return the exit code and what was said."""
    try:
        environ = {**os.environ, "HOME": str(sanity_home()), "LC_ALL": "C.UTF-8"}
    except ProvisionError as error:
        missing("no environments for ansible-test", error)
    argv = [*words(), *options]
    done = subprocess.run(argv, cwd=collection, env=environ, capture_output=True, text=True, timeout=180, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_collection_passes_every_sanity_test_but_those_left_out(copy: Path) -> None:
    """None is left out in silence: those that ran and those of the table are all that there are."""
    code, said = sanity(copy)

    assert code == 0, said
    ran = set(re.findall(r'^Running sanity test "([\w-]+)"', said, flags=re.MULTILINE))
    _, listed = sanity(copy, "--list-tests")
    assert ran == set(re.findall(r"^[\w-]+$", listed, flags=re.MULTILINE)) - set(LEFT_OUT), said
    assert "skip" not in said.lower()


def test_what_is_left_out_has_nothing_to_read(copy: Path) -> None:
    """The reasons of the table hold."""
    files = [path for path in copy.rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if path.suffix in (".sh", ".ps1", ".psm1")]
    assert not (copy / "changelogs").exists()


def test_a_planted_fault_is_found(copy: Path) -> None:
    """A parameter that the documentation does not name, and one whose type differs."""
    module = copy / "plugins" / "modules" / "preflight.py"
    text = module.read_text(encoding="utf-8")
    planted = text.replace('"wait": {"type": "int"', '"undocumented": {"type": "str"}, "wait": {"type": "float"')
    assert planted != text
    module.write_text(planted, encoding="utf-8")

    code, said = sanity(copy, "--test", "validate-modules")

    assert code == 1
    assert "undocumented-parameter" in said
    assert "doc-type-does-not-match-spec" in said or "parameter-type-not-in-doc" in said

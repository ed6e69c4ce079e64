"""preflight/run/entry_points.py: the standard library is the yardstick."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from preflight.run.entry_points import entry_points, from_metadata
from tests.fakes.packages import install

GROUP = "preflight.checks"


def test_this_environment_reads_as_the_standard_library_reads_it() -> None:
    """Our own entry point, and all others of a group that many packages use."""
    assert ("builtin", "checks") in entry_points(GROUP)
    for group in (GROUP, "console_scripts", "pytest11", "no.such.group"):
        assert entry_points(group) == from_metadata(group)


def test_packages_on_the_path_are_read_as_the_standard_library_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comments, other groups, odd names, a package without entry points, and one that is shadowed by its namesake."""
    first, second = tmp_path / "first", tmp_path / "second"
    install(second, "Acme.Checks", {"old": "acme"}, version="0.9")
    install(first, "acme_checks", {"disk-space": " acme.disk : DiskSpace ", "#note": "no", "a": "b = c"}, version="2")
    install(first, "other", {"x": "y"}, group="console_scripts")
    install(second, "third", {"third": "third"})
    (second / "third-1.0.dist-info" / "entry_points.txt").write_bytes(
        b"# \xc3\xa9\n[other]\nno=no\n\n[preflight.checks]\nthird = third [extra]\n[last]\nx=y\n"
    )
    (second / "bare-1.0.dist-info").mkdir()
    (second / "plain.egg-info").write_text("a file, as distutils wrote it")
    for folder in (second, first, tmp_path / "gone"):
        monkeypatch.syspath_prepend(folder)

    found = entry_points(GROUP)

    assert found == from_metadata(GROUP)
    assert set(found) >= {("disk-space", "acme.disk : DiskSpace"), ("a", "b = c"), ("third", "third [extra]")}
    assert "old" not in dict(found)


def test_a_zip_file_on_the_path_is_left_to_the_standard_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that is installed in an unusual way is overlooked."""
    with zipfile.ZipFile(tmp_path / "packed.zip", "w") as packed:
        packed.writestr("packed-1.0.dist-info/entry_points.txt", f"[{GROUP}]\npacked = packed:Packed\n")
        packed.writestr("packed-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: packed\nVersion: 1.0\n")
    monkeypatch.syspath_prepend(tmp_path / "packed.zip")

    assert ("packed", "packed:Packed") in entry_points(GROUP)


def test_a_finder_of_packages_of_somebodys_own_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a frozen application."""
    from importlib import metadata

    class Frozen(metadata.Distribution):
        def read_text(self, filename: str) -> str | None:
            texts = {"entry_points.txt": f"[{GROUP}]\nfrozen = frozen\n", "METADATA": "Name: frozen\nVersion: 1\n"}
            return texts.get(filename)

        def locate_file(self, path: object) -> Path:
            return Path(str(path))

    class Finder(metadata.DistributionFinder):
        def find_distributions(self, _context: object = None) -> list[metadata.Distribution]:
            return [Frozen()]

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder()])

    assert ("frozen", "frozen") in entry_points(GROUP)


def test_the_slow_part_of_the_standard_library_is_not_loaded() -> None:
    """It would cost every run more than all of click."""
    code = (
        f"import sys; from preflight.run.entry_points import entry_points; print(entry_points({GROUP!r})); "
        "print('importlib.metadata' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines() == [str(entry_points(GROUP)), "False"]

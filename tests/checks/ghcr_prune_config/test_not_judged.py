"""checks/ghcr_prune_config.py: where there is nothing to judge, or it cannot be read."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from checks.ghcr_prune_config import GhcrPruneConfig, Settings
from preflight.context import Options
from preflight.git.door import Git
from preflight.model import Status
from preflight.project import Pin
from preflight.testing import fake_context, run_check
from tests.checks.ghcr_prune_config.place import CASES, ENVIRON, HEX, IMAGE, INDEX, PINNED, SINGLE, FakeRegistry, Place


def test_folder_of_workflows_that_cannot_be_listed_is_an_error(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without permission nothing was looked at (told by a stand-in: root may list everything)."""

    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (place.repository.path / ".github" / "workflows").mkdir(parents=True)
    monkeypatch.setattr(Path, "iterdir", refuse)

    [finding] = place.look()

    assert finding.status is Status.ERROR
    assert "permission denied" in finding.message


def test_no_workflows_skips(place: Place) -> None:
    """Where nothing can prune, nothing passes either: another repository may."""
    [finding] = place.look({".github/CODEOWNERS": "* @acme/ops\n"})

    assert finding.status is Status.SKIP
    assert finding.message == "no workflows in this repository: nothing here is configured to prune"
    assert "Look in the repository that builds ghcr.io/acme/agent/runner" in finding.hint


def test_no_git_skips(tmp_path: Path) -> None:
    """A folder that Coolify deploys to has no .git, and no workflows to look at."""
    (tmp_path / "pin.env").write_text(f"AGENT={PINNED}\n", encoding="utf-8")
    ctx = fake_context(
        tmp_path, pins=(Pin("AGENT", "app", tmp_path / "pin.env"),), git=Git(tmp_path, ENVIRON), seconds=10
    )

    [finding] = run_check(GhcrPruneConfig(Settings()), ctx)

    assert finding.status is Status.SKIP
    assert "not in a git work tree" in finding.message


def test_other_registry_skips(place: Place) -> None:
    """An image elsewhere is pruned by other rules."""
    [finding] = place.look(pinned=f"AGENT=quay.io/acme/agent@sha256:{HEX}\n")

    assert finding.status is Status.SKIP
    assert finding.message == "AGENT names an image in quay.io, not ghcr.io"


@pytest.mark.parametrize(
    ("text", "words"),
    [("X=1\n", "pin.env gives AGENT no value"), ("AGENT=a b\n", "AGENT names no image"), ("A'\n", "pin.env")],
)
def test_pin_without_an_image_is_an_error(place: Place, text: str, words: str) -> None:
    """Without a package there is nothing to judge, and that is no pass."""
    [finding] = place.look(pinned=text)

    assert finding.status is Status.ERROR
    assert words in finding.message


def test_two_pins_of_one_package_are_one_row(place: Place) -> None:
    """What concerns a package is said once."""
    place.repository.write({"pin.env": f"AGENT={PINNED}\nOTHER={IMAGE}:v1\n"})
    path = place.repository.path
    shutil.copytree(CASES / "composite", path, dirs_exist_ok=True)
    pins = (Pin("AGENT", "app", path / "pin.env"), Pin("OTHER", "app", path / "pin.env"))
    ctx = fake_context(pins=pins, options=Options(offline=True), git=Git(path, ENVIRON), seconds=10)

    assert len(run_check(GhcrPruneConfig(Settings()), ctx)) == 1


def test_single_manifest_has_no_children_to_lose(place: Place) -> None:
    """Where the registry says that the pinned image is no index, deleting untagged versions takes nothing of it."""
    uses = "actions/delete-package-versions@v5"
    inputs = "package-name: agent/runner, package-type: container, delete-only-untagged-versions: true"

    assert place.one(uses, inputs, registry=FakeRegistry((), SINGLE)).status is Status.PASS
    assert place.one(uses, inputs, registry=FakeRegistry((), INDEX)).status is Status.FAIL
    assert place.one(uses, inputs, registry=FakeRegistry()).status is Status.FAIL
    assert place.one(uses, inputs, multi_platform=False).status is Status.PASS


def test_git_that_fails_is_an_error(place: Place) -> None:
    """Without git nobody knows where the workflows are."""
    path = place.repository.path
    (path / "pin.env").write_text(f"AGENT={PINNED}\n", encoding="utf-8")
    pins = (Pin("AGENT", "app", path / "pin.env"),)
    git = Git(path, {"PATH": "/nowhere"})
    ctx = fake_context(pins=pins, options=Options(offline=True), git=git, seconds=10)

    [finding] = run_check(GhcrPruneConfig(Settings()), ctx)

    assert finding.status is Status.ERROR


def test_repository_must_be_owner_and_name() -> None:
    """Anything else is a mistake of the configuration."""
    with pytest.raises(ValueError, match="OWNER/NAME"):
        Settings(repository="https://github.com/acme/agent")


def test_nothing_is_loaded_without_workflows(place: Place) -> None:
    """What reads workflows takes as long to load as a quick run."""
    code = "import sys, checks.ghcr_prune_config; print([name for name in sys.modules if 'workflows.' in name])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "[]\n"
    assert place.look()[0].status is Status.SKIP

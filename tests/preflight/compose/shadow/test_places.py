"""preflight/compose/shadow/places.py, and what env-shadowing does where our own reading of the files fails."""

from pathlib import Path

import pytest

from preflight.compose.ask.door import Compose
from preflight.compose.read.locate import ComposeSource
from preflight.compose.shadow.places import Places
from preflight.errors import CouldNotLook
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.project import ComposeProject, Pin
from tests.checks.shadowing_case import DEV, HEAD, PINNED
from tests.checks.shadowing_projects import context_of, judge, write


def _places(folder: Path) -> Places:
    project = ComposeProject(folder, (folder / "compose.yaml",))
    return Places(project, lambda: ComposeSource.load(project, {}))


def test_entries_are_found_with_their_lines(tmp_path: Path) -> None:
    """Variables, env files and services each know where they stand."""
    write(tmp_path, {"compose.yaml": HEAD + "    environment:\n      PIN: x\n"})
    places = _places(tmp_path)

    entry = places.environment("app", "PIN")
    assert entry is not None
    assert (entry.line, places.known, places.folder) == (10, True, tmp_path)
    assert [each.line for each in places.env_files("app")] == [5, 7]
    assert places.service("app") == (tmp_path / "compose.yaml", 2)
    assert places.place("services.app.environment.PIN") == (tmp_path / "compose.yaml", 10)
    assert places.place("services.app.environment.NOPE") == (tmp_path / "compose.yaml", 2)
    assert places.place("services.app.ports.0") == (tmp_path / "compose.yaml", 2)
    assert places.place("networks.x") is None
    assert places.problem() is None


def test_unreadable_files_give_no_place_but_their_own(tmp_path: Path) -> None:
    """A broken file is itself the place; everything in it is nowhere."""
    write(tmp_path, {"compose.yaml": "services:\n\tapp: {}\n"})
    places = _places(tmp_path)

    assert places.problem() == (tmp_path / "compose.yaml", 2)
    assert (places.known, places.folder) == (False, tmp_path)
    assert places.environment("app", "PIN") is None
    assert places.env_files("app") == ()
    assert places.service("app") is None


def test_files_that_cannot_be_followed_give_no_place(tmp_path: Path) -> None:
    """Where a service extends a file that is not there, Compose has refused the project already."""
    write(tmp_path, {"compose.yaml": "services: {app: {extends: {file: nope.yaml, service: b}}}\n"})
    places = _places(tmp_path)

    assert places.known
    assert places.environment("app", "PIN") is None
    assert places.env_files("app") == ()
    assert places.service("app") is None


def test_no_compose_file_is_no_problem_with_a_place(tmp_path: Path) -> None:
    """Nothing to read is nowhere."""

    def load() -> ComposeSource:
        raise CouldNotLook("there is no compose file")

    assert Places(ComposeProject(tmp_path), load).problem() is None


@pytest.mark.compose
@pytest.mark.parametrize(
    ("more", "version", "verdict", "words"),
    [
        ("", "2.40.3", "warn", "gets the pin today, but what could change it is not known: cannot be followed"),
        (f"    environment: {{PIN: '{DEV}'}}\n", "2.40.3", "fail", "overrides the pin: PIN is written out"),
        ("", "2.24.1", "error", "does not say which env files feed app"),
    ],
)
def test_a_verdict_does_not_hang_on_our_own_reading(
    *, more: str, version: str, verdict: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compose decides what arrives today, and an old one may not tell; what could change it, only our reading tells."""
    write(tmp_path, {"pin.env": f"PIN={PINNED}\n", "compose.yaml": HEAD + more})

    def unreadable(*_: object) -> None:
        raise ComposeFileProblem("cannot be followed", tmp_path / "compose.yaml")

    monkeypatch.setattr(Compose, "source", unreadable)
    judged = judge(context_of(tmp_path, [Pin("PIN", "app", tmp_path / "pin.env")], version=version))

    assert judged.verdict == verdict
    assert words in judged.words


@pytest.mark.compose
def test_an_old_release_that_refuses_to_tell_is_no_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """2.24.1 takes no further file for a service that is included; without our own reading nothing is known."""
    write(
        tmp_path,
        {
            "pin.env": f"PIN={PINNED}\n",
            "compose.yaml": "include: [inc.yaml]\n",
            "inc.yaml": "services: {app: {image: x, env_file: [pin.env]}}\n",
        },
    )

    def unreadable(*_: object) -> None:
        raise ComposeFileProblem("cannot be followed", tmp_path / "compose.yaml")

    monkeypatch.setattr(Compose, "source", unreadable)
    judged = judge(context_of(tmp_path, [Pin("PIN", "app", tmp_path / "pin.env")], version="2.24.1"))

    assert judged.verdict == "error"
    assert "does not say what feeds app" in judged.words


@pytest.mark.compose
def test_a_known_failure_is_not_lost_when_another_file_cannot_be_read(tmp_path: Path) -> None:
    """2.24.7 does not read env files for its answer; a broken one must not hide what ``environment:`` does."""
    write(tmp_path, {"pin.env": f'PIN="{PINNED}\n', "compose.yaml": HEAD + f"    environment: {{PIN: '{DEV}'}}\n"})

    judged = judge(context_of(tmp_path, [Pin("PIN", "app", tmp_path / "pin.env")], version="2.24.7"))

    assert judged.verdict == "fail"
    assert "overrides the pin" in judged.words

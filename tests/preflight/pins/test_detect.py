"""The project and its pins are found by looking."""

import os
import time
from pathlib import Path

import pytest

from preflight.pins.detect import Detection, detect
from preflight.project import ComposeProject, Pin

HEX = "0123456789abcdef" * 4
PINNED = f"AGENT_IMAGE=ghcr.io/acme/agent@sha256:{HEX}\n"
SERVICE = "services:\n  app:\n    image: b\n    env_file: [{path: pin.env, required: false}]\n"
PLAIN = "services:\n  db: {image: b}\n"


def put(root: Path, **files: str) -> None:
    """Write files; ``__`` in a name is a folder, ``_`` a dot."""
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _messages(found: Detection) -> list[str]:
    return [remark.message for remark in (*found.problems, *found.notes)]


def test_what_compose_finds_by_itself_is_taken(tmp_path: Path) -> None:
    """In a folder with compose.yaml, Compose is left to find it, and the pin is found without a word."""
    put(tmp_path, compose_yaml=SERVICE, pin_env=PINNED)
    found = detect(tmp_path, {}, None)
    assert found.project == ComposeProject(tmp_path)
    assert found.pins == (Pin("AGENT_IMAGE", "app", tmp_path / "pin.env"),)
    assert _messages(found) == []
    assert found.source is not None


@pytest.mark.parametrize(
    "name", ["docker__compose_app_yaml", "docker__docker-compose_prod_yml", "deploy__compose_x_yml"]
)
def test_files_in_the_usual_folders_are_found(tmp_path: Path, name: str) -> None:
    """Without a default file, docker/compose*.y*ml and the like are looked at."""
    put(tmp_path, **{name: SERVICE, f"{name.partition('__')[0]}__pin_env": PINNED})
    found = detect(tmp_path, {}, None)
    path = tmp_path / name.replace("__", "/").replace("_", ".")
    assert found.project == ComposeProject(tmp_path, (path,))
    assert found.pins == (Pin("AGENT_IMAGE", "app", path.parent / "pin.env"),)
    assert _messages(found) == []


def test_a_default_file_in_a_sub_folder_brings_its_override(tmp_path: Path) -> None:
    """docker/compose.yaml is called as Compose would be in that folder."""
    put(tmp_path, docker__compose_yaml=SERVICE, docker__compose_override_yaml=PLAIN, docker__pin_env=PINNED)
    found = detect(tmp_path, {}, None)
    assert found.project == ComposeProject(tmp_path / "docker")
    assert _messages(found) == []


def test_files_for_development_are_passed_over(tmp_path: Path) -> None:
    """compose.dev.yaml and the like are not the deployed project, unless there is nothing else."""
    put(tmp_path, docker__compose_app_yaml=SERVICE, docker__compose_dev_yaml=SERVICE, docker__pin_env=PINNED)
    assert detect(tmp_path, {}, None).project.files == (tmp_path / "docker" / "compose.app.yaml",)
    (tmp_path / "docker" / "compose.app.yaml").unlink()
    assert detect(tmp_path, {}, None).project.files == (tmp_path / "docker" / "compose.dev.yaml",)


def test_of_several_files_the_one_with_a_pin_is_taken(tmp_path: Path) -> None:
    """Files without pins do not make the guess ambiguous."""
    put(tmp_path, docker__compose_app_yaml=SERVICE, docker__compose_proxy_yaml=PLAIN, docker__pin_env=PINNED)
    found = detect(tmp_path, {}, None)
    assert found.project.files == (tmp_path / "docker" / "compose.app.yaml",)
    assert _messages(found) == []


def test_several_files_with_pins_are_a_problem_that_names_them(tmp_path: Path) -> None:
    """Nothing is guessed silently: the run cannot be green before somebody says which is meant."""
    put(tmp_path, docker__compose_a_yaml=SERVICE, docker__compose_b_yaml=SERVICE, docker__pin_env=PINNED)
    found = detect(tmp_path, {}, None)
    assert found.pins == ()
    assert _messages(found) == ["several compose files may be meant: docker/compose.a.yaml, docker/compose.b.yaml"]
    assert "compose: {files:" in found.problems[0].hint


def test_a_default_file_without_pins_is_passed_over_with_a_note(tmp_path: Path) -> None:
    """When another file has the pins it is taken, and the operator is told."""
    put(tmp_path, compose_yaml=PLAIN, docker__compose_app_yaml=SERVICE, docker__pin_env=PINNED)
    found = detect(tmp_path, {}, None)
    assert [pin.service for pin in found.pins] == ["app"]
    assert found.problems == ()
    assert _messages(found) == ["compose.yaml has no pin; docker/compose.app.yaml was taken"]


def test_the_git_root_is_looked_at_after_the_folder(tmp_path: Path) -> None:
    """From a sub-folder of the repository the project is found as from its top."""
    put(tmp_path, docker__compose_app_yaml=SERVICE, docker__pin_env=PINNED, src__deep__x="")
    found = detect(tmp_path / "src" / "deep", {}, tmp_path)
    assert found.project == ComposeProject(tmp_path, (tmp_path / "docker" / "compose.app.yaml",))
    assert len(found.pins) == 1


def test_a_compose_file_above_the_work_tree_is_not_ours(tmp_path: Path) -> None:
    """Compose looks in all folders above; a file outside the repository is not taken for its project."""
    put(
        tmp_path,
        compose_yaml=SERVICE,
        pin_env=PINNED,
        repo__docker__compose_app_yaml=SERVICE,
        repo__docker__pin_env=PINNED,
    )
    repository = tmp_path / "repo"
    assert detect(repository, {}, repository).project.files == (repository / "docker" / "compose.app.yaml",)
    assert detect(repository, {"COMPOSE_FILE": "../compose.yaml"}, repository).pins[0].file == tmp_path / "pin.env"


def test_nothing_found_is_a_problem(tmp_path: Path) -> None:
    """An empty folder, and a project without pins, cannot be green."""
    found = detect(tmp_path, {}, tmp_path)
    assert found.pins == ()
    assert _messages(found) == [f"there is no compose file in {tmp_path} or above"]
    (tmp_path / "src").mkdir()
    assert _messages(detect(tmp_path / "src", {}, tmp_path)) == [
        f"there is no compose file in {tmp_path / 'src'} or above"
    ]
    put(tmp_path, compose_yaml=PLAIN)
    assert _messages(detect(tmp_path, {}, tmp_path)) == [
        "no service of compose.yaml has an env file with an image reference"
    ]


def test_broken_files_are_problems_with_their_place(tmp_path: Path) -> None:
    """Broken YAML is told with file and line, and nothing else is taken in its stead."""
    put(tmp_path, compose_yaml="services:\n\tapp:\n", docker__compose_app_yaml=SERVICE, docker__pin_env=PINNED)
    found = detect(tmp_path, {}, None)
    assert found.pins == ()
    assert [(each.message, str(each.location)) for each in found.problems] == [
        ("not valid YAML: a tab where only spaces may indent", "compose.yaml:2")
    ]


def test_a_broken_neighbour_is_told_beside_the_pins(tmp_path: Path) -> None:
    """A file that cannot be read may hold pins too, so the run cannot be green."""
    put(tmp_path, docker__compose_a_yaml=SERVICE, docker__compose_b_yaml="a: [", docker__pin_env=PINNED)
    found = detect(tmp_path, {}, None)
    assert len(found.pins) == 1
    assert [str(each.location) for each in found.problems] == ["docker/compose.b.yaml:2"]


def test_a_dotenv_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    """.env may name the compose files; where it is broken nothing is guessed."""
    put(tmp_path, compose_yaml=SERVICE, pin_env=PINNED)
    (tmp_path / ".env").write_text("A='open\n")
    found = detect(tmp_path, {}, None)
    assert found.pins == ()
    assert len(found.problems) == 1
    assert ".env:1" in found.problems[0].message


def test_a_missing_pin_file_is_a_problem_not_a_silence(tmp_path: Path) -> None:
    """A pin file that is listed and not there shows, so that the run is not green for want of pins."""
    put(tmp_path, compose_yaml=SERVICE)
    found = detect(tmp_path, {}, None)
    assert [str(each.location) for each in found.problems] == ["compose.yaml:4"]


def test_a_given_project_is_only_searched_for_pins(tmp_path: Path) -> None:
    """Named compose files are taken as they are."""
    put(tmp_path, compose_yaml=PLAIN, other__x_yaml=SERVICE, other__pin_env=PINNED)
    project = ComposeProject(tmp_path, (tmp_path / "other" / "x.yaml",))
    found = detect(tmp_path, {}, None, project=project)
    assert (found.project, len(found.pins), _messages(found)) == (project, 1, [])
    without = detect(tmp_path, {}, None, project=ComposeProject(tmp_path))
    assert _messages(without) == ["no service of compose.yaml has an env file with an image reference"]
    missing = detect(tmp_path, {}, None, project=ComposeProject(tmp_path, (tmp_path / "no.yaml",)))
    assert _messages(missing) == ["the compose file cannot be read: no such file or directory"]


def test_given_pins_choose_the_project_that_has_their_service(tmp_path: Path) -> None:
    """Of several files the one that has the service, and lists the pin file, is meant."""
    put(tmp_path, docker__compose_a_yaml=SERVICE, docker__compose_b_yaml=PLAIN, docker__pin_env=PINNED)
    pins = (Pin("AGENT_IMAGE", "app", tmp_path / "docker" / "pin.env"),)
    found = detect(tmp_path, {}, None, pins=pins)
    assert (found.project.files, found.pins) == ((tmp_path / "docker" / "compose.a.yaml",), pins)
    put(tmp_path, docker__compose_c_yaml="services:\n  app: {image: b}\n")
    assert detect(tmp_path, {}, None, pins=pins).project.files == (tmp_path / "docker" / "compose.a.yaml",)
    put(tmp_path, docker__compose_c_yaml=SERVICE)
    assert _messages(detect(tmp_path, {}, None, pins=pins)) == [
        "several compose files may be meant: docker/compose.a.yaml, docker/compose.c.yaml"
    ]


def test_given_pins_of_no_service_leave_the_verdict_to_the_checks(tmp_path: Path) -> None:
    """A mistyped service is for the checks to report; detection keeps the pins and the nearest project."""
    put(tmp_path, compose_yaml=PLAIN)
    pins = (Pin("AGENT_IMAGE", "app", tmp_path / "pin.env"),)
    found = detect(tmp_path, {}, None, pins=pins)
    assert (found.project, found.pins, _messages(found)) == (ComposeProject(tmp_path), pins, [])


def test_a_folder_that_may_not_be_listed_is_passed_over(tmp_path: Path) -> None:
    """Folders that are files, or that may not be read, do not stop the search."""
    put(tmp_path, docker="", deploy__compose_yaml=SERVICE, deploy__pin_env=PINNED)
    assert len(detect(tmp_path, {}, None).pins) == 1


def test_a_thousand_services_are_found_quickly(tmp_path: Path) -> None:
    """A project of 1,000 services costs well under a second, each file read once."""
    body = "".join(
        f"  s{n}:\n    image: b\n    environment:\n      A: b\n    env_file:\n      - path: pin.env\n"
        "        required: false\n      - path: pin.local.env\n        required: false\n    ports: ['80']\n"
        for n in range(1000)
    )
    put(tmp_path, compose_yaml=f"services:\n{body}", pin_env=PINNED)
    detect(tmp_path, {}, None)  # imports and caches of the machine
    began = time.process_time()
    found = detect(tmp_path, dict(os.environ), None)
    assert len(found.pins) == 1000
    assert time.process_time() - began < 2.0  # 0.2 s on the machine this was written on; no flaky limit


def test_an_override_is_no_project_of_its_own(tmp_path: Path) -> None:
    """What Compose adds to compose.yaml is not looked at once more by itself."""
    put(tmp_path, compose_yaml=PLAIN, compose_override_yaml=PLAIN)
    [message] = _messages(detect(tmp_path, {}, None))
    assert message == "no service of compose.yaml + compose.override.yaml has an env file with an image reference"


def test_a_second_standard_name_in_the_folder_is_named_once(tmp_path: Path) -> None:
    """Compose takes the first of its names and ignores the others."""
    for name in ("compose.yaml", "docker-compose.yml"):
        (tmp_path / name).write_text("services: {app: {image: x, env_file: [pin.env]}}\n")
    (tmp_path / "pin.env").write_text(f"AGENT_IMAGE=ghcr.io/acme/agent@sha256:{'a' * 64}\n")

    found = detect(tmp_path, {}, None)

    assert [note.message for note in found.notes] == [
        "Compose takes compose.yaml and ignores docker-compose.yml beside it"
    ]
    assert [pin.service for pin in found.pins] == ["app"]
    assert detect(tmp_path, {"COMPOSE_FILE": "docker-compose.yml"}, None).notes == ()


@pytest.mark.parametrize(("name", "code"), [("\u0410GENT_IMAGE", "U+0410"), ("IM\u00c1GEN_IMAGE", "U+00C1")])
def test_a_name_beyond_ascii_is_a_pin_with_a_word(name: str, code: str, tmp_path: Path) -> None:
    """A letter that looks like another, and one of the user's language: judged, and named once with its place."""
    put(tmp_path, compose_yaml=f"{SERVICE}  web: {{image: b, env_file: pin.env}}\n")
    (tmp_path / "pin.env").write_text(f"# c\n{PINNED.replace('AGENT_IMAGE', name)}", encoding="utf-8")

    found = detect(tmp_path, {}, None)

    assert [pin.variable for pin in found.pins] == [name, name]
    [note] = found.notes
    assert code in note.message
    assert str(note.location) == "pin.env:2"

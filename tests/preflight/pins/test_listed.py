"""preflight/pins/listed.py"""

from collections.abc import Sequence
from pathlib import Path

from preflight.compose.read.locate import ComposeSource
from preflight.pins.listed import ListedFiles, Role, list_files
from preflight.project import ComposeProject, Pin


def listed(folder: Path, entries: str, pin: Pin, *others: Pin) -> ListedFiles:
    """Tell apart what a service lists."""
    (folder / "compose.yaml").write_text(f"services: {{app: {{image: b, env_file: [{entries}]}}}}\n")
    source = ComposeSource.load(ComposeProject(folder, ()), {"WHICH": "late"})
    return list_files(source, pin, (pin, *others))


def pin_at(folder: Path, name: str = "pin.env", overrides: Sequence[str] = (), service: str = "app") -> Pin:
    """Return a pin of the folder."""
    return Pin("PIN", service, folder / name, tuple(folder / each for each in overrides))


def test_each_entry_has_a_role(tmp_path: Path) -> None:
    """An override is known by its name where the pin names none; a variable may be set or not."""
    entries = (
        "base.env, ./pin.env, pin.local.env, other.env, other.local.env, '${WHICH}.env', '${NOBODY}.env', '${A?}.env'"
    )
    found = listed(tmp_path, entries, pin_at(tmp_path), pin_at(tmp_path, "other.env"))

    assert [each.role for each in found.files] == [
        *(Role.OTHER, Role.PIN, Role.OVERRIDE, Role.OTHER_PIN, Role.OTHER_PIN),
        *(Role.OTHER, Role.OTHER, Role.UNKNOWN),
    ]
    assert [each.path for each in found.files][5:] == [tmp_path / "late.env", tmp_path / ".env", None]
    assert [each.is_open for each in found.files][4:] == [False, True, True, True]
    assert (found.pins, found.unlisted) == ((1,), ())


def test_overrides_that_the_pin_names_count_alone(tmp_path: Path) -> None:
    """One that the service does not list is named."""
    found = listed(tmp_path, "pin.env, pin.local.env, mine.env", pin_at(tmp_path, overrides=["mine.env", "gone.env"]))

    assert [each.role for each in found.files] == [Role.PIN, Role.OTHER, Role.OVERRIDE]
    assert found.unlisted == (tmp_path / "gone.env",)


def test_pins_of_other_services_do_not_count(tmp_path: Path) -> None:
    """Their files are foreign to this service; two pins in one file are one file."""
    elsewhere, same_file = pin_at(tmp_path, "other.env", service="db"), pin_at(tmp_path)

    found = listed(tmp_path, "pin.env, other.env", pin_at(tmp_path), elsewhere, same_file)

    assert [each.role for each in found.files] == [Role.PIN, Role.OTHER]


def test_links_and_folders_with_a_dollar_are_followed(tmp_path: Path) -> None:
    """What counts is the file that is meant; `$$` is no variable."""
    folder = tmp_path / "a$b"
    folder.mkdir()
    (folder / "pin.env").write_text("PIN=x\n")
    (folder / "link.env").symlink_to("pin.env")

    found = listed(folder, "link.env, pin.env, c$$d.env", pin_at(folder))

    assert found.pins == (0, 1)
    assert [each.is_open for each in found.files] == [False, False, False]


def test_a_service_that_lists_nothing(tmp_path: Path) -> None:
    """Also one that is not there."""
    found = listed(tmp_path, "", pin_at(tmp_path, overrides=["mine.env"]))
    assert (found.files, found.pins, found.unlisted) == ((), (), (tmp_path / "mine.env",))

    assert listed(tmp_path, "pin.env", pin_at(tmp_path, service="nobody")).files == ()

"""preflight/compose/read/feed.py"""

import json
from pathlib import Path
from typing import Any

import pytest

from preflight.compose.read.feed import EnvFileFeed, Feed, read_feed
from preflight.compose.read.locate import ComposeSource
from preflight.project import ComposeProject, Pin


def feed_of(
    folder: Path, service: dict[str, Any], environ: dict[str, str] | None = None, *, copied: bool = False
) -> Feed:
    """Return what feeds PIN of a service; the checkout's pin file is ``pin.env`` beside the compose file."""
    file = folder / "compose.yaml"
    file.write_text(json.dumps({"services": {"app": {"image": "x", **service}}}, indent=1))
    source = ComposeSource.load(ComposeProject(folder, (file,)), environ or {})
    home = folder / "checkout" if copied else folder
    return read_feed(source, Pin("PIN", "app", home / "pin.env"), copied=copied)


def texts(entries: tuple[EnvFileFeed, ...]) -> list[str]:
    """Return the entries as written."""
    return [each.text for each in entries]


def test_nothing_feeds_a_service_without_any(tmp_path: Path) -> None:
    """No entry is the pin, and nothing overrides it."""
    feed = feed_of(tmp_path, {})

    assert feed == Feed("PIN")
    assert (feed.pin, feed.before_pin, feed.after_pin) == (None, (), ())
    assert (feed.has_dotenv, feed.is_dotenv_alone, feed.dotenv_overrides(None)) == (False, False, False)
    assert (feed.names_outside, feed.is_from_outside) == ((), False)


def test_env_files_are_in_order_with_their_place(tmp_path: Path) -> None:
    """The pin file is known whatever form names it; what is listed before and after it is told apart."""
    listed = ["first.env", {"path": "./pin.env", "required": False, "format": "raw"}, "last.env"]

    feed = feed_of(tmp_path, {"env_file": listed})

    assert feed.pin is not None
    assert (feed.pin.path, feed.pin.required, feed.pin.format) == (tmp_path / "pin.env", "false", "raw")
    assert feed.pin.place == (tmp_path / "compose.yaml", 7)
    assert (texts(feed.before_pin), texts(feed.after_pin)) == (["first.env"], ["last.env"])


def test_in_the_checkout_the_pin_file_is_that_very_file(tmp_path: Path) -> None:
    """A link to it is the pin; a file of that name in another folder is not."""
    (tmp_path / "pin.env").write_text("")
    (tmp_path / "link.env").symlink_to("pin.env")

    assert texts(feed_of(tmp_path, {"env_file": ["other/pin.env", "link.env"]}).pins) == ["link.env"]


def test_a_copy_of_the_pin_file_is_known_by_its_name(tmp_path: Path) -> None:
    """Coolify copies to a folder of its own; the last of several copies counts."""
    feed = feed_of(tmp_path, {"env_file": ["a/pin.env", "b/pin.env", "c.env"]}, copied=True)

    assert texts(feed.pins) == ["a/pin.env", "b/pin.env"]
    assert feed.pin is not None
    assert feed.pin.text == "b/pin.env"


def test_coolifys_own_dotenv_is_never_a_copy_of_the_pin_file(tmp_path: Path) -> None:
    """Not even where the pin file has that name; in the checkout it is the pin file then."""
    service = {"env_file": [".env", "docker/.env"]}
    file = tmp_path / "compose.yaml"
    file.write_text(json.dumps({"services": {"app": {"image": "x", **service}}}))
    source = ComposeSource.load(ComposeProject(tmp_path, (file,)), {})
    pin = Pin("PIN", "app", tmp_path / ".env")

    assert texts(read_feed(source, pin, copied=True).pins) == ["docker/.env"]
    assert texts(read_feed(source, pin).pins) == [".env"]


@pytest.mark.parametrize(
    ("listed", "overrides", "alone"),
    [
        ([".env"], True, True),
        (["./.env", ".env"], True, True),
        ([".env", "pin.env"], False, False),
        (["pin.env", "x.env"], False, False),
        (["pin.env", ".env"], True, False),
        (["x.env", ".env"], True, False),
        (["sub/.env"], False, False),
    ],
    ids=str,
)
def test_whether_coolifys_dotenv_overrides_the_pin_file(
    tmp_path: Path,
    listed: list[str],
    overrides: bool,
    alone: bool,
) -> None:
    """It does where it is listed after it, or without it."""
    feed = feed_of(tmp_path, {"env_file": listed}, copied=True)

    assert (feed.dotenv_overrides(feed.pin), feed.is_dotenv_alone) == (overrides, alone)


def test_a_path_that_a_variable_decides(tmp_path: Path) -> None:
    """The file it means today is told with the variables that decide; none where it cannot be told."""
    listed = ["${DIR:-.}/pin.env", "${MUST:?}/x.env"]

    feed = feed_of(tmp_path, {"env_file": listed})

    assert [(each.path, each.names) for each in feed.env_files] == [(tmp_path / "pin.env", ("DIR",)), (None, ("MUST",))]
    assert feed.pin == feed.env_files[0]
    assert feed_of(tmp_path, {"env_file": listed}, {"DIR": "sub"}).pin is None


def test_entries_that_interpolation_makes_the_same_count_where_the_first_stands(tmp_path: Path) -> None:
    """Compose keeps one of them, so what stands between overrides it; what differs as a text stays."""
    other = feed_of(tmp_path, {"env_file": ["${DIR:-.}/pin.env", "x.env", "pin.env"]})
    assert other.after_pin == ()

    feed = feed_of(tmp_path, {"env_file": ["${NONE:-}pin.env", "x.env", "pin.env"]})

    assert texts(feed.after_pin) == ["x.env"]


@pytest.mark.parametrize(
    ("environment", "names", "own"),
    [
        ({"PIN": None}, ("PIN",), True),
        (["PIN"], ("PIN",), True),
        ({"PIN": "${PIN:-x}"}, ("PIN",), True),
        ({"PIN": "${A}/${B}"}, ("A", "B"), False),
        ({"PIN": "$$PIN"}, (), False),
        ({"PIN": ""}, (), False),
        ({"OTHER": "${PIN}"}, (), False),
        (["PIN=${A}", "PIN=x"], (), False),
    ],
    ids=str,
)
def test_what_environment_takes_from_outside(
    tmp_path: Path,
    environment: object,
    names: tuple[str, ...],
    own: bool,
) -> None:
    """A name without a value takes its own; a value what it interpolates; the last entry counts."""
    feed = feed_of(tmp_path, {"environment": environment})

    assert (feed.names_outside, feed.is_from_outside) == (names, own)


def test_whether_an_env_file_is_there(tmp_path: Path) -> None:
    """A folder in its place is no file, and a path that nobody can tell leads nowhere."""
    (tmp_path / "folder.env").mkdir()
    (tmp_path / "pin.env").write_text("")

    feed = feed_of(tmp_path, {"env_file": ["pin.env", "folder.env", "gone.env", "${MUST:?}.env"]})

    assert [each.is_there for each in feed.env_files] == [True, False, False, False]

"""preflight/run/config/shape.py"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.lib.yamldata import load
from preflight.run.config.mistakes import Mistakes
from preflight.run.config.shape import Shape, absolute

FILE = Path("preflight.yaml")


def shape(text: str, mistakes: Mistakes | None = None) -> Shape:
    """Return the value of the key ``a``."""
    return Shape(load(f"\na: {text}\n", FILE), FILE, "", mistakes).mapping()["a"]


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (Shape.text, "'1'", "1"),
        (Shape.texts, "[x, y]", ("x", "y")),
        (Shape.texts, "", ()),
        (Shape.boolean, "true", True),
        (Shape.number, "1.5", 1.5),
        (Shape.number, "-2", -2),
        (Shape.whole_number, "7", 7),
        (Shape.duration, "90", 90),
        (Shape.duration, "24h", 86400),
        (Shape.day, "2027-01-31", date(2027, 1, 31)),
    ],
)
def test_each_type_is_read(read: Callable[[Shape], object], text: str, value: object) -> None:
    """As it is written in the file."""
    assert read(shape(text)) == value


@pytest.mark.parametrize(
    ("read", "text", "expected"),
    [
        (Shape.text, "''", "text"),
        (Shape.text, "1", "text"),
        (Shape.text, "[hunter2]", "text"),
        (Shape.texts, "x", "a list"),
        (Shape.boolean, "1", "true or false"),
        (Shape.boolean, "hunter2", "true or false"),
        (Shape.number, "true", "a number"),
        (Shape.number, "'1'", "a number"),
        (Shape.whole_number, "1.0", "a whole number"),
        (Shape.whole_number, "false", "a whole number"),
        (Shape.duration, "hunter2", "a number of seconds"),
        (Shape.duration, "true", "a number"),
        (Shape.day, "2027-01-31 12:00:00", "a day such as 2027-01-31"),
        (Shape.day, "'2027-01-31'", "a day such as 2027-01-31"),
        (Shape.mapping, "[x]", "a mapping"),
        (Shape.items, "{x: 1}", "a list"),
    ],
)
def test_another_type_is_named_with_its_place(read: Callable[[Shape], object], text: str, expected: str) -> None:
    """File, line and name; the value is not quoted, it may be a secret."""
    with pytest.raises(ConfigurationError) as raised:
        read(shape(text))

    assert raised.value.message.startswith(f"preflight.yaml:2: a must be {expected}")
    assert "hunter2" not in str(raised.value)


def test_names_lead_to_the_value() -> None:
    """Through mappings and lists."""
    [item] = shape("{b: [{c: 1}]}").mapping()["b"].items()

    with pytest.raises(ConfigurationError, match=r"preflight\.yaml:2: a\.b\[0\]\.c must be text"):
        item.mapping()["c"].text()


def test_unknown_keys_are_all_told_at_once() -> None:
    """With the nearest that there is; control characters do not reach the terminal."""
    with pytest.raises(ConfigurationError) as raised:
        shape('{filse: 1, "\\e[2J": 2, files: 3}').mapping({"files", "project"})

    first, second = raised.value, raised.value.others[0]
    assert first.message == "preflight.yaml:2: unknown key filse in a, did you mean files?"
    assert first.hint == "Valid keys: files, project."
    assert "\x1b" not in second.message


def test_unknown_keys_are_noted_where_somebody_collects_them() -> None:
    """And what is known is read all the same."""
    mistakes = Mistakes()

    entries = shape("{x: 1, files: [y]}", mistakes).mapping({"files"})

    assert list(entries) == ["files"]
    assert entries["files"].texts() == ("y",)
    with pytest.raises(ConfigurationError, match="unknown key x in a"):
        mistakes.raise_all()


def test_paths_are_made_absolute_and_links_stay(tmp_path: Path) -> None:
    """Dots are resolved by their letters."""
    (tmp_path / "link").symlink_to("/")

    assert shape("[b/../c, /d]").files(Path("/base")) == (Path("/base/c"), Path("/d"))
    assert shape("../x").file(Path("/base/here")) == Path("/base/x")
    assert absolute("link", tmp_path) == tmp_path / "link"

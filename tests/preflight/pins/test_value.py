"""preflight/pins/value.py"""

from pathlib import Path

import pytest

from preflight.envfile import EnvFileSyntaxError
from preflight.model import Need
from preflight.pins.value import PinUnknown, past_value_in, raw_changes, read_pin_value, value_in
from preflight.project import Pin

SECRET = "hunter2-do-not-show"
IMAGE = f"ghcr.io/example/agent@sha256:{'1' * 64}"


def pin_in(folder: Path, text: str | None) -> Pin:
    """Return a pin whose file holds a text."""
    file = folder / "pin.env"
    if text is not None:
        file.write_text(text)
    return Pin("PIN", "app", file)


def test_the_last_definition_counts(tmp_path: Path) -> None:
    """As for Compose; the file comes along, for what else stands in it."""
    value = read_pin_value(pin_in(tmp_path, f"PIN=old\nOTHER=x\nPIN={IMAGE}\n"), lambda path: path.name)

    assert (value.text, str(value.at), value.file.value("OTHER")) == (IMAGE, "pin.env:3", "x")


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        (None, "there is no file FILE", "FILE"),
        ("OTHER=x\n", "FILE gives PIN no value", "FILE"),
        ("PIN=\n", "FILE gives PIN no value", "FILE:1"),
        ("PIN\n", "FILE gives PIN no value", "FILE:1"),
        (f"A=1\nPIN=${{REGISTRY:-{SECRET}}}/x\n", "FILE:2: the value of PIN depends on other variables ($)", "FILE:2"),
        ("PIN=$A\n", "FILE:1: the value of PIN depends on other variables ($)", "FILE:1"),
        (f"A={SECRET}\nPIN=$A\n", "FILE:2: the value of PIN depends on other variables ($)", "FILE:2"),
        (f"PIN='{SECRET}\n", "FILE:1: a quote (') is opened and never closed", "FILE"),
    ],
    ids=str,
)
def test_a_pin_that_the_file_does_not_give(tmp_path: Path, text: str | None, message: str, at: str) -> None:
    """The reason has a place and quotes no value; a value that other variables decide is none."""
    pin = pin_in(tmp_path, text)

    with pytest.raises(PinUnknown) as caught:
        read_pin_value(pin)

    assert caught.value.message.replace(str(pin.file), "FILE") == message
    assert str(caught.value.at).replace(str(pin.file), "FILE") == at
    assert caught.value.need is Need.PIN
    assert caught.value.hint
    assert SECRET not in f"{caught.value.message}{caught.value.hint}"


def test_a_dollar_in_single_quotes_is_part_of_the_value(tmp_path: Path) -> None:
    """Nothing is interpolated there."""
    assert read_pin_value(pin_in(tmp_path, "PIN='a$B'\n")).text == "a$B"


def test_the_value_is_not_in_the_representation(tmp_path: Path) -> None:
    """It is a secret until it proves to be an image reference."""
    assert SECRET not in repr(read_pin_value(pin_in(tmp_path, f"PIN={SECRET}\n")))


def test_values_in_texts() -> None:
    """As of another commit, or of a copy; a text that Compose refuses has none."""
    assert value_in("\ufeffPIN=a\nPIN=b\n", "PIN") == "b"
    assert value_in("PIN\n", "PIN") is None
    assert value_in("", "PIN") is None
    with pytest.raises(EnvFileSyntaxError):
        value_in("PIN='a\n", "PIN")
    assert past_value_in("PIN='a\n", "PIN") is None
    assert past_value_in("PIN=a\n", "PIN") == "a"


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (f"PIN={IMAGE}\n", False),
        (f"PIN='{IMAGE}'\n", True),
        (f"PIN={IMAGE} # since v1\n", True),
        (f"OTHER='x'\nPIN={IMAGE}\n", False),
        ("OTHER=x\n", False),
        ("PIN='never closed\n", False),
        (None, False),
    ],
)
def test_what_the_raw_format_makes_of_the_value(tmp_path: Path, text: str | None, *, changes: bool) -> None:
    """Quotes and comments become part of it; what cannot be read is told elsewhere."""
    assert raw_changes(pin_in(tmp_path, text)) is changes

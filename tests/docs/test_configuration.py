"""docs/made/configuration.py: it describes each key that the reader accepts, and its examples are read."""

from pathlib import Path

import pytest

from docs.made.configuration import LISTS, NO_OPTION, SECTIONS
from preflight.cli.run import run
from preflight.errors import ConfigurationError
from preflight.run.config.read import OPTIONS, read_config


def valid_keys(folder: Path, text: str) -> set[str]:
    """Return the keys that the reader names as valid where the text has an unknown one."""
    path = folder / "preflight.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as raised:
        read_config(path, trusted=True)
    hints = [each.hint for each in raised.value.all if "unknown key no-such-key" in each.message]
    assert len(hints) == 1
    return set(hints[0].removeprefix("Valid keys: ").rstrip(".").split(", "))


def section(name: str, *keys: str) -> str:
    """Return a configuration with one section of these keys."""
    inner = f"{{{', '.join(keys)}}}"
    return f"{name}: [{inner}]\n" if name in LISTS else f"{name}: {inner}\n"


def test_each_key_of_the_top_level_is_described(tmp_path: Path) -> None:
    """A section, an option of `preflight run`, or one of the few that are neither."""
    described = {*SECTIONS, "checks", *OPTIONS}
    assert valid_keys(tmp_path, "no-such-key: 1\n") == described
    assert set(OPTIONS) - {parameter.name for parameter in run.params} == set(NO_OPTION)


@pytest.mark.parametrize("name", SECTIONS)
def test_each_key_of_a_section_is_described(tmp_path: Path, name: str) -> None:
    """And nothing is described that the reader would refuse."""
    _, keys = SECTIONS[name]
    required = [key.example for key in keys if not key.default]
    assert valid_keys(tmp_path, section(name, *required, "no-such-key: 1")) == {key.name for key in keys}


@pytest.mark.parametrize("name", SECTIONS)
def test_the_examples_are_read(tmp_path: Path, name: str) -> None:
    """All keys of a section together."""
    _, keys = SECTIONS[name]
    path = tmp_path / "preflight.yaml"
    path.write_text(section(name, *(key.example for key in keys)))

    read_config(path, trusted=True)

    assert all(key.example.startswith(f"{key.name}: ") for key in keys)

"""docs/made/configuration.py: it describes each key that the reader accepts, and its examples are read."""

from pathlib import Path

import pytest

from docs.made.configuration import LISTS, NO_OPTION, SECTIONS
from preflight.cli.run import run
from preflight.errors import ConfigurationError
from preflight.notify.settings import read_targets
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


UNIFORM = [name for name in SECTIONS if name != "notify"]
"""The keys of a target depend on its type; see the last tests."""


@pytest.mark.parametrize("name", UNIFORM)
def test_each_key_of_a_section_is_described(tmp_path: Path, name: str) -> None:
    """And nothing is described that the reader would refuse."""
    _, keys = SECTIONS[name]
    required = [key.example for key in keys if not key.default]
    assert valid_keys(tmp_path, section(name, *required, "no-such-key: 1")) == {key.name for key in keys}


@pytest.mark.parametrize("name", UNIFORM)
def test_the_examples_are_read(tmp_path: Path, name: str) -> None:
    """All keys of a section together."""
    _, keys = SECTIONS[name]
    path = tmp_path / "preflight.yaml"
    path.write_text(section(name, *(key.example for key in keys)))

    read_config(path, trusted=True)

    assert all(key.example.startswith(f"{key.name}: ") for key in keys)


def target_keys(folder: Path, kind: str) -> set[str]:
    """Return the keys that a target of one type may have."""
    path = folder / "preflight.yaml"
    path.write_text(f"notify: [{{type: {kind}, no-such-key: 1}}]\n")
    with pytest.raises(ConfigurationError) as raised:
        read_targets(read_config(path, trusted=True).notify)
    [hint] = [each.hint for each in raised.value.all if "unknown key no-such-key" in each.message]
    return set(hint.removeprefix("Valid keys: ").rstrip(".").split(", "))


KINDS = ("healthchecks", "webhook", "mail", "apprise")


def test_each_key_of_a_target_is_described(tmp_path: Path) -> None:
    """Of all types together."""
    _, keys = SECTIONS["notify"]
    assert set().union(*(target_keys(tmp_path, kind) for kind in KINDS)) == {key.name for key in keys}


@pytest.mark.parametrize("kind", KINDS)
def test_the_examples_of_a_target_are_read(tmp_path: Path, kind: str) -> None:
    """All keys of a type, but only one of those that exclude each other."""
    _, keys = SECTIONS["notify"]
    left_out = {"url", "url_env", "hmac_key_env", "type"}
    examples = [key.example for key in keys if key.name in target_keys(tmp_path, kind) - left_out]
    path = tmp_path / "preflight.yaml"
    path.write_text(section("notify", f"type: {kind}", *examples))

    [target] = read_targets(read_config(path, trusted=True).notify)

    assert target.kind == kind

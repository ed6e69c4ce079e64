"""preflight/run/config/template.py"""

import re
from pathlib import Path

import pytest

from preflight.coolify.settings import CoolifySettings
from preflight.project import ComposeProject, Pin
from preflight.run.config import read_config
from preflight.run.config.template import template


@pytest.mark.parametrize("name", ["app-server", "on", "1", "a: b", "#x", "ünï", "a\tb", "null", "-", "'\""])
def test_what_it_writes_says_what_it_was_told(tmp_path: Path, name: str) -> None:
    """Reading the written configuration gives the pins and the project back, whatever their names are."""
    pin = Pin(name, name, tmp_path / "docker" / name, (tmp_path / f"{name}.local",))
    project = ComposeProject(tmp_path, (tmp_path / name,), tmp_path / "d", (tmp_path / ".env",), (name,), name)
    path = tmp_path / "preflight.yaml"
    path.write_text(template(project, [pin], tmp_path))

    got = read_config(path, trusted=False)

    assert (got.pins, got.project) == ((pin,), project)


def test_the_section_of_coolify_is_as_if_nothing_were_said(tmp_path: Path) -> None:
    """What stands there are the defaults; every key that is commented out is one that is known."""
    path = tmp_path / "preflight.yaml"
    text = template(ComposeProject(tmp_path), [], tmp_path)
    path.write_text(text)

    assert read_config(path, trusted=False).coolify == CoolifySettings()

    path.write_text(re.sub(r"^# (?=application:|url:|token_file:|ca_file:)", "  ", text, flags=re.MULTILINE))
    got = read_config(path, trusted=True).coolify
    assert (got.application, got.url) == ("UUID", "https://coolify.example.com")
    assert (got.token_file, got.ca_file) == (tmp_path / "coolify-token", tmp_path / "coolify-ca.pem")


def test_without_pins_an_example_is_commented_out(tmp_path: Path) -> None:
    """Nothing is claimed that was not found."""
    path = tmp_path / "preflight.yaml"
    path.write_text(template(ComposeProject(tmp_path), [], tmp_path))

    got = read_config(path, trusted=False)

    assert (got.pins, got.project) == ((), ComposeProject(tmp_path))

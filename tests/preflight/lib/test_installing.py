"""preflight/lib/installing.py: the command of a hint is one that the manual has, and names an extra that exists."""

import tomllib

import pytest
from provision.cache import ROOT

from preflight.lib.installing import how_to_install

EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


def test_without_an_extra_the_tool_is_installed() -> None:
    """Over one that may be there already."""
    assert (
        how_to_install() == "In a checkout of preflight, run `pipx install --force .` or `uv tool install --force .`."
    )


@pytest.mark.parametrize("extra", ["verify", "notify", "fleet"])
def test_an_extra_is_named_as_in_the_manual(extra: str) -> None:
    """No index has the package: every command starts in a checkout."""
    assert extra in EXTRAS
    assert f"`pipx install --force '.[{extra}]'` or `uv tool install --force '.[{extra}]'`" in how_to_install(extra)
    assert f"| `{extra}` |" in (ROOT / "docs" / "manual" / "start.md").read_text(encoding="utf-8")

"""preflight/compose/shadow/environment_sources.py: the questions, put to real releases of Compose."""

from pathlib import Path

import pytest

from preflight.compose.shadow.environment_sources import ask_about, interpolated
from preflight.context import Context
from preflight.errors import CouldNotLook
from preflight.project import Pin
from tests.checks.shadowing_projects import context_of
from tests.real.compose import COMPOSE_VERSIONS, NEWEST_COMPOSE

COMPOSE = """services:
  app:
    image: x
    env_file: [pin.env, "${DIR:-.}/more.env"]
    environment:
      PIN: ${PIN:-default}
      BARE:
"""


def context(folder: Path, version: str = NEWEST_COMPOSE, pin: str = "PIN=pinned\n") -> Context:
    """Return a context for the project."""
    (folder / "compose.yaml").write_text(COMPOSE)
    (folder / "pin.env").write_text(pin)
    (folder / "more.env").write_text("MORE=1\n")
    return context_of(folder, [Pin("PIN", "app", folder / "pin.env")], version=version)


@pytest.mark.parametrize("version", COMPOSE_VERSIONS)
def test_what_feeds_a_service(tmp_path: Path, version: str) -> None:
    """Whatever the release shows by itself: what the container gets, what is declared, what the pin file says."""
    ctx = context(tmp_path, version)

    asked = ask_about(ctx.doors.compose, "app", "PIN", tmp_path / "pin.env", ctx.deadline)

    assert asked.own == "pinned"
    assert asked.effective.services["app"].environment["PIN"] == "default"
    assert asked.declared is not None
    assert asked.declared.environment is not None
    assert asked.declared.environment["PIN"] in {"${PIN:-default}", "default"}
    assert "MORE" not in asked.declared.environment


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("PIN=a\nPIN=b\n", "b"),
        ("PIN='a b'  # note\n", "a b"),
        ("PIN=${OTHER:-x}\n", "x"),
        ("OTHER=x\n", None),
        ("PIN='open\n", None),
    ],
)
def test_what_the_pin_file_says_by_itself(tmp_path: Path, text: str, own: str | None) -> None:
    """Compose is asked where there is more than one way to read it; what it refuses gives nothing."""
    ctx = context(tmp_path, pin=text)

    assert ask_about(ctx.doors.compose, "app", "PIN", tmp_path / "pin.env", ctx.deadline).own == own


@pytest.mark.parametrize("version", COMPOSE_VERSIONS)
def test_texts_are_interpolated_as_in_the_project(tmp_path: Path, version: str) -> None:
    """Several at once, with what ``.env`` says; a name that is not set gives nothing."""
    (tmp_path / ".env").write_text("A=1\n")
    ctx = context(tmp_path, version)

    found = interpolated(ctx.doors.compose, "app", {"x": "${A}-${B:-2}", "y": "${C}"}, ctx.deadline)

    assert found == {"x": "1-2", "y": ""}


def test_a_service_that_compose_does_not_show(tmp_path: Path) -> None:
    """Then it could not be asked."""
    ctx = context(tmp_path)
    (tmp_path / "compose.yaml").write_text("services: {app: {image: x, nonsense: 1}}\n")

    with pytest.raises(CouldNotLook, match="does not say how it interpolates"):
        interpolated(ctx.doors.compose, "app", {"x": "${A}"}, ctx.deadline)

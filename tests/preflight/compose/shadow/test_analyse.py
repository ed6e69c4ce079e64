"""preflight/compose/shadow/analyse.py: projects in which there is no value to compare."""

from pathlib import Path

import pytest

from preflight.compose.shadow.analyse import analyse_shadowing
from preflight.compose.shadow.model import Shadow, ShadowKind
from preflight.project import Pin
from tests.checks.shadowing_projects import context_of
from tests.real.compose import COMPOSE_VERSIONS, NEWEST_COMPOSE


def only(folder: Path, compose: str, version: str = NEWEST_COMPOSE) -> Shadow:
    """Return the one thing that gets at PIN of the service app."""
    (folder / "compose.yaml").write_text(compose)
    (folder / "pin.env").write_text("PIN=x\n")
    pin = Pin("PIN", "app", folder / "pin.env")
    [shadow] = analyse_shadowing(context_of(folder, [pin], version=version), pin).shadows
    assert shadow.overrides
    return shadow


@pytest.mark.parametrize("version", COMPOSE_VERSIONS)
def test_no_such_service(tmp_path: Path, version: str) -> None:
    """The services that exist are told, those of other profiles included."""
    compose = "services:\n  web: {image: x}\n  db: {image: x, profiles: [extra]}\n"

    shadow = only(tmp_path, compose, version)

    assert (shadow.kind, shadow.names) == (ShadowKind.NO_SERVICE, ("db", "web"))


@pytest.mark.parametrize("version", COMPOSE_VERSIONS)
def test_a_service_whose_profile_is_off(tmp_path: Path, version: str) -> None:
    """Its profiles are told."""
    shadow = only(tmp_path, "services:\n  app: {image: x, profiles: [one, two], env_file: [pin.env]}\n", version)

    assert (shadow.kind, shadow.names) == (ShadowKind.PROFILE_OFF, ("one", "two"))


@pytest.mark.parametrize("service", ["{image: x, nonsense: 1}", "["])
def test_a_project_that_compose_refuses(tmp_path: Path, service: str) -> None:
    """With the file, and Compose's reason."""
    shadow = only(tmp_path, f"services:\n  app: {service}\n")

    assert (shadow.kind, shadow.path) == (ShadowKind.REFUSED, tmp_path / "compose.yaml")
    assert shadow.refusal is not None


@pytest.mark.parametrize(
    ("service", "reason", "line"),
    [
        ("app: {image: x, env_file: [null]}", "an env_file entry of app is no text", 2),
        ("app: {image: x, env_file: [{path: [a]}]}", "an env_file entry of app has no path", 2),
        ("app: {image: x}\n  web.b: {image: x, environment: [1]}", "an entry in environment of web.b is no text", 3),
    ],
)
def test_what_compose_says_of_several_causes_is_told_from_the_file(
    tmp_path: Path, service: str, reason: str, line: int
) -> None:
    """Compose's words fit several causes, or it crashes: the file tells which. Never "install a newer Compose"."""
    shadow = only(tmp_path, f"services:\n  {service}\n")

    assert shadow.refusal is not None
    assert (shadow.refusal.message, shadow.path, shadow.line) == (reason, tmp_path / "compose.yaml", line)

"""preflight/pin/rollback/ui.py, against a stand-in for Coolify's API."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from preflight.context import Context
from preflight.coolify.door import Coolify
from preflight.coolify.settings import CoolifySettings
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.pin.refusal import Refused
from preflight.pin.rollback.ui import UiChange, changed_in_ui, plan_ui
from preflight.project import Pin
from preflight.testing import fake_context
from tests.fakes.coolify_api import TOKEN, FakeCoolify, Token, saying, variable
from tests.fakes.http_server import as_usual, hang_up
from tests.preflight.pin.rollback.test_target import NAME, VARIABLE, digest, history

UUID = "vgsco4o"
OLD, NEW = (f"{NAME}@{digest(release)}" for release in ("1.4.0", "1.4.1"))
MAY = frozenset({"read", "read:sensitive", "write"})


@pytest.fixture
def coolify() -> Iterator[FakeCoolify]:
    """An application whose UI has the new pin, another variable, and the pin for previews."""
    with FakeCoolify(tokens={TOKEN: Token(MAY)}) as fake:
        fake.add_application(UUID)
        has(fake, variable(VARIABLE, NEW))
        yield fake


def has(coolify: FakeCoolify, *rows: dict[str, Any]) -> None:
    """Make these the variables of the UI."""
    coolify.variables[UUID] = [variable(VARIABLE, "x", is_preview=True), variable("OTHER", "hunter2"), *rows]


def value(coolify: FakeCoolify) -> str:
    """What the UI has."""
    return str(coolify.variables[UUID][2]["value"])


def context(coolify: FakeCoolify, folder: Path, *, with_token: bool = True) -> Context:
    """A laptop without an engine: the configuration names the application."""
    settings = CoolifySettings(application=UUID, pin_in="ui", root=folder / "none")
    environ = coolify.environ if with_token else {}

    def containers(*_: object) -> None:
        raise CouldNotLook("no Docker engine", "Start it.")

    engine: Any = SimpleNamespace(containers=containers)
    return fake_context(folder, coolify=Coolify(settings, environ, engine))


def plan(coolify: FakeCoolify, folder: Path, **more: Any) -> UiChange:
    """Plan to go back."""
    return plan_ui(context(coolify, folder, **more), Pin(VARIABLE, "app", folder / "pin.env"), CHANGES, OLD)


CHANGES = history("1.4.0", "1.4.1")


def test_the_variable_is_changed_before_the_block(coolify: FakeCoolify, tmp_path: Path) -> None:
    """A push makes Coolify deploy at once, with what the UI says then."""
    with changed_in_ui(plan(coolify, tmp_path), Deadline.after(20)):
        assert value(coolify) == OLD
    assert value(coolify) == OLD
    assert [row["value"] for row in coolify.variables[UUID][:2]] == ["x", "hunter2"]


def test_it_is_taken_back_where_the_block_fails(coolify: FakeCoolify, tmp_path: Path) -> None:
    """The error says so; without the old value, or with a Coolify that does not answer, it says that."""
    planned = plan(coolify, tmp_path)
    with pytest.raises(Refused, match="no push") as caught, changed_in_ui(planned, Deadline.after(20)):
        raise Refused("no push", "Push.")
    assert caught.value.message == f"no push; {VARIABLE} in Coolify's UI has its old value again"
    assert value(coolify) == NEW

    disabled = saying(403, "API is disabled.")
    coolify.script("/envs", as_usual, as_usual, disabled)
    with pytest.raises(CouldNotLook) as other, changed_in_ui(planned, Deadline.after(20)):
        raise CouldNotLook("no push")
    assert f"{VARIABLE} in Coolify's UI keeps the new value (Coolify's API is switched off)" in other.value.message


def test_a_value_that_the_token_may_not_see(coolify: FakeCoolify, tmp_path: Path) -> None:
    """It is set; it cannot be taken back, which is said."""
    coolify.tokens[TOKEN] = Token(MAY - {"read:sensitive"})
    planned = plan(coolify, tmp_path)
    assert planned.is_needed
    with pytest.raises(CouldNotLook) as caught, changed_in_ui(planned, Deadline.after(20)):
        raise CouldNotLook("no push")
    assert "keeps the new value, since the token does not show the old one" in caught.value.message
    assert value(coolify) == OLD


def test_what_is_right_already_is_left_alone(coolify: FakeCoolify, tmp_path: Path) -> None:
    """Nothing is sent; a run that was killed got this far."""
    has(coolify, variable(VARIABLE, OLD))
    planned = plan(coolify, tmp_path)
    with changed_in_ui(planned, Deadline.after(20)):
        pass
    assert not planned.is_needed
    assert {request.method for request in coolify.requests} == {"GET"}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((), f"Coolify's UI has no variable {VARIABLE}"),
        ((variable(VARIABLE, NEW), variable(VARIABLE, OLD)), "has 2 variables"),
        ((variable(VARIABLE, "{{team.IMAGE}}"),), "from a shared variable"),
        ((variable(VARIABLE, "ghcr.io/other/secret:latest"),), "has a value that no commit pinned"),
        ((variable(VARIABLE, NEW, is_runtime=False),), "has no variable"),
    ],
    ids=["none", "two", "shared", "foreign", "build only"],
)
def test_what_is_refused(coolify: FakeCoolify, tmp_path: Path, rows: tuple[dict[str, Any], ...], words: str) -> None:
    """Before anything is sent; no value is shown."""
    has(coolify, *rows)
    with pytest.raises(Refused, match=words) as caught:
        plan(coolify, tmp_path)
    assert caught.value.hint
    assert "secret" not in caught.value.message + caught.value.hint
    assert {request.method for request in coolify.requests} == {"GET"}


def test_without_a_token(coolify: FakeCoolify, tmp_path: Path) -> None:
    """It could not look."""
    with pytest.raises(CouldNotLook, match="no token for Coolify's API"):
        plan(coolify, tmp_path, with_token=False)


def test_a_block_does_not_run_unless_the_ui_was_changed(coolify: FakeCoolify, tmp_path: Path) -> None:
    """Without the permission, and where the UI has something else afterwards."""
    coolify.tokens[TOKEN] = Token(MAY - {"write"})
    planned, ran = plan(coolify, tmp_path), []
    with pytest.raises(CouldNotLook, match="lacks the permission write"), changed_in_ui(planned, Deadline.after(20)):
        ran.append("block")

    coolify.tokens[TOKEN] = Token(MAY)

    def somebody_else(_: Any) -> bool:
        has(coolify, variable(VARIABLE, NEW))
        return False

    coolify.script("/envs", as_usual, somebody_else)
    with pytest.raises(CouldNotLook, match="somebody else changed it"), changed_in_ui(planned, Deadline.after(20)):
        ran.append("block")
    coolify.always("/envs", hang_up)
    with pytest.raises(CouldNotLook), changed_in_ui(planned, Deadline.after(20)):
        ran.append("block")
    assert ran == []

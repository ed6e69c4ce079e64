"""preflight/coolify/judge/ui_evidence.py"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from preflight.context import Context
from preflight.coolify.api.values import UiVariable
from preflight.coolify.host.deployed import Deployed, NeverDeployed, read_deployed
from preflight.coolify.judge.ui_evidence import Evidence, Known, gather
from preflight.coolify.resource import Kind, Resource
from preflight.engine.container import Container
from preflight.errors import CouldNotLook
from preflight.testing import fake_context

SECRET = "hunter2-do-not-show"
PREVIEW = "SERVICE_NAME_APP=app-pr-12\n"


@dataclass
class Scene:
    """What Coolify left, what its API says, and what a container was given."""

    folder: Path
    env: str | None = "PIN=x\n"
    rows: tuple[UiVariable, ...] | CouldNotLook | None = None
    given: Mapping[str, str] = field(default_factory=dict)
    containers: tuple[Container, ...] = ()

    @property
    def resource(self) -> Resource:
        """Whose variables."""
        return Resource("uuid", Kind.APPLICATION, self.folder, self.containers)

    def deployed(self) -> Deployed:
        """Write and read the folder."""
        (self.folder / "docker-compose.yaml").write_text("services: {app: {image: x}}\n")
        if self.env is not None:
            (self.folder / ".env").write_text(self.env)
        return read_deployed(self.resource)

    def context(self) -> Context:
        """What is asked."""

        def variables(*_: Any) -> tuple[UiVariable, ...] | None:
            if isinstance(self.rows, CouldNotLook):
                raise self.rows
            return self.rows

        engine = SimpleNamespace(environment=lambda *_: self.given)
        return fake_context(self.folder, coolify=SimpleNamespace(variables=variables), engine=engine)

    def gather(self, *, feeds: bool = True) -> Evidence:
        """Collect what is known; no representation of it may hold the secret."""
        found = gather(self.context(), self.resource, self.deployed(), feeds=feeds)
        assert SECRET not in repr(found)
        return found


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A folder with an ``.env``; the API is not asked."""
    return Scene(tmp_path)


def container(name: str = "app-uuid") -> Container:
    """One of production's."""
    from datetime import UTC, datetime

    return Container("1" * 64, name, "x", "running", "Up", datetime.now(UTC), {}, "sha256:0")


def test_dotenv_tells_the_last_deployment(scene: Scene) -> None:
    """With values and lines; a blank row is one, and the last of two lines for one name counts."""
    scene.env = f"SECRET={SECRET}\nPIN=old\nBLANK=\nPIN={{{{team.TAG}}}}\n"

    found = scene.gather()

    assert found.last is not None
    assert (found.last["PIN"].line, found.last["PIN"].shared, found.last["PIN"].unresolved) == (
        4,
        "team.TAG",
        "team.TAG",
    )
    assert (found.last["BLANK"].is_blank, found.last["SECRET"].is_blank) == (True, False)
    assert (found.ui, found.missing, found.places) == (None, None, (".env of the last deployment",))


def test_a_value_that_names_a_variable_of_a_later_line(scene: Scene) -> None:
    """A container gets it; ``${…}`` in the compose file, which is done before, does not."""
    scene.env = "PIN=$D\nD=value\nPLAIN=x\n"

    found = scene.gather()

    assert found.last is not None
    assert (found.last["PIN"].value, found.last["PIN"].interpolated.value) == ("value", "")
    assert (found.last["PLAIN"].value, found.last["PLAIN"].interpolated.value) == ("x", "x")


def test_a_previews_dotenv_tells_nothing_of_production(scene: Scene) -> None:
    """A container that was given the whole of it does; one that was not, or none, does not."""
    scene.env = f"PIN=preview\n{PREVIEW}"
    assert scene.gather().last is None
    assert "holds the values of preview 12" in str(scene.gather().missing)

    scene.containers, scene.given = (container(),), {"PIN": "production"}
    found = scene.gather()

    assert (found.last, found.from_container, found.preview) == ({"PIN": Known("production")}, True, "12")
    assert found.places == ("a production container",)
    assert scene.gather(feeds=False).last is None


@pytest.mark.parametrize(
    ("env", "words"), [(None, "there is no "), ("PIN=x\nHALF", ":2 has no `=`: it is half-written")]
)
def test_a_dotenv_that_tells_nothing(scene: Scene, env: str | None, words: str) -> None:
    """That it is absent or cut is the reason, not an empty answer."""
    scene.env = env

    found = scene.gather()

    assert found.last is None
    assert words in str(found.missing)


def test_the_api_tells_what_comes_next(scene: Scene) -> None:
    """Rows of previews and builds are left out; values are as a container will get them."""
    scene.rows = (
        UiVariable("A", value="${B}/x "),
        UiVariable("B", value="b"),
        UiVariable("LITERAL", value="${B}", is_literal=True),
        UiVariable("HIDDEN"),
        UiVariable("SHARED", value="{{team.TAG}}", real_value="'v'", is_shared=True, is_literal=True),
        UiVariable("BROKEN", value="${"),
        UiVariable("PREVIEW", value="x", is_preview=True),
        UiVariable("BUILD", value="x", is_runtime=False),
    )

    found = scene.gather()

    assert found.ui is not None
    assert {name: each.value for name, each in found.ui.items()} == {
        "A": "b/x",
        "B": "b",
        "LITERAL": "${B}",
        "HIDDEN": None,
        "SHARED": "v",
        "BROKEN": None,
    }
    assert [name for name, each in found.ui.items() if each.is_broken] == ["BROKEN"]
    assert (found.ui["SHARED"].shared, found.ui["B"].shared) == ("team.TAG", "")
    assert found.places == (".env of the last deployment", "Coolify's API")


def test_an_api_that_refuses_is_a_reason_and_no_answer(scene: Scene) -> None:
    """What ``.env`` tells is kept; without it, the API's refusal is why nothing is known."""
    scene.rows = CouldNotLook("refused")
    assert (scene.gather().last, str(scene.gather().no_ui)) == ({"PIN": Known("x", 1, outside="x")}, "refused")

    found = gather(scene.context(), scene.resource, NeverDeployed("never deployed"), feeds=False)

    assert str(found.missing) == "refused"


def test_nothing_deployed_and_no_api(scene: Scene) -> None:
    """Then why it was never deployed is the reason."""
    never = NeverDeployed("never deployed")

    assert gather(scene.context(), scene.resource, never, feeds=False).missing is never

"""preflight/engine/created_container.py and its part of the door, against a real engine."""

import os
import time
from typing import Any

import pytest

from preflight.engine.created_container import LABEL, ContainerSpec, remove
from preflight.engine.door import Engine
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.real.engine import RealEngine


def name(what: str) -> str:
    """A name of this test's own."""
    return f"unstarted-{what}-{os.getpid()}"


def order(engine: RealEngine, what: str, image: str = "") -> ContainerSpec:
    """One container to make."""
    return ContainerSpec(name(what), "somebody", image or engine.image, {"A": "1", "B": "x=y\n2"})


def soon() -> Deadline:
    """Half a minute."""
    return Deadline.after(30)


def test_what_a_container_would_run_with(engine: RealEngine) -> None:
    """What it is given, on top of what the image brings; afterwards it is gone."""
    door = Engine(engine.environ)

    seen = door.created_environment(order(engine, "seen"), soon())

    assert (seen["A"], seen["B"]) == ("1", "x=y\n2")
    assert "PATH" in seen
    assert engine.docker("ps", "-aq", "--filter", f"name={name('seen')}").stdout == ""


def test_an_image_that_is_gone(engine: RealEngine) -> None:
    """Said; nothing is pulled."""
    with pytest.raises(CouldNotLook, match="the image sha256:000000000000… is gone"):
        Engine(engine.environ).created_environment(order(engine, "gone", "sha256:" + "0" * 64), soon())


def test_a_name_that_is_taken(engine: RealEngine) -> None:
    """Names are random; should one be somebody else's all the same, theirs is left alone."""
    words = ("--name", name("taken"), "--network", "none", engine.image)
    made = engine.docker("create", *words).stdout.strip()
    try:
        with pytest.raises(CouldNotLook, match="there is a container unstarted-taken-"):
            Engine(engine.environ).created_environment(order(engine, "taken"), soon())
        assert engine.docker("ps", "-aq", "--no-trunc", "--filter", f"id={made}").stdout.strip() == made
    finally:
        engine.docker("rm", "-f", made)


def test_those_that_are_left(engine: RealEngine) -> None:
    """By label, and only such as never ran; removing one twice does no harm."""
    words = ("--name", name("left"), "--label", f"{LABEL}=me", "--network", "none", engine.image)
    made = engine.docker("create", *words).stdout.strip()
    door = Engine(engine.environ)

    assert (made, "me") in door.leftover_containers(soon())
    door.remove_created(made, soon())
    door.remove_created(made, soon())
    assert (made, "me") not in door.leftover_containers(soon())


class Refusal(Exception):
    """An answer other than 200."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.response = type("Response", (), {"status_code": code})


class Client:
    """An SDK's client that answers removal with these codes, one an ask."""

    def __init__(self, *codes: int) -> None:
        self.codes, self.asked = list(codes), 0

    def remove_container(self, _container: str, **_options: Any) -> None:
        self.asked += 1
        code = self.codes.pop(0)
        if code != 200:
            raise Refusal(code)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


@pytest.mark.parametrize(
    ("codes", "patience", "asked"),
    [((200,), 0.0, 1), ((404,), 0.0, 1), ((404, 404, 200), 5.0, 3), ((409,), 5.0, 1)],
)
def test_one_that_is_about_to_be_made_is_waited_for(codes: tuple[int, ...], patience: float, asked: int) -> None:
    """It is removed as soon as it is there; one that somebody else removes just now is left to them."""
    client: Any = Client(*codes)
    remove(client, soon(), "x", patience)
    assert client.asked == asked


def test_the_patience_has_an_end() -> None:
    """One that never comes is not waited for."""
    client: Any = Client(*[404] * 100)
    began = time.monotonic()
    remove(client, soon(), "x", 0.3)
    assert time.monotonic() - began > 0.2
    assert client.asked < 100


def test_one_that_cannot_be_removed() -> None:
    """Is an error."""
    client: Any = Client(500)
    with pytest.raises(Refusal):
        remove(client, soon(), "x")


def test_what_could_not_be_removed_is_named(engine: RealEngine) -> None:
    """With the command that does it."""
    environ = {**engine.environ, "DOCKER_HOST": "unix:///nowhere.sock"}
    with pytest.raises(CouldNotLook, match="abc, which was made for a look only, could not be removed") as caught:
        Engine(environ).remove_created("abc", soon())
    assert caught.value.hint == "Remove it by hand: docker rm -f -v abc"

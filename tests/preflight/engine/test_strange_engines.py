"""Whoever answers at the engine's socket: what is no answer of an engine is "could not look", in words."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from preflight.engine.door import Engine
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.fakes.engine import SECRET, fake, short_path

__all__ = ["fake", "short_path"]

ID = "a" * 64
CONTAINER = {"Id": ID, "Names": ["/app-1"], "Created": 1, "State": "running", "Labels": {}}
INSPECTED = {"State": {"Status": "running"}, "Created": "2026-01-01T00:00:00Z", "Config": {"Env": ["A=1"]}}
Fake = Callable[..., Engine]


def words(look: Callable[[], object]) -> str:
    """Return why it could not look."""
    with pytest.raises(CouldNotLook) as caught:
        look()
    assert SECRET not in caught.value.message + caught.value.hint
    assert caught.value.hint
    return caught.value.message


def answer(body: object) -> tuple[int, dict[str, str], bytes]:
    """Return an answer of an engine."""
    return 200, {}, json.dumps(body).encode()


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        ({}, "a list of containers is no list"),
        ("", "a list of containers is no list"),
        (None, None),
        ([SECRET], "a container is no object"),
        ([{}], "Id is missing"),
        ([CONTAINER | {"Id": [SECRET]}], "Id is no text"),
        ([CONTAINER | {"Labels": [SECRET]}], "Labels is no object"),
        ([CONTAINER | {"Labels": {"a": [SECRET]}}], "a value in Labels is no text"),
        ([CONTAINER | {"Names": SECRET}], "Names is no list"),
        ([CONTAINER | {"Names": [7]}], "an entry of Names is no text"),
        ([CONTAINER | {"State": {"Status": SECRET}}], "State is no text"),
        ([CONTAINER | {"Created": "now"}], "Created is no whole number"),
        ([CONTAINER | {"Created": 10**30}], ""),
        ([CONTAINER | {"ImageID": 7}], "ImageID is no text"),
    ],
)
def test_lists(fake: Fake, listed: Any, why: str | None) -> None:
    """Of containers; null is Go's empty list."""
    engine = fake({"/containers/json": answer(listed)})

    if why is None:
        assert engine.containers({"a": "b"}, Deadline.after(5)) == ()
    else:
        said = words(lambda: engine.containers({"a": "b"}, Deadline.after(5)))
        assert said.endswith(f"not as a Docker engine: {why}" if why else "not as a Docker engine")


@pytest.mark.parametrize(
    ("inspected", "why"),
    [
        ([], "a container is no object"),
        (INSPECTED | {"State": "running"}, "State is no object"),
        (INSPECTED | {"State": {"Status": ["running"]}}, "State.Status is no text"),
        (INSPECTED | {"State": {}}, "State.Status is missing"),
        (INSPECTED | {"State": {"Status": "running", "Pid": SECRET}}, "State.Pid is no whole number"),
        (INSPECTED | {"Config": [SECRET]}, "Config is no object"),
        (INSPECTED | {"Config": {"Env": {"A": SECRET}}}, "Config.Env is no list"),
        (INSPECTED | {"Config": {"Env": f"A={SECRET}"}}, "Config.Env is no list"),
        (INSPECTED | {"Config": {"Env": [["A", SECRET]]}}, "an entry of Config.Env is no text"),
        (INSPECTED | {"HostConfig": SECRET}, "HostConfig is no object"),
        (INSPECTED | {"Created": 7}, "Created is no text"),
        (INSPECTED | {"Created": SECRET}, ""),
    ],
)
def test_inspections(fake: Fake, inspected: Any, why: str) -> None:
    """Of one container."""
    engine = fake({"/containers/json": answer([CONTAINER]), f"/{ID}/json": answer(inspected)})
    [found] = engine.containers({"a": "b"}, Deadline.after(5))

    said = words(lambda: engine.look(found, Deadline.after(5)))
    assert said.endswith(f"not as a Docker engine: {why}" if why else "not as a Docker engine")


@pytest.mark.parametrize("images", [{}, [SECRET], [{"Id": ID, "RepoTags": "a"}], [{"Id": ID, "Labels": [SECRET]}]])
def test_images(fake: Fake, images: Any) -> None:
    """No image of the engine's is passed over for its shape."""
    engine = fake({"/images/json": answer(images)})
    assert "not as a Docker engine: " in words(lambda: engine.images(Deadline.after(5)))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("path", ["/_ping", "/containers/json", f"/{ID}/exec"])
def test_redirects(fake: Fake, status: int, path: str) -> None:
    """No engine sends anybody elsewhere; nobody follows."""
    answers = {"/containers/json": answer([CONTAINER]), f"/{ID}/json": answer(INSPECTED)}
    engine = fake({**answers, path: (status, {"Location": "/v1.41/containers/json"}, b"[]")})

    def look() -> None:
        [found] = engine.containers({"a": "b"}, Deadline.after(5))
        engine.look(found, Deadline.after(5))

    said = words(look)
    assert "not as a Docker engine" in said
    assert path == "/_ping" or said.endswith(": it redirects")


@pytest.mark.parametrize("made", [[], {"Id": 7}, {}, SECRET])
def test_execs(fake: Fake, made: Any) -> None:
    """What is broken there is no reason to look at the configured environment."""
    answers = {"/containers/json": answer([CONTAINER]), f"/{ID}/json": answer(INSPECTED), f"/{ID}/exec": answer(made)}
    engine = fake(answers)
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    assert "not as a Docker engine" in words(lambda: engine.look(found, Deadline.after(5)))


@pytest.mark.parametrize(
    "stream",
    [b"no frame at all", b"\1\0\0\0\0\0\0\x09A=1", b"\7\0\0\0\0\0\0\1A"],
    ids=["nonsense", "cut-short", "unknown-kind"],
)
def test_streams_that_are_none(fake: Fake, stream: bytes) -> None:
    """Nonsense instead of a program's output."""
    engine = fake(
        {
            "/containers/json": answer([CONTAINER]),
            f"/{ID}/json": answer(INSPECTED),
            f"/{ID}/exec": answer({"Id": "e1"}),
            "/exec/e1/start": (200, {}, stream),
            "/exec/e1/json": answer({"ExitCode": 0}),
        }
    )
    [found] = engine.containers({"a": "b"}, Deadline.after(5))
    assert "what is no output of a program" in words(lambda: engine.look(found, Deadline.after(5)))


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ('OCI runtime exec failed: exec failed: exec: "env": executable file not found in $PATH: unknown', True),
        ('OCI runtime exec failed: exec failed: exec: "cat": stat cat: no such file or directory: unknown', True),
        ("OCI runtime exec failed: exec failed: process_linux.go:112: cannot allocate memory: unknown", False),
        ("OCI runtime exec failed: open /run/runc/state.json: no such file or directory", False),
    ],
)
def test_why_an_exec_did_not_start(fake: Fake, said: str, *, missing: bool) -> None:
    """A program that is not there is one thing, an engine that cannot start any is another."""
    body = json.dumps({"message": said}).encode()
    framed = bytes([1, 0, 0, 0]) + len(said).to_bytes(4, "big") + said.encode()
    starts: tuple[tuple[int, dict[str, str], bytes], ...] = ((500, {}, body), (200, {}, framed))
    for start in starts:
        engine = fake(
            {
                "/containers/json": answer([CONTAINER]),
                f"/{ID}/json": answer(INSPECTED),
                f"/{ID}/exec": answer({"Id": "e1"}),
                "/exec/e1/start": start,
                "/exec/e1/json": answer({"ExitCode": 126}),
            }
        )
        [found] = engine.containers({"a": "b"}, Deadline.after(5))
        if missing:
            executed = engine.look(found, Deadline.after(5)).executed
            assert executed is not None
            assert not executed.inside
        else:
            words(partial(engine.look, found, Deadline.after(5)))

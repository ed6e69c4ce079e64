"""Asks an engine, and says why it could not look."""

import json

import pytest

from preflight.engine.container import Container, ExecResult
from preflight.engine.door import Engine
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from tests.fakes.engine import SECRET
from tests.limits import not_waiting_for

LABEL = "preflight.test"


def only(engine: Engine, label: str) -> Container:
    """Return the one container of the test."""
    [found] = engine.containers({LABEL: label}, Deadline.after(20))
    return found


def ran_in(engine: Engine, container: Container) -> ExecResult:
    """Return what a program that ran in the container saw."""
    executed = engine.look(container, Deadline.after(20)).executed
    assert executed is not None
    return executed


ID = "a" * 64
LISTED = json.dumps([{"Id": ID, "Names": ["/app-1"], "Created": 1, "State": "running", "Labels": {}}]).encode()


INSPECTED = json.dumps(
    {"State": {"Status": "running"}, "Created": "2026-01-01T00:00:00Z", "Config": {"Env": ["A=1", f"B={SECRET}"]}}
).encode()


def listing(engine: Engine, seconds: float = 5) -> CouldNotLook:
    """Ask it for containers, and return why it could not look."""
    with not_waiting_for(30), pytest.raises(CouldNotLook) as caught:  # the SDK's own limit is 60 s
        engine.containers({"a": "b"}, Deadline.after(seconds))
    assert "\n" not in caught.value.message + caught.value.hint
    assert SECRET not in caught.value.message + caught.value.hint
    assert caught.value.hint
    return caught.value

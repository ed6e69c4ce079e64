"""Fixtures for the tests of commands."""

from collections.abc import Iterator

import pytest

from preflight.lib import interrupts
from tests.real.registry import RealRegistry, real_registry


@pytest.fixture(scope="module")
def registry() -> Iterator[RealRegistry]:
    """A registry for each file: commands that change a pin publish releases, which other tests must not see."""
    with real_registry() as running:
        yield running


@pytest.fixture
def own_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed ends the handling of signals, as it should in a process of its own."""
    monkeypatch.setattr(interrupts, "_state", interrupts._State())

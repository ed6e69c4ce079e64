"""A receiver for each test that wants one."""

from collections.abc import Iterator

import pytest

from tests.real.receiver import Receiver, receiver


@pytest.fixture(name="receiver")
def running_receiver() -> Iterator[Receiver]:
    """A real HTTP server on this machine."""
    with receiver() as running:
        yield running

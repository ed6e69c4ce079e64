"""A fake Coolify for the tests of its client."""

from collections.abc import Iterator

import pytest

from tests.fakes.coolify_api import FakeCoolify, variable
from tests.preflight.coolify.api.client.asking import UUID


@pytest.fixture
def coolify() -> Iterator[FakeCoolify]:
    """A Coolify with one application, asked with a token that may read."""
    with FakeCoolify() as fake:
        fake.add_application(UUID, variable("IMAGE", "secret-value"), raw=True)
        yield fake

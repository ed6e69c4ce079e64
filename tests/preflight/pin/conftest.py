"""What the tests of pins share."""

from pathlib import Path

import pytest

from tests.preflight.pin.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A checkout and its remote."""
    return Site(tmp_path)

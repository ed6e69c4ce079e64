"""A pin file."""

from pathlib import Path

import pytest

from tests.preflight.sentinel.file.pins import SHAPES


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    """A pin file."""
    path = tmp_path / "pin.env"
    path.write_bytes(SHAPES["plain"])
    return path

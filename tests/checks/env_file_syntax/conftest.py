"""Judges a service with a given `env_file:`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.model import Finding
from tests.checks.env_file_syntax.look import findings, look, service


@pytest.fixture
def judge(tmp_path: Path) -> Callable[..., list[tuple[str, str, str | None]]]:
    """Judges a service with the given ``env_file:``."""
    (tmp_path / "pin.env").write_text("PIN=x\n")

    def judged(env_file: str, **options: Any) -> list[tuple[str, str, str | None]]:
        (tmp_path / "compose.yaml").write_text(service(env_file))
        return look(tmp_path, **options)

    return judged


@pytest.fixture
def find(tmp_path: Path) -> Callable[..., list[Finding]]:
    """Judges a service with the given ``env_file:``, and returns the whole findings."""
    (tmp_path / "pin.env").write_text("PIN=x\n")

    def found(env_file: str, **options: Any) -> list[Finding]:
        (tmp_path / "compose.yaml").write_text(service(env_file))
        return findings(tmp_path, **options)

    return found

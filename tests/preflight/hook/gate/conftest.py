"""What the hook is called with."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from provision.sample import Sample

from tests.preflight.hook.gate.asking import SECRET, git
from tests.real.engine import RealEngine


@pytest.fixture
def upstream(sample: Sample, tmp_path: Path) -> Path:
    """The repository that Coolify clones."""
    bare = tmp_path / "upstream.git"
    git("clone", "--quiet", "--bare", str(sample.path), str(bare))
    git("-C", str(sample.path), "remote", "add", "origin", str(bare))
    return bare


@pytest.fixture
def environ(engine: RealEngine, tmp_path: Path) -> Mapping[str, str]:
    """What the hook's process has."""
    (tmp_path / "home").mkdir()
    return {**engine.environ, "HOME": str(tmp_path / "home"), "GIT_CONFIG_NOSYSTEM": "1", "DB_PASSWORD": SECRET}

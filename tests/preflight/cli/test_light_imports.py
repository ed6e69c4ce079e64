"""What a command imports: the libraries that cost the most are left out wherever nothing needs them."""

import pytest
from provision.registry import RegistryClient
from provision.sample import REPOSITORY, Sample

from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine

pytestmark = [pytest.mark.engine, pytest.mark.registry]

NEVER = {"docker", "requests", "sigstore", "jinja2", "sqlite3"}
"""None of them is needed to print a version, to show a pin or to change it."""


@pytest.mark.parametrize(
    ("arguments", "left_out"),
    [
        (["--version"], {*NEVER, "ruamel", "urllib3", "http", "tabulate", "subprocess", "json", "preflight.git"}),
        (["pin", "show", "--offline"], {*NEVER, "urllib3", "tabulate", "importlib.metadata", "checks"}),
        (["pin", "history", "--format", "line"], {*NEVER, "tabulate", "checks"}),
        (["pin", "update", "9.0.0"], {*NEVER, "tabulate", "checks.pin_file"}),
        (["pin", "rollback"], {*NEVER, "tabulate", "checks.pin_file"}),
    ],
    ids=lambda value: "-".join(value[:2]).strip("-") if isinstance(value, list) else "",
)
def test_what_is_left_out(
    preflight_cli: PreflightCli, sample: Sample, engine: RealEngine, arguments: list[str], left_out: set[str]
) -> None:
    """With a real engine, git and registry, which all answer."""
    RegistryClient(sample.registry).push_image(REPOSITORY, "9.0.0", content="9.0.0")
    insecure = ["--registry-insecure", sample.registry] if len(arguments) > 1 else []
    environ = {**engine.environ, "PYTHONPROFILEIMPORTTIME": "1", "COLUMNS": "150"}  # cells that wrap need tabulate

    done = preflight_cli(*arguments, *insecure, cwd=sample.path, env=environ, measured=False)

    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    imported = {line.rpartition("|")[2].strip() for line in lines}
    assert done.returncode == 0, done.stderr
    assert "click" in imported
    assert {each for each in left_out if any(name == each or name.startswith(f"{each}.") for name in imported)} == set()

"""Fixtures that bring real things, and the closing words about those that could not be had."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from provision.sample import Sample, check_out

from tests import raised
from tests.real.cli import PreflightCli
from tests.real.coolify import Coolify
from tests.real.engine import RealEngine, real_engine
from tests.real.git import GitRepository
from tests.real.missing import summary
from tests.real.registry import RealRegistry, real_registry


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the project's own options."""
    raised.add_option(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Note which failures the tests raise."""
    raised.register(config)


@pytest.fixture(scope="session")
def engine() -> Iterator[RealEngine]:
    """A private Docker engine, one for each test process; remove or name uniquely what you start."""
    with real_engine() as running:
        yield running


@pytest.fixture(scope="session")
def registry() -> Iterator[RealRegistry]:
    """A private registry, one for each test process; take a repository name of your own."""
    with real_registry() as running:
        yield running


@pytest.fixture
def git_repository(tmp_path: Path) -> GitRepository:
    """An empty git repository of the test's own."""
    return GitRepository.create(tmp_path / "repository")


@pytest.fixture
def sample(registry: RealRegistry, tmp_path: Path) -> Sample:
    """A checkout of the sample stack (``docker/sample``): git history, tags, its pin in the registry; not deployed."""
    return check_out(tmp_path / "hephaestus", registry)


@pytest.fixture
def coolify(engine: RealEngine, tmp_path: Path) -> Iterator[Coolify]:
    """A stand-in for Coolify that deploys to the private engine; its root folder is the test's own."""
    one = Coolify(engine, tmp_path / "data-coolify")
    yield one
    one.clean()


@pytest.fixture
def preflight_cli(tmp_path_factory: pytest.TempPathFactory) -> PreflightCli:
    """The tool as a process of its own."""
    return PreflightCli(tmp_path_factory.mktemp("home"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end, and plainly, what was not tested for want of a real thing."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = [report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)]
    for line in summary(reasons):
        terminalreporter.write_line(line, yellow=True, bold=True)

"""One deploy host for each file: the set-up costs more than most tests."""

from collections.abc import Iterator

import pytest
from provision import busybox
from provision.sample import IMAGE, check_out

from tests.real.cli import PreflightCli
from tests.real.engine import RealEngine
from tests.real.registry import real_registry
from tests.rollout.deploy_host import DeployHost


@pytest.fixture(scope="module")
def host(engine: RealEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeployHost]:
    """The sample stack, published and deployed: everything is as it should be."""
    folder = tmp_path_factory.mktemp("deploy-host")
    (folder / "home").mkdir()
    busybox.import_image(IMAGE, engine.environ)
    with real_registry() as registry:
        one = DeployHost(check_out(folder / "hephaestus", registry), engine, registry, PreflightCli(folder / "home"))
        one.publish(folder / "origin.git")
        one.deploy()
        yield one
        one.remove()

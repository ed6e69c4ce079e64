"""A world of signers, and stages for the tests of image-signature."""

from pathlib import Path

import pytest

from tests.checks.image_signature.stage import Stage
from tests.real.registry import RealRegistry
from tests.real.signing import Order, SigningWorld, provenance, push_unsigned, sign, simple_signing, statement


@pytest.fixture(scope="package")
def world(registry: RealRegistry) -> SigningWorld:
    """What is signed about the image that every test pushes, by our release workflow and a stranger."""
    digest = push_unsigned(registry, "signature/first")
    stranger = "https://github.com/stranger/thing/.github/workflows/x.yml@refs/heads/main"
    return sign(
        [
            Order(simple_signing(digest), envelope=False),
            Order(statement(digest)),
            Order(simple_signing("sha256:" + "cd" * 32), envelope=False),
            Order(provenance(digest)),
            Order(simple_signing(digest), envelope=False, identity=stranger),
        ]
    )


@pytest.fixture
def stage(registry: RealRegistry, world: SigningWorld, tmp_path: Path) -> Stage:
    """The image, with nothing attached yet."""
    world.write_root(tmp_path)
    repository = "signature/" + tmp_path.name.lower().strip("_").replace("_", "-")
    return Stage(registry, tmp_path, repository, push_unsigned(registry, repository))

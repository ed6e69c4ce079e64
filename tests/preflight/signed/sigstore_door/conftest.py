"""A world of signers under one trust root."""

from pathlib import Path
from typing import Any

import pytest

from preflight.signed.model import SignerDemand
from preflight.signed.sigstore_door import Sigstore
from tests.preflight.signed.sigstore_door.material import DIGEST, MANIFEST, OTHER
from tests.real.signing import PATTERN, Order, Signed, SigningWorld, sign, simple_signing, statement


@pytest.fixture(scope="package")
def world() -> SigningWorld:
    """All that this module needs signed, under one trust root."""
    return sign(
        [
            Order(statement(DIGEST)),
            Order(simple_signing(DIGEST), envelope=False),
            Order(MANIFEST, envelope=False),
            Order(statement(DIGEST), age=7200),
            Order(simple_signing(DIGEST), envelope=False, age=7200),
            Order(statement(DIGEST), identity="somebody@example.org", claims={"iss": "https://accounts.example.org"}),
            Order(simple_signing(OTHER), envelope=False),
            Order(b"not json", envelope=False),
            Order(b"[]"),
            Order(statement(DIGEST), unlisted=True),
            Order(simple_signing(DIGEST), envelope=False, unlisted=True),
        ]
    )


@pytest.fixture(scope="package")
def root(world: SigningWorld, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The trust root of that world."""
    return world.write_root(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="package")
def sigstore(root: Path) -> Sigstore:
    """Demands our release workflow, believes that world."""
    return Sigstore(SignerDemand(PATTERN, trust_root=root))


@pytest.fixture
def bundle(world: SigningWorld) -> dict[str, Any]:
    """A sound bundle, as `cosign sign` 3 makes it."""
    return world.signed[0].bundle()


@pytest.fixture
def simple(world: SigningWorld) -> Signed:
    """A sound signature, as `cosign sign` 2 makes it."""
    return world.signed[1]

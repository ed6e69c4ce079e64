"""checks/image_signature.py and checks/image_provenance.py: each failure that they share, on a real registry."""

import base64
import json
import os
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from checks import image_provenance, image_signature
from preflight.context import Options
from preflight.git.door import Git
from preflight.model import Finding, Stage, Status
from preflight.project import Pin
from preflight.registry.door import Registry
from preflight.testing import fake_context, run_check
from tests.real.registry import RealRegistry
from tests.real.signing import (
    PATTERN,
    Order,
    Signed,
    SigningWorld,
    attach_attestations,
    attach_bundles,
    attach_signatures,
    provenance,
    push_unsigned,
    sign,
    simple_signing,
    statement,
)

pytestmark = pytest.mark.registry

CHECKS = {"image-signature": image_signature, "image-provenance": image_provenance}
SIGNED, UNDER_TAG = range(2)
LONG_BEFORE = 1_700_000_000


@dataclass
class Place:
    """A pinned image, and what is signed about it for one of the checks."""

    registry: RealRegistry
    folder: Path
    repository: str
    digest: str
    check: str
    world: SigningWorld

    def attach(self, change: Callable[[dict[str, Any]], object] = lambda _: None) -> None:
        """Push the bundle, changed."""
        bundle = deepcopy(self.world.signed[SIGNED].bundle())
        change(bundle)
        attach_bundles(self.registry, self.repository, self.digest, bundle)

    def attach_under_tag(self, signed: Signed) -> None:
        """Push it as cosign 2 does."""
        attach = attach_signatures if self.check == "image-signature" else attach_attestations
        attach(self.registry, self.repository, self.digest, signed)

    def look(self, stage: Stage = Stage.BEFORE, **settings: Any) -> list[Finding]:
        """Run the check."""
        (self.folder / "pin.env").write_text(f"AGENT={self.registry.host}/{self.repository}@{self.digest}\n")
        environ = {"DOCKER_CONFIG": str(self.folder / "none"), "PATH": os.environ["PATH"]}
        context = fake_context(
            self.folder,
            pins=(Pin("AGENT", "app", self.folder / "pin.env"),),
            environ=environ,
            options=Options(stage=stage),
            git=Git(self.folder, environ),
            registry=Registry(environ, frozenset({self.registry.host})),
        )
        given = {"identity": PATTERN, "trust_root": str(self.world.write_root(self.folder)), **settings}
        module = CHECKS[self.check]
        check = getattr(module, "".join(word.capitalize() for word in self.check.split("-")))
        return run_check(check(module.Settings(**given)), context)

    def fails(self, code: str, **settings: Any) -> None:
        """The check blocks with one finding of that code, before a rollout and after it."""
        for stage in Stage:
            [finding] = self.look(stage, **settings)
            assert (finding.status, finding.code) == (Status.FAIL, code), finding
            assert finding.subject is not None
            assert finding.subject.kind == "image"


@pytest.fixture(scope="module")
def worlds(registry: RealRegistry) -> dict[str, SigningWorld]:
    """For each check, a bundle and what cosign 2 makes."""
    digest = push_unsigned(registry, "failures/first")
    return {
        "image-signature": sign([Order(statement(digest)), Order(simple_signing(digest), envelope=False)]),
        "image-provenance": sign([Order(provenance(digest)), Order(provenance(digest))]),
    }


@pytest.fixture(params=sorted(CHECKS))
def place(
    request: pytest.FixtureRequest, registry: RealRegistry, worlds: dict[str, SigningWorld], tmp_path: Path
) -> Place:
    """The image with nothing attached, for each check."""
    repository = "failures/" + tmp_path.name.lower().strip("_").replace("_", "-")
    digest = push_unsigned(registry, repository)
    return Place(registry, tmp_path, repository, digest, request.param, worlds[request.param])


def _flip(bundle: dict[str, Any]) -> None:
    signature = bundle["dsseEnvelope"]["signatures"][0]
    raw = bytearray(base64.b64decode(signature["sig"]))
    raw[-1] ^= 1
    signature["sig"] = base64.b64encode(raw).decode()


def _made_with_a_key(bundle: dict[str, Any]) -> None:
    del bundle["verificationMaterial"]["certificate"]
    bundle["verificationMaterial"]["publicKey"] = {"hint": "a key"}


def test_a_sound_bundle_raises_none_of_them(place: Place) -> None:
    """So that each test below fails for its one reason."""
    place.attach()

    assert not any(each.status is Status.FAIL for each in place.look())


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("tampered", _flip),
        ("not-logged", lambda bundle: bundle["verificationMaterial"].update(tlogEntries=[])),
        ("unreadable", _made_with_a_key),
    ],
)
def test_one_fault_of_a_bundle(place: Place, code: str, change: Callable[[dict[str, Any]], object]) -> None:
    """Exactly one thing is broken."""
    place.attach(change)

    place.fails(code)


def test_a_certificate_that_was_not_valid_when_it_signed(place: Place) -> None:
    """The log says another time, long before."""
    signed = place.world.signed[UNDER_TAG]
    entry = json.loads(json.dumps(signed.entry))
    entry["integratedTime"] = LONG_BEFORE
    place.attach_under_tag(replace(signed, entry=entry))

    place.fails("certificate-expired")


def test_another_issuer_than_is_demanded(place: Place) -> None:
    """The same bundle, another demand."""
    place.attach()

    place.fails("issuer", issuer="https://gitlab.com")


def test_an_authority_that_the_trust_root_does_not_know(place: Place) -> None:
    """Signed in one world, and verified with the root of another."""
    place.attach()
    other = place.folder / "other"
    other.mkdir()

    place.fails("unknown-authority", trust_root=str(sign([Order(statement(place.digest))]).write_root(other)))


def test_a_pattern_that_fits_others_too_warns_beside_the_pass(place: Place) -> None:
    """It is ours, but a name that only begins like ours would pass as well."""
    place.attach()
    loose = r"^https://github\.com/ls1intum/Heph.*"

    for stage in Stage:
        found = [(each.status, each.code) for each in place.look(stage, identity=loose)]
        assert (Status.PASS, "") in found
        assert (Status.WARN, "loose-identity") in found

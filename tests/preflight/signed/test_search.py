"""preflight/signed/search.py: where is looked, in which order, and what comes of it; verifying is a stand-in's."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from preflight.errors import CouldNotLook
from preflight.lib.reference import ImageReference
from preflight.signed import search, sigstore_door, tools
from preflight.signed.find import Found
from preflight.signed.model import Bundle, Reason, Refused, Signer, SignerDemand, Verified
from preflight.signed.search import NoVerifier, VerificationOutcome, verification_evidence
from preflight.testing import fake_context

IMAGE = ImageReference("ghcr.io", "acme/agent", None, f"sha256:{'a' * 64}")
DEMAND = SignerDemand("https://github.com/acme/agent/")
SLSA, SCAN = "https://slsa.dev/provenance/v1", "https://cosign.sigstore.dev/attestation/vuln/v1"
SILENCE = CouldNotLook("no answer", "Try again.")


def bundle(source: str, kind: str = SLSA) -> Bundle:
    """Return a bundle that claims to hold a statement."""
    payload = base64.b64encode(json.dumps({"predicateType": kind}).encode()).decode()
    return Bundle(source, json.dumps({"dsseEnvelope": {"payload": payload}}).encode())


class FakeSigstore:
    """Believes what lies in places that are called good; says a reason for others by their name."""

    def __init__(self, _demand: SignerDemand) -> None:
        pass

    def verify(self, material: Bundle, digest: str) -> Verified:
        """Verify."""
        assert digest == IMAGE.digest
        if not material.source.startswith("good"):
            raise Refused(Reason[material.source.upper()], "is bad", "Look.", material.source)
        lies = SCAN if material.source == "good liar" else SLSA
        return Verified(material.source, Signer("us", "issuer"), None, "fake", {"predicateType": lies})


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Say what lies in the registry, at GitHub and under cosign's tag; returns the names of those that are asked."""

    def put(**answers: Found | CouldNotLook) -> list[str]:
        asked: list[str] = []

        def stand_in(name: str) -> Callable[..., Found]:
            def find(*_: Any) -> Found:
                asked.append(name)
                answer = answers.get(name, Found(()))
                if isinstance(answer, CouldNotLook):
                    raise answer
                return answer

            return find

        for function, name in (
            ("find_bundles", "registry"),
            ("find_attestations", "github"),
            ("find_tagged_attestations", "tag"),
        ):
            monkeypatch.setattr(search, function, stand_in(name))
        monkeypatch.setattr(sigstore_door, "is_installed", lambda: True)
        monkeypatch.setattr(sigstore_door, "Sigstore", FakeSigstore)
        return asked

    return put


def look(repository: str = "acme/agent") -> VerificationOutcome:
    """Look for a provenance."""
    return search.verify_provenance(fake_context(registry=object()), IMAGE, DEMAND, repository)


def test_the_first_place_with_one_that_holds_is_the_last_asked(places: Callable[..., list[str]]) -> None:
    """GitHub has an hourly limit, and the tag is old."""
    asked = places(registry=Found((bundle("tampered"), bundle("good one"))))

    found = look()

    assert [each.source for each in found.verified] == ["good one"]
    assert [each.source for each in found.refused] == ["tampered"]
    assert asked == ["registry"]


def test_without_one_all_places_are_asked_and_the_most_telling_reason_comes_first(
    places: Callable[..., list[str]],
) -> None:
    """What is in another place may hold; GitHub is asked only where its repository is known."""
    asked = places(registry=Found((bundle("other"), bundle("scan", SCAN))), github=Found((bundle("issuer"),)))
    found = look()
    assert [each.source for each in found.refused] == ["issuer", "other"]
    assert (found.verified, found.others, found.problems) == ((), (SCAN,), ())
    assert asked == ["registry", "github", "tag"]

    asked = places()
    assert look("") == VerificationOutcome()
    assert asked == ["registry", "tag"]


def test_a_place_that_does_not_answer_is_remembered(places: Callable[..., list[str]]) -> None:
    """That there is none cannot be said then; what holds elsewhere holds."""
    places(registry=SILENCE, github=Found((), (SILENCE,)))
    assert look().problems == (SILENCE, SILENCE)

    places(registry=SILENCE, tag=Found((bundle("good tag"),)))
    assert [each.source for each in look().verified] == ["good tag"]


def test_a_statement_of_another_kind_than_it_claimed_does_not_count(places: Callable[..., list[str]]) -> None:
    """Signed, and by the right one, but no provenance."""
    places(registry=Found((bundle("good liar"),)))

    assert look().verified == ()


def test_a_trust_root_of_no_use_is_an_error_even_if_nothing_is_signed(
    places: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next signature could not be verified, either."""
    places()

    def broken(_demand: SignerDemand) -> None:
        raise SILENCE

    monkeypatch.setattr(sigstore_door, "Sigstore", broken)

    with pytest.raises(CouldNotLook) as raised:
        look()
    assert raised.value is SILENCE


def test_without_the_extra_a_program_verifies_or_nothing_can(monkeypatch: pytest.MonkeyPatch) -> None:
    """That there is no program is told apart from one that fails."""
    held = Verified("x", Signer("us", "issuer"), None, "gh 2.0")
    monkeypatch.setattr(sigstore_door, "is_installed", lambda: False)
    monkeypatch.setattr(tools, "gh", lambda *_: (held,))
    assert look().verified == (held,)

    def missing(*_: Any) -> None:
        raise tools.NotThere("neither is installed", "Install one.")

    monkeypatch.setattr(tools, "cosign", missing)
    with pytest.raises(NoVerifier, match="neither is installed"):
        search.verify_signatures(fake_context(registry=object()), IMAGE, DEMAND)


def test_evidence_leaves_out_what_is_not_known() -> None:
    """A program on PATH does not tell when it was logged."""
    assert verification_evidence(Verified("here", Signer("us", "them"), None, "gh 2.0")) == {
        "identity": "us",
        "issuer": "them",
        "found_in": "here",
        "verified_by": "gh 2.0",
    }

"""preflight/signed/statement.py: statements and provenance, sound and not."""

import json
from typing import Any

import pytest

from preflight.signed.attestations import repository_of
from preflight.signed.model import IN_TOTO, Reason, Refused
from preflight.signed.statement import Provenance, is_provenance, read_provenance, read_statement

DIGEST = "sha256:" + "ab" * 32
SUBJECT = {"name": "x", "digest": {"sha256": "ab" * 32}}


def made(**changes: Any) -> bytes:
    """Return a sound statement with changes."""
    sound = {"_type": "https://in-toto.io/Statement/v1", "subject": [SUBJECT], "predicateType": "x"}
    return json.dumps({**sound, **changes}).encode()


@pytest.mark.parametrize("version", ["v1", "v0.1"])
def test_a_statement_about_the_digest_is_taken(version: str) -> None:
    """In both versions, with several subjects; cosign's has no predicate."""
    data = made(_type=f"https://in-toto.io/Statement/{version}", subject=[{"digest": {"sha512": "x"}}, SUBJECT])

    assert read_statement(IN_TOTO, data, DIGEST)["predicateType"] == "x"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (made(subject=[{"digest": {"sha256": "cd" * 32}}]), Reason.DIGEST),
        (made(subject=[{"digest": {"sha512": "ab" * 32}}]), Reason.DIGEST),
        (made(subject=[]), Reason.DIGEST),
        (made(subject=[1, None, "ab" * 32]), Reason.DIGEST),
        (made(subject={"digest": {"sha256": "ab" * 32}}), Reason.DIGEST),
        (made(_type="https://in-toto.io/Statement/v2"), Reason.MALFORMED),
        (b"[]", Reason.MALFORMED),
        (b"\xff", Reason.MALFORMED),
        (b"[" * 100_000, Reason.MALFORMED),
    ],
)
def test_any_other_statement_is_refused(data: bytes, reason: Reason) -> None:
    """About another digest, or not about one in a way that is known."""
    with pytest.raises(Refused) as caught:
        read_statement(IN_TOTO, data, DIGEST)

    assert caught.value.reason is reason


def test_another_type_of_payload_is_refused() -> None:
    """A text that merely looks like a statement is none."""
    with pytest.raises(Refused, match="something else than an in-toto statement"):
        read_statement("text/plain", made(), DIGEST)


def test_provenance_0_2_is_read() -> None:
    """As slsa-github-generator and older tools make it."""
    source = {"uri": "git+https://github.com/a/b@refs/tags/v1.0.0", "digest": {"sha1": "1" * 40}}
    predicate = {"builder": {"id": "https://builder"}, "invocation": {"configSource": source}}

    read = read_provenance({"predicateType": "https://slsa.dev/provenance/v0.2", "predicate": predicate})

    assert read == Provenance("https://builder", "https://github.com/a/b", "1" * 40, "refs/tags/v1.0.0")


@pytest.mark.parametrize("predicate", [None, [], {}, {"buildDefinition": []}, {"runDetails": {"builder": {"id": 1}}}])
@pytest.mark.parametrize("version", ["v1", "v0.2"])
def test_a_provenance_that_says_nothing_is_read_as_nothing(version: str, predicate: object) -> None:
    """No shape of it makes a traceback."""
    read = read_provenance({"predicateType": f"https://slsa.dev/provenance/{version}", "predicate": predicate})

    assert read == Provenance("", "", "", "")


def test_other_predicates_are_no_provenance() -> None:
    """A bill of materials says nothing of the build; an unknown version is told apart."""
    assert not is_provenance("https://spdx.dev/Document")
    assert is_provenance("https://slsa.dev/provenance/v9")
    assert read_provenance({"predicateType": "https://slsa.dev/provenance/v9"}) is None


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://github.com/A/B", "a/b"),
        ("https://github.com/a/b.git", "a/b"),
        ("https://github.com/a/b/", "a/b"),
        ("https://github.com/a/b/c", ""),
        ("https://gitlab.com/a/b", ""),
        ("http://github.com/a/b", ""),
        ("https://github.com.evil/a/b", ""),
        (None, ""),
    ],
)
def test_only_urls_of_github_name_a_repository(url: object, repository: str) -> None:
    """Upper and lower case are the same repository there."""
    assert repository_of(url) == repository

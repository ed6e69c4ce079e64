"""in-toto statements (attestation framework 1.0 and 0.1) and the SLSA provenance (1 and 0.2) in them."""

import json
from collections.abc import Mapping
from typing import Any

from preflight.lib.records import frozen
from preflight.signed.model import IN_TOTO, Reason, Refused

_STATEMENTS = frozenset({"https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"})
_SLSA = "https://slsa.dev/provenance/"
_OTHER = "Look what was signed; only in-toto statements about images can be judged."


@frozen
class Provenance:
    """How an image says it was built; empty where it does not say. Unchecked claims of the builder.

    Args:
        builder: The id of the builder, usually the workflow with its ref.
        repository: URL of the source.
        commit: Full id.
        ref: E.g. `refs/tags/v1.2.0`.
    """

    builder: str
    repository: str
    commit: str
    ref: str


def read_statement(payload_type: str, payload: bytes, digest: str) -> Mapping[str, Any]:
    """Return a signed statement, if it is about the image.

    Args:
        payload_type: The payload type of the DSSE envelope.
        payload: The verified bytes.
        digest: `sha256:<hex>`, which must be a subject.

    Raises:
        Refused: It is no statement, or about something else.
    """
    if payload_type != IN_TOTO:
        raise Refused(Reason.MALFORMED, "covers something else than an in-toto statement", _OTHER)
    statement = read_object(payload, "signs a statement that is no JSON object")
    if statement.get("_type") not in _STATEMENTS:
        raise Refused(Reason.MALFORMED, "covers an in-toto statement of an unknown version", _OTHER)
    if digest.removeprefix("sha256:") not in _subjects(statement):
        raise Refused(
            Reason.DIGEST,
            "is about another digest than the pinned one",
            "Do not deploy: somebody attached the signature of another image to this one.",
        )
    return statement


def read_object(data: bytes, otherwise: str) -> dict[str, Any]:
    """Return a JSON object.

    Raises:
        Refused: It is none; with the words given.
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        value = None
    if not isinstance(value, dict):
        raise Refused(Reason.MALFORMED, otherwise, "Sign the image again; what is there is damaged.")
    return value


def _subjects(statement: Mapping[str, Any]) -> list[Any]:
    subjects = statement.get("subject")
    return [_at(subject, "digest", "sha256") for subject in subjects] if isinstance(subjects, list) else []


def is_provenance(predicate_type: str) -> bool:
    """Whether statements of that type tell how something was built."""
    return predicate_type.startswith(_SLSA)


def read_provenance(statement: Mapping[str, Any]) -> Provenance | None:
    """Return what a statement says of the build, or None where it is no provenance of a known version."""
    kind = statement.get("predicateType")
    predicate = statement.get("predicate")
    if kind == f"{_SLSA}v1":
        return _version_1(predicate)
    if kind == f"{_SLSA}v0.2":
        return _version_0_2(predicate)
    return None


def _version_1(predicate: object) -> Provenance:
    workflow = _at(predicate, "buildDefinition", "externalParameters", "workflow")
    sources = _at(predicate, "buildDefinition", "resolvedDependencies")
    source = sources[0] if isinstance(sources, list) and sources else None
    repository, ref = _split(_text(source, "uri"))
    return Provenance(
        builder=_text(predicate, "runDetails", "builder", "id"),
        repository=_text(workflow, "repository") or repository,
        commit=_text(source, "digest", "gitCommit") or _text(source, "digest", "sha1"),
        ref=_text(workflow, "ref") or ref,
    )


def _version_0_2(predicate: object) -> Provenance:
    source = _at(predicate, "invocation", "configSource")
    repository, ref = _split(_text(source, "uri"))
    return Provenance(_text(predicate, "builder", "id"), repository, _text(source, "digest", "sha1"), ref)


def _split(uri: str) -> tuple[str, str]:
    """Part `git+https://HOST/OWNER/NAME@REF`."""
    repository, _, ref = uri.removeprefix("git+").partition("@")
    return repository, ref


def _at(value: object, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(value: object, *keys: str) -> str:
    found = _at(value, *keys)
    return found if isinstance(found, str) else ""

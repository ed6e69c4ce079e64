"""Tests of preflight/lib/reference.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.lib.reference import (
    ImageReference,
    ReferenceKind,
    ReferenceProblem,
    is_digest,
    is_plain_reference,
    parse_reference,
    short_name,
    short_reference,
)

HEX = "0123456789abcdef" * 4
DIGEST = f"sha256:{HEX}"


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io", "library/nginx", None, None),
        ("nginx:1.27", "docker.io", "library/nginx", "1.27", None),
        ("acme/agent", "docker.io", "acme/agent", None, None),
        ("docker.io/nginx", "docker.io", "library/nginx", None, None),
        ("index.docker.io/acme/agent", "docker.io", "acme/agent", None, None),
        (f"ghcr.io/acme/agent@{DIGEST}", "ghcr.io", "acme/agent", None, DIGEST),
        (f"ghcr.io/acme/agent:v1@{DIGEST}", "ghcr.io", "acme/agent", "v1", DIGEST),
        ("localhost/x", "localhost", "x", None, None),
        (f"127.0.0.1:5000/a/b_c--d.e@{DIGEST}", "127.0.0.1:5000", "a/b_c--d.e", None, DIGEST),
        (DIGEST, "docker.io", "library/sha256", HEX, None),  # as Docker reads it: a tag
        ("[::1]:5000/x:t", "[::1]:5000", "x", "t", None),
        (f"GHCR.io/acme/agent@{DIGEST}", "GHCR.io", "acme/agent", None, DIGEST),
    ],
)
def test_reference_is_taken_apart(
    text: str, registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    """A reference gets the registry and repository that Docker would give it."""
    assert parse_reference(text) == ImageReference(registry, repository, tag, digest)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", ReferenceKind.EMPTY),
        ("a b", ReferenceKind.WHITESPACE),
        ("a\nb", ReferenceKind.WHITESPACE),
        ("a\0b", ReferenceKind.WHITESPACE),
        ("a\u200bb", ReferenceKind.WHITESPACE),
        (f"https://ghcr.io/acme/agent@{DIGEST}", ReferenceKind.URL),
        ("user:password@ghcr.io/acme/agent", ReferenceKind.USERINFO),
        (f"user:password@ghcr.io:5000/acme/agent@{DIGEST}", ReferenceKind.USERINFO),
        (f"x@{DIGEST}@{DIGEST}", ReferenceKind.DIGEST),
        (f"ghcr.io/Acme/agent@{DIGEST}", ReferenceKind.UPPERCASE_NAME),
        (f"ghcr.io/acme//agent@{DIGEST}", ReferenceKind.NAME),
        (f"ghcr.io/acme/-agent@{DIGEST}", ReferenceKind.NAME),
        (f"ghcr-.io/acme/agent@{DIGEST}", ReferenceKind.NAME),
        (f"ghcr.io/{'a' * 250}@{DIGEST}", ReferenceKind.NAME),
        (f"@{DIGEST}", ReferenceKind.NAME),
        ("a$b", ReferenceKind.NAME),
        (HEX, ReferenceKind.NAME),
        ("ghcr.io/acme/agent:", ReferenceKind.TAG),
        (f"ghcr.io/acme/agent:-x@{DIGEST}", ReferenceKind.TAG),
        (f"ghcr.io/acme/agent:{'x' * 129}", ReferenceKind.TAG),
        ("ghcr.io/acme/agent@", ReferenceKind.DIGEST),
        ("ghcr.io/acme/agent@latest", ReferenceKind.DIGEST),
        (f"ghcr.io/acme/agent@sha256:{'g' * 64}", ReferenceKind.DIGEST),
        (f"ghcr.io/acme/agent@sha256:{HEX[:12]}", ReferenceKind.DIGEST_SHORT),
        (f"ghcr.io/acme/agent@sha256:{HEX}0", ReferenceKind.DIGEST_LONG),
        (f"ghcr.io/acme/agent@sha256:{HEX.upper()}", ReferenceKind.DIGEST_UPPERCASE),
        (f"ghcr.io/acme/agent@SHA256:{HEX}", ReferenceKind.DIGEST_UPPERCASE),
        (f"ghcr.io/acme/agent@sha512:{HEX * 2}", ReferenceKind.DIGEST_ALGORITHM),
    ],
)
def test_what_is_no_reference_is_refused_with_its_kind(text: str, kind: ReferenceKind) -> None:
    """Each way in which a text is no reference has a kind of its own."""
    with pytest.raises(ReferenceProblem) as caught:
        parse_reference(text)

    assert caught.value.kind is kind
    assert text == "" or text not in caught.value.message


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        (f"agent@{DIGEST}", True),
        ("ghcr.io/acme/agent:v1", True),
        ("127.0.0.1:5000/agent", True),
        ("hunter2", False),
        ("acme/agent", False),
        ("user:secret@host/x", False),
        ("", False),
    ],
)
def test_only_what_is_surely_a_reference_may_be_shown(text: str, *, plain: bool) -> None:
    """A lone word may be a password, so it is not taken for a reference that may be shown."""
    assert is_plain_reference(text) is plain


@given(st.text(max_size=80))
def test_any_text_is_either_parsed_or_refused(text: str) -> None:
    """No text makes another error, and what is parsed reads the same when written out again."""
    try:
        reference = parse_reference(text)
    except ReferenceProblem:
        return
    assert parse_reference(str(reference)) == reference


def test_short_form_cuts_whole_digests_only() -> None:
    """A whole digest reads as its first 12 digits; anything else is left as it is."""
    assert short_reference(f"ghcr.io/acme/agent@{DIGEST}") == f"ghcr.io/acme/agent@sha256:{HEX[:12]}…"
    assert short_reference("ghcr.io/acme/agent:v1") == "ghcr.io/acme/agent:v1"
    assert short_reference("ghcr.io/acme/agent@sha256:0123456789abcdef") == "ghcr.io/acme/agent@sha256:0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("sha256:" + "0f" * 32, True),
        ("sha256:" + "0F" * 32, False),
        ("sha256:" + "0f" * 31, False),
        ("sha256:" + "0f" * 32 + "\n", False),
        ("sha512:" + "0f" * 64, False),
        ("0f" * 32, False),
        (None, False),
    ],
)
def test_digests(text: object, *, is_one: bool) -> None:
    """One form only, and nothing around it."""
    assert is_digest(text) is is_one


def test_a_short_name() -> None:
    """Long enough to compare; nothing that a terminal would obey."""
    digest = f"sha256:{'a' * 64}"
    assert short_name(ImageReference("ghcr.io", "acme/agent", "1.2.3", digest)) == f"ghcr.io/acme/agent@{digest[:19]}…"

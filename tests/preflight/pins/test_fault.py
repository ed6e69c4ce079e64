"""preflight/pins/fault.py"""

import pytest

from preflight.envfile import Assignment, parse_env
from preflight.lib.reference import ImageReference
from preflight.pins.fault import FaultKind, PinFault, judge_value

HEX = "0123456789abcdef" * 4
IMAGE = "ghcr.io/acme/agent"
PINNED = f"{IMAGE}@sha256:{HEX}"
NAME = "AGENT_IMAGE"


def defined(text: str) -> Assignment:
    """Return the last definition in an env file."""
    return parse_env(text)[-1]


def fault(value: str) -> PinFault:
    """Return what is wrong with a value; one line, with what to write."""
    found = judge_value(NAME, defined(f"{NAME}={value}\n"))
    assert isinstance(found, PinFault)
    assert found.message.isprintable()
    assert found.hint.isprintable()
    return found


@pytest.mark.parametrize("value", [PINNED, f'"{PINNED}"', f"'{PINNED}' # since v1", f" {PINNED}   \r"])
def test_an_image_by_digest_is_a_pin(value: str) -> None:
    """However Compose lets one write it."""
    found = judge_value(NAME, defined(f"{NAME}={value}\n"))

    assert isinstance(found, ImageReference)
    assert str(found) == PINNED


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        ("", FaultKind.NO_REFERENCE, "the value is empty"),
        ('""', FaultKind.NO_REFERENCE, "the value is empty"),
        (f"{IMAGE}:v1.2.3", FaultKind.TAG, "is the tag 'v1.2.3', not a digest"),
        (IMAGE, FaultKind.TAG, "is an image without tag or digest, not a digest"),
        (f"{IMAGE}:v1@sha256:{HEX}", FaultKind.TAG_AND_DIGEST, "has both the tag 'v1' and a digest"),
        (f"{IMAGE}@sha256:{HEX[:12]}", FaultKind.NO_REFERENCE, "the digest is short: 12 of 64 digits"),
        (f"{IMAGE}@sha256:{HEX}00", FaultKind.NO_REFERENCE, "the digest is long: 66 digits"),
        (f"{IMAGE}@sha256:{HEX.upper()}", FaultKind.NO_REFERENCE, "the digest has upper-case letters"),
        (f"{IMAGE}@sha512:{HEX}{HEX}", FaultKind.NO_REFERENCE, "the digest's algorithm is not sha256"),
        (f"{IMAGE}@{HEX}", FaultKind.NO_REFERENCE, "is no digest (sha256:…)"),
        (f"sha256:{HEX}", FaultKind.TAG, "not a digest"),
        (f"ghcr.io/Acme/agent@sha256:{HEX}", FaultKind.NO_REFERENCE, "the image name has upper-case letters"),
        (f'" {PINNED}"', FaultKind.NO_REFERENCE, "white space or control characters"),
        (f'"{IMAGE}\\n@sha256:{HEX}"', FaultKind.NO_REFERENCE, "white space or control characters"),
        (f"{PINNED} x", FaultKind.NO_REFERENCE, "white space or control characters"),
        ("a\0b", FaultKind.NO_REFERENCE, "white space or control characters"),
        ('"a\\nb"', FaultKind.NO_REFERENCE, "white space or control characters"),
        ("a$$b", FaultKind.NO_REFERENCE, "the value contains a '$'"),
        (f"'${{R}}/agent@sha256:{HEX}'", FaultKind.NO_REFERENCE, "the value contains a '$'"),
        (f"${{R:-ghcr.io}}/acme/agent@sha256:{HEX}", FaultKind.INTERPOLATED, "interpolates $R"),
        (f"${{{NAME}:-{PINNED}}}", FaultKind.INTERPOLATED, f"interpolates ${NAME}"),
    ],
)
def test_each_fault_has_words_of_its_own(value: str, kind: FaultKind, words: str) -> None:
    """They name the variable."""
    found = fault(value)

    assert found.kind is kind
    assert words in found.message
    assert found.message.startswith(NAME)


@pytest.mark.parametrize("text", [f"{NAME}\n", NAME])
def test_a_bare_name_takes_the_shells_value(text: str) -> None:
    """Also on a last line without line end."""
    found = judge_value(NAME, defined(text))

    assert isinstance(found, PinFault)
    assert (found.kind, found.hint, found.shown) == (FaultKind.BARE, f"Write {NAME}=…", "")


def test_interpolation_is_a_fault_even_if_it_resolves() -> None:
    """A name that an earlier line defines is no safe ground: the shell overrides it."""
    found = judge_value(NAME, defined(f"R=ghcr.io\n{NAME}=$R/acme/agent@sha256:{HEX}\n"))

    assert isinstance(found, PinFault)
    assert found.kind is FaultKind.INTERPOLATED


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (f"{IMAGE}:v1", f"{IMAGE}:v1"),
        (f"{IMAGE}:v1@sha256:{HEX}", f"{IMAGE}:v1@sha256:{HEX}"),
        (f"{IMAGE}@sha256:{HEX[:9]}", f"{IMAGE}@sha256:{HEX[:9]}"),
        ("zq9x-token", ""),
        ("user:zq9x", ""),
        ("user:zq9x@ghcr.io", ""),
        (f"user:zq9x@ghcr.io/acme/agent@sha256:{HEX}", ""),
        (f"user:zq9x@ghcr.io:5000/acme/agent@sha256:{HEX[:9]}", ""),
        ("https://user:zq9x@ghcr.io/acme/agent", ""),
    ],
)
def test_only_what_is_surely_an_image_is_shown(value: str, shown: str) -> None:
    """Somebody may have pasted a password into the wrong line."""
    found = fault(value)

    assert found.shown == shown
    assert "zq9x" not in repr(found).lower()


def test_the_remedy_for_a_tag_says_how_to_get_its_digest() -> None:
    """It can be pasted."""
    assert fault(f"{IMAGE}:v1").hint.endswith(f"docker buildx imagetools inspect {IMAGE}:v1")
    assert fault(IMAGE).hint.endswith(f"docker buildx imagetools inspect {IMAGE}:latest")
    assert "inspect" not in fault("word").hint

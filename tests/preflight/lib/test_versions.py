"""Tests of preflight/lib/versions.py."""

import pytest
import semver
from hypothesis import given
from hypothesis import strategies as st

from preflight.lib.versions import parse_release_tag, parse_version


@pytest.mark.parametrize(
    ("text", "number", "prerelease", "vendor"),
    [
        ("2.24.0", (2, 24, 0), "", ""),
        ("v2.24.0", (2, 24, 0), "", ""),
        (" v5.0.1\n", (5, 0, 1), "", ""),
        ("2.24", (2, 24, 0), "", ""),
        ("2.24.0-desktop.1", (2, 24, 0), "", "desktop.1"),
        ("2.21.0+ds1-0ubuntu1", (2, 21, 0), "", "ds1-0ubuntu1"),
        ("2.40.3+ds1-0ubuntu1~24.04.1", (2, 40, 3), "", "ds1-0ubuntu1~24.04.1"),
        ("2.24.0-1.el9", (2, 24, 0), "", "1.el9"),
        ("2.24.0-rc.1", (2, 24, 0), "rc.1", ""),
        ("2.24.0-rc01", (2, 24, 0), "rc01", ""),
        ("2.24.0-rc.01", (2, 24, 0), "rc.1", ""),
        ("2.24.0~rc1-1", (2, 24, 0), "rc1", ""),
        ("2.24.0-rc.1-desktop.1", (2, 24, 0), "rc.1", ""),
        ("2.24.0-beta-2+build", (2, 24, 0), "beta.2", ""),
        ("2.24.0-dev", (2, 24, 0), "dev", ""),
    ],
)
def test_version_is_read_generously(text: str, number: tuple[int, int, int], prerelease: str, vendor: str) -> None:
    """A leading v, missing parts and suffixes are understood; only words that say "not yet" are pre-releases."""
    version = parse_version(text)

    assert (version.number, version.prerelease, version.vendor) == (number, prerelease, vendor)


@pytest.mark.parametrize("text", ["", "2", "dev", "two.three", "2.24.0 x", "2.24.0\nx", "\u0662.24.0", "1" * 10 + ".0"])
def test_what_is_no_version_is_refused(text: str) -> None:
    """What does not read as a version is not guessed at."""
    with pytest.raises(ValueError, match="not a version"):
        parse_version(text)


@pytest.mark.parametrize(
    ("text", "enough"),
    [
        ("2.23.3", False),
        ("2.23.3-desktop.2", False),
        ("2.24.0-rc.1", False),
        ("2.24.0", True),
        ("2.24.0-desktop.1", True),
        ("2.24.1-beta.1", True),
        ("2.100.0", True),
        ("5.0.1", True),
        ("1.29.2", False),
    ],
)
def test_minimum(text: str, enough: bool) -> None:
    """A vendor's suffix does not make a version older; a pre-release is."""
    assert parse_version(text).at_least(parse_version("2.24.0")) is enough


def test_pre_releases_are_in_order() -> None:
    """Numbers in pre-releases count as numbers."""
    ordered = ["1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-rc.2", "1.0.0-rc.10", "1.0.0", "1.0.1"]

    assert sorted([*ordered[3:], *ordered[:3]], key=parse_version) == ordered
    assert [str(parse_version(text)) for text in ordered] == ordered


def test_release_tags() -> None:
    """Tags follow Semantic Versioning to the letter, with or without a v; others are none."""
    plain, dressed = parse_release_tag("1.2.3"), parse_release_tag("v1.2.3")

    assert plain is not None
    assert dressed is not None
    assert plain.number == dressed.number == (1, 2, 3)
    candidate = parse_release_tag("v1.2.3-anything.1")
    assert candidate is not None
    assert candidate.prerelease == "anything.1"
    assert [parse_release_tag(tag) for tag in ("latest", "v1.2", "1.2.3.4", "sha-abc", "")] == [None] * 5


@given(st.from_regex(r"v?[0-9]{1,25}\.[0-9]{1,3}\.[0-9]{1,3}(-[0-9a-c]{1,3})?(\+a)?", fullmatch=True))
def test_release_tags_are_read_and_ordered_as_the_library_does(tag: str) -> None:
    """Also those that are plain enough to need no library."""
    middle = parse_release_tag("v10.10.10")
    found = parse_release_tag(tag)
    try:
        expected = semver.Version.parse(tag.removeprefix("v"))
    except ValueError:
        assert found is None
        return

    assert found is not None
    assert middle is not None
    assert (*found.number, found.prerelease or None) == expected.to_tuple()[:4]
    assert (found < middle, middle < found) == (expected < "10.10.10", expected > "10.10.10")


@given(st.text(max_size=40))
def test_no_text_makes_another_error(text: str) -> None:
    """Whatever a program answers, it is a version or a ValueError."""
    try:
        version = parse_version(text)
    except ValueError:
        return
    assert version.at_least(version)

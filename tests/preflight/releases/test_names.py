"""preflight/releases/names.py: releases found among tags, and told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.releases.names import compare, find_releases, named_releases


def names(tags: list[str], pattern: str = "") -> list[str]:
    """Return the versions found, newest first."""
    return [release.name for release in find_releases(tags, pattern)]


def test_what_is_a_release() -> None:
    """Releases are versions of three numbers, with or without v; everything else is none."""
    no_releases = [
        "latest",
        "main",
        "1",
        "1.2",
        "v1",
        "sha256-" + "0" * 64 + ".sig",
        "sha256-" + "0" * 64,
        "sha-1",
    ]
    no_releases += ["0123456789abcdef0123456789abcdef01234567", "1.2.3.4", "01.2.3", "v1.2.x", "release-1.2.3", ""]

    assert names([*no_releases, "v1.10.0", "1.9.0", "1.10.0-rc.1"]) == ["1.10.0", "1.10.0-rc.1", "1.9.0"]


def test_both_spellings_are_one_release() -> None:
    """`v1.2.0` and `1.2.0` are the same release."""
    [release] = find_releases(["v1.2.0", "1.2.0"])

    assert release.tags == ("v1.2.0", "1.2.0")


def test_build_metadata_makes_no_other_release() -> None:
    """Build metadata, which no image tag can hold, is left aside."""
    assert names(["v1.2.0+5"]) == ["1.2.0"]


def test_order() -> None:
    """The order is that of Semantic Versioning, section 11."""
    order = ["1.0.0", "1.0.0-rc.1", "1.0.0-beta.11", "1.0.0-beta.2", "1.0.0-beta", "1.0.0-alpha.beta"]
    order += ["1.0.0-alpha.1", "1.0.0-alpha", "0.99.0"]

    assert names(sorted(order)) == order


@given(st.lists(st.text(alphabet="v0123456789.-+abrc", max_size=14)))
def test_no_tag_breaks_it(tags: list[str]) -> None:
    """Whatever tags there are, they are read without an error."""
    assert len(find_releases(tags)) <= len(tags)


def test_pattern() -> None:
    """Tags of one of several products are found by a pattern, whose first group is the version."""
    assert names(["agent-v1.0.0", "web-v2.0.0", "v3.0.0"], r"agent-(v.*)") == ["1.0.0"]
    assert names(["v1.0.0", "1.0.0-x"], r"v.*") == ["1.0.0"]


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("chore(docker): pin agent image for v1.2.0", {"1.2.0"}),
        ("Pin for 1.2.0-rc.1, finally", {"1.2.0-rc.1"}),
        ("bump the pinned image for release v1.4.0 (#99)", {"1.4.0"}),
        ("bump left-pad to 9.9.9", set()),
        ("before v1.2.0", set()),
        ("for v1.2", set()),
    ],
)
def test_releases_named_by_commits(subject: str, found: set[str]) -> None:
    """A commit of the pin names the release that it pins."""
    assert named_releases([subject]) == found


def groups(
    git: str, there: str, known: tuple[str, ...] = (), since: str = "", *, demanded: bool = False
) -> dict[str, list[str]]:
    """Compare two lists written with blanks; empty groups are left out."""
    found = compare(find_releases(git.split()), find_releases(there.split()), known, since, demanded=demanded)
    listed = {name: [release.name for release in getattr(found, name)] for name in vars(found)}
    return {name: members for name, members in listed.items() if members}


def test_groups() -> None:
    """A gap is missing, older than the first is unpublished, newer than the last is pending."""
    assert groups("v0.9.0 v1.0.0 v1.1.0 v1.2.0 v1.3.0", "1.0.0 1.2.0") == {
        "present": ["1.2.0", "1.0.0"],
        "missing": ["1.1.0"],
        "pending": ["1.3.0"],
        "unpublished": ["0.9.0"],
    }


def test_what_was_there_once_is_pruned() -> None:
    """A release that the pin named had an image, wherever it stands in the order."""
    assert groups("0.9.0 1.0.0 1.1.0", "1.0.0", known=("0.9.0", "1.1.0"))["pruned"] == ["1.1.0", "0.9.0"]


def test_since() -> None:
    """The operator can say from when on there were images."""
    assert groups("0.8.0 0.9.0 1.0.0", "1.0.0", since="v0.9.0") == {
        "present": ["1.0.0"],
        "missing": ["0.9.0"],
        "unpublished": ["0.8.0"],
    }


def test_what_is_demanded_and_was_never_seen_is_not_called_pruned() -> None:
    """Nobody knows whether it ever existed; of what is known to have been there, that is sure."""
    assert groups("0.9.0 1.0.0 1.1.0 2.0.0", "1.0.0", known=("0.9.0",), demanded=True) == {
        "present": ["1.0.0"],
        "pruned": ["0.9.0"],
        "missing": ["2.0.0", "1.1.0"],
    }


def test_nothing_there() -> None:
    """Without any image nothing is present."""
    assert groups("1.0.0 1.1.0", "") == {"pending": ["1.1.0", "1.0.0"]}


def test_prereleases_do_not_mark_the_range() -> None:
    """An old pre-release that was left over does not make older releases pruned."""
    assert groups("0.9.0 1.0.0", "0.1.0-rc.1 1.0.0") == {"present": ["1.0.0"], "unpublished": ["0.9.0"]}

"""preflight/git/address.py"""

import pytest

from preflight.git.address import repository, same_repository

SAME = [
    "https://github.com/Owner/Name",
    "https://github.com/owner/name.git",
    "https://user:hunter2@github.com/owner/name.git/",
    "git@github.com:owner/name.git",
    "ssh://git@github.com:22/owner/name",
    "owner/name",
]


@pytest.mark.parametrize("one", SAME)
@pytest.mark.parametrize("other", SAME)
def test_one_repository_has_many_addresses(one: str, other: str) -> None:
    """Whatever the protocol, the case of letters and the ending."""
    assert same_repository(one, other) is True


@pytest.mark.parametrize(
    ("other", "answer"),
    [
        ("https://github.com/owner/other", False),
        ("someone/name", False),
        ("https://gitlab.com/owner/name", None),
        ("git@github-work:owner/name", None),
        ("/srv/git/name.git", None),
        ("file:///srv/git/name", None),
        ("", None),
        ("https://[bad/owner/name", None),
    ],
)
def test_what_cannot_be_told_is_not_guessed(other: str, answer: bool | None) -> None:  # noqa: FBT001 -- a parameter
    """Another path is another repository; the same path on another host may be a mirror or an alias."""
    assert same_repository("git@github.com:owner/name.git", other) is answer


def test_local_paths_are_compared() -> None:
    """With or without file://."""
    assert same_repository("/srv/git/name.git", "file:///srv/git/name") is True
    assert same_repository("/srv/git/name.git", "/srv/git/other") is False


def test_no_password_is_shown() -> None:
    """Neither user nor password is kept."""
    assert repository("https://user:hunter2@github.com/owner/name.git").shown == "github.com/owner/name"
    assert repository("owner/name").shown == "owner/name"

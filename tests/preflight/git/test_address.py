"""preflight/git/address.py"""

import pytest

from preflight.git.address import Address, parse_address, repository, same_repository

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
def test_what_cannot_be_told_is_not_guessed(other: str, answer: bool | None) -> None:
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


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://Host:8443/a/B.git", Address("https", "host", "/a/B.git", 8443)),
        ("https://me:hunter2@host/a", Address("https", "host", "/a", user="me", has_password=True)),
        ("ssh://git@host:22/a/b", Address("ssh", "host", "/a/b", 22, "git")),
        ("git@Host:a/b.git", Address("scp", "host", "a/b.git", user="git")),
        ("file:///srv/a", Address("file", "", "/srv/a")),
        ("/srv/a:b", Address("", "", "/srv/a:b")),
        ("./a:b", Address("", "", "./a:b")),
        ("owner/name", Address("", "", "owner/name")),
        ("ext::sh -c x", Address("ext", "", "sh -c x")),
        ("https://[bad/a", Address("", "", "")),
        ("https://host:99999/a", Address("", "", "")),
    ],
)
def test_addresses_are_taken_apart(text: str, address: Address) -> None:
    """In every form that git knows."""
    assert parse_address(text) == address
    assert "hunter2" not in repr(parse_address(text))


@pytest.mark.parametrize(
    ("text", "https"),
    [
        ("https://user:hunter2@host/a/b", "https://host/a/b"),
        ("http://host/a", "http://host/a"),
        ("https://host:8443/a", "https://host:8443/a"),
        ("ssh://git@host:22/a/b.git", "https://host/a/b.git"),
        ("git@host:a/b.git", "https://host/a/b.git"),
        ("git@host:/srv/a", ""),
        ("/srv/a", ""),
        ("file:///srv/a", ""),
        ("ext::sh", ""),
        ("", ""),
    ],
)
def test_the_address_without_ssh_and_user(text: str, https: str) -> None:
    """Empty where there is none."""
    assert parse_address(text).https == https


@pytest.mark.parametrize(
    ("text", "can"),
    [
        ("https://host/a", True),
        ("ssh://git@host/a", True),
        ("git@host:a/b.git", True),
        ("/srv/a", True),
        ("file:///srv/a", True),
        ("https://host", False),
        ("https://", False),
        ("ftp://host/a", False),
        ("git://host/a", False),
        ("ext::sh", False),
        ("owner/name", False),
        ("./a", False),
        ("-oProxyCommand=x:a", False),
        ("host:-x y", False),
        ("", False),
    ],
)
def test_what_can_be_cloned(text: str, *, can: bool) -> None:
    """By the protocols that are used here, and never an option."""
    assert parse_address(text).can_be_cloned is can

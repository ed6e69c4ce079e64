"""preflight/git/new_branch.py."""

from pathlib import Path

import pytest

from preflight.errors import CouldNotLook
from preflight.git.new_branch import request_address, start_of
from preflight.lib.deadline import Deadline
from tests.preflight.pin.site import Site

GITLAB = "-/merge_requests/new?merge_request%5Bsource_branch%5D=pin%2F1.2&merge_request%5Btarget_branch%5D=main"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A checkout and its remote."""
    return Site(tmp_path)


def start(site: Site, branch: str, remote: str = "origin") -> str:
    """Ask where a branch starts."""
    return start_of(site.environ, site.checkout.path, remote, branch, Deadline.after(60))


def test_a_branch_that_is_there(site: Site) -> None:
    """It starts nowhere."""
    assert start(site, "main") == ""


def test_a_new_branch_starts_from_what_is_checked_out(site: Site) -> None:
    """If the remote has that; a detached HEAD, or a branch of one's own, leaves it to the remote."""
    site.checkout.git("push", "-q", "origin", "main:production")
    site.checkout.git("switch", "-q", "-c", "production")
    assert start(site, "new") == "production"
    site.checkout.git("switch", "-q", "-c", "mine")
    assert start(site, "new") == "main"
    site.checkout.git("switch", "-q", "--detach")
    assert start(site, "new") == "main"


def test_nothing_says_where_to_start(site: Site) -> None:
    """The remote's HEAD is no branch that is there."""
    site.checkout.git("switch", "-q", "--detach")
    site.bare.git("symbolic-ref", "HEAD", "refs/heads/gone")
    with pytest.raises(CouldNotLook, match="there is no branch origin/new, and nothing says"):
        start(site, "new")
    with pytest.raises(CouldNotLook, match="there is no remote elsewhere"):
        start(site, "new", "elsewhere")
    site.bare.path.rename(f"{site.bare.path}.gone")
    with pytest.raises(CouldNotLook, match="the remote origin cannot be asked"):
        start(site, "new")


@pytest.mark.parametrize(
    ("address", "page"),
    [
        ("git@github.com:Owner/Name.git", "https://github.com/Owner/Name/compare/main...pin/1.2?expand=1"),
        ("https://me:secret@github.com/Owner/Name", "https://github.com/Owner/Name/compare/main...pin/1.2?expand=1"),
        ("ssh://git@gitlab.example.com:2222/a/b/c.git", f"https://gitlab.example.com/a/b/c/{GITLAB}"),
        ("https://bitbucket.org/a/b.git", "https://bitbucket.org/a/b/pull-requests/new?source=pin%2F1.2&dest=main"),
        ("https://codeberg.org/a/b.git", "https://codeberg.org/a/b/compare/main...pin/1.2"),
        ("https://git.example.com/a/b.git", "https://git.example.com/a/b"),
        ("/srv/git/a.git", ""),
    ],
)
def test_where_somebody_asks_for_a_merge(address: str, page: str) -> None:
    """Of the hosts that are known; no user and no password is in it."""
    assert request_address(address, "pin/1.2", "main") == page

"""preflight/releases/github.py, against a fake of GitHub's API and real git."""

import json
from collections.abc import Iterator, Mapping

import pytest

from preflight.context import Context
from preflight.errors import CouldNotLook, DeadlineExceeded
from preflight.git.door import Git
from preflight.lib.deadline import Deadline
from preflight.releases.github import GitHubRelease, list_releases, repository_of_remote, version_tags
from preflight.testing import fake_context
from tests.fakes.github import FakeGitHub, release
from tests.fakes.http_server import answering
from tests.real.git import GIT_ENVIRON, GitRepository

REPOSITORY = "acme/agent"
TOKEN = "ghp_hunter2"


@pytest.fixture
def fake() -> Iterator[FakeGitHub]:
    """A fake with one repository that has no release."""
    with FakeGitHub(releases={REPOSITORY: []}) as running:
        yield running


def environ(fake: FakeGitHub, **more: str) -> dict[str, str]:
    """Return an environment that names the fake."""
    return {"GITHUB_API_URL": fake.url, **more}


def tags(fake: FakeGitHub, pattern: str = "", *, prereleases: bool = False) -> tuple[str, ...]:
    """Return the tags of releases."""
    return version_tags(REPOSITORY, environ(fake), Deadline.after(20), pattern, prereleases=prereleases)


def refused(fake: FakeGitHub, repository: str = REPOSITORY, **more: str) -> CouldNotLook:
    """Return the error for a list; it has a hint and shows no token."""
    with pytest.raises(CouldNotLook) as caught:
        list_releases(repository, environ(fake, **more), Deadline.after(20))
    assert TOKEN not in f"{caught.value.message} {caught.value.hint}"
    assert caught.value.hint
    return caught.value


def test_releases_are_listed_without_a_token(fake: FakeGitHub) -> None:
    """Those of a public repository, in GitHub's order."""
    fake.releases[REPOSITORY] = [release("v1.1.0"), release("v1.0.0", prerelease=True)]

    listed = list_releases(REPOSITORY, environ(fake), Deadline.after(20))

    assert listed == (GitHubRelease("v1.1.0", prerelease=False), GitHubRelease("v1.0.0", prerelease=True))
    assert fake.questions == [(f"/repos/{REPOSITORY}/releases?per_page=100&page=1", "")]


def test_drafts_are_no_releases(fake: FakeGitHub) -> None:
    """Neither for whoever may push, and so sees them, nor for anybody else."""
    fake.releases[REPOSITORY] = [release("v1.1.0", draft=True), release("v1.0.0")]
    fake.pushers = frozenset({TOKEN})

    for more in ({}, {"GITHUB_TOKEN": TOKEN}):
        listed = list_releases(REPOSITORY, environ(fake, **more), Deadline.after(20))
        assert [each.tag for each in listed] == ["v1.0.0"]
    assert [authorization for _, authorization in fake.questions] == ["", f"Bearer {TOKEN}"]


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize(("count", "pages"), [(99, 1), (100, 1), (101, 2), (1000, 10)])
def test_pages_are_read_to_the_end(fake: FakeGitHub, count: int, pages: int, *, links: bool) -> None:
    """With `Link`, and without it (one page alone has none), where a full last page costs one question more."""
    fake.releases[REPOSITORY] = [release(f"v1.{minor}.0") for minor in range(count)]
    fake.links = links

    assert len(tags(fake)) == count
    assert len(fake.questions) == pages + (count % 100 == 0 and (pages == 1 or not links))


def test_a_short_page_is_not_the_last(fake: FakeGitHub) -> None:
    """Drafts that may not be seen are missing from the page that they are on."""
    drafts = [release(f"v2.{minor}.0", draft=True) for minor in range(100)]
    fake.releases[REPOSITORY] = [*drafts, release("v1.0.0")]

    assert tags(fake) == ("v1.0.0",)
    assert len(fake.questions) == 2


def test_there_is_an_end_to_asking(fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub lists no more than ten thousand: what may be incomplete is an error."""
    monkeypatch.setattr("preflight.releases.github.MAX_RELEASES", 300)
    fake.links, fake.headers = False, {"Link": '<https://x/?page=2>; rel="next"'}

    assert refused(fake).message == f"GitHub lists only the first 300 releases of {REPOSITORY}"
    assert len(fake.questions) == 3


def test_long_release_notes_are_read_in_smaller_pages(fake: FakeGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is too large is asked for anew, and then it is an error."""
    monkeypatch.setattr("preflight.releases.github._PAGE_BYTES", 100_000)
    fake.releases[REPOSITORY] = [release(f"v1.{minor}.0", notes="x" * 3000) for minor in range(50)]
    assert len(tags(fake)) == 50
    assert [path.partition("?")[2] for path, _ in fake.questions[1:]] == [
        f"per_page=20&page={page}" for page in (1, 2, 3)
    ]

    fake.releases[REPOSITORY][30]["body"] = "x" * 100_000

    assert "is too large" in refused(fake).message


@pytest.mark.parametrize(
    ("status", "anonymous", "with_token"),
    [
        (
            404,
            f"GitHub has no repository {REPOSITORY} that can be read without a token (404)",
            f"GitHub has no repository {REPOSITORY} that the token in GH_TOKEN may read (404)",
        ),
        (
            401,
            "GitHub has no answer without a token (401)",
            "GitHub does not accept the token in GH_TOKEN (401)",
        ),
        (
            403,
            "GitHub has no answer without a token (403)",
            f"GitHub does not let the token in GH_TOKEN read {REPOSITORY} (403)",
        ),
        (429, "GitHub's API: the limit of requests is reached", "GitHub's API: the limit of requests is reached"),
        (418, "GitHub's API answers with 418", "GitHub's API answers with 418"),
    ],
)
def test_each_refusal_has_its_own_words(fake: FakeGitHub, status: int, anonymous: str, with_token: str) -> None:
    """They name the variable of the token, or say that there is none."""
    fake.status, fake.headers = status, {"Retry-After": "3600"} if status == 429 else {}

    assert refused(fake).message == anonymous
    assert refused(fake, GH_TOKEN=TOKEN).message == with_token


def test_a_limit_on_a_later_page_is_an_error(fake: FakeGitHub) -> None:
    """Half a list is none."""
    fake.releases[REPOSITORY] = [release(f"v1.{minor}.0") for minor in range(150)]
    fake.always("page=2", answering(418))

    assert refused(fake).message == "GitHub's API answers with 418"


@pytest.mark.parametrize(
    "row",
    [
        1,
        None,
        {},
        {"tag_name": "v1.0.0"},
        {"tag_name": "v1.0.0", "draft": False},
        {"tag_name": 1, "draft": False, "prerelease": False},
        {"tag_name": "v1.0.0", "draft": "no", "prerelease": False},
    ],
)
def test_what_is_no_release_is_an_error(fake: FakeGitHub, row: object) -> None:
    """A list that is not GitHub's is not judged by what happens to be right in it."""
    fake.body = json.dumps([release("v1.0.0"), row]).encode()

    assert refused(fake).message == "GitHub's API answers with something else"


def test_no_release_is_an_error(fake: FakeGitHub) -> None:
    """Whoever names GitHub as the source expects some: none, drafts only and no versions are told apart."""
    for listed, words in (
        ([], f"GitHub has no published release of {REPOSITORY}"),
        ([release("v1.0.0", draft=True)], f"GitHub has no published release of {REPOSITORY}"),
        ([release("nightly")], f"no tag of the 1 release of {REPOSITORY} at GitHub is a version"),
        ([release("v1.0.0-rc.1")], f"GitHub has pre-releases only of {REPOSITORY}"),
        ([release("v1.0.0", prerelease=True)], f"GitHub has pre-releases only of {REPOSITORY}"),
    ):
        fake.releases[REPOSITORY] = listed
        with pytest.raises(CouldNotLook) as caught:
            tags(fake)
        assert caught.value.message == words
        assert "`source: remote`" in caught.value.hint


def test_prereleases(fake: FakeGitHub) -> None:
    """A pre-release is what GitHub marks as one, or what its version says is one."""
    fake.releases[REPOSITORY] = [release("v1.2.0", prerelease=True), release("v1.1.0-rc.1"), release("v1.0.0")]

    assert tags(fake) == ("v1.0.0",)
    assert tags(fake, prereleases=True) == ("v1.2.0", "v1.1.0-rc.1", "v1.0.0")


def test_pattern(fake: FakeGitHub) -> None:
    """Releases of one of several products."""
    fake.releases[REPOSITORY] = [release("web-v2.0.0"), release("agent-v1.0.0")]

    assert tags(fake, "agent-(.*)") == ("agent-v1.0.0",)


def test_time_is_kept(fake: FakeGitHub) -> None:
    """A list that comes too late is an error."""
    with pytest.raises(DeadlineExceeded):
        list_releases(REPOSITORY, environ(fake), Deadline.after(-1))


def at(repository: GitRepository, **environ: str) -> Context:
    """Return a context in a work tree."""
    git = Git(repository.path, GIT_ENVIRON | {"PATH": "/usr/local/bin:/usr/bin:/bin"})
    return fake_context(environ=environ, git=git, seconds=20)


@pytest.mark.parametrize(
    ("url", "environ"),
    [
        ("https://github.com/acme/agent", {}),
        ("https://github.com/acme/agent.git/", {}),
        ("https://x-access-token:ghp_hunter2@GitHub.com/acme/agent.git", {}),
        ("https://github.com:443/acme/agent.git", {}),
        ("git@github.com:acme/agent.git", {}),
        ("github.com:acme/agent", {}),
        ("ssh://git@github.com/acme/agent.git", {}),
        ("ssh://git@ssh.github.com:443/acme/agent.git", {}),
        ("git@git.example.org:acme/agent.git", {"GITHUB_API_URL": "https://git.example.org/api/v3"}),
        ("https://acme.ghe.com/acme/agent.git", {"GITHUB_API_URL": "https://api.acme.ghe.com"}),
    ],
)
def test_the_repository_of_a_remote(git_repository: GitRepository, url: str, environ: Mapping[str, str]) -> None:
    """It is read from its address, however that is written."""
    git_repository.git("remote", "add", "upstream", url)

    assert repository_of_remote(at(git_repository, **environ), "upstream") == REPOSITORY


@pytest.mark.parametrize(
    ("url", "environ"),
    [
        ("https://gitlab.com/acme/agent.git", {}),
        ("https://github.com.evil.example/acme/agent.git", {}),
        ("https://evil.example/github.com/acme/agent.git", {}),
        ("https://github.com/acme", {}),
        ("https://github.com/acme/agent/tree", {}),
        ("https://github.com/acme/..", {}),
        ("https://[github.com/acme/agent", {}),
        ("https://hunter2@mirror.example/acme/agent.git", {}),
        ("/srv/git/acme/agent.git", {}),
        ("file:///github.com/acme/agent.git", {}),
        ("git@github.com:acme/agent.git", {"GITHUB_API_URL": "https://git.example.org/api/v3"}),
    ],
)
def test_a_remote_elsewhere(git_repository: GitRepository, url: str, environ: Mapping[str, str]) -> None:
    """Then nobody is asked, least of all with a token; the address, which may hold a password, is not shown."""
    git_repository.git("remote", "add", "origin", url)

    with pytest.raises(CouldNotLook, match="git's remote origin is no repository at ") as caught:
        repository_of_remote(at(git_repository, **environ), "origin")

    assert "hunter2" not in caught.value.message
    assert caught.value.hint == "Set `repository: OWNER/NAME` for this check."


def test_no_remote_and_no_repository(git_repository: GitRepository) -> None:
    """Each has words of its own."""
    with pytest.raises(CouldNotLook, match="no repository to ask GitHub for: git has no remote origin"):
        repository_of_remote(at(git_repository), "origin")
    with pytest.raises(CouldNotLook, match="no repository to ask GitHub for: there is no git work tree here"):
        repository_of_remote(at(GitRepository(git_repository.path.parent)), "origin")

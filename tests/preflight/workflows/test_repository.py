"""Tests of preflight/workflows/repository.py: real git, its remotes."""

import os

import pytest

from preflight import Context
from preflight.git.door import Git
from preflight.testing import fake_context
from preflight.workflows.repository import ThisRepository, this_repository
from preflight.workflows.value import WORD_HOLE
from tests.real.git import GIT_ENVIRON, GitRepository

ENVIRON = {"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON}


def at(repository: GitRepository) -> Context:
    """Return a context whose git is in a repository."""
    return fake_context(repository.path, git=Git(repository.path, ENVIRON))


@pytest.mark.parametrize(
    "address",
    ["https://github.com/Acme/Agent.git", "git@github.com:Acme/Agent.git", "ssh://git@ssh.github.com:443/Acme/Agent"],
)
def test_the_remote_says_which_repository_it_is(git_repository: GitRepository, address: str) -> None:
    """However its address is written."""
    git_repository.git("remote", "add", "origin", address)

    found = this_repository(at(git_repository))

    assert (found.owner, found.name, found.known) == ("Acme", "Agent", True)


def test_what_is_given_counts_first(git_repository: GitRepository) -> None:
    """The setting, without asking git."""
    git_repository.git("remote", "add", "origin", "https://github.com/acme/agent")

    assert this_repository(at(git_repository), "jane/x") == ThisRepository.named("jane/x")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "git has no remote origin"),
        ("https://u:hunter2@git.example.org/acme/agent", "is no repository at github.com"),
    ],
)
def test_why_it_is_not_known(git_repository: GitRepository, address: str, reason: str) -> None:
    """No remote, or one elsewhere, whose address is not shown."""
    if address:
        git_repository.git("remote", "add", "origin", address)

    found = this_repository(at(git_repository))

    assert not found.known
    assert found.owner == found.name == WORD_HOLE
    assert reason in found.reason
    assert "hunter2" not in repr(found)


def test_what_a_known_repository_stands_for() -> None:
    """In expressions and in the environment of a step."""
    here = ThisRepository.named("acme/agent")

    assert {path: value.text for path, value in here.context().items()} == {
        "repository": "acme/agent",
        "repository_owner": "acme",
        "event.repository.name": "agent",
        "event.repository.full_name": "acme/agent",
        "event.repository.owner.login": "acme",
        "event.repository.owner.name": "acme",
        "event.organization.login": "acme",
    }
    assert here.environment()["github_repository"].text == "acme/agent"
    assert not any(value.unknown for value in here.context().values())


@pytest.mark.parametrize(
    ("uses", "path"),
    [
        ("acme/agent/.github/workflows/x.yml@main", ".github/workflows/x.yml"),
        ("Acme/Agent/a@v1", "a"),
        ("acme/agent-2/a@v1", ""),
        ("acme/agent@v1", ""),
        ("./a", ""),
    ],
)
def test_path_within_this_repository(uses: str, path: str) -> None:
    """A call that names the repository itself leads into it."""
    assert ThisRepository.named("acme/agent").path_of(uses) == path
    assert ThisRepository().path_of(uses) == ""

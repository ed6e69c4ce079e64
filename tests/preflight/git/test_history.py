"""preflight/git/history.py"""

import os

import pytest

from preflight.git.command import GitCommand
from preflight.git.history import file_history, log
from preflight.lib.deadline import Deadline
from tests.real.git import GIT_ENVIRON, GitRepository

GIT = GitCommand({"PATH": os.environ.get("PATH", os.defpath), **GIT_ENVIRON})


def soon() -> Deadline:
    """Time enough."""
    return Deadline.after(30)


@pytest.mark.parametrize(
    "configuration",
    [
        ("i18n.logOutputEncoding", "UTF-16"),
        ("i18n.logOutputEncoding", "no-such-encoding"),
        ("log.follow", "true"),
        ("color.ui", "always"),
        ("log.showSignature", "true"),
        ("format.pretty", "oneline"),
        ("log.date", "human"),
    ],
)
def test_the_configuration_does_not_change_what_is_read(
    git_repository: GitRepository, configuration: tuple[str, str]
) -> None:
    """Subjects come as they were written, in commits that changed this very file."""
    git_repository.commit({"old.env": "A=1\n"}, "Old")
    git_repository.git("mv", "old.env", "pin.env")
    git_repository.commit({}, "Größe für v1")
    git_repository.git("config", *configuration)

    history = file_history(GIT, git_repository.path / "pin.env", 5, soon())

    assert [(each.subject, each.text) for each in history] == [("Größe für v1", "A=1\n")]


def test_the_author_is_named(git_repository: GitRepository) -> None:
    """And the commits up to another one can be asked for."""
    first = git_repository.commit({"pin.env": "A=1\n"}, "One")
    git_repository.commit({"pin.env": "A=2\n"}, "Two")

    rows = log(GIT, git_repository.path / "pin.env", 5, soon(), first)

    assert [(each.hash, each.author, each.subject) for each in rows] == [(first, "Preflight Tests", "One")]

"""preflight/git/refusal.py"""

from pathlib import Path

import pytest

from preflight.git.refusal import reason_of, refused, remote_refused
from preflight.lib.process import Completed


def failed(stderr: str) -> Completed:
    """A git that says this."""
    return Completed(128, b"", stderr.encode())


@pytest.mark.parametrize(
    ("stderr", "words", "hint"),
    [
        ("fatal: .git/index: index file smaller than expected", "its index is damaged", "git -C /app reset"),
        ("error: bad signature 0x6e6f\nfatal: index file corrupt", "its index is damaged", "rm /app/.git/index"),
        (
            "fatal: not a git repository (or any of the parent directories): .git",
            "lies in no git repository",
            "a clone",
        ),
        ("fatal: bad config line 1 in file .git/config", "its configuration cannot be read", ".git/config"),
        ("fatal: bad numeric config value 'x' for 'core.compression'", "its configuration cannot be read", "config"),
        ("fatal: Expected git repo version <= 1, found 9", "a newer git made the repository", "newer git"),
        ("error: loose object 5e1c (stored in .git/objects/5e/1c) is corrupt", "missing or damaged", "fsck"),
        ("fatal: unable to read tree 5e1c", "missing or damaged", "fsck"),
        ("fatal: could not fetch 9279 from promisor remote", "the clone is partial", "log -p -- pin.env"),
        ("fatal: cannot change to '/app': Permission denied", "may not enter the folder", "root"),
        ("fatal: cannot change to '/app': No such file or directory", "the folder is not there", "path"),
        ('error: open(".git/objects/x"): Permission denied', "may not read all of it", "root"),
        ("Stopping at filesystem boundary (GIT_DISCOVERY_ACROSS_FILESYSTEM not set).", "does not look beyond", "=1"),
        ("fatal: something new about https://user:hunter2@host/", "(exit code 128)", "git -C /app status"),
    ],
)
def test_local_refusals_name_the_cause(stderr: str, words: str, hint: str) -> None:
    """In our own words, with something to do."""
    error = refused(failed(stderr), Path("/app"), "pin.env")

    assert words in error.message
    assert hint in error.hint
    assert "hunter2" not in error.message + error.hint


@pytest.mark.parametrize(
    ("stderr", "words"),
    [
        ("fatal: could not read Username for 'https://github.com': terminal prompts disabled", "wants credentials"),
        ("git@github.com: Permission denied (publickey).", "wants credentials"),
        ("Host key verification failed.", "ssh host key is not known"),
        ("remote: Repository not found.", "no such repository, or it is private"),
        ("fatal: unable to access 'https://x/': SSL certificate problem: self-signed", "TLS certificate"),
        ("fatal: detected dubious ownership in repository at '/srv/x'", "belongs to another user"),
        ("ssh: connect to host x port 22: Connection timed out", "does not answer"),
        ("fatal: transport 'ext' not allowed", "kind of address is not asked"),
        ("fatal: could not fetch 9279 from promisor remote", "this clone is partial"),
        ("something new about https://user:hunter2@host/", "cannot be asked (git ended with 128)"),
    ],
)
def test_remote_refusals_have_words_of_their_own(stderr: str, words: str) -> None:
    """Each reason is told apart, and what git prints is never quoted."""
    error = remote_refused(failed(stderr), "origin")

    assert words in error.message
    assert "hunter2" not in error.message + error.hint
    assert reason_of(failed(stderr))[1]

"""How git is called: quiet, bounded, and without starting anything that a repository's configuration names.

The three commands that use the network are verbs here, so that their hardening stands once. They never run inside the
repository that is checked: `ls-remote` runs outside of any, the other two in a repository of our own. What the
checked repository says of cookies, headers, redirects, proxies or programs therefore counts for nothing; the operator's
own configuration (`git config --global`) does.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed, run

_MAX_OUTPUT = 32 * 1024 * 1024
SETTINGS = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.pager=cat",
    "log.showSignature=false",
    "log.follow=false",
    "i18n.logOutputEncoding=UTF-8",
    "submodule.recurse=false",
    "credential.helper=",  # empties the list, whoever filled it
    "protocol.allow=never",
)
"""Options of every call."""
FETCH_SETTINGS = (
    "core.alternateRefsCommand=true",  # the program `true`, which says nothing; not what the repository names
    "fetch.bundleURI=",  # bundles (git 2.40) bring refs along
    "transfer.bundleURI=false",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
)
FETCH_OPTIONS = (
    *("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules"),
    *("--no-prune", "--no-filter", "--refmap=", "--upload-pack=git-upload-pack"),
)
PUSH_OPTIONS = (
    *("--quiet", "--no-verify", "--no-signed", "--no-follow-tags", "--no-recurse-submodules"),
    "--receive-pack=git-receive-pack",
)
LIST_OPTIONS = ("--upload-pack=git-upload-pack",)
# What of git's own environment is handed on: where configuration is read from, and how the operator's ssh is called.
_KEPT = (
    "GIT_CONFIG_",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    "GIT_SSH_COMMAND",
    "GIT_EXEC_PATH",
)
_ENVIRON = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
    "GIT_ASKPASS": "",  # set, though empty: a repository's core.askPass is not run
    "SSH_ASKPASS": "",
    "GIT_ALLOW_PROTOCOL": "none",
}
REMOTE_PROTOCOLS = "https:http:ssh:file"
_NOWHERE = Path("/")


class GitCommand:
    """Runs git.

    Args:
        environ: The environment of this process; what would turn git to another repository is taken out.
        extra: Further variables for git, e.g. its index.
    """

    def __init__(self, environ: Mapping[str, str], extra: Mapping[str, str] | None = None) -> None:
        self._environ = _clean(environ)
        self._extra = dict(extra or {})

    def with_variables(self, extra: Mapping[str, str]) -> "GitCommand":
        """Return the same with further variables."""
        return GitCommand(self._environ, {**self._extra, **extra})

    def __call__(self, folder: Path, words: tuple[str, ...], deadline: Deadline, stdin: str = "") -> Completed:
        """Run ``git WORDS`` in a folder to its end; the network is out of its reach.

        Raises:
            CouldNotLook: Git is not installed.
            DeadlineExceeded: It took too long.
        """
        return self._run(folder, words, deadline, stdin, self._extra)

    def ls_remote(self, address: str, pattern: str, deadline: Deadline, *options: str) -> Completed:
        """Ask a repository for its refs.

        Args:
            address: Absolute, as git takes it; never the name of a remote.
            pattern: Which refs, e.g. "refs/heads/main"; empty: all.
            deadline: When it must have answered.
            options: Further ones of `git ls-remote`.

        Raises:
            CouldNotLook: Git is not installed.
            DeadlineExceeded: It took too long.
        """
        words = ("ls-remote", *LIST_OPTIONS, *options, "--", address, *([pattern] if pattern else []))
        return self._ask(_NOWHERE, words, deadline, {"GIT_DIR": os.devnull})

    def fetch(
        self, folder: Path, address: str, refspecs: tuple[str, ...], deadline: Deadline, *, depth: int = 0
    ) -> Completed:
        """Fetch objects, and only the refs that are named, into a repository of our own; see ``ls_remote``.

        Args:
            folder: The repository, or the one that ``GIT_DIR`` in the variables names.
            address: See ``ls_remote``.
            refspecs: What to fetch.
            deadline: When it must have answered.
            depth: Commits of the history; 0: all.
        """
        settings = [word for setting in FETCH_SETTINGS for word in ("-c", setting)]
        options = (*FETCH_OPTIONS, *([f"--depth={depth}"] if depth else []))
        return self._ask(folder, (*settings, "fetch", *options, "--", address, *refspecs), deadline, self._extra)

    def push(self, folder: Path, address: str, refspec: str, deadline: Deadline) -> Completed:
        """Push one ref from a repository of our own; see ``fetch``."""
        return self._ask(folder, ("push", *PUSH_OPTIONS, "--", address, refspec), deadline, self._extra)

    def _ask(self, folder: Path, words: tuple[str, ...], deadline: Deadline, extra: Mapping[str, str]) -> Completed:
        """Run git with the network in reach, as whoever needs no password."""
        extra = {**extra, "GIT_ALLOW_PROTOCOL": REMOTE_PROTOCOLS}
        if "GIT_SSH_COMMAND" not in self._environ:
            extra["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes"
        return self._run(folder, words, deadline, "", extra)

    def _run(
        self, folder: Path, words: tuple[str, ...], deadline: Deadline, stdin: str, extra: Mapping[str, str]
    ) -> Completed:
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        return run(
            ["git", "--no-pager", "-C", str(folder), *settings, *words],
            deadline=deadline,
            env={**self._environ, **extra},
            stdin=os.fsencode(stdin),
            max_output=_MAX_OUTPUT,
        )


def _clean(environ: Mapping[str, str]) -> dict[str, str]:
    """Take out what would turn git to another repository, and put in what keeps it quiet and harmless."""
    kept = {name: value for name, value in environ.items() if not name.startswith("GIT_") or name.startswith(_KEPT)}
    return {**kept, **_ENVIRON}

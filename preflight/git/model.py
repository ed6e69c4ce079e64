"""What git says of files and commits, and what its names look like. Imports nothing of ours."""

import re
from datetime import datetime
from pathlib import Path

from preflight.lib.records import frozen
from preflight.lib.regex import regex

_COMMIT = regex(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAME = regex(r"[A-Za-z0-9_][\w./+@#-]*", re.ASCII)


def is_commit(text: str) -> bool:
    """Whether a text is the whole id of a commit."""
    return _COMMIT.fullmatch(text) is not None


def is_ref_name(name: str) -> bool:
    """Whether a name is plain enough for a remote or a branch; git itself allows a little more."""
    return bool(_NAME.fullmatch(name)) and ".." not in name and not name.endswith((".lock", "/", "."))


def is_branch_name(name: str) -> bool:
    """Whether a name is plain enough for a branch: the name alone, neither ``HEAD`` nor what begins with ``refs/``."""
    return is_ref_name(name) and name != "HEAD" and not name.startswith("refs/")


def id_of(listing: str, ref: str) -> str:
    """Return the commit that a listing by `git ls-remote` has for a ref; empty for none."""
    rows = (line.partition("\t") for line in listing.split("\n"))
    return next((value for value, _, name in rows if name == ref and is_commit(value)), "")


@frozen
class Commit:
    """One commit that changed a file.

    Args:
        hash: Full id.
        when: Committed, with time zone.
        subject: First line of the message, fit to show.
        text: The whole file as of this commit; empty where the commit removed it.
        author: Name, fit to show.
    """

    hash: str
    when: datetime
    subject: str
    text: str
    author: str = ""


@frozen
class FileState:
    """How one file stands to git.

    Args:
        root: The work tree it lies in; None when it lies in none, and then nothing else is known.
        tracked: Whether it is in the index.
        committed: Whether it is in the last commit.
        staged: The index differs from the last commit.
        changed: The file differs from the index, or is gone.
        conflict: A merge left it unresolved.
    """

    root: Path | None
    tracked: bool = False
    committed: bool = False
    staged: bool = False
    changed: bool = False
    conflict: bool = False

    @property
    def modified(self) -> bool:
        """What lies on disk, or in the index, is not what the last commit says."""
        return self.staged or self.changed or self.conflict

    @property
    def difference(self) -> str:
        """How a tracked file that is modified differs from the last commit, e.g. "differs from the last commit"."""
        if self.conflict:
            return "has an unresolved merge conflict"
        if not self.committed:
            return "was added to git but never committed"
        if self.staged:
            return "has a staged change that is not committed"
        return "differs from the last commit"


@frozen
class WorkTree:
    """A checkout.

    Args:
        root: The top folder.
        shallow: Its history was cut short.
        outer: The top folder of the work tree that it is a submodule of.
    """

    root: Path
    shallow: bool
    outer: Path | None = None

"""Files in a repository's commits: read one, and make a commit that changes some and nothing else, from objects.

No hook runs, no filter, no signing program; neither the repository's own index nor its work tree is touched.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

MAX_BYTES = 1024 * 1024
"""The largest file that is read and changed as a whole."""
_DISK_FULL = regex(r"No space left on device|Out of diskspace|unable to write new index file")

Edit: TypeAlias = Callable[[bytes], bytes]
"""Takes the content of a file and returns the one that it gets."""


@frozen
class NewCommit:
    """What to commit.

    Args:
        parent: Full id of the commit that it goes on top of; it has the files.
        files: By path from the root of the work tree: the new content.
        message: The message of the commit; an empty line parts subject and body.
        author: ``GIT_AUTHOR_NAME`` and the other three variables.
    """

    parent: str
    files: Mapping[str, bytes]
    message: str
    author: Mapping[str, str]


@frozen
class OneFile:
    """A file in the commits of a repository.

    Args:
        git: Git in the repository that is read and gets the objects.
        folder: Where git is called.
        place: The file, from the root of the work tree.
    """

    git: GitCommand
    folder: Path
    place: str

    def content(self, commit: str, deadline: Deadline) -> bytes | None:
        """Return what the file holds in a commit; None where the commit has no such file.

        Raises:
            CouldNotLook: It is larger than ``MAX_BYTES``.
        """
        done = self.git(self.folder, ("cat-file", "blob", f"{commit}:{self.place}"), deadline)
        if len(done.stdout) > MAX_BYTES:
            name = printable(self.place, 120)
            raise CouldNotLook(f"{name} is larger than {MAX_BYTES >> 10} KiB in git", "Name the right file.")
        return done.stdout if done.exit_code == 0 else None


def make_commit(
    git: GitCommand, folder: Path, what: NewCommit, index: Path, deadline: Deadline
) -> tuple[str, tuple[str, ...]]:
    """Make a commit, which no ref names yet.

    Args:
        git: Git in the repository that gets the objects.
        folder: Where git is called.
        what: The new content.
        index: A file that is not there, which git fills as an index; whoever calls removes it.
        deadline: When git must have answered.

    Returns:
        The id of the commit, and the entry of each file for an index as ``update-index --cacheinfo`` takes it.

    Raises:
        CouldNotLook: Git could not make it.
    """
    with_index = git.with_variables({"GIT_INDEX_FILE": str(index)})

    def ask(*words: str, stdin: str = "") -> str:
        return done_well(with_index(folder, words, deadline, stdin), folder)

    ask("read-tree", what.parent)
    entries = []
    for place, data in what.files.items():
        listed = ask("ls-tree", "--full-tree", what.parent, "--", place)
        blob = ask("hash-object", "-w", "--stdin", stdin=os.fsdecode(data))
        entries.append(f"{listed.split(' ')[0]},{blob},{place}")
    ask("update-index", "--add", *(word for entry in entries for word in ("--cacheinfo", entry)))
    tree = ask("write-tree", "--missing-ok")  # A partial clone lacks files that the remote has.
    signed = with_index.with_variables(what.author)
    words = ("commit-tree", "--no-gpg-sign", tree, "-p", what.parent, "-F", "-")  # a message may be longer than a word
    return done_well(signed(folder, words, deadline, f"{what.message}\n"), folder), tuple(entries)


def place_of(git: GitCommand, path: Path, deadline: Deadline) -> str:
    """Return a file's path from the root of the work tree that its folder lies in."""
    prefix = git(path.parent, ("rev-parse", "--show-prefix"), deadline).text.rstrip("\n")
    return f"{prefix}{path.name}"


def done_well(done: Completed, folder: Path) -> str:
    """Return the line that git printed when it wrote.

    Args:
        done: How git ended.
        folder: Where it was called.

    Raises:
        CouldNotLook: It failed.
    """
    if done.exit_code == 0:
        return done.text.strip()
    if "dubious ownership" in done.error_text:
        raise refused(done, folder)
    if _DISK_FULL.search(done.error_text):
        raise CouldNotLook(
            "git could not make a commit: no space left on device",
            "Make room on the disk of the repository, and on that of temporary files (TMPDIR).",
        )
    raise CouldNotLook(
        f"git could not make a commit (exit code {done.exit_code})", "Look whether the repository is writable."
    )

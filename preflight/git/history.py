"""What a file held in the commits that changed it."""

from datetime import UTC, datetime
from pathlib import Path

from preflight.git.command import GitCommand, in_folder, refused
from preflight.git.model import Commit
from preflight.lib.deadline import Deadline
from preflight.lib.text import printable

_FORMAT = "--format=%H%x00%ct%x00%s"


def file_history(git: GitCommand, path: Path, limit: int, deadline: Deadline) -> tuple[Commit, ...]:
    """Return the commits that changed ``path`` (absolute, in a work tree), newest first; see ``Git.history``."""
    words = ("--literal-pathspecs", "log", "--no-show-signature", "--no-color", f"--max-count={limit}", _FORMAT)
    done = git(path.parent, (*words, "--", in_folder(path)), deadline)
    if done.exit_code != 0:
        raise refused(done, path.parent)
    rows = [tuple(line.split("\0", 2)) for line in done.text.split("\n") if "\0" in line]
    texts = _texts(git, path, [row[0] for row in rows], deadline)
    return tuple(
        Commit(commit, datetime.fromtimestamp(int(when), UTC), printable(subject), text)
        for (commit, when, subject), text in zip(rows, texts, strict=True)
    )


def _texts(git: GitCommand, path: Path, commits: list[str], deadline: Deadline) -> list[str]:
    """Return the file's content as of each commit, "" where it is not there."""
    if not commits:
        return []
    queries = "".join(f"{commit}:{in_folder(path)}\n" for commit in commits)
    done = git(path.parent, ("cat-file", "--batch"), deadline, queries)
    if done.exit_code != 0:
        raise refused(done, path.parent)
    texts, position = [], 0
    for _ in commits:
        line_end = done.stdout.index(b"\n", position)
        words = done.stdout[position:line_end].split(b" ")
        position = line_end + 1
        if len(words) == 3 and words[1] == b"blob":  # noqa: PLR2004 -- id, kind, size; otherwise "… missing"
            end = position + int(words[2])
            texts.append(done.stdout[position:end].decode("utf-8", "replace"))
            position = end + 1
        else:
            texts.append("")
    return texts

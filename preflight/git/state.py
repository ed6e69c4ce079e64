"""Whether a file is as the last commit has it, by its bytes: `git status` would run the repository's filters."""

import hashlib
import os
import stat
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.git.command import GitCommand
from preflight.git.contents import in_folder
from preflight.git.model import FileState
from preflight.git.refusal import refused
from preflight.lib.deadline import Deadline
from preflight.lib.files import read_bytes
from preflight.lib.text import printable

MAX_FILE = 8 * 1024 * 1024
"""Bytes of a file that is compared with git."""

_FOREIGN = {"filter", "working-tree-encoding", "ident"}
_LINE_ENDS = {"text", "eol", "autocrlf"}
_SHA256_DIGITS = 64


def file_state(git: GitCommand, root: Path, path: Path, deadline: Deadline) -> FileState:
    """Return how ``path`` (absolute, in the work tree ``root``) stands; see ``Git.state``."""
    index, head, conflict = _blobs(git, path, deadline)
    return FileState(
        root=root,
        tracked=bool(index or conflict),
        committed=bool(head),
        staged=index != head and not conflict,
        changed=bool(index) and _differs(git, path, index, deadline),
        conflict=conflict,
    )


def _blobs(git: GitCommand, path: Path, deadline: Deadline) -> tuple[str, str, bool]:
    """Return the blob of the path in index and last commit ("" where there is none), and if it is in conflict."""
    name = in_folder(path)
    queries = (f":0:{name}", f"HEAD:{name}", f":1:{name}", f":2:{name}", f":3:{name}")
    done = git(path.parent, ("cat-file", "--batch-check"), deadline, "\n".join(queries) + "\n")
    lines = done.text.removesuffix("\n").split("\n")
    if done.exit_code != 0 or len(lines) != len(queries):
        raise refused(done, path.parent)
    index, head, *stages = (_blob(line) for line in lines)
    return index, head, any(stages)


def _blob(line: str) -> str:
    """Return the id in one answer of `cat-file --batch-check`, "" for what is not there."""
    match line.rsplit(" ", 2):
        case [blob, "blob", size] if size.isdecimal():
            return blob
    return ""


def _differs(git: GitCommand, path: Path, blob: str, deadline: Deadline) -> bool:
    """Whether the file's bytes are others than those of the blob, except for line ends that git may convert."""
    try:
        is_link = stat.S_ISLNK(path.lstat().st_mode)
        data = os.fsencode(path.readlink()) if is_link else read_bytes(path, limit=MAX_FILE, what="the file")
    except FileNotFoundError:
        return True
    if _blob_id(data, blob) == blob:
        return False
    attributes = {} if is_link else _attributes(git, path, deadline)
    if foreign := attributes.keys() & _FOREIGN:
        raise CouldNotLook(
            f"{printable(path.name)} passes through git's {min(foreign)}, which is not run here",
            f"Look yourself: git status -- {printable(path.name)}",
        )
    converts = bool(attributes.keys() & _LINE_ENDS)
    return not (converts and _blob_id(data.replace(b"\r\n", b"\n"), blob) == blob)


def _attributes(git: GitCommand, path: Path, deadline: Deadline) -> dict[str, str]:
    """Return what makes git convert the file: the attributes that are set, and `autocrlf`."""
    words = ("check-attr", "-z", "text", "eol", *sorted(_FOREIGN), "--", in_folder(path))
    done = git(path.parent, words, deadline)
    if done.exit_code != 0:
        raise refused(done, path.parent)
    fields = done.text.split("\0")
    found = dict(zip(fields[1::3], fields[2::3], strict=False))
    found = {name: value for name, value in found.items() if value not in {"unspecified", "unset"}}
    done = git(path.parent, ("config", "--get", "core.autocrlf"), deadline)
    if done.text.strip() in {"true", "input"}:
        found["autocrlf"] = done.text.strip()
    return found


def _blob_id(data: bytes, like: str) -> str:
    """Return the id git gives these bytes, of the same kind (SHA-1 or SHA-256) as ``like``."""
    content = b"blob %d\0" % len(data) + data
    if len(like) == _SHA256_DIGITS:
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()

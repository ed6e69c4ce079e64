"""What a branch on a remote says of files, and how the checkout stands to it; nothing in the repository is changed.

New objects go into a folder of our own that is thrown away (GIT_OBJECT_DIRECTORY, the repository's as alternate); no
ref, FETCH_HEAD, configuration or shallow boundary is written.
"""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from preflight.errors import CouldNotLook, DoesNotApply
from preflight.git.command import REMOTE_PROTOCOLS, GitCommand, in_folder, refused
from preflight.git.refusal import remote_refused
from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed
from preflight.lib.text import printable

_FORMAT = "--format=%H%x00%ct%x00%an%x00%s"
_FETCH = (
    "-c",
    "core.alternateRefsCommand=true",  # the program, which says nothing; not what the repository names
    "-c",
    "fetch.bundleURI=",  # bundles (git 2.40) bring refs along
    "-c",
    "transfer.bundleURI=false",
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "fetch.writeCommitGraph=false",
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
    "--no-prune",
    "--no-filter",
    "--refmap=",  # else refs/remotes/… would follow
    "--upload-pack=git-upload-pack",
)
_MAX_SEEN = 20
_NAME = re.compile(r"[A-Za-z0-9_][\w./+@#-]*", re.ASCII)


class Relation(StrEnum):
    """How the commit that is checked out stands to the head of the branch."""

    EQUAL = "equal"
    BEHIND = "behind"
    AHEAD = "ahead"
    DIVERGED = "diverged"


@dataclass(frozen=True)
class Change:
    """The commit that changed a file last.

    Args:
        hash: Full id.
        when: Committed, with time zone.
        author: Name, fit to show.
        subject: First line of the message, fit to show.
    """

    hash: str
    when: datetime
    author: str
    subject: str


@dataclass(frozen=True)
class RemoteFile:
    """One file.

    Args:
        text: As the head of the branch has it; None where it has none.
        committed: As the commit that is checked out has it.
        change: Who changed it last on the branch; None if that is not known, as in a shallow clone.
    """

    text: str | None
    committed: str | None
    change: Change | None


@dataclass(frozen=True)
class RemoteView:
    """A checkout and a branch on a remote.

    Args:
        branch: Its name; "HEAD" where the remote does not say how its default branch is called.
        head: The id of its newest commit.
        checked_out: The local branch; empty for a detached HEAD.
        relation: Of the commit checked out to that head.
        behind: Commits that only the branch has.
        ahead: Commits that only the checkout has.
        rewritten: The branch once had commits that it has no longer: somebody forced a push.
        shallow: The clone is shallow.
        files: In the order asked for.
    """

    branch: str
    head: str
    checked_out: str
    relation: Relation
    behind: int
    ahead: int
    rewritten: bool
    shallow: bool
    files: tuple[RemoteFile, ...]


def is_ref_name(name: str) -> bool:
    """Whether a name is plain enough for a remote or a branch; git itself allows a little more."""
    return bool(_NAME.fullmatch(name)) and ".." not in name and not name.endswith((".lock", "/", "."))


def look_at_remote(
    environ: Mapping[str, str], paths: Sequence[Path], remote: str, branch: str, deadline: Deadline
) -> RemoteView:
    """Compare files of one work tree with a branch of a remote. Asks the network.

    Args:
        environ: The environment git is called in.
        paths: Absolute, at least one, all in the same work tree.
        remote: Its name.
        branch: Its name; empty for the remote's default branch.
        deadline: When git must have answered.

    Raises:
        DoesNotApply: The repository has no remote at all.
        CouldNotLook: There is no such remote or branch, it does not answer, or git fails.
    """
    folder = paths[0].parent
    with _folder_aside() as aside:
        git = _Aside(environ, Path(aside))
        local = _one(git, folder, ("rev-parse", "--quiet", "--verify", "HEAD^{commit}"), deadline)
        if not local:
            raise CouldNotLook("nothing is committed here yet", "Commit the pin file, or clone the repository.")
        _demand_remote(git, folder, remote, deadline)
        name, head = _remote_head(git, folder, remote, branch, deadline)
        git.attach(folder, deadline)
        if not _has(git, folder, head, deadline):
            _fetch(git, folder, remote, name, deadline)
        if not _has(git, folder, head, deadline):
            raise CouldNotLook(f"{printable(remote, 60)}/{printable(name, 80)} moved meanwhile", "Run it once more.")
        shallow = _one(git, folder, ("rev-parse", "--is-shallow-repository"), deadline) == "true"
        ahead, behind = _counts(git, folder, local, head, deadline)
        return RemoteView(
            branch=name,
            head=head,
            checked_out=_one(git, folder, ("symbolic-ref", "--quiet", "--short", "HEAD"), deadline),
            relation=_relation(ahead, behind),
            behind=behind,
            ahead=ahead,
            rewritten=_is_rewritten(git, folder, f"refs/remotes/{remote}/{name}", head, deadline),
            shallow=shallow,
            files=tuple(_file(git, path, local, head, shallow=shallow, deadline=deadline) for path in paths),
        )


def _folder_aside() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="preflight-git-")
    except OSError as error:
        raise CouldNotLook(
            "no temporary folder can be made, and a look at the remote needs one",
            "Set TMPDIR to a folder that can be written to; for the image: docker run --tmpfs /tmp",
        ) from error


class _Aside(GitCommand):
    """Git that puts new objects into a folder of ours."""

    def __init__(self, environ: Mapping[str, str], folder: Path) -> None:
        super().__init__(environ)
        self._folder = folder
        self._extra: dict[str, str] = {}

    def attach(self, folder: Path, deadline: Deadline) -> None:
        """Take the objects of the repository around a folder for alternates from now on."""
        objects = folder / _one(self, folder, ("rev-parse", "--git-path", "objects"), deadline)
        (self._folder / "pack").mkdir()
        quoted = os.path.realpath(objects).replace("\\", "\\\\").replace('"', '\\"')
        self._extra = {"GIT_OBJECT_DIRECTORY": str(self._folder), "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}

    def __call__(self, folder: Path, words: tuple[str, ...], deadline: Deadline, stdin: str = "") -> Completed:
        return self._run(folder, words, deadline, stdin, self._extra)

    def remote(self, folder: Path, words: tuple[str, ...], deadline: Deadline) -> Completed:
        extra = {**self._extra, "GIT_ALLOW_PROTOCOL": REMOTE_PROTOCOLS}
        if "GIT_SSH_COMMAND" not in self._environ:
            extra["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes"
        return self._run(folder, words, deadline, "", extra)


def _one(git: GitCommand, folder: Path, words: tuple[str, ...], deadline: Deadline) -> str:
    """Return git's answer of one line; empty when it says no."""
    done = git(folder, words, deadline)
    if done.exit_code not in {0, 1}:
        raise refused(done, folder)
    return done.text.removesuffix("\n") if done.exit_code == 0 else ""


def _demand_remote(git: GitCommand, folder: Path, remote: str, deadline: Deadline) -> None:
    names = _one(git, folder, ("remote",), deadline).split()
    if remote in names:
        return
    if not names:
        raise DoesNotApply("this repository has no remote, so there is no branch to compare with")
    others = printable(", ".join(names), 120)
    raise CouldNotLook(
        f"this repository has no remote {printable(remote, 60)}; it has {others}",
        f"Set remote: for this check to one of {others}.",
    )


def _remote_head(git: GitCommand, folder: Path, remote: str, branch: str, deadline: Deadline) -> tuple[str, str]:
    """Return the name and the newest commit of the branch."""
    wanted = f"refs/heads/{branch}" if branch else "HEAD"
    words = ("ls-remote", "--symref", "--upload-pack=git-upload-pack", "--", remote, wanted)
    done = git.remote(folder, words, deadline)
    if done.exit_code != 0:
        raise remote_refused(done, remote)
    rows = [line.partition("\t") for line in done.text.split("\n")]
    ids = {name: value for value, _, name in rows if not value.startswith("ref: ")}
    targets = [value.removeprefix("ref: refs/heads/") for value, _, name in rows if value.startswith("ref: ")]
    if wanted not in ids:
        what = f"no branch {printable(branch, 80)}" if branch else "no commit yet"
        raise CouldNotLook(
            f"the remote {printable(remote, 60)} has {what}",
            f"Set branch: for this check; the branches: git ls-remote --heads {printable(remote, 60)}",
        )
    return branch or next(iter(targets), "HEAD"), ids[wanted]


def _fetch(git: GitCommand, folder: Path, remote: str, branch: str, deadline: Deadline) -> None:
    ref = branch if branch == "HEAD" else f"refs/heads/{branch}"
    done = git.remote(folder, (*_FETCH, "--", remote, ref), deadline)
    if done.exit_code != 0:
        raise remote_refused(done, remote)


def _has(git: GitCommand, folder: Path, commit: str, deadline: Deadline) -> bool:
    """Whether a commit and all that leads to it is there."""
    return git(folder, ("cat-file", "-e", f"{commit}^{{tree}}"), deadline).exit_code == 0


def _counts(git: GitCommand, folder: Path, local: str, head: str, deadline: Deadline) -> tuple[int, int]:
    done = git(folder, ("rev-list", "--left-right", "--count", f"{local}...{head}", "--"), deadline)
    words = done.text.split()
    if done.exit_code != 0 or len(words) != 2:  # noqa: PLR2004 -- left and right
        raise refused(done, folder)
    return int(words[0]), int(words[1])


def _relation(ahead: int, behind: int) -> Relation:
    if ahead and behind:
        return Relation.DIVERGED
    return Relation.AHEAD if ahead else Relation.BEHIND if behind else Relation.EQUAL


def _is_rewritten(git: GitCommand, folder: Path, tracking: str, head: str, deadline: Deadline) -> bool:
    """Whether a commit that this clone once saw as the branch's newest does not lead to its head any more."""
    words = ("log", "--walk-reflogs", f"--max-count={_MAX_SEEN}", "--format=%H", tracking, "--")
    done = git(folder, words, deadline)
    seen = dict.fromkeys(done.text.split()) if done.exit_code == 0 else {}
    if last := _one(git, folder, ("rev-parse", "--quiet", "--verify", f"{tracking}^{{commit}}"), deadline):
        seen.setdefault(last)
    seen.pop(head, None)
    # Each answers 1 for "is no ancestor"; 128, for what has been cleared away, tells nothing.
    return any(git(folder, ("merge-base", "--is-ancestor", old, head), deadline).exit_code == 1 for old in seen)


def _file(git: GitCommand, path: Path, local: str, head: str, *, shallow: bool, deadline: Deadline) -> RemoteFile:
    text, committed = (_text(git, path, commit, deadline) for commit in (head, local))
    return RemoteFile(text, committed, _change(git, path, head, shallow=shallow, deadline=deadline))


def _text(git: GitCommand, path: Path, commit: str, deadline: Deadline) -> str | None:
    done = git(path.parent, ("cat-file", "blob", f"{commit}:{in_folder(path)}"), deadline)
    return done.text if done.exit_code == 0 else None


def _change(git: GitCommand, path: Path, head: str, *, shallow: bool, deadline: Deadline) -> Change | None:
    words = ("--literal-pathspecs", "log", "--no-show-signature", "--no-color", "--max-count=1", _FORMAT, head)
    done = git(path.parent, (*words, "--", in_folder(path)), deadline)
    if done.exit_code != 0:
        raise refused(done, path.parent)
    fields = done.text.removesuffix("\n").split("\0", 3)
    if len(fields) != 4:  # noqa: PLR2004 -- those of the format
        return None
    commit, when, author, subject = fields
    if shallow and not _one(git, path.parent, ("rev-parse", "--quiet", "--verify", f"{commit}^"), deadline):
        return None  # where the history was cut off, every file seems to have been made
    return Change(commit, datetime.fromtimestamp(int(when), UTC), printable(author, 80), printable(subject, 120))

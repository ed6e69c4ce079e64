"""What a branch on a remote says of files, and how the checkout stands to it; nothing in the repository is changed."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path

from preflight.errors import CouldNotLook, DeadlineExceeded, DoesNotApply
from preflight.git.aside import Aside, aside_folder
from preflight.git.command import GitCommand
from preflight.git.contents import file_in
from preflight.git.history import file_history, log
from preflight.git.model import Commit, id_of
from preflight.git.refusal import refused, remote_refused
from preflight.git.remotes import reachable_address, remote_address, remote_names
from preflight.lib.deadline import Deadline
from preflight.lib.records import frozen
from preflight.lib.text import printable

_MAX_SEEN = 20
_MAX_COMMITS = 200


class Relation(StrEnum):
    """How the commit that is checked out stands to the head of the branch."""

    EQUAL = "equal"
    BEHIND = "behind"
    AHEAD = "ahead"
    DIVERGED = "diverged"


@frozen
class RemoteFile:
    """One file.

    Args:
        text: As the head of the branch has it; None where it has none.
        committed: As the commit that is checked out has it.
        commits: The commits that changed it on the branch, newest first.
        cut: Older commits are not here; in a shallow clone, the oldest that is here seems to have made the file.
        problem: Why only the last commit is known, and not what it holds, as in a partial clone; None otherwise.
    """

    text: str | None
    committed: str | None
    commits: tuple[Commit, ...]
    cut: bool = False
    problem: CouldNotLook | None = None


@frozen
class RemoteView:
    """A checkout and a branch on a remote.

    Args:
        branch: The name of the branch; "HEAD" where the remote does not say how its default branch is called.
        head: The id of its newest commit.
        checked_out: The local branch; empty for a detached HEAD.
        relation: The relation of the commit checked out to that head.
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


def look_at_remote(
    environ: Mapping[str, str], paths: Sequence[Path], remote: str, branch: str, deadline: Deadline
) -> RemoteView:
    """Compare files of one work tree with a branch of a remote. Asks the network.

    Args:
        environ: The environment git is called in.
        paths: Absolute, at least one, all in the same work tree.
        remote: The name of the remote.
        branch: The name of the branch; empty for the remote's default branch.
        deadline: When git must have answered.

    Raises:
        DoesNotApply: The repository has no remote at all.
        CouldNotLook: There is no such remote or branch, it does not answer, or git fails.
    """
    git, folder = GitCommand(environ), paths[0].parent
    local = _one(git, folder, ("rev-parse", "--quiet", "--verify", "HEAD^{commit}"), deadline)
    if not local:
        raise CouldNotLook("nothing is committed here yet", "Commit the pin file, or clone the repository.")
    address = _address(git, folder, remote, deadline)
    name, head = _remote_head(git, address, remote, branch, deadline)
    seen = _seen_before(git, folder, f"refs/remotes/{remote}/{name}", deadline)
    with ExitStack() as stack:
        if git(folder, ("cat-file", "-e", f"{head}^{{tree}}"), deadline).exit_code != 0:
            aside = Aside(git, stack.enter_context(aside_folder()), folder, [local, *seen[:1]], deadline)
            ref = name if name == "HEAD" else f"refs/heads/{name}"
            done = aside.git.fetch(aside.path, address, (ref,), deadline)
            if done.exit_code != 0:
                raise remote_refused(done, remote)
            if not aside.has(head, deadline):
                raise CouldNotLook(f"{printable(remote, 60)}/{printable(name, 80)} moved meanwhile", "Run it again.")
            git = aside.git_with_objects
        shallow = _one(git, folder, ("rev-parse", "--is-shallow-repository"), deadline) == "true"
        ahead, behind = _counts(git, folder, local, head, deadline)
        return RemoteView(
            branch=name,
            head=head,
            checked_out=_one(git, folder, ("symbolic-ref", "--quiet", "--short", "HEAD"), deadline),
            relation=_relation(ahead, behind),
            behind=behind,
            ahead=ahead,
            rewritten=_is_rewritten(git, folder, seen, head, deadline),
            shallow=shallow,
            files=tuple(_file(git, path, local, head, shallow=shallow, deadline=deadline) for path in paths),
        )


def _one(git: GitCommand, folder: Path, words: tuple[str, ...], deadline: Deadline) -> str:
    """Return git's answer of one line; empty when it says no."""
    done = git(folder, words, deadline)
    if done.exit_code not in {0, 1}:
        raise refused(done, folder)
    return done.text.removesuffix("\n") if done.exit_code == 0 else ""


def _address(git: GitCommand, folder: Path, remote: str, deadline: Deadline) -> str:
    found = remote_address(git, folder, remote, deadline)
    if found is not None:
        return reachable_address(git, folder, found, deadline)
    names = remote_names(git, folder, deadline)
    if not names:
        raise DoesNotApply("this repository has no remote, so there is no branch to compare with")
    others = printable(", ".join(names), 120)
    raise CouldNotLook(
        f"this repository has no remote {printable(remote, 60)}; it has {others}",
        f"Set remote: for this check to one of {others}.",
    )


def _remote_head(git: GitCommand, address: str, remote: str, branch: str, deadline: Deadline) -> tuple[str, str]:
    """Return the name and the newest commit of the branch."""
    wanted = f"refs/heads/{branch}" if branch else "HEAD"
    done = git.ls_remote(address, wanted, deadline, "--symref")
    if done.exit_code != 0:
        raise remote_refused(done, remote)
    head = id_of(done.text, wanted)
    if not head:
        what = f"no branch {printable(branch, 80)}" if branch else "no commit on its default branch"
        raise CouldNotLook(
            f"the remote {printable(remote, 60)} has {what}",
            f"Set branch: for this check; the branches: git ls-remote --heads {printable(remote, 60)}",
        )
    symbolic = (line.removeprefix("ref: refs/heads/") for line in done.text.split("\n") if line.startswith("ref: "))
    return branch or next((line.partition("\t")[0] for line in symbolic), "HEAD"), head


def _counts(git: GitCommand, folder: Path, local: str, head: str, deadline: Deadline) -> tuple[int, int]:
    done = git(folder, ("rev-list", "--left-right", "--count", f"{local}...{head}", "--"), deadline)
    match done.text.split():
        case [left, right] if done.exit_code == 0:
            return int(left), int(right)
    raise refused(done, folder)


def _relation(ahead: int, behind: int) -> Relation:
    if ahead and behind:
        return Relation.DIVERGED
    return Relation.AHEAD if ahead else Relation.BEHIND if behind else Relation.EQUAL


def _seen_before(git: GitCommand, folder: Path, tracking: str, deadline: Deadline) -> list[str]:
    """Return the commits that this clone saw as the branch's newest, the last one first."""
    last = _one(git, folder, ("rev-parse", "--quiet", "--verify", f"{tracking}^{{commit}}"), deadline)
    words = ("log", "--walk-reflogs", f"--max-count={_MAX_SEEN}", "--format=%H", tracking, "--")
    done = git(folder, words, deadline) if last else None
    older = done.text.split() if done is not None and done.exit_code == 0 else []
    return list(dict.fromkeys([last, *older])) if last else []


def _is_rewritten(git: GitCommand, folder: Path, seen: Sequence[str], head: str, deadline: Deadline) -> bool:
    """Whether a commit that this clone saw as the branch's newest does not lead to its head any more."""
    # Each answers 1 for "is no ancestor"; 128, for what has been cleared away, tells nothing.
    before = (each for each in seen if each != head)
    return any(git(folder, ("merge-base", "--is-ancestor", old, head), deadline).exit_code == 1 for old in before)


def _file(git: GitCommand, path: Path, local: str, head: str, *, shallow: bool, deadline: Deadline) -> RemoteFile:
    contents = file_in(git, path, [head, local], deadline)
    text, committed = (None if each is None else each.decode("utf-8", "replace") for each in contents)
    problem: CouldNotLook | None = None
    try:
        commits = file_history(git, path, _MAX_COMMITS, deadline, head)
    except DeadlineExceeded:
        raise
    except CouldNotLook as error:
        commits, problem = log(git, path, 1, deadline, head), error
    cut = len(commits) == _MAX_COMMITS or (shallow and bool(commits) and not _parent(git, path, commits[-1], deadline))
    return RemoteFile(text, committed, commits, cut, problem)


def _parent(git: GitCommand, path: Path, commit: Commit, deadline: Deadline) -> str:
    """Return the id of the commit before; empty for the first one, and where the history was cut off."""
    return _one(git, path.parent, ("rev-parse", "--quiet", "--verify", f"{commit.hash}^"), deadline)

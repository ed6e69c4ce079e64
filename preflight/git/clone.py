"""The head of a branch, fetched into a folder of our own; nothing that the repository brings along is run."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.git.address import SCP, parse_address
from preflight.git.command import GitCommand
from preflight.git.model import id_of, is_commit, is_ref_name
from preflight.git.refusal import reason_of
from preflight.lib.deadline import Deadline
from preflight.lib.process import Completed
from preflight.lib.records import frozen
from preflight.lib.text import printable

REMOTE = "origin"
_WANTED = "refs/preflight/wanted"


@frozen
class Branch:
    """A branch of a repository.

    Args:
        address: The address of the repository, as ``git clone`` takes it; no password in it.
        name: The name of the branch.
        commit: Full id of a commit that is wanted in place of the branch's newest; empty: the newest.

    Raises:
        ConfigurationError: One of them is none.
    """

    address: str
    name: str
    commit: str = ""

    def __post_init__(self) -> None:
        _check_address(self.address)
        if not is_ref_name(self.name):
            raise ConfigurationError(
                f"--branch {printable(self.name, 60)} is no name of a branch", "Name one as git does, such as main."
            )
        if self.commit and not is_commit(self.commit):
            raise ConfigurationError(
                f"--commit {printable(self.commit, 60)} is no id of a commit", "Give all 40 digits of it."
            )

    @property
    def shown(self) -> str:
        """The repository for people: host and path."""
        parts = parse_address(self.address)
        is_url = parts.host and parts.scheme != SCP
        return printable((f"{parts.host}{parts.path}" if is_url else self.address).removesuffix(".git"), 100)


def head_of(git: GitCommand, branch: Branch, deadline: Deadline) -> str:
    """Return the id of the wanted commit: the newest of the branch, for which the network is asked.

    Args:
        git: How git is called.
        branch: Whose head.
        deadline: When the remote must have answered.

    Raises:
        CouldNotLook: The remote does not answer, or has no such branch.
    """
    if branch.commit:
        return branch.commit
    wanted = f"refs/heads/{branch.name}"
    done = git.ls_remote(branch.address, wanted, deadline)
    if done.exit_code != 0:
        raise _refused(done, branch)
    head = id_of(done.text, wanted)
    if not head:
        raise CouldNotLook(
            f"{branch.shown} has no branch {printable(branch.name, 80)}",
            "Name the branch that Coolify deploys (Configuration > Git Source): --branch.",
        )
    return head


def make_repository(git: GitCommand, folder: Path, branch: Branch, deadline: Deadline) -> None:
    """Make an empty repository in a folder, with the other one as its ``origin``.

    Raises:
        CouldNotLook: Git is not installed or cannot.
    """
    for words in (
        ("init", "--quiet", "--template=", "--initial-branch=preflight"),
        ("remote", "add", "--", REMOTE, branch.address),
    ):
        done = git(folder, words, deadline)
        if done.exit_code != 0:
            raise _no_room(done, folder)


def check_out(git: GitCommand, folder: Path, branch: Branch, depth: int, deadline: Deadline) -> str:
    """Fetch the branch's newest commits, and have the wanted one as files.

    Args:
        git: How git is called.
        folder: A repository made by ``make_repository``.
        branch: What to fetch.
        depth: Commits of its history.
        deadline: For all of it.

    Returns:
        The id of the commit that is checked out.

    Raises:
        CouldNotLook: The remote does not answer, or the folder does not take what it sends.
    """
    tracking = f"refs/remotes/{REMOTE}/{branch.name}"
    wanted = _WANTED if branch.commit else tracking
    refs = [f"+refs/heads/{branch.name}:{tracking}", *([f"+{branch.commit}:{_WANTED}"] if branch.commit else [])]
    done = git.fetch(folder, branch.address, tuple(refs), deadline, depth=depth)
    if done.exit_code != 0:
        raise _no_room(done, folder) if _is_full(done) else _refused(done, branch)
    commit = git(folder, ("rev-parse", "--verify", f"{wanted}^{{commit}}"), deadline).text.strip()
    done = git(folder, ("checkout", "--quiet", "--force", "--detach", commit, "--"), deadline)
    if not is_commit(commit) or done.exit_code != 0:
        raise _no_room(done, folder)
    return commit


MAX_TOKEN = 64 * 1024
"""Bytes of a file that holds a token."""


def with_token(environ: Mapping[str, str], address: str, token: str) -> dict[str, str]:
    """Return the environment in which git, and git alone, sends a token, and only to the address's own host.

    As ``http.<url>.extraHeader`` (git-config) through GIT_CONFIG_COUNT: nothing of it stands in a command line or file.

    Raises:
        ConfigurationError: The address is not one of https.
    """
    from base64 import b64encode

    parts = urlsplit(address)
    if parts.scheme != "https":
        raise ConfigurationError(
            "a token for git is sent over https only", "Name the repository as https://…, or give no token."
        )
    url = f"https://{parts.netloc.rpartition('@')[2]}/"
    header = "Authorization: Basic " + b64encode(f"x-access-token:{token}".encode()).decode()
    taken = environ.get("GIT_CONFIG_COUNT", "")
    count = int(taken) if taken.isdecimal() else 0
    settings = ((f"http.{url}.extraHeader", header), (f"http.{url}.followRedirects", "false"))
    extra = {"GIT_CONFIG_COUNT": str(count + len(settings))}
    for number, (name, value) in enumerate(settings, count):
        extra |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return {**environ, **extra}


def _check_address(address: str) -> None:
    parts = parse_address(address)
    if parts.scheme != SCP and (parts.has_password or (parts.user and parts.scheme != "ssh")):
        raise ConfigurationError(
            "--repository holds a user name or password, which Coolify's log would show",
            "Put the token into a file and name that: --git-token-file.",
        )
    if not parts.can_be_cloned or address != printable(address, 2000) or " " in address:
        raise ConfigurationError(
            "--repository is no address that git clones from", "Give it as https://HOST/OWNER/NAME(.git)."
        )


def _refused(done: Completed, branch: Branch) -> CouldNotLook:
    reason, hint = reason_of(done)
    return CouldNotLook(f"{branch.shown} cannot be fetched: {reason}", f"{hint}, then deploy again.")


def _is_full(done: Completed) -> bool:
    return "No space left" in done.error_text or "Read-only file system" in done.error_text


def _no_room(done: Completed, folder: Path) -> CouldNotLook:
    where = printable(str(folder.parent), 80)
    if _is_full(done):
        return CouldNotLook(
            f"the checkout does not fit into {where}", "Give its tmpfs more room, or name another folder: --work-dir."
        )
    return CouldNotLook(
        f"git cannot make a checkout in {where} (it ended with {done.exit_code})",
        "Look whether the folder can be written to; another one: --work-dir.",
    )

"""A branch that is made by a push: where it starts, and where people ask for it to be merged."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from preflight.errors import CouldNotLook
from preflight.git.address import parse_address
from preflight.git.command import GitCommand
from preflight.git.model import id_of
from preflight.git.refusal import remote_refused
from preflight.git.remotes import reachable_address, remote_address
from preflight.lib.deadline import Deadline
from preflight.lib.text import printable

_HEAD = "ref: refs/heads/"


def start_of(environ: Mapping[str, str], folder: Path, remote: str, branch: str, deadline: Deadline) -> str:
    """Return the branch that a new one starts from: the one that is checked out, else the remote's default branch.

    Args:
        environ: The environment git is called in.
        folder: In the work tree.
        remote: The name of the remote.
        branch: The branch that may be new.
        deadline: When the remote must have answered.

    Returns:
        Nothing where the remote has the branch already.

    Raises:
        CouldNotLook: There is no such remote, it does not answer, or does not say what its default branch is.
    """
    git = GitCommand(environ)
    found = remote_address(git, folder, remote, deadline)
    if found is None:
        raise CouldNotLook(
            f"there is no remote {printable(remote, 60)}", "Name the remote of the repository: --remote."
        )
    address = reachable_address(git, folder, found, deadline)

    def ask(ref: str, *options: str) -> str:
        done = git.ls_remote(address, ref, deadline, *options)
        if done.exit_code != 0:
            raise remote_refused(done, remote)
        return done.text

    if id_of(ask(f"refs/heads/{branch}"), f"refs/heads/{branch}"):
        return ""
    here = git(folder, ("symbolic-ref", "--quiet", "--short", "HEAD"), deadline).text.strip()
    if here and id_of(ask(f"refs/heads/{here}"), f"refs/heads/{here}"):
        return here
    names = [line for line in ask("HEAD", "--symref").split("\n") if line.startswith(_HEAD)]
    if not names:
        raise CouldNotLook(
            f"there is no branch {printable(f'{remote}/{branch}', 120)}, and nothing says which one to start it from",
            "Check out the branch that it is to be merged into, or name one that is there: --branch.",
        )
    return names[0].removeprefix(_HEAD).partition("\t")[0]


def request_address(address: str, branch: str, into: str) -> str:
    """Return the web page on which somebody asks for a branch to be merged.

    Args:
        address: The address of the remote; a user or password in it is left out.
        branch: The branch that was pushed.
        into: The branch that it is to be merged into.

    Returns:
        For an unknown host, the page of the repository; for a local path, an empty text.
    """
    parts = parse_address(address)
    page, host = parts.https.rstrip("/").removesuffix(".git"), parts.host
    if not page:
        return ""
    one, other = quote(branch, safe="/"), quote(into, safe="/")
    if host == "github.com":
        return f"{page}/compare/{other}...{one}?expand=1"
    if "gitlab" in host:
        names = (("source", branch), ("target", into))
        query = "&".join(f"merge_request%5B{kind}_branch%5D={quote(name, safe='')}" for kind, name in names)
        return f"{page}/-/merge_requests/new?{query}"
    if host == "bitbucket.org":
        return f"{page}/pull-requests/new?source={quote(branch, safe='')}&dest={quote(into, safe='')}"
    if host == "codeberg.org" or "gitea" in host or "forgejo" in host:
        return f"{page}/compare/{other}...{one}"
    return page

"""Why git did not answer, in our own words: git's may quote addresses with passwords in them."""

import re
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.process import Completed
from preflight.lib.text import printable

_REMOTE_REASONS = (
    (r"Could not resolve host", "its host name does not resolve", "Check the network and the remote's address"),
    (r"Connection (?:refused|timed out)|No route to host|Network is unreachable|Failed to connect|Couldn't connect",
     "its host does not answer", "Check the network of this host"),
    (r"Host key verification failed", "its ssh host key is not known here", "Connect once by hand and check the key"),
    (r"promisor remote|lazy fetching disabled",
     "this clone is partial and lacks what is needed for a comparison", "Run git fetch here"),
    (r"Permission denied \(|Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|403",
     "it wants credentials, and got none that it accepts",
     "Give this host a deploy key (ssh), `pin` a token (PREFLIGHT_GIT_TOKEN), or everybody the right to read"),
    (r"[Rr]epository .*not found|does not appear to be a git repository|does not exist|404",
     "there is no such repository, or it is private", "Check the remote's address: git remote -v"),
    (r"dubious ownership", "its folder belongs to another user", "Run preflight as its owner"),
    (r"transport .* not allowed", "its kind of address is not asked by preflight", "Use https, ssh or file"),
    (r"SSL certificate|server certificate|TLS", "its TLS certificate is not trusted",
     "Check the clock; name your authority with git config --global http.sslCAInfo FILE"),
    (r"shallow update not allowed|attempt to fetch/clone from a shallow repository",
     "it is a shallow clone itself", "Use a complete remote"),
)  # fmt: skip

_LOCAL_REASONS = (
    (r"filesystem boundary", "it does not look beyond the file system that is mounted here",
     "Set GIT_DISCOVERY_ACROSS_FILESYSTEM=1, or run preflight where .git is"),
    (r"not a git repository", "it lies in no git repository", "Run preflight in a clone of the repository"),
    (r"promisor remote|lazy fetching disabled", "the clone is partial and lacks what older commits held",
     "Fetch it once: git -C {where} log -p -- {file} > /dev/null; then run preflight again"),
    (r"index file|index uses|unknown index entry|unordered stage entries", "its index is damaged",
     "Make a new one: rm {where}/.git/index, then git -C {where} reset"),
    (r"bad (?:numeric |boolean )?config|unable to parse.*config", "its configuration cannot be read",
     "Correct .git/config: git -C {where} config --list names the line"),
    (r"unknown repository extension|Expected git repo version", "a newer git made the repository",
     "Install a newer git"),
    (r"cannot change to .*No such file", "the folder is not there", "Correct the path"),
    (r"cannot change to", "this user may not enter the folder", "Run preflight as its owner, or as root (sudo)"),
    (r"Permission denied", "this user may not read all of it", "Run preflight as its owner, or as root (sudo)"),
    (r"object file|loose object|bad object|unable to read|not a tree object|missing|corrupt|not a valid object",
     "objects are missing or damaged", "See which: git -C {where} fsck; then fetch again, or clone again"),
)  # fmt: skip


def refused(done: Completed, folder: Path, file: str = "FILE") -> CouldNotLook:
    """Return the error that tells of git's refusal to look at a folder.

    Args:
        done: How git ended.
        folder: Where it was asked.
        file: The file it was about, for commands in the hint.
    """
    where = printable(str(folder))
    if "dubious ownership" in done.error_text:
        return CouldNotLook(
            f"git refuses {where}: the repository belongs to another user",
            "Run preflight as its owner, or trust it for every user, cron without HOME too: "
            f"sudo git config --system --add safe.directory {_named_root(done.error_text) or where}",
        )
    for pattern, reason, what_to_do in _LOCAL_REASONS:
        if re.search(pattern, done.error_text, re.IGNORECASE):
            hint = what_to_do.replace("{where}", where).replace("{file}", printable(file, 120))
            return CouldNotLook(f"git could not look at {where}: {reason}", f"{hint}.")
    return CouldNotLook(
        f"git could not look at {where} (exit code {done.exit_code})", f"Look why: git -C {where} status"
    )


def remote_refused(done: Completed, remote: str) -> CouldNotLook:
    """Return the error that tells why a remote did not answer."""
    name = printable(remote, 60)
    if found := _known(done):
        reason, hint = found
        return CouldNotLook(f"the remote {name} cannot be asked: {reason}", f"{hint}; try: git ls-remote {name}")
    return CouldNotLook(
        f"the remote {name} cannot be asked (git ended with {done.exit_code})", f"Look why: git ls-remote {name}"
    )


def reason_of(done: Completed) -> tuple[str, str]:
    """Return why a remote did not answer, and what to do, in words that quote nothing of git's own."""
    return _known(done) or (f"git ended with {done.exit_code}", "Look why: git ls-remote and the address")


def _known(done: Completed) -> tuple[str, str] | None:
    found = ((reason, hint) for pattern, reason, hint in _REMOTE_REASONS if re.search(pattern, done.error_text))
    return next(found, None)


def _named_root(error: str) -> str:
    """Return the folder that git names in its complaint about ownership."""
    return printable(error.partition("dubious ownership in repository at '")[2].partition("'")[0])

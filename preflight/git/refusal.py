"""Why a remote did not answer, in our own words: git's may quote addresses with passwords in them."""

import re

from preflight.errors import CouldNotLook
from preflight.lib.process import Completed
from preflight.lib.text import printable

_REASONS = (
    (r"Could not resolve host", "its host name does not resolve", "Check the network and the remote's address"),
    (r"Connection (?:refused|timed out)|No route to host|Network is unreachable|Failed to connect|Couldn't connect",
     "its host does not answer", "Check the network of this host"),
    (r"Host key verification failed", "its ssh host key is not known here", "Connect once by hand and check the key"),
    (r"Permission denied \(|Authentication failed|could not read (?:Username|Password)|terminal prompts disabled|403",
     "it wants credentials, and none are used here", "Give this host a deploy key (ssh), or read access without one"),
    (r"[Rr]epository .*not found|does not appear to be a git repository|does not exist|404",
     "there is no such repository, or it is private", "Check the remote's address: git remote -v"),
    (r"dubious ownership", "its folder belongs to another user", "Run preflight as its owner"),
    (r"transport .* not allowed", "its kind of address is not asked by preflight", "Use https, ssh or file"),
    (r"SSL certificate|server certificate|TLS", "its TLS certificate is not trusted", "Check date and CA bundle"),
    (r"shallow update not allowed|attempt to fetch/clone from a shallow repository",
     "it is a shallow clone itself", "Use a complete remote"),
)  # fmt: skip


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
    return next(((reason, hint) for pattern, reason, hint in _REASONS if re.search(pattern, done.error_text)), None)

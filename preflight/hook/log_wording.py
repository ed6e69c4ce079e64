"""Words that Coolify takes for a fault of its own ssh line, in other words.

A failed hook whose output contains one of these texts, in any case, is run again, up to three times in all (Coolify
4.3.11, app/Traits/SshRetryable.php:14-44): the deployment then waits for minutes, and the log shows three hooks.
"""

import re

from preflight.lib.regex import regex
from preflight.lib.text import printable

_HUNG_UP = "the other side hung up"
_LATE = "no answer came in time"

_OTHER_WORDS = {
    "kex_exchange_identification": "the key exchange of ssh",
    "ssh_exchange_identification": "the greeting of ssh",
    "connection reset by peer": _HUNG_UP,
    "connection reset by": "hung up on by",
    "connection refused": "nobody listens there",
    "connection timed out": _LATE,
    "operation timed out": _LATE,
    "timeout, server not responding": _LATE,
    "connection closed by remote host": _HUNG_UP,
    "connection closed unexpectedly": _HUNG_UP,
    "remote host closed connection": _HUNG_UP,
    "received disconnect from": "hung up on by",
    "disconnected from": "hung up on by",
    "lost connection": "the line broke",
    "bad file descriptor": "unusable file descriptor",
    "broken pipe": "pipe without a reader",
    "no route to host": "no way to that host",
    "host is down": "that host does not answer",
    "network is unreachable": "no way to that network",
    "network is down": "no network",
    "no buffer space available": "no room in the network's buffers",
    "cannot assign requested address": "that address is not usable here",
    "permission denied, please try again": "access refused",
    "host key verification failed": "the host's ssh key is not accepted",
    "too many authentication failures": "credentials refused too often",
    "authentication failed": "the credentials are refused",
    "ssh command failed with exit code: 255": "ssh ended with 255",
}
_LONGEST_FIRST = sorted(_OTHER_WORDS, key=len, reverse=True)
# Two of Coolify's texts are written as patterns, though it compares them as plain texts; both readings are avoided.
_PATTERNS = (
    (regex(r"connection to (.*?)closed", re.IGNORECASE), r"line to \1ended"),
    (regex(r"(ssh: connect to host .*?port .*?): connection", re.IGNORECASE), r"\1; the line"),
    *((regex(re.escape(text), re.IGNORECASE), _OTHER_WORDS[text]) for text in _LONGEST_FIRST),
)
_MAX_ROUNDS = 20


def is_taken_for_ssh(text: str) -> bool:
    """Whether Coolify would take a text for a fault of its ssh line, and run the command again."""
    return any(pattern.search(text) for pattern, _ in _PATTERNS)


def one_line(text: str, limit: int) -> str:
    """Return a text as one line of at most ``limit`` characters that Coolify takes for nothing but what it is."""
    line = printable(text, limit)
    for _ in range(_MAX_ROUNDS):  # what replaces one may, with the words around it, make another
        if not is_taken_for_ssh(line):
            return line
        for pattern, other in _PATTERNS:
            line = pattern.sub(other, line)
        line = printable(line, limit)
    return "a message that Coolify would take for a fault of ssh; the whole of it stands in the report"

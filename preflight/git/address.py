"""Whether two addresses mean the same git repository, however each is written."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from preflight.lib.text import printable

_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>[^/:@]+):(?P<path>[^:].*)")


@dataclass(frozen=True)
class Repository:
    """A git repository; holds no user and no password.

    Args:
        host: In lower case; "" where the address names none, as `owner/name` and local paths do.
        path: In lower case, without `.git` and slashes around it; a local path begins with a slash.
    """

    host: str
    path: str

    @property
    def shown(self) -> str:
        """Fit to show."""
        return printable(f"{self.host}/{self.path}" if self.host else self.path, 120)


def repository(address: str) -> Repository:
    """Take an address apart: a URL, `user@host:path`, `owner/name` or a local path."""
    text = address.strip()
    if "://" in text:
        try:
            parts = urlsplit(text)
            host = (parts.hostname or "").lower()
        except ValueError:
            return Repository("", "")
        return Repository(host, _path(parts.path, local=parts.scheme == "file"))
    if not text.startswith("/") and (found := _SCP.fullmatch(text)):
        return Repository(found["host"].lower(), _path(found["path"], local=False))
    return Repository("", _path(text, local=text.startswith(("/", "."))))


def same_repository(one: str, other: str) -> bool | None:
    """Whether two addresses mean the same repository.

    Returns:
        None where that cannot be told: the paths are equal but the hosts are not (an alias of ssh, a mirror), one is
        local and the other is not, or one is empty.
    """
    first, second = repository(one), repository(other)
    if not first.path or not second.path:
        return None
    is_local = [each.path.startswith("/") for each in (first, second)]
    if first.path == second.path:
        return True if first.host == second.host or "" in (first.host, second.host) else None
    return None if is_local[0] is not is_local[1] else False


def _path(text: str, *, local: bool) -> str:
    path = text.strip().rstrip("/").removesuffix(".git").strip("/").lower()
    return f"/{path}" if local and path else path

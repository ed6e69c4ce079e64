"""Addresses of git repositories: what they are made of, and whether two mean the same repository.

The forms are those of git-clone(1), "Git URLs"; `OWNER/NAME` is what Coolify and GitHub call a repository.
"""

import re
from urllib.parse import urlsplit

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable

SCP = "scp"
_SCP = regex(r"(?:(?P<user>[^@/:]+)@)?(?P<host>[^/:@]+):(?P<path>[^:].*)")
_HELPER = regex(r"(?P<name>[A-Za-z0-9]+)::")
_SCP_WORDS = (regex(r"[\w.-]*", re.ASCII), regex(r"\w[\w.-]*", re.ASCII), regex(r"[\w./~+-]+", re.ASCII))
_HOSTED = frozenset({"https", "http", "ssh"})


@frozen
class Address:
    """An address taken apart. It holds no password, only whether there was one.

    Args:
        scheme: The scheme of a URL, in lower case; "scp" for `user@host:path`; the remote helper's name for `ext::…`;
            "" for a local path, for `OWNER/NAME`, and for anything else.
        host: The host, in lower case.
        port: The port of a URL that names one.
        path: As written.
        user: As written.
        has_password: Whether it holds one.
    """

    scheme: str
    host: str
    path: str
    port: int | None = None
    user: str = ""
    has_password: bool = False

    @property
    def is_local(self) -> bool:
        """Whether it names a folder of this machine."""
        return self.scheme == "file" or (not self.scheme and self.path.startswith(("/", ".")))

    @property
    def repository(self) -> "Repository":
        """Which repository it means."""
        path = self.path.strip().rstrip("/").removesuffix(".git").strip("/").lower()
        return Repository(self.host, f"/{path}" if self.is_local and path else path)

    @property
    def https(self) -> str:
        """The address as one that needs no ssh and holds no user; empty where that cannot be."""
        if self.scheme == SCP:
            return "" if self.path.startswith("/") else f"https://{self.host}/{self.path}"
        if self.scheme not in _HOSTED or not self.host:
            return ""
        scheme = "http" if self.scheme == "http" else "https"
        port = f":{self.port}" if self.port and self.scheme != "ssh" else ""
        return f"{scheme}://{self.host}{port}{self.path}"

    @property
    def can_be_cloned(self) -> bool:
        """Whether git can clone from it with the protocols that are used here, and nothing in it is an option."""
        if self.scheme == SCP:
            words = (self.user, self.host, self.path)
            return all(allowed.fullmatch(word) for allowed, word in zip(_SCP_WORDS, words, strict=True))
        if self.scheme in _HOSTED:
            return bool(self.host and self.path.strip("/"))
        return bool(self.path.strip("/")) and (self.scheme == "file" or (not self.scheme and self.path.startswith("/")))


@frozen
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


def parse_address(text: str) -> Address:
    """Take an address apart: a URL, `user@host:path`, `owner/name` or a local path; an empty one for no address."""
    text = text.strip()
    if helper := _HELPER.match(text):
        return Address(helper["name"].lower(), "", text[helper.end() :])
    if "://" in text:
        try:
            parts = urlsplit(text)
            return Address(
                scheme=parts.scheme.lower(),
                host=(parts.hostname or "").lower(),
                path=parts.path,
                port=parts.port,
                user=parts.username or "",
                has_password=parts.password is not None,
            )
        except ValueError:
            return Address("", "", "")
    if not text.startswith(("/", ".")) and (found := _SCP.fullmatch(text)):
        return Address(SCP, found["host"].lower(), found["path"], user=found["user"] or "")
    return Address("", "", text)


def repository(address: str) -> Repository:
    """Return which repository an address means; see ``parse_address``."""
    return parse_address(address).repository


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

"""Coolify's folders on this host, and which of the compose files in them have a service."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import field
from pathlib import Path

from preflight.coolify.resource import Kind
from preflight.coolify.settings import is_uuid
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.files import read_bytes
from preflight.lib.records import mutable
from preflight.lib.regex import regex
from preflight.lib.text import printable

ENOUGH = 50
"""So many resources with the service are enough to know that nobody can choose; the rest is not read."""
_MAX_COMPOSE = 8 * 1024 * 1024
_EMPTIED = regex(rb"\s*services:\s*\{\s*\}\s*")


class FolderClosed(CouldNotLook):
    """A folder is there but closed to us: Coolify's installer sets mode 0700."""


@mutable
class Seen:
    """What lies in the folders.

    Args:
        folders: How many there are.
        found: Kind and UUID of those whose deployed file has the service.
        broken: Those whose file names the service but cannot be understood.
        unread: Files that are there but cannot be read, so that nobody knows.
        emptied: Applications whose file has no service at all, which default mode deploys where Symfony's YAML refuses
            the repository's (P 385-391, AJ 696-716).
        cut: There are more than were looked at.
    """

    folders: int = 0
    found: list[tuple[Kind, str]] = field(default_factory=list)
    broken: list[tuple[Kind, str]] = field(default_factory=list)
    unread: list[Path] = field(default_factory=list)
    emptied: list[str] = field(default_factory=list)
    cut: bool = False


def look_through(root: Path, service: str, deadline: Deadline) -> Seen:
    """Look for a service in every deployed compose file below Coolify's root.

    Raises:
        FolderClosed: We may not read there.
        DeadlineExceeded: There is no time left.
    """
    seen = Seen()
    pattern = _key(service)
    for kind in Kind:
        for uuid in _uuids(root, kind):
            seen.folders += 1
            if len(seen.found) + len(seen.broken) >= ENOUGH:
                seen.cut = True
                continue
            deadline.remaining(f"looking through {root}")
            data = _read(seen, root / kind.folder / uuid / kind.compose_file)
            if kind is Kind.APPLICATION and _EMPTIED.fullmatch(data):
                seen.emptied.append(uuid)
            if pattern.search(data):  # reads few of many files as YAML
                has = _has_service(root / kind.folder / uuid / kind.compose_file, service)
                if has is not False:
                    (seen.broken if has is None else seen.found).append((kind, uuid))
    return seen


def is_folder(path: Path, root: Path) -> bool:
    """Whether there is a folder.

    Raises:
        FolderClosed: We may not look there.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except PermissionError as error:
        raise unreadable(root) from error
    except (OSError, ValueError):
        return False


def unreadable(root: Path) -> FolderClosed:
    """Return the error for a folder."""
    return FolderClosed(
        f"{printable(str(root))} is there but may not be read by this user", "Run preflight as root (sudo)."
    )


def _uuids(root: Path, kind: Kind) -> Iterator[str]:
    try:
        with os.scandir(root / kind.folder) as entries:
            names = sorted(entry.name for entry in entries if is_uuid(entry.name))
    except PermissionError as error:
        raise unreadable(root) from error
    except OSError:  # there is none
        return
    yield from names


def _read(seen: Seen, path: Path) -> bytes:
    """Return what a deployed file says, nothing where there is none or it cannot be read."""
    try:
        return read_bytes(path, limit=_MAX_COMPOSE, what="the deployed compose file")
    except CouldNotLook as error:
        if isinstance(error.__cause__, PermissionError):
            raise unreadable(path.parent) from error
        if not isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            seen.unread.append(path)
        return b""


def _key(service: str) -> re.Pattern[bytes]:
    """Return what finds a service's name where it may be a key."""
    name = re.escape(service).encode()
    return re.compile(rb"(?:^|[\s{,])[\"']?" + name + rb"[\"']?\s*:")


def _has_service(path: Path, service: str) -> bool | None:
    """Whether a compose file has a service; None when it cannot be understood."""
    from preflight.lib.yamlfile import read_compose_file
    from preflight.lib.yamlnodes import Mapping

    try:
        services = read_compose_file(path).get("services")
    except CouldNotLook:
        return None
    return isinstance(services, Mapping) and service in services.items

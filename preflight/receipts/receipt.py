"""One receipt: a rollout that was let through, as a file that nobody sees half written."""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from preflight.errors import CouldNotLook
from preflight.lib.files import read_text, replace_file
from preflight.lib.records import frozen
from preflight.lib.text import printable

SCHEMA = "preflight-receipt/1"
KEPT = 20
"""Receipts that stay in a folder; older ones are removed."""

_MAX_SIZE = 256 * 1024
_MAX_FILES = 2000
_AGAIN = "Let the next deployment's hook write a new one, and delete this file."


@frozen
class ApprovedPin:
    """One pin of an approved rollout.

    Args:
        variable: The name of the variable.
        service: The Compose service that reads it.
        file: The pin file, relative to the root of the checkout.
        reference: The value of the variable, an image by digest.
    """

    variable: str
    service: str
    file: str
    reference: str

    @property
    def digest(self) -> str:
        """``sha256:…``."""
        return self.reference.rpartition("@")[2]


@frozen
class Receipt:
    """A rollout that was let through.

    Args:
        at: When, with time zone.
        verdict: "pass", or "opened" for one that was let through although something was wrong.
        opened: How the gate was opened, and what the environment told it to judge, one line each.
        repository: Host and path, for people.
        branch: Name of the branch.
        commit: Full id of what was judged.
        application: UUID in Coolify; empty if it was not given.
        compose: Path (relative to the root of the checkout) to SHA-256 of each compose file that was judged.
        pins: What was approved.
        tool: Version of preflight.
    """

    at: datetime
    verdict: str
    opened: tuple[str, ...]
    repository: str
    branch: str
    commit: str
    application: str
    compose: Mapping[str, str]
    pins: tuple[ApprovedPin, ...]
    tool: str

    @property
    def name(self) -> str:
        """The name of its file; names sort by time."""
        return f"{self.at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{self.commit[:12]}.json"


def write_receipt(folder: Path, receipt: Receipt) -> Path:
    """Put a receipt into a folder, which is made if need be, and remove all but the newest.

    Returns:
        The file: mode 0600, there as a whole or not at all.

    Raises:
        CouldNotLook: It cannot be written.
    """
    document = {
        "schema": SCHEMA,
        "at": receipt.at.isoformat(),
        "verdict": receipt.verdict,
        "opened": list(receipt.opened),
        "repository": receipt.repository,
        "branch": receipt.branch,
        "commit": receipt.commit,
        "application": receipt.application,
        "compose": dict(receipt.compose),
        "pins": [
            {
                "variable": pin.variable,
                "service": pin.service,
                "file": pin.file,
                "reference": pin.reference,
                "digest": pin.digest,
            }
            for pin in receipt.pins
        ],
        "tool": receipt.tool,
    }
    path = folder / receipt.name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace_file(path, (json.dumps(document, indent=2) + "\n").encode(), mode=0o600)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise CouldNotLook(
            f"the receipt {printable(str(path), 120)} cannot be written: {reason}",
            "Mount a volume for the state folder, or name another that can be written to: --state-dir.",
        ) from error
    with suppress(OSError, CouldNotLook):
        for old in _files(folder)[KEPT:]:
            old.unlink(missing_ok=True)
    return path


def read_receipts(folder: Path) -> tuple[Receipt, ...]:
    """Return the receipts in a folder, newest first.

    Raises:
        CouldNotLook: The folder or a receipt cannot be read, or a receipt makes no sense: what was approved is then
            not known.
    """
    return tuple(_read(path) for path in _files(folder))


def _files(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.name.endswith(".json") and not entry.name.startswith(".")]
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise CouldNotLook(
            f"the folder of receipts {printable(str(folder), 120)}: {reason}",
            "Name the folder into which the hook writes them (STATE-DIR/receipts), and let this user read it.",
        ) from error
    if len(names) > _MAX_FILES:
        raise CouldNotLook(
            f"{printable(str(folder), 120)} holds {len(names)} receipts; at most {_MAX_FILES} are looked at",
            "Name the folder into which the hook writes them (STATE-DIR/receipts).",
        )
    return [folder / name for name in sorted(names, reverse=True)]


def _read(path: Path) -> Receipt:
    text = read_text(path, limit=_MAX_SIZE, what="the receipt")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CouldNotLook(f"the receipt {printable(str(path), 120)} is no JSON", _AGAIN) from error
    try:
        return _understood(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CouldNotLook(f"the receipt {printable(str(path), 120)} is none of preflight's", _AGAIN) from error


def _understood(said: Any) -> Receipt:
    if said["schema"] != SCHEMA or said["verdict"] not in {"pass", "opened"}:
        raise ValueError("another schema or verdict")
    at = datetime.fromisoformat(said["at"])
    if at.tzinfo is None:
        raise ValueError("without time zone")
    names = ("variable", "service", "file", "reference")
    pins = tuple(ApprovedPin(**{name: _text(pin[name]) for name in names}) for pin in said["pins"])
    return Receipt(
        at=at,
        verdict=said["verdict"],
        opened=tuple(_text(line) for line in said["opened"]),
        repository=_text(said["repository"]),
        branch=_text(said["branch"]),
        commit=_text(said["commit"]),
        application=_text(said["application"]),
        compose={_text(name): _text(value) for name, value in said["compose"].items()},
        pins=pins,
        tool=_text(said["tool"]),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value

"""What a check says of itself: read by ``preflight explain`` and by the pages of the manual."""

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, get_type_hints

from preflight.lib.records import frozen
from preflight.model import About, Failure, Status

SITE_URL = ""
"""Where the manual is published, without a slash at its end; empty while it is published nowhere."""

_SEVERITY = {
    Status.FAIL: "fails",
    Status.ERROR: "is an error",
    Status.WARN: "warns",
    Status.SKIP: "is skipped",
    Status.PASS: "passes",
}
"""What a failure does to a check, as the verb of a sentence."""

_KINDS = {str: "text", int: "whole number", float: "number", bool: "true or false", tuple[str, ...]: "list of texts"}


@frozen
class Setting:
    """One setting of a check.

    Args:
        name: Its key in ``preflight.yaml``.
        kind: The type of the setting in words.
        values: The allowed values, where there are few.
        default: As JSON.
        meaning: One sentence.
    """

    name: str
    kind: str
    values: tuple[str, ...]
    default: str
    meaning: str


def settings_of(settings_type: type[Any]) -> Iterator[Setting]:
    """Yield the settings of a check, in their order.

    Args:
        settings_type: The frozen dataclass that the check names.
    """
    types = get_type_hints(settings_type)
    for item in fields(settings_type):
        default = list(item.default) if isinstance(item.default, tuple) else item.default
        yield Setting(
            item.name,
            _KINDS.get(types[item.name], "value"),
            tuple(map(str, item.metadata.get("values", ()))),
            json.dumps(default),
            item.metadata.get("meaning", ""),
        )


def needs(about: About) -> str:
    """Return what a check looks at, in words."""
    return ", ".join(sorted(need.value for need in about.needs)) or "nothing"


def severity(failure: Failure) -> str:
    """Return how serious a failure is at the two stages, e.g. ``warns before a rollout, fails after it``."""
    before, after = _SEVERITY[failure.before], _SEVERITY[failure.after]
    return before if before == after else f"{before} before a rollout, {after} after it"


def acceptance(check_id: str, failure: Failure) -> str:
    """Return how an operator accepts a failure for a time; or that nobody can."""
    if not failure.waivable:
        return "Neither a waiver nor --allow lets it through."
    waiver = f"waivers: [{{check: {check_id}, code: {failure.code}, until: 2027-01-31, reason: …}}]"
    return (
        f"To accept it until a day, write {waiver} into preflight.yaml; for one run, --allow {check_id}/{failure.code}."
    )


def manual_page(name: str, code: str = "") -> str:
    """Return where the manual tells more: an address, or the page's path in the repository while there is none.

    Args:
        name: Id of a check.
        code: The code of one of its failures.
    """
    anchor = f"#{code}" if code else ""
    return f"{SITE_URL}/checks/{name}.html{anchor}" if SITE_URL else f"docs/manual/checks/{name}.md{anchor}"

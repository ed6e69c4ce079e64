"""Which of the discovered checks run."""

from collections.abc import Collection, Iterable

from preflight.errors import ConfigurationError
from preflight.lib.nearest import nearest
from preflight.run.contract import CheckClass
from preflight.run.discovery import Discovered

_NAMED_BROKEN = 3
"""Modules that do not load, named beside an id that no check has."""


def select(
    found: Discovered, *, only: Collection[str] = (), skip: Collection[str] = (), tags: Collection[str] = ()
) -> tuple[CheckClass, ...]:
    """Return the checks to run, in their order; none where all that is asked for does not load.

    Args:
        found: All there are. Those that ``is_chosen`` are loaded; with ``tags``, all.
        only: Ids; empty means all.
        skip: Ids to leave out.
        tags: A check with any of them is in; empty means all.

    Raises:
        ConfigurationError: An id or tag that no check has, or nothing is left.
    """
    refuse_unknown_checks(found, "--only: ", only)
    refuse_unknown_checks(found, "--skip: ", skip)
    _refuse_unknown_tags(tags, {tag for check in found.checks for tag in check.about.tags})
    chosen = tuple(
        check
        for check in found.checks
        if is_chosen(check.about.id, only=only, skip=skip) and (not tags or check.about.tags & set(tags))
    )
    if not chosen and (tags or not any(is_chosen(each, only=only, skip=skip) for each in found.ids)):
        raise ConfigurationError("no check is left to run", "Loosen --only, --skip and --tag; see `preflight list`.")
    return chosen


def is_chosen(check_id: str, *, only: Collection[str], skip: Collection[str]) -> bool:
    """Whether a check runs by its id."""
    return (not only or check_id in only) and check_id not in skip


def refuse_unknown_checks(found: Discovered, place: str, ids: Iterable[str], more: Iterable[str] = ()) -> None:
    """Refuse an id that no check has.

    Args:
        found: All there are.
        place: Where the ids stand, to begin the message with, e.g. ``--only: ``.
        ids: Each must be that of a check.
        more: Further names that are valid here.

    Raises:
        ConfigurationError: Names the nearest one, and the modules that do not load: it may be in one of them.
    """
    broken = [f" {module.name} does not load: {module.reason}." for module in found.broken[:_NAMED_BROKEN]]
    valid = {*found.ids, *more}
    for name in ids:
        if name not in valid:
            message = f"{place}no such check: {name}{nearest(name, valid)}"
            raise ConfigurationError(message, "See `preflight list`." + "".join(broken))


def _refuse_unknown_tags(tags: Iterable[str], valid: Collection[str]) -> None:
    for tag in tags:
        if tag not in valid:
            raise ConfigurationError(f"--tag: no such tag: {tag}{nearest(tag, valid)}", "See `preflight list`.")

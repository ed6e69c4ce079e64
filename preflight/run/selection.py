"""Which of the discovered checks run."""

from collections.abc import Collection, Iterable, Sequence

from preflight.errors import ConfigurationError
from preflight.lib.nearest import nearest
from preflight.run.discovery import CheckClass


def select(
    checks: Sequence[CheckClass],
    *,
    only: Collection[str] = (),
    skip: Collection[str] = (),
    tags: Collection[str] = (),
) -> tuple[CheckClass, ...]:
    """Return the checks to run, in their order.

    Args:
        checks: All there are.
        only: Ids; empty means all.
        skip: Ids to leave out.
        tags: A check with any of them is in; empty means all.

    Raises:
        ConfigurationError: An id or tag that no check has, or nothing is left.
    """
    ids = {check.about.id for check in checks}
    _known("--only", only, ids, "check")
    _known("--skip", skip, ids, "check")
    _known("--tag", tags, {tag for check in checks for tag in check.about.tags}, "tag")
    chosen = tuple(
        check
        for check in checks
        if (not only or check.about.id in only)
        and check.about.id not in skip
        and (not tags or check.about.tags & set(tags))
    )
    if not chosen:
        raise ConfigurationError("no check is left to run", "Loosen --only, --skip and --tag; see `preflight list`.")
    return chosen


def _known(option: str, names: Iterable[str], valid: Collection[str], kind: str) -> None:
    for name in names:
        if name not in valid:
            raise ConfigurationError(f"{option} {name}: no such {kind}{nearest(name, valid)}", "See `preflight list`.")

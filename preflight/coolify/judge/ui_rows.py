"""What keeps a variable in Coolify's UI: a row that the compose file uses cannot be deleted.

The UI refuses to delete a variable that `environment:` of any service has or takes, and the parser makes the row
again at the next deployment (app/Traits/EnvironmentVariableProtection.php, P 1023-1036). Build arguments count, since
the parser copies them into `environment:` (P 715-716, 1455).
"""

from collections.abc import Iterator, Sequence

from preflight.compose.read.build_args import find_build_args
from preflight.compose.read.entries import names_outside
from preflight.compose.read.locate import ComposeSource
from preflight.lib.records import frozen
from preflight.lib.text import printable

_SHOWN = 3


@frozen
class RowHolder:
    """One line of a compose file that keeps a variable in the UI.

    Args:
        service: Whose.
        entry: The variable that it gives a value; the very one, or one whose value takes it.
        is_build_arg: Whether it is a build argument, not an entry of ``environment:``.
    """

    service: str
    entry: str
    is_build_arg: bool = False


def find_row_holders(source: ComposeSource, variable: str) -> tuple[RowHolder, ...]:
    """Return all lines that keep a variable in the UI, of any service."""
    return tuple(holder for service in source.services() for holder in _holders(source, service, variable))


def remove_row(variable: str, holders: Sequence[RowHolder]) -> str:
    """Return how to remove a variable from the UI, as one line."""
    name = printable(variable, 60)
    if not holders:
        return f"Delete {name} in Coolify (Environment Variables)."
    ways = [_way(name, variable, each) for each in holders[:_SHOWN]]
    more = f" and {len(holders) - _SHOWN} more" if len(holders) > _SHOWN else ""
    return f"Take {', '.join(ways)}{more}; once that is deployed, delete {name} in Coolify's UI."


def _holders(source: ComposeSource, service: str, variable: str) -> Iterator[RowHolder]:
    counting = {each.name: each for each in source.environment(service)}
    for name, entry in counting.items():
        if name == variable or variable in entry.names_outside:
            yield RowHolder(service, name)
    for each in find_build_args(source, service):
        if each.name == variable or variable in names_outside(each.name, each.value):
            yield RowHolder(service, each.name, is_build_arg=True)


def _way(name: str, variable: str, holder: RowHolder) -> str:
    where = f"{'build: args:' if holder.is_build_arg else 'environment:'} of {printable(holder.service, 60)}"
    if holder.entry == variable:
        return f"{name} out of {where}"
    return f"${{{name}}} out of {printable(holder.entry, 60)} in {where}"

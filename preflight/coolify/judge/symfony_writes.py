"""What Symfony's YAML writer makes something else of, so that Compose refuses what Coolify deploys.

In every mode Coolify writes the file again: an empty list becomes an empty map, and a key of digits loses its quotes.
"""

from collections.abc import Iterator

from preflight.coolify.judge.refusal import Refusal, RefusalKind
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.lib.yamlnodes import Item, Mapping, Sequence

_MAY_BE_MAP = frozenset(
    {
        *("annotations", "depends_on", "environment", "extra_hosts", "labels", "networks", "sysctls", "ulimits"),
        *("additional_contexts", "args", "ssh"),
    }
)
"""Keys below a service that Compose takes as a map too, so that an empty list does no harm."""
_NUMBER = regex(r"0|-?[1-9][0-9]*")


def find_rewritten(item: Item, service: str) -> Iterator[Refusal]:
    """Yield what Symfony's writer makes something else of: empty lists, and quoted numbers for keys."""
    open_items = [item]
    seen: set[int] = set()
    while open_items:
        each = open_items.pop(0)
        if each.key.startswith("x-") or id(each.value) in seen:
            continue
        seen.add(id(each.value))
        if isinstance(each.value, Sequence):
            if not each.value.items and each.key not in _MAY_BE_MAP:
                yield Refusal(RefusalKind.EMPTY_LIST, printable(each.key, 40), each.line, service)
            open_items += each.value.items
        elif isinstance(each.value, Mapping):
            entries = each.value.items.values()
            numbers = (number_for_key(entry.key, entry.line, service) for entry in entries)
            yield from (number for number in numbers if number is not None)
            open_items += entries


def number_for_key(key: str, line: int, service: str) -> Refusal | None:
    """To PHP, a key of digits is a number: it is written without its quotes."""
    return Refusal(RefusalKind.NUMBER_KEY, printable(key, 40), line, service) if _NUMBER.fullmatch(key) else None

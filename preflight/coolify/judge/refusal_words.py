"""What a place that Coolify's parser stumbles over leads to, and the way out, in words."""

from collections import Counter
from collections.abc import Iterable

from preflight.coolify.judge.refusal import Refusal, RefusalKind
from preflight.coolify.resource import Situation
from preflight.lib.text import printable

_RAW = frozenset({Situation.RAW, Situation.RAW_PRESERVED})
_NO_CONTAINER = "nothing is stopped, and nothing of this commit is deployed"
_OUTAGE = "deploys a file without services: it removes the containers and starts none"


def says(refusal: Refusal, situation: Situation, file: str) -> str:
    """Return what is wrong, and what the next deployment does because of it.

    Args:
        refusal: The refusal.
        situation: How the file is deployed.
        file: The compose file, for people.
    """
    service, what = printable(refusal.service, 60), refusal.what
    refuses = f"Compose refuses what Coolify makes of {service or file}: "
    return {
        RefusalKind.UNREADABLE: (
            f"Coolify's YAML reader refuses {file} ({what}): the next deployment {_after(situation)}"
        ),
        RefusalKind.NO_KEY: (
            f"the next deployment fails: Coolify takes what follows the first $ in {what} of {service} for a "
            "variable's name, and it is none"
        ),
        RefusalKind.NUMBERED: (
            f"{refuses}{what} has no value and is merged with a map, where it gets a number for its name"
        ),
        RefusalKind.EMPTY_LIST: f"{refuses}it writes the empty list {what}: as an empty map",
        RefusalKind.NUMBER_KEY: f"{refuses}it writes the key '{what}' without its quotes, as a number",
        RefusalKind.PATH: f"the next deployment fails: Coolify refuses `{what}` in a path of volumes: of {service}",
        RefusalKind.LOST: f"{refuses}it leaves {what}: at the top of the file out, which {service} needs",
        RefusalKind.REPLICAS: f"{refuses}it gets a container_name, which {what} above 1 forbids",
        RefusalKind.MAP_LABELS: f"labels: of {service} is a map, to which raw mode adds entries that Compose refuses",
        RefusalKind.NO_LABELS: (
            f"labels: of {service} is a map with the value true: raw mode adds no label, so Coolify finds no container"
        ),
    }[refusal.kind]


def fix(refusal: Refusal) -> str:
    """Return what to write in place of it."""
    return {
        RefusalKind.UNREADABLE: (
            "Take it out: Coolify reads no byte order mark, no tags (!reset, !override), no key twice, no `? key`, no "
            "`{key}` without a colon, no tabs, and one document only."
        ),
        RefusalKind.NO_KEY: (
            "Write `${NAME}` for a variable before other text. A value that begins with `$$` or with `${NAME:+…}` "
            f"works in an env file or in Coolify's UI only: move {refusal.what} there."
        ),
        RefusalKind.NUMBERED: (
            f"Write environment: and build: args: both as lists or both as maps, or give {refusal.what} a value."
        ),
        RefusalKind.EMPTY_LIST: f"Remove {refusal.what}: or put something into it.",
        RefusalKind.NUMBER_KEY: f"Give '{refusal.what}' a name with a letter in it.",
        RefusalKind.PATH: "Take it out. Only a source may begin with a variable: `${NAME}/path` or `${NAME:-path}`.",
        RefusalKind.LOST: f"Write what {refusal.what}: brings into this file, or switch on Raw Compose Deployment.",
        RefusalKind.REPLICAS: f"Take {refusal.what} out, or write the service once for each container.",
        RefusalKind.MAP_LABELS: 'Write them as a list: `- "name=value"`.',
        RefusalKind.NO_LABELS: 'Write them as a list: `- "name=true"`.',
    }[refusal.kind]


def first_of_each_kind(refusals: Iterable[Refusal]) -> list[tuple[Refusal, str]]:
    """Return the first of each kind, and how many more there are, in words."""
    found = list(refusals)
    counts = Counter(each.kind for each in found)
    firsts = {each.kind: each for each in reversed(found)}
    return [
        (each, f" (and {counts[each.kind] - 1} more)" if counts[each.kind] > 1 else "")
        for each in found
        if each is firsts[each.kind]
    ]


def _after(situation: Situation) -> str:
    if situation is Situation.SERVICE:
        return "uses the file that it read last"
    return f"fails: {_NO_CONTAINER}" if situation in _RAW else _OUTAGE

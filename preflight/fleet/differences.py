"""What is not the same on all hosts: the release and digest that runs, the one that is pinned, the preflight there."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from preflight.fleet.host import Host, HostPin
from preflight.lib.records import frozen
from preflight.lib.reference import short_digest
from preflight.lib.text import plural
from preflight.lib.versions import parse_release_tag

_NAMED = 5
"""Hosts that a sentence names."""


@frozen
class Group:
    """Hosts that have the same.

    Args:
        value: E.g. a digest, or several; empty where nobody could tell.
        shown: As people call it, e.g. a release.
        hosts: Their names, sorted.
    """

    value: str
    shown: str
    hosts: tuple[str, ...]


@frozen
class Difference:
    """One thing that hosts can have in common or not.

    Args:
        what: ``running``, ``pinned`` or ``preflight``.
        variable: The pin; empty for ``preflight``.
        service: The Compose service that reads the pin; empty for ``preflight``.
        groups: The largest first; those that could not tell last.
    """

    what: str
    variable: str
    service: str
    groups: tuple[Group, ...]

    @property
    def same(self) -> bool:
        """Whether all hosts have the same."""
        return len(self.groups) == 1

    @property
    def sentence(self) -> str:
        """E.g. ``4 of 5 run 1.4.2, web-3 still 1.4.1``."""
        count = sum(len(group.hosts) for group in self.groups)
        known = [group for group in self.groups if group.value]
        parts = [_first(known[0], count, self.what)] if known else []
        parts += [f"{_names(group)} {_order(group, known[0])}{group.shown}" for group in known[1:]]
        unknown = [group for group in self.groups if not group.value]
        parts += [f"not known of {_names(group)}" for group in unknown]
        return ", ".join(parts)


def releases(hosts: Iterable[Host]) -> dict[str, str]:
    """Return which release a digest is, as far as any host's pin tells."""
    return {pin.digest: pin.release for host in hosts for pin in host.pins if pin.digest and pin.release}


def differences(hosts: Sequence[Host], names: dict[str, str]) -> Iterator[Difference]:
    """Yield for each pin what runs and what is pinned, then which preflight ran; hosts without a report tell nothing.

    Args:
        hosts: All.
        names: Digest to release.
    """
    # Another service that reads a variable of the same name belongs to another project, or is judged on its own.
    pins: dict[tuple[str, str], list[tuple[Host, HostPin]]] = defaultdict(list)
    newest = _newest(hosts)
    for host in newest:
        for pin in host.pins:
            pins[pin.variable, pin.service].append((host, pin))

    def shown(digest: str) -> str:
        return names.get(digest) or (short_digest(digest) if digest else "")

    for (variable, service), pairs in sorted(pins.items()):
        running = [(host.name, pin.running) for host, pin in pairs]
        if any(digests for _, digests in running):
            yield Difference("running", variable, service, _groups(running, shown))
        pinned = [(host.name, (pin.digest,)) for host, pin in pairs]
        yield Difference("pinned", variable, service, _groups(pinned, shown))
    versions = {(host.name, (host.version,)) for host in newest if host.version}
    if versions:
        yield Difference("preflight", "", "", _groups(sorted(versions), str))


def _newest(hosts: Iterable[Host]) -> list[Host]:
    """Return the newest report of each project of each host: a host may have saved one of each stage."""
    found: dict[tuple[str, str], Host] = {}
    for host in hosts:
        known = found.get((host.name, host.project))
        if host.started and (known is None or known.started is None or known.started < host.started):
            found[host.name, host.project] = host
    return [*found.values()]


def _groups(pairs: Iterable[tuple[str, tuple[str, ...]]], shown: Callable[[str], str]) -> tuple[Group, ...]:
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, values in pairs:
        found[values].append(name)
    groups = [
        Group(" ".join(values), " and ".join(shown(value) for value in values), tuple(sorted(names)))
        for values, names in found.items()
    ]
    return tuple(sorted(groups, key=lambda group: (not group.value, -len(group.hosts), group.shown)))


def _first(group: Group, count: int, what: str) -> str:
    verb = {"running": ("runs", "run"), "pinned": ("pins", "pin"), "preflight": ("has", "have")}[what]
    if count == len(group.hosts):
        who = f"all {count}" if count > 1 else group.hosts[0]
        return f"{who} {verb[count > 1]} {group.shown}"
    return f"{len(group.hosts)} of {count} {verb[len(group.hosts) > 1]} {group.shown}"


def _names(group: Group) -> str:
    more = len(group.hosts) - _NAMED
    if more == 1:
        return ", ".join(group.hosts)
    return ", ".join(group.hosts[:_NAMED]) + (f" and {plural(more, 'other')}" if more > 0 else "")


def _order(group: Group, first: Group) -> str:
    """Return ``still`` for what is older than what most have, ``already`` for what is newer, where versions tell."""
    mine, theirs = parse_release_tag(group.shown), parse_release_tag(first.shown)
    if mine is None or theirs is None:
        return ""
    return "still " if mine < theirs else "already "

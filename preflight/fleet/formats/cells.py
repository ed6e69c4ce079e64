"""What several formats show of a host in the same words."""

from collections.abc import Callable, Iterator

from preflight.fleet.fleet import Fleet
from preflight.fleet.host import Host, HostPin
from preflight.lib.durations import words
from preflight.lib.reference import short_digest
from preflight.lib.text import plural
from preflight.model import Status
from preflight.run.reporters import WORDS

_TOTALS = {
    Status.FAIL: "failed",
    Status.ERROR: "could not tell",
    Status.WARN: "with warnings",
    Status.PASS: "well",
}


def brief_digest(digest: str) -> str:
    """Return as much of a digest as git shows of a commit, where there is little room."""
    return digest.removeprefix("sha256:")[:7]


def pinned(pin: HostPin, digest: Callable[[str], str] = short_digest) -> str:
    """Return release and digest, e.g. ``1.4.2 sha256:0123456789ab…``; ``digest`` shortens it."""
    return " ".join(part for part in (pin.release, digest(pin.digest) if pin.digest else "no digest") if part)


def running(pin: HostPin, fleet: Fleet, digest: Callable[[str], str] = short_digest) -> str:
    """Return what runs: ``as pinned``, another digest with its release, or ``not seen``."""
    if not pin.running:
        return "not seen"
    if pin.running == (pin.digest,):
        return "as pinned"
    shown = (f"{fleet.releases.get(each, '')} {digest(each)}".strip() for each in pin.running)
    return " and ".join(shown)


def first(host: Host) -> str:
    """Return the name of the first failure and how many more there are."""
    if host.first is None:
        return ""
    more = len(host.troubles) + host.more - 1
    return f"{host.first.name}{f' and {more} more' if more else ''}"


def age(host: Host, fleet: Fleet) -> str:
    """Return ``2h 3m old`` for a report that is old, else nothing."""
    age_s = fleet.age_s(host)
    return f"{words(age_s)} old" if age_s is not None and fleet.is_old(host) else ""


def counted(fleet: Fleet) -> str:
    """Return ``5 hosts``, or ``7 reports of 5 hosts`` where some have several."""
    names = len({host.name for host in fleet.hosts})
    several = f"{plural(len(fleet.hosts), 'report')} of " if names != len(fleet.hosts) else ""
    return f"{several}{plural(names, 'host')}"


def verdicts(fleet: Fleet) -> str:
    """Return ``1 failed, 4 well``; each report counts."""
    return ", ".join(f"{count} {_TOTALS.get(status, WORDS[status])}" for status, count in fleet.totals.items())


def late(fleet: Fleet) -> str:
    """Return ``2 reports older than 1h``; nothing where none is."""
    old = sum(fleet.is_old(host) for host in fleet.hosts)
    return f"{plural(old, 'report')} older than {words(fleet.old_s)}" if old else ""


def totals(fleet: Fleet) -> str:
    """Return ``5 hosts: 1 failed, 4 well, 2 reports older than 1h``."""
    return f"{counted(fleet)}: {', '.join(part for part in (verdicts(fleet), late(fleet)) if part)}"


def sentences(fleet: Fleet) -> Iterator[tuple[str, str]]:
    """Yield what hosts have in common or not: what it is about, and the sentence; differences first."""
    services: dict[str, set[str]] = {}
    for each in fleet.differences:
        services.setdefault(each.variable, set()).add(each.service)
    for each in sorted(fleet.differences, key=lambda difference: difference.same):
        whose = f" of {each.service}" if len(services[each.variable]) > 1 else ""
        yield (f"{each.variable}{whose} {each.what}" if each.variable else "preflight"), each.sentence

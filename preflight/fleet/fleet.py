"""Many hosts as one value: their order, their totals, the exit code."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from preflight.errors import ExitCode
from preflight.fleet.differences import Difference, differences, releases
from preflight.fleet.host import Host
from preflight.lib.records import frozen
from preflight.model import Status


@frozen
class Fleet:
    """What is known of all hosts.

    Args:
        hosts: Worst first, then by name.
        now: Against which the age of a report counts, with time zone.
        old_s: A report that is older is marked, in seconds.
        differences: What is not the same on all hosts, and what all have in common.
        releases: What a digest is called, as far as a pin tells.
        exit_code: 1 where a host failed, else 3 where one could not tell or has no report, else 0; above 128
            where a signal ended the command.
    """

    hosts: tuple[Host, ...]
    now: datetime
    old_s: float
    differences: tuple[Difference, ...]
    releases: dict[str, str]
    exit_code: int

    def age_s(self, host: Host) -> float | None:
        """Return how old the report of a host is, in seconds; ``None`` where there is no report."""
        return None if host.started is None else max(0.0, (self.now - host.started).total_seconds())

    def is_old(self, host: Host) -> bool:
        """Whether the report of a host is old."""
        age_s = self.age_s(host)
        return age_s is not None and age_s > self.old_s

    @property
    def totals(self) -> dict[Status, int]:
        """How many hosts have each verdict, worst first; those that none has left out."""
        counted = Counter(host.status for host in self.hosts)
        return {status: counted[status] for status in Status if counted[status]}

    @property
    def status(self) -> Status:
        """The worst verdict."""
        return min((host.status for host in self.hosts), key=lambda status: status.rank, default=Status.ERROR)


def fleet_of(hosts: Iterable[Host], now: datetime, old_s: float) -> Fleet:
    """Return the fleet of these hosts."""
    ordered = tuple(sorted(hosts, key=lambda host: (host.status.rank, host.name, host.source)))
    names = releases(ordered)
    return Fleet(ordered, now, old_s, tuple(differences(ordered, names)), names, merged_exit_code(ordered))


def merged_exit_code(hosts: Iterable[Host]) -> ExitCode:
    """Return one exit code for all: 1 overrides 3, which overrides 0; without any host nothing was looked at."""
    codes = {host.exit_code for host in hosts}
    if ExitCode.FAILED in codes:
        return ExitCode.FAILED
    return ExitCode.OK if codes == {ExitCode.OK} else ExitCode.COULD_NOT_LOOK

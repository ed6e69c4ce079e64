"""preflight/fleet/fleet.py"""

import pytest

from preflight.fleet.fleet import fleet_of, merged_exit_code
from preflight.fleet.host import Host, host_of, without_report
from preflight.model import Status
from tests.fakes.fleet import NOW, host_report

WELL, WRONG, GONE = (
    host_of(host_report("web-1")),
    host_of(host_report("web-3", runs="1.4.1")),
    without_report("web-4", "unreachable", "no route to host"),
)


@pytest.mark.parametrize(
    ("hosts", "code"),
    [([WELL], 0), ([WELL, GONE], 3), ([GONE, WRONG, WELL], 1), ([], 3)],
    ids=["well", "one-gone", "one-wrong", "none"],
)
def test_one_exit_code_for_all(hosts: list[Host], code: int) -> None:
    """1 overrides 3, which overrides 0; nothing at all is no proof."""
    assert merged_exit_code(hosts) == code


@pytest.mark.parametrize("code", [2, 129, 130, 131, 143])
def test_a_run_that_was_refused_or_interrupted_could_not_tell(code: int) -> None:
    """The exit code of the fleet is one of three."""
    assert merged_exit_code([WELL, Host("web-2", Status.ERROR, code)]) == 3


def test_the_worst_host_comes_first() -> None:
    """Then by name; the totals say how many there are of each."""
    fleet = fleet_of([WELL, GONE, WRONG, host_of(host_report("web-0"))], NOW, 3600)

    assert [host.name for host in fleet.hosts] == ["web-3", "web-4", "web-0", "web-1"]
    assert fleet.totals == {Status.FAIL: 1, Status.ERROR: 1, Status.PASS: 2}
    assert fleet.status is Status.FAIL


def test_an_old_report_is_marked() -> None:
    """Its age counts from its start. A clock that is ahead makes no negative age."""
    late, ahead = host_of(host_report("a", minutes_ago=61)), host_of(host_report("b", minutes_ago=-5))
    fleet = fleet_of([late, ahead, GONE], NOW, 3600)

    assert [(fleet.age_s(host), fleet.is_old(host)) for host in (late, ahead, GONE)] == [
        (3660.0, True),
        (0.0, False),
        (None, False),
    ]

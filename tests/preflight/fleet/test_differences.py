"""preflight/fleet/differences.py"""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from preflight.fleet.differences import differences, releases
from preflight.fleet.fleet import fleet_of
from preflight.fleet.formats.cells import sentences
from preflight.fleet.host import host_of
from preflight.report import Report
from tests.fakes.fleet import NOW, host_report


def said(*reports: Report) -> Mapping[str, str]:
    """Return the sentences by what they are about."""
    hosts = [host_of(report) for report in reports]
    return {each.what: each.sentence for each in differences(hosts, releases(hosts))}


def fleet(**runs: str) -> list[Report]:
    """Return reports of hosts that pin 1.4.2 and run this."""
    return [host_report(name.replace("_", "-"), runs=release) for name, release in runs.items()]


@pytest.mark.parametrize(
    ("runs", "sentence"),
    [
        ({"a": "1.4.2", "b": "1.4.2"}, "all 2 run 1.4.2"),
        ({"web_1": "1.4.2"}, "web-1 runs 1.4.2"),
        ({"a": "1.4.2", "b": "1.4.2", "c": ""}, "2 of 3 run 1.4.2, not known of c"),
        ({"a": "1.4.1", "b": "1.4.1", "c": "1.4.2"}, "2 of 3 run sha256:111111111111…, c 1.4.2"),
    ],
    ids=["same", "one", "unknown", "unnamed"],
)
def test_what_runs(runs: dict[str, str], sentence: str) -> None:
    """By release where any pin names it, else by digest."""
    assert said(*fleet(**runs))["running"] == sentence


def test_what_is_older_than_most_still_runs() -> None:
    """The release of the old digest is known because another host still pins it."""
    reports = [*fleet(a="1.4.2", b="1.4.2", c="1.4.2", d="1.4.2"), host_report("web-3", "1.4.1", "1.4.1")]

    assert said(*reports)["running"] == "4 of 5 run 1.4.2, web-3 still 1.4.1"
    assert said(*reports)["pinned"] == "4 of 5 pin 1.4.2, web-3 still 1.4.1"
    newer = [*(host_report(name, "1.4.1", "1.4.1") for name in "abc"), host_report("d")]
    assert said(*newer)["running"] == "3 of 4 run 1.4.1, d already 1.4.2"


def test_many_hosts_are_counted_not_listed() -> None:
    """The sentence stays readable."""
    reports = [*fleet(**{f"a{number:03}": "1.4.2" for number in range(200)})]
    reports += [host_report(f"b{number:03}", "1.4.1", "1.4.1") for number in range(100)]

    assert said(*reports)["running"] == ("200 of 300 run 1.4.2, b000, b001, b002, b003, b004 and 95 others still 1.4.1")


def test_the_newest_report_of_a_host_counts() -> None:
    """A host that saved one report of each stage is one host."""
    earlier, later = host_report("a", "1.4.1", minutes_ago=9), host_report("a", minutes_ago=1)

    assert said(later, earlier, host_report("b"))["running"] == "all 2 run 1.4.2"


def test_versions_of_preflight() -> None:
    """A host with another preflight is named."""
    assert said(host_report("a"), host_report("b"), replace(host_report("c"), version="1.2.4"))["preflight"] == (
        "2 of 3 have 1.2.3, c already 1.2.4"
    )


def test_services_that_read_a_variable_of_the_same_name_are_not_compared() -> None:
    """Two projects in one fleet; a host with both of them is one host."""
    first = host_report("a")
    pin = replace(first.judged.pins[0], service="worker", digest="sha256:" + "3" * 64, release="2.0.0")
    second = replace(first, judged=replace(first.judged, project="other", pins=(pin,)))
    hosts = [host_of(report) for report in (first, second, host_report("b"))]
    found = {(each.what, each.service): each.sentence for each in differences(hosts, releases(hosts))}

    assert found == {
        ("running", "app"): "all 2 run 1.4.2",
        ("pinned", "app"): "all 2 pin 1.4.2",
        ("pinned", "worker"): "a pins 2.0.0",
        ("preflight", ""): "all 2 have 1.2.3",
    }
    assert [name for name, _ in sentences(fleet_of(hosts, NOW, 3600))] == [
        "APP_IMAGE of app running",
        "APP_IMAGE of app pinned",
        "APP_IMAGE of worker pinned",
        "preflight",
    ]

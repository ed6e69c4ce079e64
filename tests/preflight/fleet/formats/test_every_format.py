"""preflight/fleet/formats/: what holds for each of them, and the shape of each."""

import json
from html.parser import HTMLParser
from importlib.resources import files

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from preflight.fleet.fleet import Fleet, fleet_of
from preflight.fleet.formats import FORMATS, renderer
from preflight.fleet.host import host_of, without_report
from preflight.report import Style
from tests.fakes.fleet import DIGESTS, NOW, host_report, large_fleet

SCHEMA = json.loads(files("preflight.fleet.formats").joinpath("schema.json").read_text(encoding="utf-8"))
NASTY = "<script>x</script>|`@you\x1b[2J"


def fleet() -> Fleet:
    """Four hosts well, one of them long ago; one with an old pin, one gone."""
    hosts = [host_of(host_report(f"web-{number}")) for number in (1, 2, 5)]
    hosts += [host_of(host_report("web-6", minutes_ago=123)), host_of(host_report("web-3", "1.4.1", "1.4.1"))]
    hosts += [without_report("web-4", "unreachable", f"no route to {NASTY}", "Start it.")]
    return fleet_of(hosts, NOW, 3600)


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_names_each_host(name: str) -> None:
    """Also the one without a report, with the reason; nothing in it steers a terminal or runs in a browser."""
    text = renderer(name)(fleet(), Style(width=100))

    assert [f"web-{number}" for number in range(1, 7) if f"web-{number}" not in text] == []
    assert ("unreachable" in text) is (name != "prometheus")
    assert "\x1b" not in text
    assert text.endswith("\n")


def test_the_table() -> None:
    """One line a host, worst first; then what is wrong, once; then what differs; then the exit code."""
    lines = renderer("table")(fleet(), Style(width=100)).splitlines()

    assert lines[0].split() == ["HOST", "STAGE", "PINNED", "RUNNING", "FIRST", "FAILURE"]
    assert lines[1].split() == ["ERROR", "web-4", "-", "-", "-", "unreachable"]
    assert lines[2].split() == ["ok", "web-1", "after", "1.4.2", "sha256:222222222222…", "as", "pinned"]
    assert lines[6].split()[1:6] == ["web-6", "after,", "2h", "3m", "old"]
    assert "      no route to <script>x</script>|`@you [2J" in lines
    assert "APP_IMAGE running: 4 of 5 run 1.4.2, web-3 still 1.4.1" in lines
    assert lines[-1] == "6 hosts: 1 could not tell, 5 well, 1 report older than 1h. Exit 3."


def test_a_narrow_table_shortens_what_stands_below_in_full() -> None:
    """The lines of a long summary stay together."""
    lines = renderer("table")(large_fleet(), Style(width=90)).splitlines()

    assert lines[1].split() == [
        "FAIL",
        "ip-10-0-000-17.eu-c…",
        "after",
        "1.4.2",
        "2222222",
        "1.4.1",
        "1111111",
        "runs/stale",
    ]
    assert max(map(len, lines[:302])) <= 90
    last = renderer("table")(large_fleet(), Style(width=60)).splitlines()[-2:]
    assert last == ["300 hosts: 8 failed, 2 could not tell, 290 well, 6 reports", "older than 1h. Exit 1."]


def test_a_quiet_table_has_only_what_is_wrong() -> None:
    """For cron."""
    text = renderer("table")(fleet(), Style(quiet=True))

    assert "web-4" in text
    assert "\nok " not in text


def test_several_pins_have_a_line_each() -> None:
    """With the name of the variable; the host is named once."""
    host = host_of(host_report("web-1"))
    both = fleet_of([type(host)(**{**vars(host), "pins": host.pins * 2})], NOW, 3600)
    lines = renderer("table")(both, Style(width=100)).splitlines()

    assert [line.count("APP_IMAGE 1.4.2") for line in lines[1:3]] == [1, 1]
    assert lines[2].startswith("      ")


def test_json_is_valid_against_the_schema() -> None:
    """And has the digests whole."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    data = json.loads(renderer("json")(fleet(), Style()))

    jsonschema.validate(data, SCHEMA, format_checker=jsonschema.FormatChecker())
    web_3 = next(host for host in data["hosts"] if host["host"] == "web-3")
    assert web_3["pins"][0]["running"] == [{"digest": DIGESTS["1.4.1"], "release": "1.4.1"}]
    assert data["exit_code"] == 3
    assert data["summary"] == {"error": 1, "pass": 5}


class Page(HTMLParser):
    """Collects the targets of links, the ids, and the elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.elements: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name == "href" and value]


def test_the_page_links_to_a_section_for_each_host() -> None:
    """No id twice, no link that leads nowhere or elsewhere, no element that runs."""
    page = Page(renderer("html")(fleet(), Style()))

    assert len(set(page.ids)) == len(page.ids)
    assert {link.removeprefix("#") for link in page.links} <= set(page.ids)
    assert [link for link in page.links if link.startswith("#host-")] == [f"#host-{number}" for number in range(1, 7)]
    assert "script" not in page.elements


def test_markdown_shows_texts_of_others_as_they_are_written() -> None:
    """No HTML, no mention, no column more; and it stays below what a comment takes."""
    text = renderer("markdown")(fleet(), Style())
    rows = [line for line in text.splitlines() if line.startswith("|")]

    assert "@you" not in text
    assert "<script>" not in text
    assert {row.count("|") for row in rows} == {7}
    assert "- APP&#95;IMAGE running: 4 of 5 run 1.4.2, web-3 still 1.4.1" in text
    many = fleet_of([host_of(host_report(f"web-{number}")) for number in range(1000)], NOW, 3600)
    long = renderer("markdown")(many, Style())
    assert len(long.encode()) < 65_536
    assert "more hosts left out" in long


def test_metrics_are_read_back_by_prometheus_own_parser() -> None:
    """One series a host and status; of two reports of a host and stage the newest."""
    earlier = host_of(host_report("web-1", "1.4.1", minutes_ago=60))
    both = fleet_of([*fleet().hosts, earlier], NOW, 3600)
    families = {each.name: each for each in text_string_to_metric_families(renderer("prometheus")(both, Style()))}
    states = families["preflight_fleet_host_status"].samples

    assert {each.labels["host"]: each.labels["status"] for each in states if each.value} == {
        **{f"web-{number}": "pass" for number in (1, 2, 3, 5, 6)},
        "web-4": "error",
    }
    assert [each.value for each in families["preflight_fleet_exit_code"].samples] == [1.0]
    runs = {each.labels["host"]: each.labels["running_digest"] for each in families["preflight_fleet_pin_info"].samples}
    assert runs["web-3"] == DIGESTS["1.4.1"]

"""The page of preflight/fleet/formats/html_format.py in Chromium."""

from playwright.sync_api import expect

from preflight.fleet.fleet import fleet_of
from preflight.fleet.formats import renderer
from preflight.fleet.host import without_report
from preflight.report import Style
from tests.browser.reader import ATTACK, LONG, Reader, is_wider_than_the_window, violations
from tests.fakes.fleet import LONG_NAME, NOW, large_fleet


def test_three_hundred_hosts_are_readable(reader: Reader) -> None:
    """The verdict and the worst host without scrolling; each row leads to its section; in every medium."""
    page = reader.opens(renderer("html")(large_fleet(), Style()))
    expect(page).to_have_title(
        "FAIL: 300 hosts: 8 failed, 2 could not tell, 290 well, 6 reports older than 1h | preflight"
    )
    expect(page.get_by_role("heading", level=1)).to_have_text("FAIL: 8 failed, 2 could not tell, 290 well")
    worst = page.get_by_role("link", name=LONG_NAME.format(0))
    expect(worst).to_be_in_viewport()
    expect(page.get_by_role("table").get_by_role("row")).to_have_count(301)
    worst.click()
    section = page.get_by_role("region", name=LONG_NAME.format(0))
    expect(section.get_by_text("app-1 carries an earlier pin")).to_be_in_viewport()
    for width in (1200, 360):
        page.set_viewport_size({"width": width, "height": 800})
        assert not is_wider_than_the_window(page), width
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 800})
    assert not is_wider_than_the_window(page)
    assert reader.sent == [page.url.partition("#")[0]]


def test_everybody_can_read_it(reader: Reader) -> None:
    """axe-core finds nothing serious, in both colour schemes; some hosts of each kind."""
    some = fleet_of(large_fleet().hosts[6:16], NOW, 3600)
    reader.page.emulate_media(color_scheme="light")
    page = reader.opens(renderer("html")(some, Style()))
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert violations(page) == []


def test_what_others_call_a_host_stays_text(reader: Reader) -> None:
    """Names and messages of any length and any characters."""
    hosts = [without_report(text, "unreachable", text, text, text) for text in (ATTACK, LONG)]
    page = reader.opens(renderer("html")(fleet_of(hosts, NOW, 3600), Style()), 360)

    expect(page.locator(".says").first).to_contain_text("<script>")
    assert page.locator("script, img, main style").count() == 0
    assert not is_wider_than_the_window(page)
    assert reader.sent == [page.url]

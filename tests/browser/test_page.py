"""The page of preflight/run/reporters/html_report.py in Chromium."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from preflight.check import passed
from preflight.model import Failure, Finding, Location, Status, Subject
from preflight.report import Report, Style
from preflight.run.reporters.html.drawing import RUNS
from preflight.run.reporters.html_report import render
from tests.browser.reader import ATTACK, LONG, Reader, is_wider_than_the_window, violations
from tests.fakes.health import FAILING, HEALTHY
from tests.fakes.reports import report, result


def open_all(page: Page) -> None:
    """Open what is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def background(page: Page, selector: str) -> str:
    """Return the colour behind an element."""
    return str(page.locator(selector).first.evaluate("element => getComputedStyle(element).backgroundColor"))


def test_what_is_wrong_is_in_the_first_window(reader: Reader) -> None:
    """State, host, and the first failure with its remedy, without scrolling; passes are folded."""
    page = reader.opens(FAILING)

    expect(page).to_have_title("FAIL: the rollout is not as pinned | deploy-host-07 | /srv/hephaestus | preflight")
    expect(page.get_by_role("banner")).to_contain_text("deploy-host-07")
    expect(page.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(page.locator("#check-running-image .fix")).to_be_in_viewport()
    expect(page.locator("#check-pin-file")).to_be_hidden()
    assert page.locator("h2").all_inner_texts()[:3] == [
        "What is wrong",
        "1 check could not look because of that",
        "Warnings",
    ]


def test_a_phone_shows_the_first_failure_and_never_scrolls_sideways(reader: Reader) -> None:
    """At 360 pixels, every part opened."""
    page = reader.opens(FAILING, 360)
    expect(page.locator("#check-running-image h3")).to_be_in_viewport()
    open_all(page)

    assert not is_wider_than_the_window(page)
    expect(page.get_by_role("table").first.get_by_role("row").nth(1).get_by_role("cell")).to_have_count(4)


def test_words_without_a_space_do_not_widen_the_page(reader: Reader) -> None:
    """Nor do long names of files, subjects and hosts."""
    failure = Failure("gone", "It is gone.", "Bring it back.")
    finding = Finding(Status.FAIL, LONG, LONG, {LONG: LONG}, Location(LONG, 1), failure, Subject("container", LONG))
    waived = replace(finding, status=Status.WARN, waived=FAILING.results[2].findings[0].waived)
    wide = replace(
        FAILING,
        host=LONG,
        judged=replace(FAILING.judged, project=LONG, compose_files=(LONG,)),
        results=(result("a", finding, passed(LONG)), result("b", passed(LONG)), result("c", waived)),
    )
    page = reader.opens(wide)
    open_all(page)

    for width in (320, 360, 700, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        assert not is_wider_than_the_window(page), width


def test_strips_show_the_last_ninety_runs(reader: Reader) -> None:
    """Drawn to the right edge, with words for who does not see them and a tip for who points at them."""
    page = reader.opens(FAILING)
    card = page.locator("#check-running-image")

    expect(card.get_by_role("img", name="Last 90 runs of running-image, oldest first: 18 FAIL, 72 ok")).to_be_visible()
    expect(card.get_by_role("img", name="Durations of the same runs")).to_be_visible()
    bars = card.locator(".strip path:not(.ground)")
    drawn = sum(str(each.get_attribute("d")).count("z") for each in bars.all())
    assert drawn == RUNS
    assert card.locator(".strip .fail title").all_text_contents() == [
        "FAIL, 4 runs: 2026-11-28 21:50 UTC to 2026-11-28 22:05 UTC",
        "FAIL, 14 runs: 2026-11-29 01:50 UTC to 2026-11-29 02:55 UTC",
    ]
    box = bars.last.bounding_box()
    strip = card.locator(".strip").bounding_box()
    assert box is not None
    assert strip is not None
    assert abs(box["x"] + box["width"] - strip["x"] - strip["width"]) < 4


def test_everybody_can_read_it(reader: Reader) -> None:
    """axe-core finds nothing serious in any part of the page, contrast included, in both colour schemes."""
    reader.page.emulate_media(color_scheme="light")
    page = reader.opens(FAILING)
    open_all(page)
    assert violations(page) == []
    light = background(page, "body")

    page.emulate_media(color_scheme="dark")
    assert violations(page) == []
    assert reader.sent == [page.url]
    assert (light, background(page, "body")) == ("rgb(244, 245, 247)", "rgb(14, 18, 23)")


@pytest.mark.parametrize("what", [HEALTHY, report(code=2, problem="preflight.yaml:1: bad")], ids=["healthy", "problem"])
def test_other_pages_are_as_readable(reader: Reader, what: Report) -> None:
    """All well, and nothing checked."""
    page = reader.opens(what, 360)

    assert violations(page) == []
    assert not is_wider_than_the_window(page)


def test_paper_shows_what_the_screen_folds(reader: Reader) -> None:
    """Black on white, whatever the screen has."""
    reader.page.emulate_media(media="print", color_scheme="dark")
    page = reader.opens(FAILING, 718)

    expect(page.locator("#check-pin-file .says")).to_be_visible()
    expect(page.locator("#check-running-image .evidence dd").first).to_be_visible()
    assert background(page, "body") == "rgb(255, 255, 255)"
    assert not is_wider_than_the_window(page)


def test_the_keyboard_is_enough(reader: Reader) -> None:
    """Tab goes to the states, Enter to their section, and opens what is folded."""
    page = reader.opens(FAILING)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="1 failed")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.url.endswith("#wrong")
    page.locator("summary", has=page.locator("#passed")).focus()
    page.keyboard.press("Enter")

    expect(page.locator("#check-pin-file")).to_be_visible()


def test_texts_cannot_become_elements(reader: Reader) -> None:
    """What a registry or a file answered is shown as it is."""
    page = reader.opens(report(result("a", Finding(Status.FAIL, ATTACK, ATTACK, {"x": ATTACK}))))

    expect(page.locator("#check-a .says")).to_contain_text("<script>")
    assert page.locator("script, img, main style").count() == 0
    assert reader.sent == [page.url]


def test_the_policy_stops_what_got_into_the_page(reader: Reader) -> None:
    """Were a text not escaped, it could still run nothing, load nothing and hide nothing."""
    attacked = render(FAILING, Style()).replace("<main", f"{ATTACK}<main")
    page = reader.opens(attacked)

    assert page.locator("script, img").count() == 2
    assert page.evaluate("document.body.dataset.ran") is None
    assert reader.requests == [(page.url, None), ("http://127.0.0.1:9/x", "csp")]
    expect(page.locator("#check-running-image")).to_be_visible()

    without = attacked.replace("http-equiv", "name")
    assert reader.opens(without).evaluate("document.body.dataset.ran") == "1"  # the attack is a real one

"""Pictures of the page for a person to look at: ``PYTHONPATH=docker python -m tests.browser.look FOLDER``."""

import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser

from preflight.fleet.formats import renderer
from preflight.report import Style
from preflight.run.reporters.html_report import render
from tests.fakes.fleet import large_fleet
from tests.fakes.health import FAILING, HEALTHY
from tests.fakes.reports import report
from tests.real.browser import real_browser

STYLE = Style(verbose=True)
PAGES = {
    "failing": render(FAILING, STYLE),
    "healthy": render(HEALTHY, STYLE),
    "problem": render(report(code=2, problem="preflight.yaml:1: bad"), STYLE),
    "fleet": renderer("html")(large_fleet(), STYLE),
}
VIEWS: dict[str, tuple[int, Literal["light", "dark"], Literal["screen", "print"]]] = {
    "light": (1200, "light", "screen"),
    "dark": (1200, "dark", "screen"),
    "narrow": (360, "light", "screen"),
    "print": (718, "light", "print"),
}
"""Width in pixels (that of A4 within its margins for print), colour scheme, medium."""


def take(browser: Browser, text: str, folder: Path, name: str) -> None:
    """Write one picture for each view."""
    file = folder / f"{name}.html"
    file.write_text(text, encoding="utf-8")
    for view, (width, scheme, medium) in VIEWS.items():
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page.emulate_media(media=medium, color_scheme=scheme)
        page.goto(file.as_uri())
        page.screenshot(path=folder / f"{name}-{view}.png", full_page=True)
        page.close()


if __name__ == "__main__":
    with real_browser() as chromium:
        for each, one in PAGES.items():
            take(chromium, one, Path(sys.argv[1]), each)

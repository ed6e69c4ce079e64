"""Somebody who opens pages in a real browser."""

from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Page

from preflight.report import Report, Style
from preflight.run.reporters.html_report import render

RAN = "document.body.dataset.ran = 1"
ATTACK = f"<script>{RAN}</script><img src=http://127.0.0.1:9/x onerror='{RAN}'><style>main {{ display: none }}</style>"
LONG = "x" * 400
AXE = files("axe_playwright_python").joinpath("axe.min.js")
"""The rules of axe-core; the Python around them has no types and would say nothing that these lines do not."""


class Reader:
    """Somebody who opens pages, and what their browser asked the network for.

    Args:
        page: A tab.
        folder: Where the pages lie.

    Attributes:
        requests: Each address that the page wanted, and why it got nothing from there.
    """

    def __init__(self, page: Page, folder: Path) -> None:
        self.page = page
        self.requests: list[tuple[str, str | None]] = []
        self._folder = folder
        page.on("requestfinished", lambda request: self.requests.append((request.url, None)))
        page.on("requestfailed", lambda request: self.requests.append((request.url, request.failure)))

    def opens(self, what: Report | str, width: int = 1200) -> Page:
        """Open a report, or a page that is written already."""
        file = self._folder / "page.html"
        file.write_text(what if isinstance(what, str) else render(what, Style(verbose=True)), encoding="utf-8")
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.goto(file.as_uri())
        return self.page

    @property
    def sent(self) -> list[str]:
        """What was asked for, except what the page's policy stopped."""
        return [address for address, failure in self.requests if failure != "csp"]


def is_wider_than_the_window(page: Page) -> bool:
    """Whether one would have to scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def violations(page: Page) -> list[str]:
    """Return the serious and critical violations of axe-core's rules, with the elements."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [
        f"{each['id']}: {node['html']}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]

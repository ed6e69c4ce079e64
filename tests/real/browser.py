"""A real browser: Debian's Chromium without a window, driven by Playwright."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright
from provision.errors import ProvisionError

from tests.real.missing import missing

_QUIET = (
    "--no-sandbox",  # root has none; the pages are our own
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def real_browser() -> Iterator[Browser]:
    """Have a browser with a profile of its own for the length of a block."""
    program = shutil.which("chromium")
    if program is None:
        missing("no Chromium", ProvisionError("the program chromium is missing", "run: sudo apt-get install chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_QUIET)
        try:
            yield browser
        finally:
            browser.close()

"""One browser for all tests of pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.reader import Reader
from tests.real.browser import real_browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    with real_browser() as one:
        yield one


@pytest.fixture
def reader(browser: Browser, tmp_path: Path) -> Iterator[Reader]:
    """A reader with a fresh tab."""
    page = browser.new_page()
    page.set_default_timeout(10_000)
    yield Reader(page, tmp_path)
    page.close()

"""docs/made/site_only.py, and the pages that it completes: GitHub shows them as they stand in the repository."""

import pytest
from provision.cache import ROOT

from docs.made.site_only import extended

MANUAL = ROOT / "docs" / "manual"
PAGES = sorted({*MANUAL.glob("*.md"), *MANUAL.glob("checks/*.md")} - {MANUAL / "reference.md"})
"""`make site` makes the reference, which is not in the repository."""


def test_no_page_has_markup_that_only_the_site_understands() -> None:
    """Neither a directive, nor a role, nor a list of definitions."""
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert "```{" not in text, page.name
        assert "\n: " not in text, page.name
        assert "{download}" not in text, page.name
    assert len(PAGES) > 30


def test_the_changelog_takes_the_place_of_its_link() -> None:
    """On the site it is on the page."""
    page = extended("upgrading", "# Upgrading\n\nDo this.\n\nSee the [changelog](../../CHANGELOG.md).\n")
    assert page.startswith("# Upgrading\n\nDo this.\n\n```{include} ../../CHANGELOG.md\n:start-after: ")


def test_a_page_that_lost_its_link_is_refused() -> None:
    """Otherwise a paragraph would vanish from the site."""
    with pytest.raises(SystemExit, match=r"upgrading\.md does not end with a paragraph that links"):
        extended("upgrading", "# Upgrading\n\nDo this.\n")


def test_only_the_pages_with_others_below_them_have_a_tree() -> None:
    """Another page stays as it is."""
    assert "```{toctree}\n:hidden:\n:caption: Look up\n\nchecks/index\n" in extended("index", "# preflight\n")
    assert "\npin-file\n" in extended("checks/index", "# Checks\n")
    assert extended("faq", "# Questions\n") == "# Questions\n"


def test_a_picture_has_an_image_for_each_theme() -> None:
    """Sphinx copies only files that a directive names."""
    text = extended("faq", '<picture>\n<source srcset="d.svg">\n<img alt="A run." src="l.svg">\n</picture>\n')
    assert text.split("\n\n") == [
        "```{image} l.svg\n:alt: A run.\n:class: only-light\n```",
        "```{image} d.svg\n:alt: A run.\n:class: only-dark\n```\n",
    ]

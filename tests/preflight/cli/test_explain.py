"""preflight/cli/explain.py: it says what the page of the manual says, and where that page is."""

import re

import pytest
from click.testing import CliRunner
from provision.cache import ROOT

from preflight.cli import cli
from preflight.model import About
from preflight.run import explanation
from preflight.run.discovery import discover
from preflight.run.setup import SETUP

MANUAL = ROOT / "docs" / "manual" / "checks"
CHECKS = [*(check.about for check in discover().checks), SETUP]


def explained(what: str) -> str:
    """Return what the command prints."""
    done = CliRunner().invoke(cli, ["explain", what])
    assert done.exit_code == 0, done.output
    return done.output


def plain(text: str) -> str:
    """Return text without line breaks and without the marks of Markdown."""
    return " ".join(re.sub(r"[\\`]", "", text).split())


@pytest.mark.parametrize("about", CHECKS, ids=lambda about: about.id)
def test_it_says_what_the_page_says(about: About) -> None:
    """Question, reason, and of each failure: what is wrong, what to do, how serious it is; and where the page is."""
    text = explained(about.id)
    address = text.splitlines()[-1].removeprefix("Manual: ")
    page = (ROOT / address).read_text(encoding="utf-8")

    said, written = plain(text), plain(page)
    for part in (about.title, about.asks, about.why):
        assert plain(part) in said
        assert plain(part) in written
    for failure in about.failures:
        for part in (failure.says, failure.fix, explanation.severity(failure)):
            assert plain(part) in said
            assert plain(part) in written
        assert f"\n### {failure.code}\n" in page


def test_each_setting_says_what_it_means() -> None:
    """Also on the page, whose table has a row for each."""
    for check in discover().checks:
        text, page = explained(check.about.id), (MANUAL / f"{check.about.id}.md").read_text(encoding="utf-8")
        for each in explanation.settings_of(check.settings_type):
            assert each.meaning
            assert plain(f"): {each.meaning}") in plain(text)
            assert f"\n| `{each.name}` | {each.kind} |" in page


def test_a_failure_leads_to_its_place_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the repository, or on the site where one is published."""
    assert explained("pin-file/missing").endswith("\nManual: docs/manual/checks/pin-file.md#missing\n")
    monkeypatch.setattr(explanation, "SITE_URL", "https://preflight.example.com")
    assert explained("pin-file/missing").endswith(
        "\nManual: https://preflight.example.com/checks/pin-file.html#missing\n"
    )

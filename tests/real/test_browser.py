"""tests/real/browser.py"""

from pathlib import Path

import pytest

from tests.real.browser import real_browser
from tests.real.missing import MARK, SKIPPED


@pytest.mark.parametrize(("ci", "outcome"), [("true", pytest.fail.Exception), ("", SKIPPED)])
def test_a_machine_without_chromium_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ci: str, outcome: type[Exception]
) -> None:
    """With the command that brings it; in CI that is a failure."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", ci)

    with pytest.raises(outcome, match="no Chromium: ") as told, real_browser():
        pass
    assert (MARK in str(told.value)) is (ci == "")
    assert "chromium is missing" in str(told.value)

"""preflight/run/reporters/table_report.py"""

import pytest

from preflight.model import Finding, Location, Status
from preflight.run.reporters import Style
from preflight.run.reporters.table_report import render
from tests.fakes.reports import DIGEST, EVERYTHING, report, result

AT_80 = """\
       CHECK    FINDING
FAIL   b-fail   `environment:` beats the pin file: APP_IMAGE is set there for
                the service app, and would not follow a pin
                (docker/compose.app.yaml:17)
ERROR  e-error  the daemon does not answer
warn   c-warn   fragile
skip   d-skip   no Coolify here
ok     a-pass   all is well
ok     b-fail   another is well

What to do
  b-fail (docker/compose.app.yaml:17)
    Remove APP_IMAGE from environment: of the service app in
    docker/compose.app.yaml.
  e-error
    Start it.
  c-warn
    Mend it.

5 checks: 1 failed, 1 could not look, 1 with warnings, 1 skipped, 1 passed, 1
finding waived (0.50 s). Exit 1: do not roll out.
"""


def test_at_80_columns() -> None:
    """Worst first, one row for what was found, what to do below, one summary; nothing is wider than the terminal."""
    assert render(EVERYTHING, Style(width=80)) == AT_80


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_it_fits_the_terminal(width: int) -> None:
    """No line is wider than the terminal."""
    assert max(len(line) for line in render(EVERYTHING, Style(width=width)).splitlines()) <= width


def test_colour_adds_nothing_but_escapes() -> None:
    """Without its escapes the coloured report is the plain one."""
    coloured = render(EVERYTHING, Style(color=True))

    assert "\x1b[1;31mFAIL\x1b[0m" in coloured
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[36m", "\x1b[1;31m", "\x1b[1;35m"):
        coloured = coloured.replace(code, "")
    assert coloured == AT_80


def test_quiet_shows_only_what_is_wrong() -> None:
    """Passes and skips are left out, not counted out."""
    text = render(EVERYTHING, Style(quiet=True))

    assert "all is well" not in text
    assert "no Coolify" not in text
    assert "1 passed" in text


def test_verbose_adds_evidence_and_timings() -> None:
    """-v shows what a verdict rests on."""
    text = render(EVERYTHING, Style(verbose=True))

    assert "  b-fail: fail in 0.250 s\n    count: 2\n" in text
    assert f'    value: "ghcr.io/acme/agent@{DIGEST}"' in text


def test_a_remedy_that_serves_two_findings_is_told_once() -> None:
    """The reader does one thing, so reads one thing."""
    same = Finding(Status.ERROR, "cannot", "Start Docker.")
    text = render(report(result("a", same), result("b", same), code=3), Style())

    assert text.count("Start Docker.") == 1
    assert "  a, b\n    Start Docker." in text
    assert "Exit 3: could not tell; do not roll out." in text


def test_the_names_of_many_checks_with_one_remedy_fit_the_terminal() -> None:
    """The heading of a remedy is wrapped like everything else."""
    same = Finding(Status.ERROR, "cannot", "Start Docker.")
    text = render(report(*(result(f"check-number-{number}", same) for number in range(12)), code=3), Style())

    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_skip_is_told_how_to_mend_only_where_that_helps() -> None:
    """What does not apply needs nothing done, unless it is all there is, or the reader asks for everything."""
    well, skip = Finding(Status.PASS, "well"), Finding(Status.SKIP, "not here", "Look elsewhere.")

    assert "What to do" not in render(report(result("a", well, skip), code=0), Style())
    assert "Look elsewhere." in render(report(result("a", well, skip), code=0), Style(verbose=True))
    assert "Look elsewhere." in render(report(result("a", well, skip), code=1), Style())
    assert "Look elsewhere." not in render(report(result("a", skip, Finding(Status.FAIL, "x", "y"))), Style())


def test_nothing_to_mend_has_no_section() -> None:
    """A green report ends with its summary."""
    text = render(report(result("a", Finding(Status.PASS, "well")), code=0), Style())

    assert text == "    CHECK    FINDING\nok  a        well\n\n1 check: 1 passed (0.50 s). Exit 0: clear to roll out.\n"


def test_a_run_that_checked_nothing_says_why() -> None:
    """The table of a configuration error is one line."""
    assert render(report(code=2, problem="preflight.yaml:1: bad"), Style()) == (
        "Nothing was checked: preflight.yaml:1: bad\n"
    )


def test_an_interrupted_run_says_so() -> None:
    """Ctrl-C is no verdict."""
    assert "Exit 130: interrupted." in render(report(result("a", Finding(Status.PASS, "well")), code=130), Style())


def test_checks_that_say_the_same_share_a_row() -> None:
    """On a host without Coolify its five checks take one row; the counts still know all of them."""
    nowhere = Finding(Status.SKIP, "no Coolify here: no container is labelled so, and the folder has no applications")
    text = render(report(*(result(f"{name}-check", nowhere) for name in "abc")), Style(width=60))

    assert text.startswith(
        """\
      CHECK    FINDING
skip  a-check  no Coolify here: no container is labelled so,
      b-check  and the folder has no applications
      c-check
"""
    )
    assert "3 skipped" in text


def test_what_differs_in_its_place_or_verdict_has_a_row_of_its_own() -> None:
    """Only what is the same to the letter is read once."""
    text = render(
        report(
            result("a-check", Finding(Status.SKIP, "said", location=Location("a.env", 1))),
            result("b-check", Finding(Status.SKIP, "said", location=Location("a.env", 2))),
            result("c-check", Finding(Status.WARN, "said", "Mend.", location=Location("a.env", 1))),
        ),
        Style(),
    )

    assert [line.split()[0] for line in text.splitlines()[1:4]] == ["warn", "skip", "skip"]

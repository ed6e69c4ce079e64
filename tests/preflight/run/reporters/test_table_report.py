"""preflight/run/reporters/table_report.py"""

from dataclasses import replace

import pytest

from preflight.check import could_not_look, not_looked_at, passed, skipped
from preflight.model import Failure, Finding, Location, Stage, Status, Subject
from preflight.report import JudgedProject, PinState, Style
from preflight.run.reporters.table_report import render
from tests.fakes.reports import DIGEST, EVERYTHING, report, result

AT_80 = """\
preflight 1.2.3 on host, stage before: may this commit be rolled out?

      CHECK    FINDING
ok    a-pass   all is well

skip  not applicable here (-v): no Coolify here (1)

warn  c-warn/weak
      fragile
      -> Fix it.

FAIL  b-fail  docker/compose.app.yaml:17
      `environment:` overrides the pin: APP_IMAGE is set there for the service
      app, and would not follow a pin
      -> Remove APP_IMAGE from environment: of the service app in
         docker/compose.app.yaml.
ERROR e-error/could-not-look
      the daemon does not answer
      -> Start it.

5 checks: 1 failed, 1 could not look, 1 with warnings, 1 skipped, 1 passed, 1
finding waived.
Exit 1: do not roll out. (0.50 s)
"""
PROJECT = (
    "  project /srv/app, commit 9b459b300 with uncommitted changes, compose a.yaml (found, not configured), "
    "not loaded by Compose: b.yaml"
)
GONE = Failure("gone", "It is gone.", "Bring it back.")


def test_at_80_columns() -> None:
    """Header, passes, what does not apply, warnings, what blocks with its remedy, verdict."""
    assert render(EVERYTHING, Style(width=80)) == AT_80


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_it_fits_the_terminal(width: int) -> None:
    """No line is wider than the terminal."""
    assert max(len(line) for line in render(EVERYTHING, Style(width=width)).splitlines()) <= width


def test_colour_adds_nothing_but_escapes() -> None:
    """Without its escapes the coloured report is the plain one."""
    coloured = render(EVERYTHING, Style(color=True))

    assert "\x1b[1;31mFAIL\x1b[0m" in coloured
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[1;31m", "\x1b[1;35m"):
        coloured = coloured.replace(code, "")
    assert coloured == AT_80


def test_only_the_last_line_changes_from_run_to_run() -> None:
    """Two runs with the same findings can be compared as text."""
    later = replace(EVERYTHING, duration_s=7.25)

    one, other = render(EVERYTHING, Style()).splitlines(), render(later, Style()).splitlines()

    assert one[:-1] == other[:-1]
    assert other[-1] == "Exit 1: do not roll out. (7.25 s)"


def test_the_header_says_what_is_judged() -> None:
    """Project, commit, files and each pin with its release and short digest."""
    judged = JudgedProject(
        project="/srv/app",
        commit="9b459b3" + "0" * 33,
        dirty=True,
        compose_files=("a.yaml",),
        assumed=True,
        unread=("b.yaml",),
        pins=(PinState("APP_IMAGE", "app", "docker/pin.env", DIGEST, "1.4.2", Status.PASS),),
    )

    text = render(replace(EVERYTHING, judged=judged, stage=Stage.AFTER), Style(width=200))

    assert text.splitlines()[:3] == [
        "preflight 1.2.3 on host, stage after: did the rollout arrive, and will it stay?",
        PROJECT,
        "  pin APP_IMAGE 1.4.2 sha256:aaaaaaaaaaaa… for app in docker/pin.env",
    ]


def test_a_pass_takes_one_line() -> None:
    """However long it is, and however many the check has."""
    long = report(result("a", passed("x" * 200), passed("y")), code=0)
    text = render(long, Style(width=60))

    assert [line for line in text.splitlines() if line.startswith("ok")] == [f"ok    a        {'x' * 44}…"]
    assert "x" * 44 in render(long, Style(width=60, verbose=True)).replace("\n             ", "")


def test_quiet_shows_only_what_is_wrong() -> None:
    """Passes and skips are left out, not counted out."""
    text = render(EVERYTHING, Style(quiet=True))

    assert "all is well" not in text
    assert "no Coolify" not in text
    assert "1 passed" in text


def test_quiet_and_strict_name_what_made_the_run_fail() -> None:
    """Also when that is something nobody asked the check to look at."""
    strict = replace(report(result("a", not_looked_at("offline", hint="Go online."))), strict=True)
    text = render(strict, Style(quiet=True))

    assert "skip  a\n      offline\n      -> Go online.\n" in text


def test_verbose_adds_evidence_and_timings() -> None:
    """-v shows what a verdict rests on."""
    text = render(EVERYTHING, Style(verbose=True))

    assert "  b-fail: fail in 0.250 s\n    count: 2\n" in text
    assert f'    value: "ghcr.io/acme/agent@{DIGEST}"' in text
    assert "skip  d-skip\n      no Coolify here" in text


def test_what_follows_from_another_finding_points_to_it() -> None:
    """One cause, one remedy, and the names of those who could not look because of it."""
    cause = Finding(Status.FAIL, "no digest", "Write one.", failure=GONE)
    blind = replace(could_not_look("no digest to ask for", hint="Write one."), caused_by="pin/gone")
    many = report(result("pin", cause), *(result(f"check-number-{number}", blind) for number in range(9)))
    text = render(many, Style())

    assert text.count("Write one.") == 1
    assert "ERROR because of pin/gone, not looked at by: check-number-0, check-number-1," in text
    assert max(len(line) for line in text.splitlines()) <= 80
    assert text.count("(follows from pin/gone)") == 0
    assert render(many, Style(verbose=True, width=200)).count("(follows from pin/gone)") == 9


def test_what_does_not_apply_is_one_entry_by_reason() -> None:
    """On a host without Coolify its five checks take one line; -v lists them."""
    nowhere = skipped("no Coolify here: no container is labelled so")
    asked = not_looked_at("no identity is configured, so a signature would prove nothing", hint="Configure one.")
    here = report(
        result("w", passed("well")),
        *(result(name, nowhere) for name in "abc"),
        result("d", skipped("web: no containers", Subject("service", "web"))),
        result("e", asked),
        code=0,
    )

    assert (
        "skip  not applicable here (-v): no Coolify here (3); no containers (1)\n"
        "skip  not looked at (-v): no identity is configured (1)\n"
    ) in render(here, Style())
    assert "skip  b\n      no Coolify here: no container is labelled so\n" in render(here, Style(verbose=True))


def test_a_run_that_only_skipped_says_how_to_look() -> None:
    """There the skips are what stands in the way."""
    text = render(report(result("a", skipped("not here", hint="Look elsewhere.")), code=3), Style())

    assert "-> Look elsewhere." in text
    assert text.endswith("Exit 3: could not tell; do not roll out. (0.50 s)\n")


def test_a_run_that_checked_nothing_says_why() -> None:
    """The table of a configuration error is one line."""
    assert render(report(code=2, problem="preflight.yaml:1: bad"), Style()) == (
        "Nothing was checked: preflight.yaml:1: bad\n"
    )


def test_a_place_stands_with_its_failure() -> None:
    """Each at its own, also where the words are the same."""
    text = render(
        report(
            result("a", Finding(Status.FAIL, "said", "Fix.", location=Location("a.env", 1), failure=GONE)),
            result("b", Finding(Status.FAIL, "said", "Fix.", location=Location("a.env", 2), failure=GONE)),
        ),
        Style(),
    )

    assert "FAIL  a/gone  a.env:1\n      said\n      -> Fix.\nFAIL  b/gone  a.env:2\n" in text

"""Reports that hold whatever somebody may have written into a file, a tag or a container's name."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from preflight.errors import ExitCode
from preflight.failures import COULD_NOT_LOOK, NOT_LOOKED_AT
from preflight.model import About, Area, CheckResult, Failure, Finding, Location, Stage, Status, Subject, Waiver
from preflight.report import JudgedProject, PinState, Report

NASTY = (
    "\x1b[2J",
    "\n",
    "\r\n::error::x",
    "]]>",
    "<!--",
    "::",
    "::stop-commands::x",
    "%0A",
    "|",
    "\\|",
    "\\",
    "`",
    "``",
    "<script>alert(1)</script>",
    "</code></td></details>",
    "<img src=x onerror=y>",
    "&lt;",
    "&#64;",
    "@root",
    "#12",
    "[x](http://evil.example)",
    "![x](//evil.example/y.png)",
    "www.evil.example",
    "https://evil.example/",
    "*_~$",
    "---",
    '"',
    "'",
    "{0}",
    "\ufffe",
    "\ud800",
    "\u202e",
    "\u2028",
    "\x00",
    "ä😀",
    ",file=x,line=1",
    "'a b'=1;2;3",
)
NASTIEST = " ".join(NASTY)

FAILURES = (
    Failure("weak", NASTIEST, NASTIEST),
    Failure("old", "It is old.", "Deploy.", before=Status.PASS, deploy_fixes=True),
    Failure("fragile", "", "", Status.WARN, Status.WARN, waivable=False),
)

texts = st.lists(st.sampled_from(NASTY) | st.text(max_size=12), max_size=6).map("".join)
names = texts.map(lambda text: text or "x")
places = st.none() | st.builds(Location, names, st.none() | st.integers(1, 10_000))


@st.composite
def findings(draw: st.DrawFn, check_id: str) -> Finding:
    """Return a finding, accepted by a waiver or by ``--allow`` now and then."""
    status = draw(st.sampled_from(Status))
    failure = None if status is Status.PASS else draw(st.sampled_from([*FAILURES, COULD_NOT_LOOK, NOT_LOOKED_AT, None]))
    accepted = status is Status.WARN and failure is not None
    waiver = (
        Waiver(check_id, failure.code, date(2027, 1, 31), draw(names)) if accepted and failure is not None else None
    )
    return Finding(
        status=status,
        message=draw(names),
        hint=draw(texts),
        evidence=draw(st.dictionaries(names, texts, max_size=2)),
        location=draw(places),
        failure=failure,
        subject=draw(st.none() | st.builds(Subject, names, names)),
        waived=draw(st.sampled_from([waiver, None])),
        allowed=accepted and draw(st.booleans()),
        caused_by=draw(st.sampled_from(["", "pin-file/missing"])),
    )


@st.composite
def results(draw: st.DrawFn, number: int) -> CheckResult:
    """Return what one check said."""
    check_id = f"check-{number}"
    about = About(
        check_id,
        draw(texts),
        frozenset(draw(st.lists(names, max_size=2))),
        frozenset(),
        draw(texts),
        draw(texts),
        FAILURES,
        draw(st.sampled_from(Area)),
    )
    found = draw(st.lists(findings(check_id), min_size=1, max_size=4))
    return CheckResult(about, tuple(found), draw(st.floats(0, 1e6)))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Return a report of anything."""
    problem = draw(st.just("") | texts)
    count = 0 if problem else draw(st.integers(0, 5))
    pins = st.builds(PinState, names, names, names, st.sampled_from(["", "sha256:" + "a" * 64]), texts)
    judged: dict[str, Any] = {"dirty": draw(st.none() | st.booleans()), "pins": tuple(draw(st.lists(pins, max_size=2)))}
    for name in ("project", "commit", "folder", "root"):
        judged[name] = draw(texts)
    return Report(
        version=draw(names),
        host=draw(names),
        started=datetime(2026, 11, 29, 10, 0, 0, draw(st.integers(0, 999_999)), UTC),
        duration_s=draw(st.floats(0, 1e6)),
        results=tuple(draw(results(number)) for number in range(count)),
        exit_code=draw(st.sampled_from(ExitCode)),
        problem=problem,
        stage=draw(st.sampled_from(Stage)),
        judged=JudgedProject(**judged),
        limits=tuple(draw(st.lists(names, max_size=2))),
        strict=draw(st.booleans()),
    )

"""preflight/run/reporters/html_report.py and the template, without a browser; see tests/browser for what one shows."""

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from preflight.check import passed
from preflight.model import Failure, Finding, Location, Status, Subject
from preflight.report import Change, JudgedProject, Past, PinState, Report, Style
from preflight.run.reporters.html_report import render
from tests.fakes.health import FAILING, HEALTHY, NOW, past_runs
from tests.fakes.reports import DIGEST, EVERYTHING, report, result

VOID = {"meta", "br"}
HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m'\" onmouseover=x </style></title>"


class Tags(HTMLParser):
    """Collects start tags, and refuses an end tag that closes something else."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture
def in_vienna(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine whose clock on the wall is an hour ahead of UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("what", [FAILING, HEALTHY, EVERYTHING, report(code=3), report(code=2, problem="bad")])
@pytest.mark.parametrize("style", [Style(), Style(verbose=True), Style(quiet=True)])
def test_the_page_is_well_formed_and_self_contained(what: Report, style: Style) -> None:
    """Every tag is closed, every link stays in the page and arrives, no id is there twice."""
    tags = Tags(render(what, style))
    ids = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    links = [value for _, attributes in tags.found for key, value in attributes.items() if key in ("href", "src")]

    assert tags.open == []
    assert len(ids) == len(set(ids))
    assert {f"#{name}" for name in ids} >= set(links)
    assert not {tag for tag, _ in tags.found} & {"script", "link", "img", "iframe", "form", "object"}
    assert not [key for _, attributes in tags.found for key in attributes if key == "style" or key.startswith("on")]


def test_the_policy_allows_the_one_style_sheet() -> None:
    """By its hash; everything else is forbidden."""
    page = render(EVERYTHING, Style())
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"default-src &#39;none&#39;; style-src &#39;sha256-{digest}&#39;" in page.replace("'", "&#39;")


def test_every_text_from_outside_is_escaped_and_cannot_turn_the_line() -> None:
    """Wherever it comes in: no tag, no attribute, no control character, no change of direction."""
    failure = Failure("gone", "It is gone.", "Bring it back.")
    finding = Finding(
        Status.FAIL,
        HOSTILE,
        HOSTILE,
        {HOSTILE: [HOSTILE]},
        Location(HOSTILE, 1),
        failure,
        Subject("container", HOSTILE),
    )
    hostile = replace(
        report(result("a", finding, passed(HOSTILE)), result("b", passed(HOSTILE))),
        host=HOSTILE,
        limits=(HOSTILE,),
        judged=JudgedProject(
            HOSTILE,
            HOSTILE,
            None,
            (HOSTILE,),
            True,
            (HOSTILE,),
            (PinState(HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        ),
        past=Past(
            past_runs((result("a", finding),), 3, {}),
            (Change(NOW, HOSTILE, HOSTILE, HOSTILE, None, Status.FAIL, 5.0),),
        ),
    )
    page = render(hostile, Style(verbose=True))
    problem = render(report(code=2, problem=HOSTILE), Style())

    for text in (page, problem):
        assert "<script" not in text
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x09\x0b-\x1f]", text)
        assert text.count("</title>") == text.count("<title>")
        assert not [key for _, attributes in Tags(text).found for key in attributes if key.startswith("on")]
    assert page.count("&lt;script&gt;") >= 14


def test_the_head_says_what_was_judged() -> None:
    """Host, project, stage, commit, pins with release and digest, when, version, limits."""
    page = render(FAILING, Style())

    for text in (
        "deploy-host-07",
        "stage after: did the rollout arrive, and will it stay?",
        "<b>FAIL:</b> the rollout is not as pinned",
        "/srv/hephaestus",
        "9b459b300c1f2a77d05e6f0f3b8a1d9c2e4f6071",
        DIGEST,
        "release 1.4.2",
        '<time datetime="2026-11-29T02:55:04Z">2026-11-29 02:55:04 UTC</time>',
        "preflight 1.2.3, exit code 1",
        "2 checks left out by preflight.yaml:7; 1 waiver in preflight.yaml",
        "docker/compose.override.yml",
    ):
        assert text in page


@pytest.mark.parametrize(
    ("folder", "project", "shown"),
    [
        ("/srv/app", ".", "/srv/app"),
        ("/srv/app/deploy", "..", "/srv/app"),
        ("/root", "/srv/app", "/srv/app"),
        ("", "app", "app"),
    ],
)
def test_the_project_is_named_for_who_reads_elsewhere(folder: str, project: str, shown: str) -> None:
    """A dot says nothing in a mail; a report of an older version knows no more than that."""
    judged = replace(FAILING.judged, folder=folder, project=project)

    page = render(replace(FAILING, judged=judged), Style())

    assert f"<dd><code>{shown}</code>, commit" in page
    assert (f"<dt>Paths start in</dt><dd><code>{folder}</code>" in page) is bool(folder)


@pytest.mark.usefixtures("in_vienna")
def test_times_are_in_utc_and_local() -> None:
    """With the date where that differs."""
    assert "2026-11-29 02:55:04 UTC</time> (03:55:04 CET)" in render(FAILING, Style())
    late = replace(FAILING, started=NOW + timedelta(hours=20, minutes=30))
    assert "2026-11-29 23:25:04 UTC</time> (2026-11-30 00:25:04 CET)" in render(late, Style())


def test_evidence_is_for_who_asked_for_it() -> None:
    """And bounded: a check may have a megabyte of it."""
    much = report(result("a", Finding(Status.FAIL, "x", "y", {"tags": ["1.2.3"] * 100_000})))

    assert '<details class="evidence">' not in render(much, Style())
    verbose = render(much, Style(verbose=True))
    assert "<dt>tags</dt>" in verbose
    assert len(verbose) < 20_000


def test_many_passes_are_counted() -> None:
    """A check that looked at 500 tags and one that was wrong shows the wrong one and some of the others."""
    many = report(result("a", *(passed(f"tag {number} is there") for number in range(500))))

    assert "and 480 more" in render(many, Style())


def test_the_last_changes_have_their_durations() -> None:
    """Twenty of them, and how many more there are."""
    one = Change(NOW, "pin-file", "missing", "variable APP_IMAGE", None, Status.FAIL, 93600.0)
    page = render(replace(FAILING, past=replace(FAILING.past, changes=(one,) * 23)), Style())

    assert page.count(">1d 2h</td>") == 20
    assert "3 earlier changes not shown" in page


def test_a_waiver_says_when_it_ends() -> None:
    """In days from the run, not from when somebody looks."""
    assert "<b>2026-12-04</b>, 5 days left" in render(FAILING, Style())
    on_its_day = replace(FAILING, started=NOW + timedelta(days=5))
    assert "<b>2026-12-04</b>, last day today" in render(on_its_day, Style())


def test_a_page_with_much_to_draw_stays_small() -> None:
    """Twenty checks, a thousand stored runs; also where each of them changes with each run."""
    flapping = {each.about.id: tuple((ago, ago, Status.FAIL) for ago in range(1, 1000, 2)) for each in FAILING.results}
    worst = replace(FAILING, past=Past(past_runs(FAILING.results, 1000, flapping), FAILING.past.changes))

    assert len(FAILING.results) == 20
    assert len(render(FAILING, Style(verbose=True)).encode()) < 100_000
    assert len(render(worst, Style(verbose=True)).encode()) < 300_000

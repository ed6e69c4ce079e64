"""preflight/run/reporters/markdown_report.py"""

from dataclasses import replace

from preflight.model import Finding, Location, Status
from preflight.report import JudgedProject, PinState, Style
from preflight.run.reporters.markdown_report import LIMIT, render
from tests.fakes.format_parsers import markdown
from tests.fakes.hostile_reports import NASTIEST
from tests.fakes.reports import DIGEST, EVERYTHING, WEAK, report, result


def rows(text: str) -> list[str]:
    """Return the cells of all tables as a reader sees them, a row a line."""
    lines: list[str] = []
    in_cell = False
    for token in markdown(text):
        if token.type == "tr_open":
            lines.append("")
        if token.type in {"th_open", "td_open", "th_close", "td_close"}:
            in_cell = token.type.endswith("_open")
            lines[-1] += "[" if in_cell else "]"
        elif in_cell and token.type == "text":
            lines[-1] += token.content
        elif in_cell and token.content == "<br>":
            lines[-1] += " "
    return lines


def test_the_answer_then_what_is_wrong_then_the_rest() -> None:
    """With the place and the remedy."""
    text = render(EVERYTHING, Style())

    assert text.startswith("### preflight: do not roll out\n\nStage before: may this commit be rolled out? · ")
    head, failure, error, warning, *_ = rows(text)
    assert head == "[][Check][Finding][What to do]"
    assert failure.startswith("[FAIL][b-fail][environment: overrides the pin: APP_IMAGE is set there for the service")
    assert failure.endswith(
        "docker/compose.app.yaml:17][Remove APP_IMAGE from environment: of the service app in docker/compose.app.yaml.]"
    )
    assert error == "[ERROR][e-error/could-not-look][the daemon does not answer][Start it.]"
    assert warning == "[warn][c-warn/weak][fragile][Fix it.]"
    assert "<details><summary>3 other findings</summary>" in text
    assert "[ok][a-pass][all is well]" in rows(text)
    assert text.endswith(" 1 passed, 1 finding waived. Exit 1: do not roll out.\n")


def test_what_follows_from_another_finding_shares_a_line() -> None:
    """It has no remedy of its own."""
    follows = Finding(Status.ERROR, "no pin", "x", caused_by="pin-file/weak")
    text = render(
        report(result("a", follows), result("b", follows), result("pin-file", Finding(Status.FAIL, "bad"))), Style()
    )

    assert rows(text)[1:] == ["[FAIL][pin-file][bad][]"]
    assert "- because of <code>pin-file/weak</code>, not looked at by: <code>a</code>, <code>b</code>\n" in text


def test_quiet_leaves_the_rest_out() -> None:
    """What is wrong stays."""
    text = render(EVERYTHING, Style(quiet=True))

    assert "<details>" not in text
    assert "[warn][c-warn/weak][fragile][Fix it.]" in rows(text)


def test_the_head_names_commit_and_pins() -> None:
    """As the table does."""
    pin = PinState("APP_IMAGE", "app", "docker/pin.env", DIGEST, "1.4.0")
    judged = JudgedProject(project="docker", commit="a" * 40, dirty=True, pins=(pin, replace(pin, digest="")))
    text = render(replace(EVERYTHING, judged=judged), Style())

    assert "commit <code>aaaaaaaaa</code> with uncommitted changes" in text
    assert "- <code>APP&#95;IMAGE</code> 1.4.0 <code>sha256&#58;aaaaaaaaaaaa…</code> for <code>app</code> in" in text
    assert "</code> 1.4.0 no digest for" in text


def test_text_is_shown_as_it_is_written() -> None:
    """Whatever it means to Markdown, HTML or GitHub."""
    written = "a|b ``c <script>x</script> **d** [e](http://f) ~~g~~ \\| &lt; $h$ @root #12 www.i.example :tada:x GH-7"
    what = report(result("a", Finding(Status.FAIL, written, "do", location=Location("x|y_z"), failure=WEAK)))
    text = render(what, Style())

    assert rows(text)[1] == f"[FAIL][a/weak][{written} x|y_z][do]"
    assert "@root" not in text.replace("&#64;", "@")
    assert "#12 " not in text.replace("&#35;", "#")


def test_a_command_in_a_text_is_code() -> None:
    """Remedies quote commands in backticks; nothing in them is markup."""
    what = report(result("a", Finding(Status.FAIL, "x", "Run `a | b </code> *c*` or `d`, not ``.", failure=WEAK)))
    text = render(what, Style())

    assert rows(text)[1] == "[FAIL][a/weak][x][Run a | b </code> *c* or d, not ``.]"
    assert "<code>a &#124; b &#60;/code&#62; &#42;c&#42;</code> or <code>d</code>, not &#96;&#96;. |" in text


def test_a_long_report_stays_below_githubs_limit() -> None:
    """The worst is kept, and what is left out is counted."""
    found = [Finding(Status.WARN, f"{NASTIEST} {number}", NASTIEST, failure=WEAK) for number in range(400)]
    text = render(report(result("a", *found, Finding(Status.FAIL, "worst", "do", failure=WEAK))), Style())
    shown = rows(text)

    assert len(text.encode()) <= LIMIT
    assert shown[1] == "[FAIL][a/weak][worst][do]"
    assert f"{402 - len(shown)} more findings left out: GitHub takes no longer text." in text


def test_nothing_checked_says_why() -> None:
    """In a line."""
    assert render(report(code=2, problem="a_b: bad"), Style()) == "### preflight: nothing was checked\n\na&#95;b: bad\n"

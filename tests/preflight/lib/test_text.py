"""preflight/lib/text.py, nearest.py and deadline.py, and preflight/run/cleaning.py: the small words."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.errors import DeadlineExceeded
from preflight.lib.deadline import Deadline
from preflight.lib.nearest import nearest
from preflight.lib.text import plural, printable
from preflight.model import Finding, Json, Location, Status
from preflight.run.cleaning import clean


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("a\x1b[31mb\x07", "a [31mb"),
        ("line\r\nline\u2028x", "line line x"),
        ("\u202eevil\u200b", "evil"),
        ("\x9b31m", "31m"),
        ("\ud800", ""),
        ("x" * 301, "x" * 299 + "…"),
    ],
)
def test_text_from_outside_cannot_steer_a_terminal(raw: str, shown: str) -> None:
    """Control and format characters go; long text is cut."""
    assert printable(raw) == shown


@given(st.text())
def test_whatever_comes_in_one_printable_line_comes_out(raw: str) -> None:
    """No character that moves a cursor survives, and the result is bounded."""
    shown = printable(raw, 50)

    assert len(shown) <= 50
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def test_evidence_is_bounded_in_depth_and_size() -> None:
    """A hostile registry's answer cannot blow the report up."""
    deep: Json = "end"
    for _ in range(50):
        deep = {"x": [deep]}
    finding = Finding(
        Status.FAIL,
        "m" * 900,
        "h",
        {"k\n": deep, "many": [1] * 9999, "n": None, "b": True},
        Location("a\x1bb", 3),
    )

    got = clean(finding)

    assert len(got.message) == 500
    assert got.location == Location("a b", 3)
    assert str(got.evidence["k"]).count("x") == 4
    assert "…" in str(got.evidence["k"])
    assert got.evidence["many"] == [1] * 2000
    assert (got.evidence["n"], got.evidence["b"]) == (None, True)


def test_plural() -> None:
    """One is one, all else many."""
    assert [plural(0, "tag"), plural(1, "tag"), plural(2, "entry", "entries")] == ["0 tags", "1 tag", "2 entries"]


def test_nearest_names_what_may_have_been_meant() -> None:
    """Far-off names are not suggested."""
    assert nearest("pin-fiel", ["pin-file", "x"]) == ", did you mean pin-file?"
    assert nearest("zzz", ["pin-file"]) == ""


def test_deadlines_run_out() -> None:
    """What has run out says for what; the sooner of two counts."""
    assert not Deadline.after(10).expired
    assert Deadline.after(-1).expired
    assert 4 < Deadline.after(10).sooner(5).remaining("x") <= 5
    with pytest.raises(DeadlineExceeded, match="no time left for git"):
        Deadline.after(-1).remaining("git")

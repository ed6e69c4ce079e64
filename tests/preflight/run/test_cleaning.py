"""preflight/run/cleaning.py"""

from typing import Any

import pytest

from preflight.model import Finding, Location, Status
from preflight.run.cleaning import clean


def finding(message: str = "m", **evidence: Any) -> Finding:
    """Return a finding of a check."""
    return Finding(Status.FAIL, message, "h\x1b[31m", evidence, Location("a\nb", 3))


def test_every_text_is_one_line_that_steers_no_terminal() -> None:
    """Message, hint, place and evidence."""
    found = clean(finding("a\r\n\x07b\u202e", key=["\x1b]0;x", {"k\n": "v\n"}]))

    assert (found.message, found.hint, found.location) == ("a b", "h [31m", Location("a b", 3))
    assert found.evidence == {"key": ["]0;x", {"k": "v"}]}


def test_size_and_depth_are_bounded() -> None:
    """No check can fill a report."""
    deep: Any = "end"
    for _ in range(50):
        deep = [deep]
    found = clean(finding("m" * 10_000, many=list(range(10_000)), deep=deep, long="x" * 10_000))

    many, long = found.evidence["many"], found.evidence["long"]
    assert len(found.message) == 500
    assert isinstance(many, list)
    assert len(many) == 2000
    assert isinstance(long, str)
    assert len(long) == 1000
    assert "end" not in str(found.evidence["deep"])


@pytest.mark.parametrize(("value", "plain"), [(float("nan"), "nan"), (float("inf"), "inf"), ((1, 2), [1, 2])])
def test_what_json_cannot_hold_is_made_plain(value: Any, plain: Any) -> None:
    """Numbers that are none, and tuples."""
    assert clean(finding(x=value)).evidence == {"x": plain}


@pytest.mark.parametrize("value", [{1, 2}, object(), b"x"])
def test_what_is_no_data_is_refused(value: Any) -> None:
    """The author of the check is told."""
    with pytest.raises(TypeError, match="evidence must be plain data"):
        clean(finding(x=value))

"""preflight/lib/jsonshape.py"""

from collections.abc import Callable
from datetime import date

import pytest

from preflight.lib.jsonshape import Shape, WrongShapeError, parse
from preflight.model import Status

TOP = Shape({"list": [{"text": "a\x1b[2J\nb", "number": 1.5, "yes": True, "none": None, "whole": 3, "status": "warn"}]})


def item() -> Shape:
    """Return the one item of the list."""
    [found] = TOP["list"].items()
    return found


def test_values_are_read_as_what_they_are() -> None:
    """Texts as one printable line."""
    found = item()

    assert found["text"].text() == "a [2J b"
    assert (found["number"].number(), found["whole"].whole(1), found["yes"].boolean()) == (1.5, 3, True)
    assert found["status"].one_of(Status) is Status.WARN
    assert found["none"].optional(Shape.text, "-") == "-"
    assert found.get("gone", "x").text() == "x"
    assert Shape("2027-01-31").parsed(date.fromisoformat, "a day") == date(2027, 1, 31)
    assert Shape(["a", "b"]).texts() == ("a", "b")
    assert Shape({"a": [1]}).data() == {"a": [1]}


@pytest.mark.parametrize(
    ("read", "words"),
    [
        (item()["text"].number, "list[0].text: expected a number from 0, found text"),
        (item()["yes"].number, "list[0].yes: expected a number from 0, found true or false"),
        (item()["yes"].whole, "list[0].yes: expected a whole number from 0, found true or false"),
        (item()["number"].whole, "list[0].number: expected a whole number from 0, found a number"),
        (lambda: Shape(-1, None, "x").number(), "x: expected a number from 0, found a number"),
        (lambda: Shape(1e999, None, "x").number(), "x: expected a number from 0, found a number"),
        (item()["none"].text, "list[0].none: expected text, found null"),
        (item()["whole"].boolean, "list[0].whole: expected true or false, found a number"),
        (lambda: item()["text"].one_of(Status), "list[0].text: expected one of fail, error, warn, skip, pass"),
        (lambda: item()["gone"], "list[0]: expected the key gone"),
        (lambda: Shape([])["x"], "the document: expected an object, found a list"),
        (lambda: list(item().items()), "list[0]: expected a list, found an object"),
        (lambda: Shape("soon", None, "x").parsed(date.fromisoformat, "a day"), "x: expected a day, found text"),
        (lambda: parse("{"), "line 1: expected JSON: expecting property name enclosed in double quotes"),
        (lambda: parse("NaN"), "expected JSON"),
        (lambda: parse("[" * 100_000), "expected JSON: it is nested too deeply"),
        (lambda: parse("1" * 5_000), "expected JSON"),
    ],
)
def test_what_is_something_else_is_refused_with_its_place(read: Callable[[], object], words: str) -> None:
    """Of the value only the kind is told."""
    with pytest.raises(WrongShapeError) as refused:
        read()

    assert words in str(refused.value)

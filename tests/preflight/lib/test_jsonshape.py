"""preflight/lib/jsonshape.py"""

from datetime import date
from typing import Any

import pytest

from preflight.lib.jsonshape import (
    Reader,
    WrongShapeError,
    at_least,
    boolean,
    each,
    key,
    key_or,
    keys,
    mapping,
    number,
    one_of,
    optional,
    parse,
    parsed,
    text,
    whole,
)
from preflight.model import Json

ITEM: dict[str, Json] = {"text": "a\x1b[2J\nb", "number": 1.5, "yes": True, "none": None, "whole": 3, "status": "warn"}
STATUS = one_of({"warn": 1, "pass": 2})
CODE = one_of({0: "ok", 1: "failed"})
DAY = parsed(date.fromisoformat, "a day")


def test_values_are_read_as_what_they_are() -> None:
    """Texts as one printable line."""
    assert keys(whole=at_least(1), text=text, yes=boolean, number=number, status=STATUS)(ITEM) == [
        3,
        "a [2J b",
        True,
        1.5,
        1,
    ]
    assert (key(ITEM, "none", optional(text, "-")), key_or(ITEM, "gone", text, "x")) == ("-", "x")
    assert DAY("2027-01-31") == date(2027, 1, 31)
    assert each(text)(["a", "b"]) == ("a", "b")
    assert mapping({"a": [1]}) == {"a": [1]}
    assert CODE(1) == "failed"


@pytest.mark.parametrize(
    ("name", "read", "words"),
    [
        ("text", number, "list[0].text: expected a number from 0, found text"),
        ("yes", number, "list[0].yes: expected a number from 0, found true or false"),
        ("yes", at_least(0), "list[0].yes: expected a whole number from 0, found true or false"),
        ("number", at_least(0), "list[0].number: expected a whole number from 0, found a number"),
        ("none", text, "list[0].none: expected text, found null"),
        ("whole", boolean, "list[0].whole: expected true or false, found a number"),
        ("text", STATUS, "list[0].text: expected one of warn, pass"),
        ("yes", CODE, "list[0].yes: expected one of 0, 1"),
        ("number", each(text), "list[0].number: expected a list, found a number"),
        ("text", mapping, "list[0].text: expected an object, found text"),
        ("text", DAY, "list[0].text: expected a day, found text"),
        ("gone", text, "list[0]: expected the key gone"),
    ],
)
def test_what_is_something_else_is_refused_with_its_place(name: str, read: Reader[Any], words: str) -> None:
    """Of the value only the kind is told."""
    for item in (keys(**{name: read}), lambda value: key(value, name, read)):
        with pytest.raises(WrongShapeError) as refused:
            whole({"list": [ITEM]}, keys(list=each(item)))
        assert words == str(refused.value)


@pytest.mark.parametrize(
    ("document", "read", "words"),
    [
        ([], keys(x=text), "the document: expected an object, found a list"),
        ({}, keys(x=text), "the document: expected the key x"),
        ([[1]], each(each(text)), "[0][0]: expected text, found a number"),
        (["a", ["b"]], each(STATUS), "[0]: expected one of warn, pass"),
        ([[]], each(STATUS), "[0]: expected one of warn, pass"),
        (-1, number, "the document: expected a number from 0, found a number"),
        (1e999, number, "the document: expected a number from 0, found a number"),
    ],
)
def test_the_place_is_seen_from_the_whole_document(document: Any, read: Reader[Any], words: str) -> None:
    """Through lists and objects."""
    with pytest.raises(WrongShapeError) as refused:
        whole(document, read)

    assert words == str(refused.value)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("{", "line 1: expected JSON: expecting property name enclosed in double quotes"),
        ("NaN", "expected JSON"),
        ("[" * 100_000, "expected JSON: it is nested too deeply"),
        ("1" * 5_000, "expected JSON"),
    ],
    ids=["cut-off", "nan", "deep", "long-number"],
)
def test_what_is_no_json_is_refused(written: str, words: str) -> None:
    """With the line where there is one."""
    with pytest.raises(WrongShapeError) as refused:
        parse(written)

    assert words in str(refused.value)

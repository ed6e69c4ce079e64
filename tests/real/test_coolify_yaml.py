"""The stand-in reads and writes YAML as Symfony does."""

import pytest

from tests.real.coolify.symfony_read import YamlRefusedError, read
from tests.real.coolify.symfony_write import inline, write


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x", "x"),
        ("~", None),
        ("", None),
        ("Null", None),
        ("TRUE", True),
        ("yes", "yes"),
        ("off", "off"),
        ("12", 12),
        ("0755", "0755"),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1:30:00", "1:30:00"),
        ("1.10", 1.1),
        ("1e3", 1000.0),
        ("+1", 1.0),
        ("-0", "-0"),
        ("100000000000000000000", "100000000000000000000"),
        (".inf", float("inf")),
        ("2026-01-02", 1767312000),
        ("2026-01-02 03:04:05 +01:00", 1767319445),
        ("1-2", "1-2"),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("! 1", 1),
        ("!!float 1", 1.0),
        ("[]", {}),
        ("{}", {}),
        ("[a, b]", {0: "a", 1: "b"}),
        ("[a: b]", {0: {"a": "b"}}),
        ("{a: b, 1: c}", {"a": "b", 1: "c"}),
    ],
)
def test_a_value_is_read_as_symfony_reads_it(text: str, value: object) -> None:
    """Numbers are those of YAML 1.2, dates are seconds, and a list is an array with numbers for keys."""
    found = read(f"key: {text}")["key"]

    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\na: 2",
        "{a: 1, a: 2}",
        "a: !reset []",
        "a: !reset null",
        "a: !override\n  - b",
        "a: !override {b: c}",
        "a: !!int 1",
        "a: !!seq [b]",
        "- !x y",
        "\ta: b",
        "a:\n\t- b",
        "a: b\n---\nc: d",
        "a: b\n...",
        "true: a",
        "1.5: a",
        "? a\n: b",
        "a: *b",
        "a: {b:1}",
        "a: {b}",
        "a: @b",
        "a: `b`",
        "a: %b",
        "a: 2026-13-45",
        "<<: a",
        "  a: b\n  c: d",
        "a: [b",
    ],
)
def test_what_symfony_refuses(text: str) -> None:
    """Tags, keys that are there twice, tabs, several documents, and keys that are no text."""
    with pytest.raises(YamlRefusedError):
        read(text)


def test_a_key_may_be_there_twice_behind_a_merge_or_a_null() -> None:
    """What a merge key brings may be overwritten, and a null was never there."""
    assert read("a: &a {b: 1, c: 2}\nd:\n  <<: *a\n  b: 3\n  b: 4")["d"] == {"b": 4, "c": 2}
    assert read("a:\na: 1") == {"a": 1}
    assert read("a: &a {x: 1}\nb: &b {x: 2, y: 3}\nc:\n  <<: [*a, *b]")["c"] == {"x": 1, "y": 3}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        ("", "''"),
        ("a b", "'a b'"),
        ("app:1", "'app:1'"),
        ("it's", '"it\'s"'),
        ('"main"', "'\"main\"'"),
        ("a\nb", '"a\\nb"'),
        ("no", "'no'"),
        ("1e5", "'1e5'"),
        ("0755", "'0755'"),
        ("0x1F", "'0x1F'"),
        ("2026-01-02", "'2026-01-02'"),
        ("$X", "$X"),
        ("${X}", "'${X}'"),
        ("-x", "'-x'"),
        (True, "true"),
        (None, "null"),
        (1.0, "1.0"),
        (1.1, "1.1"),
        (1e100, "1.0E+100"),
        (float("inf"), ".Inf"),
        ({}, "{  }"),
        ({0: "a", 1: {"b": 1}}, "[a, { b: 1 }]"),
    ],
)
def test_a_value_is_written_as_symfony_writes_it(value: object, text: str) -> None:
    """Quotes stand where a value could be taken for something else; an empty array is a map."""
    assert inline(value) == text


def test_a_list_of_maps_has_its_dashes_alone() -> None:
    """And below ten levels everything is on one line."""
    assert write({"a": {0: {"b": 1}, 1: "c"}}, 2) == "a:\n  -\n    b: 1\n  - c\n"
    deep: object = "x"
    for _ in range(12):
        deep = {"k": deep}
    assert write(deep, 1).splitlines()[-1] == " " * 9 + "k: { k: { k: x } }"

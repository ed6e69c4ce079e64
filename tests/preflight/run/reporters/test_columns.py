"""preflight/run/reporters/columns.py"""

from hypothesis import given
from hypothesis import strategies as st

from preflight.run.reporters.columns import _in_one_line, _in_several_lines, columns, wrapped

WORDS = st.lists(st.text("abc", min_size=1, max_size=8), max_size=12).map(" ".join)


def test_columns_wrap_where_they_may() -> None:
    """The flexible column wraps, the fixed ones do not."""
    text = columns(("A", "B"), [("long-name", "one two three four five six")], 24, flexible=(1,))

    assert text == "A          B\nlong-name  one two three\n           four five six"


def test_pipes_and_numbers_are_left_as_they_are() -> None:
    """A cell is text, whatever it looks like."""
    assert columns(("A",), [("1.50 | 2",)], 40, flexible=()) == "A\n1.50 | 2"


@given(st.lists(st.tuples(WORDS, WORDS, WORDS), min_size=1, max_size=5))
def test_every_word_is_there_and_nothing_is_too_wide(rows: list[tuple[str, str, str]]) -> None:
    """Wrapping loses nothing."""
    text = columns(("X", "Y", "Z"), rows, 60, flexible=(0, 1, 2))

    assert sorted(text.split()) == sorted(["X", "Y", "Z", *" ".join(" ".join(row) for row in rows).split()])
    assert all(len(line) <= 60 for line in text.splitlines())


@given(st.lists(st.tuples(WORDS.filter(bool), WORDS), min_size=1, max_size=5))
def test_rows_of_one_line_look_the_same_without_the_library(rows: list[tuple[str, str]]) -> None:
    """So a table does not change its shape when one cell becomes longer."""
    one, several = _in_one_line(("CHECK", "X"), rows), _in_several_lines(("CHECK", "X"), rows)

    assert [line.rstrip() for line in one] == [line.rstrip() for line in several]


def test_wrapped_lines_stand_under_the_first() -> None:
    """What can be copied stays whole, however wide it is."""
    assert wrapped("one two three", "-> ", 10) == ["-> one two", "   three"]
    assert wrapped("see docker-compose/with-a-long-name.yaml", "", 10) == [
        "see",
        "docker-compose/with-a-long-name.yaml",
    ]
    assert wrapped("", "-> ", 10) == []

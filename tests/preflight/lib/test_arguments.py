"""preflight/lib/arguments.py"""

import pytest

from preflight.lib.arguments import first_word


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["run", "--format", "json"], "run"),
        (["-C", "list", "run"], "run"),
        (["--verbose", "run"], "run"),
        (["-C"], ""),
        (["-V"], ""),
        ([], ""),
    ],
)
def test_the_first_word_names_the_command(arguments: list[str], word: str) -> None:
    """Options before it, and the value of one that takes one, are passed over."""
    assert first_word(arguments, ("-C",)) == word

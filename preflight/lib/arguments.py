"""A command line before anybody has parsed it."""

from collections.abc import Collection, Sequence


def first_word(arguments: Sequence[str], options_with_value: Collection[str] = ()) -> str:
    """Return the first argument that is no option and no value of one, or nothing.

    Args:
        arguments: Without the name of the program.
        options_with_value: Options whose value is an argument of its own.
    """
    words = iter(arguments)
    for word in words:
        if word in options_with_value:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return ""

"""Our reader of env files and the real Compose agree: on what is refused, and on every value."""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.envfile import EnvFileSyntaxError, parse_env
from tests.preflight.envfile.oracle import Values, compose_values
from tests.real.compose import compose_binary

VERSIONS = ("2.24.1", "2.40.3")
OUTSIDE = {"SHELL_X": "from shell", "Y": "outer", "EMPTY": ""}

ODD_NAMES = ("é", "A.B", "A-B[0]", "\u017f", "A B", "", "A\tB", "A+")
NAMES = st.sampled_from([*(("A", "B", "Y", "SHELL_X", "EMPTY", "a", "A_1", "1A") * 3), *ODD_NAMES])
BLANKS = st.sampled_from(["", "", "", " ", "  ", "\t", "\xa0", "\x85", "\x0b", "\r", "\u3000"])
ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\n\n", "", " # c\n", "# c\n", "\t# c\n"])
USUAL = ("", "x", "a b", "#", " #", "$$", "$A", "${A}", "${Y}", "$SHELL_X", "${EMPTY}", "=", ":", "}", "\\n", "\\\\")
UNUSUAL = (
    *(
        "\\",
        "\\t",
        "\\$",
        "\\'",
        '\\"',
        "'",
        '"',
        "$",
        "$1",
        "{",
        "${",
        "${}",
        "`id`",
        "$(id)",
        "\\101",
        "\\0101",
        "\\08",
    ),
    *(
        "\\0",
        "\\c",
        "\\v",
        "~",
        "é",
        "\u2028",
        "\x1c",
        "\x00",
        "\n",
        "\t",
        "%",
        "\U0001f600",
        "\ufeff",
        "\x7f",
        "$\u212a",
    ),
)
WORDS = st.sampled_from([*(USUAL * 4), *UNUSUAL])
OPERATORS = st.sampled_from([":-", "-", ":+", "+", ":?", "?"])


def _braced(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda name, operator, word: f"${{{name}{operator}{word}}}", NAMES, OPERATORS, inner)


PIECES = st.recursive(
    WORDS, lambda inner: st.one_of(_braced(inner), st.lists(inner, max_size=3).map("".join)), max_leaves=6
)
RAW_VALUES = st.lists(PIECES, max_size=4).map("".join)
VALUES = st.one_of(
    RAW_VALUES,
    RAW_VALUES.map(lambda value: f'"{value}"'),
    RAW_VALUES.map(lambda value: f"'{value}'"),
)
LINES = st.one_of(
    st.builds(
        lambda *parts: "".join(parts),
        BLANKS, st.sampled_from(["", "", "", "export ", "export\t", "export"]), NAMES, BLANKS,
        st.sampled_from(["=", "=", "=", ":", "", " ", "=="]), BLANKS, VALUES, BLANKS, ENDS,
    ),
    st.builds(lambda blank, text, end: f"{blank}#{text}{end}", BLANKS, WORDS, ENDS),
    st.text(max_size=4),
)  # fmt: skip
FILES = st.builds(
    lambda start, lines: start + "".join(lines), st.sampled_from(["", "", "\ufeff"]), st.lists(LINES, max_size=3)
).filter(lambda text: text.isprintable() or not any("\ud800" <= char <= "\udfff" for char in text))

thorough = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


def ours(text: str, *, raw: bool = False, outside: Mapping[str, str] | None = None) -> Values | None:
    """What we make of a file: values as a container gets them, None where we refuse it."""
    try:
        assignments = parse_env(text, raw=raw, outside=outside or {})
    except EnvFileSyntaxError:
        return None
    values: Values = {}
    for each in assignments:
        value = (outside or {}).get(each.name) if each.value is None else each.value
        if each.name and value is not None and not _is_last_bare(text, each.name, each.value, raw=raw):
            values[each.name] = value
    return values


def _is_last_bare(text: str, name: str, value: str | None, *, raw: bool) -> bool:
    """Whether this is the bare name without line end that Compose takes for a nameless variable's value."""
    return value is None and not raw and not text.endswith("\n") and text.endswith(name)


def agree(version: str, texts: Sequence[str], *, raw: bool = False, outside: Mapping[str, str] | None = None) -> None:
    """Compare; files that we refuse are asked for one by one, the others all at once."""
    expected = [ours(text, raw=raw, outside=outside) for text in texts]
    binary = compose_binary(version)
    accepted = [text for text, values in zip(texts, expected, strict=True) if values is not None]
    refused = [text for text, values in zip(texts, expected, strict=True) if values is None]
    with tempfile.TemporaryDirectory() as folder:
        answers = compose_values(binary, Path(folder), accepted, raw=raw, outside=outside)
        assert [(text, ours(text, raw=raw, outside=outside)) for text in accepted] == list(
            zip(accepted, answers, strict=True)
        )
        for text in refused:
            assert compose_values(binary, Path(folder), [text], raw=raw, outside=outside) == [None], repr(text)


@pytest.mark.compose
@pytest.mark.parametrize("version", VERSIONS)
@thorough
@given(texts=st.lists(FILES, min_size=1, max_size=40, unique=True))
def test_dialect_agrees(version: str, texts: list[str]) -> None:
    """With nothing set outside, values and refusals are those of Compose."""
    agree(version, texts)


@pytest.mark.compose
@pytest.mark.parametrize("version", VERSIONS)
@thorough
@given(texts=st.lists(FILES, min_size=1, max_size=40, unique=True))
def test_dialect_agrees_with_variables_outside(version: str, texts: list[str]) -> None:
    """The shell overrides earlier lines in interpolation, here as in Compose."""
    agree(version, texts, outside=OUTSIDE)


@pytest.mark.compose
@thorough
@given(texts=st.lists(FILES, min_size=1, max_size=40, unique=True))
def test_raw_format_agrees(texts: list[str]) -> None:
    """`format: raw` interprets nothing, here as in Compose."""
    agree("2.40.3", texts, raw=True)

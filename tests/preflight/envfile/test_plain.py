"""preflight/envfile/plain.py"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.envfile import parse_env
from preflight.envfile.plain import read_plain

DIGEST = "sha256:" + "a" * 64


def test_a_pin_file_as_it_should_be_is_plain() -> None:
    """Comments and blank lines are nothing; the last of two counts."""
    assert read_plain(f"# the pin\n\nPIN=x\nPIN=ghcr.io/acme/agent@{DIGEST}\n") == {
        "PIN": f"ghcr.io/acme/agent@{DIGEST}"
    }
    assert read_plain("A=") == {"A": ""}
    assert read_plain("") == {}


@pytest.mark.parametrize(
    "text",
    [
        "A=b\r\n",
        "A='b'",
        'A="b"',
        "A=$B",
        "A=b # c",
        " A=b",
        "A =b",
        "A: b",
        "export A=b",
        "A",
        "A=b\\n",
        "A=é",
        "é=b",
        "\ufeffA=b",
        "A=\x00",
        "# \x1b",
        "A=b\x0bB=c",
        "A=b\u2028B=c",
    ],
)
def test_whatever_could_be_read_otherwise_is_not(text: str) -> None:
    """Then Compose is asked."""
    assert read_plain(text) is None


@given(st.text("AB=#\n x$'\"\\:-@é\r\t", max_size=40))
def test_what_is_plain_is_read_as_compose_reads_it(text: str) -> None:
    """It agrees with the reader that is proven equal to Compose, raw or not."""
    plain = read_plain(text)
    if plain is not None:
        for raw in (False, True):
            assert {each.name: each.value for each in parse_env(text, raw=raw)} == plain

"""preflight/lib/yamldata.py"""

from datetime import date
from pathlib import Path

import pytest

from preflight.errors import ConfigurationError
from preflight.lib.yamldata import load

PATH = Path("preflight.yaml")


def test_values_know_their_lines() -> None:
    """Every value and key has the line it stands in."""
    data = load("a: 1\nb:\n  - x\n  - 2027-01-31\nc: {d: true}\n", PATH)

    assert isinstance(data.value, dict)
    assert data.key_lines == {"a": 1, "b": 2, "c": 5}
    listed = data.value["b"].value
    assert isinstance(listed, list)
    assert [(item.value, item.line) for item in listed] == [("x", 3), (date(2027, 1, 31), 4)]


def test_nothing_is_an_empty_mapping() -> None:
    """An empty file configures nothing."""
    assert load("# only a comment\n", PATH).value == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [", "preflight.yaml:3: not valid YAML: "),
        ("a:\n\tb: 1\n", "preflight.yaml:2: not valid YAML: found character"),
        ("a: 1\na: 2\n", "preflight.yaml:2: the key a stands here again (first in line 1)"),
        ("1: 2\n", "preflight.yaml:1: a key must be text"),
        ("a: 1\n---\nb: 2\n", "preflight.yaml:2: not valid YAML: but found another document"),
        ("a: !!python/object:os.system x\n", "preflight.yaml:1: not valid YAML"),
        ("a: \x00\n", "preflight.yaml:1: not valid YAML"),
        ("[" * 200_000, "preflight.yaml:1: nested more than 50 deep"),
        ("a: &a\n  b: *a\n", "preflight.yaml:1: not valid YAML"),
        (
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(f"{k}: &{k} [{','.join(['*' + p] * 10)}]\n" for p, k in zip("abcde", "bcdef", strict=True)),
            "more than 20000 values",
        ),
    ],
    ids=["open", "tab", "duplicate", "key", "documents", "tag", "nul", "deep", "cycle", "bomb"],
)
def test_bad_yaml_is_one_line_that_names_the_place(text: str, message: str) -> None:
    """No traceback, no code run, bounded memory."""
    with pytest.raises(ConfigurationError) as caught:
        load(text, PATH)

    assert message in caught.value.message
    assert "\n" not in caught.value.message

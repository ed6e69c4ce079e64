"""preflight/lib/yamldata.py"""

from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

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


_FLOW, _BLOCK, _LIST = "[" * 300, "".join(f"{' ' * n}a:\n" for n in range(300)), "- " * 300


@pytest.mark.parametrize("levels", [200, None], ids=["limited", "unlimited"])
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize(
    ("text", "line"),
    [(_FLOW, 1), (f"é: {_FLOW}", 1), ("{a: " * 300, 1), (_BLOCK, 51), (_LIST, 1), (f"a: {_FLOW}\nb: ]\n", 1)],
    ids=["flow", "accent", "map", "block", "list", "and-a-mistake"],
)
def test_deep_nesting_is_refused_in_our_words(
    text: str, line: int, loader: str, levels: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message is the same whether PyYAML has a C parser, and whether that one limits the depth itself (6.0.4)."""
    parser = getattr(yaml, loader)
    monkeypatch.setattr(yaml, "CSafeLoader", _limited(parser, levels) if levels else parser)

    with pytest.raises(ConfigurationError) as caught:
        load(text, PATH)

    assert caught.value.message == f"preflight.yaml:{line}: nested more than 50 deep"


def _limited(parser: Any, levels: int) -> Any:
    """Return a parser that, as libyaml 0.2.6 does at 1,000, refuses so many levels before it yields any event."""

    def limited(text: str) -> Any:
        depth = 0
        event: Any
        with suppress(yaml.parser.ParserError):  # unfinished text is for the parser itself to refuse
            for event in yaml.parse(text, Loader=parser):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
                if depth >= levels:
                    raise yaml.scanner.ScannerError("while reading on", None, "too deep", event.start_mark)
        return parser(text)

    return limited


@pytest.mark.parametrize(
    ("value", "kind"),
    [("!!bool x", "bool"), ("!!int ''", "int"), ("!!float x", "float"), ("2026-13-01", "timestamp"),
     ("!!timestamp x", "timestamp"), ("9" * 5000, "int"), ("!!set x", "set"), ("!!binary eA==", "binary")],
)  # fmt: skip
def test_a_value_that_does_not_fit_its_type_is_named_with_its_line(value: str, kind: str) -> None:
    """PyYAML lets through whatever its conversion raises, and makes bytes and sets, which no option takes."""
    with pytest.raises(ConfigurationError) as caught:
        load(f"a: 1\nb: {value}\n", PATH)

    assert caught.value.message == f"preflight.yaml:2: not valid YAML: the value is not a valid {kind}"

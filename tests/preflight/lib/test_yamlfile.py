"""Reading compose files: lines, anchors, merge keys, tags, and everything that is refused."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from preflight.lib import yamlfile
from preflight.lib.yamlfile import ComposeFileProblem, parse, read_compose_file
from preflight.lib.yamlnodes import Mapping, Node, Scalar, Sequence
from tests.limits import cpu_at_most
from tests.preflight.compose import real

_HERE = Path("compose.yaml")


def _mapping(text: str, *keys: str) -> Mapping:
    node: object = parse(text, _HERE)
    for key in keys:
        assert isinstance(node, Mapping)
        node = node.items[key].value
    assert isinstance(node, Mapping)
    return node


def _scalar(text: str) -> Scalar:
    node = parse(f"k: {text}\n", _HERE).items["k"].value
    assert isinstance(node, Scalar)
    return node


def test_every_value_knows_its_line() -> None:
    """Keys, list items and values carry the line they are written in."""
    top = parse("# one\na:\n  - x\n  - k: v\nb: |\n  text\n", _HERE)
    items = top.items["a"].value
    assert isinstance(items, Sequence)
    assert (top.items["a"].line, top.items["b"].line) == (2, 5)
    assert [item.line for item in items.items] == [3, 4]


def test_an_alias_is_the_same_object_and_says_so() -> None:
    """An alias gives the anchor's own node, marked as aliased, with the line where it is used."""
    top = parse("a: &x {k: v}\nb: *x\n", _HERE)
    assert top.items["b"].value is top.items["a"].value
    assert (top.items["b"].aliased, top.items["b"].line, top.items["b"].value.line) == (True, 2, 1)
    assert not top.items["a"].aliased


def test_an_anchor_may_be_given_anew() -> None:
    """As for Compose, a second anchor of the same name counts from there on."""
    top = parse("a: &x 1\nb: &x 2\nc: *x\n", _HERE)
    assert top.items["c"].value is top.items["b"].value


def test_explicit_keys_beat_merged_ones_and_earlier_maps_later_ones() -> None:
    """``<<`` gives what is not written; of several maps the first wins; its items say they were merged."""
    merged = _mapping("m: {<<: [{a: 1, b: 1}, {b: 2, c: 2}], a: 0}\n", "m")
    assert {key: item.value.text for key, item in merged.items.items() if isinstance(item.value, Scalar)} == {
        "a": "0",
        "b": "1",
        "c": "2",
    }
    assert {key for key, item in merged.items.items() if item.aliased} == {"b", "c"}


def test_a_key_that_is_reset_does_not_hide_a_merged_one() -> None:
    """Compose takes ``!reset`` away before it merges, so the merged value stands under it."""
    merged = _mapping("m: {<<: {a: 1}, a: !reset null}\n", "m")
    assert (merged.items["a"].value.tag, merged.under["a"].line) == ("!reset", 1)


def test_a_quoted_merge_key_is_an_ordinary_key() -> None:
    """Only a plain ``<<`` merges."""
    assert list(parse("'<<': {a: 1}\n", _HERE).items) == ["<<"]


@pytest.mark.parametrize(
    ("text", "null", "boolean", "is_text"),
    [
        ("yes", False, None, True),
        ("no", False, None, True),
        ("TRUE", False, True, False),
        ("false", False, False, False),
        ("'false'", False, None, True),
        ("!!str false", False, None, True),
        ("!!bool 'false'", False, False, False),
        ("", True, None, False),
        ("~", True, None, False),
        ("!!null x", True, None, False),
        ("''", False, None, True),
        ("12", False, None, False),
        ("0x1F", False, None, False),
        ("1.5e3", False, None, False),
        ("-.inf", False, None, False),
        ("inf", False, None, True),
        ("1.2.3", False, None, True),
    ],
)
def test_words_mean_what_yaml_1_2_says(text: str, *, null: bool, boolean: bool | None, is_text: bool) -> None:
    """``yes`` and ``no`` are text, ``true`` and ``~`` are not, quotes make text of anything."""
    scalar = _scalar(text)
    assert (scalar.is_null, scalar.boolean, scalar.is_text) == (null, boolean, is_text)


_BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 10)}]\n" for n in range(9)
)
_MERGE_BOMB = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n}\n  <<: *a{n - 1}\n  k{n}: 1\n" for n in range(1, 2000))
_REFUSED = {
    "tab": ("a:\n\tb: 1\n", 2, "not valid YAML: a tab where only spaces may indent"),
    "syntax": ("a: 1\nb: c: d\n", 2, "not valid YAML: mapping values are not allowed in this context"),
    "unclosed": ("a: [1,\n", 2, "not valid YAML: did not find expected node content"),
    "duplicate": ("a: 1\nb: 2\na: 3\n", 3, "the key a stands here again (first in line 1)"),
    "duplicate merge": ("m:\n  <<: {a: 1}\n  <<: {b: 1}\n", 3, "the key << stands here again"),
    "duplicate of another kind": ("1: a\n'1': b\n", 2, "the key 1 stands here again (first in line 1)"),
    "unknown alias": ("a: 1\nb: *x\n", 2, "an alias (`*…`) has no anchor above it"),
    "anchor in itself": ("a: &x\n  b: *x\n", 2, "an anchor (`&…`) contains itself"),
    "list as key": ("? [a]\n: b\n", 1, "a key must be text"),
    "merge of a word": ("a:\n  <<: 3\n", 2, "<< needs a mapping, or a list of mappings"),
    "merge of words": ("a:\n  <<: [{b: 1}, c]\n", 2, "<< needs a mapping, or a list of mappings"),
    "control character": ("a: 1\nb: \x07\n", 2, "not valid YAML: a character that YAML does not allow"),
    "empty": ("", None, "the compose file is empty"),
    "comments only": ("# nothing\n", None, "the compose file is empty"),
    "null": ("~\n", None, "the compose file is empty"),
    "list on top": ("- a\n", 1, "the top level must be a mapping (services: …)"),
    "word on top": ("hello\n", 1, "the top level must be a mapping (services: …)"),
}
_REFUSED_BY_US = {
    # Compose 2.40.3 works on it for more than a minute
    "bomb": (_BOMB, 7, "aliases expand to more than 5,000,000 values (a YAML bomb)"),
    "documents": ("a: 1\n---\nb: 2\n", 2, "a second YAML document (---) begins here"),
    "depth": ("a: " + "[" * 100_000, 1, "nested deeper than 100 levels"),
    "merge bomb": (_MERGE_BOMB, 2663, "more than 400,000 values"),
}


@pytest.mark.parametrize("name", [*_REFUSED, *_REFUSED_BY_US])
def test_what_cannot_be_followed_is_refused_with_its_line(name: str) -> None:
    """Each kind of broken file has its own words and its line, and costs little."""
    text, line, problem = {**_REFUSED, **_REFUSED_BY_US}[name]
    with cpu_at_most(5), pytest.raises(ComposeFileProblem) as caught:
        parse(text, _HERE)
    assert (caught.value.problem, caught.value.line, caught.value.path) == (problem, line, _HERE)
    assert caught.value.message == f"{_HERE}{'' if line is None else f':{line}'}: {problem}"
    assert caught.value.hint


@pytest.mark.compose
@pytest.mark.parametrize("name", _REFUSED)
def test_what_is_refused_compose_refuses_too(name: str, tmp_path: Path) -> None:
    """A broken file is broken for Compose as well, so saying so is no false alarm."""
    (tmp_path / "compose.yaml").write_text(_REFUSED[name][0])
    assert real.config(tmp_path) is None


def test_tags_never_make_objects() -> None:
    """A tag for another language's object is a tag and nothing else."""
    assert _scalar("!!python/object/apply:os.system 'false'").tag == "tag:yaml.org,2002:python/object/apply:os.system"


def test_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with more values than any project has is not read to its end."""
    monkeypatch.setattr(yamlfile, "MAX_NODES", 10)
    with pytest.raises(ComposeFileProblem, match="more than 10 values"):
        parse("a: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n", _HERE)


def _plain(node: Node) -> object:
    """Return a tree as plain data, with its lines and tags."""
    if isinstance(node, Scalar):
        return (node.line, node.tag, node.text, node.is_null)
    if isinstance(node, Sequence):
        return (node.line, node.tag, [(item.line, item.aliased, _plain(item.value)) for item in node.items])
    return (node.line, node.tag, {key: (each.line, _plain(each.value)) for key, each in node.items.items()})


def test_without_the_c_parser_all_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pure Python parser gives the same tree, lines and refusals."""
    text = "a: &x !override [1, 'false']\nb: {<<: {c: 1}, d: *x}\n"
    with_c = parse(text, _HERE)
    import ruamel.yaml.main

    monkeypatch.setattr(ruamel.yaml.main, "CParser", None)
    without = parse(text, _HERE)
    assert _plain(without) == _plain(with_c)
    with pytest.raises(ComposeFileProblem, match=r"compose.yaml:2: not valid YAML: a tab"):
        parse("a:\n\tb: 1\n", _HERE)
    with pytest.raises(ComposeFileProblem, match=r"compose.yaml:2: not valid YAML: a character"):
        parse("a: 1\nb: \x07\n", _HERE)


def _folder(path: Path) -> None:
    path.mkdir()


def _loop(path: Path) -> None:
    path.symlink_to(path)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _binary(path: Path) -> None:
    path.write_bytes(b"a: 1\nb: \xff\xfe\n")


def _nul(path: Path) -> None:
    path.write_bytes(b"a: 1\nb: 2\nc: \0\n")


def _large(path: Path) -> None:
    path.write_bytes(b"#" * (yamlfile.MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("make", "problem", "line"),
    [
        (lambda _: None, "the compose file cannot be read: no such file or directory", None),
        (_folder, "the compose file cannot be read: is a directory", None),
        (_loop, "the compose file cannot be read: too many levels of symbolic links", None),
        (_fifo, "the compose file cannot be read: is no regular file", None),
        (_large, "the compose file cannot be read: is larger than 8192 KiB", None),
        (_binary, "not UTF-8 text", 2),
        (_nul, "a NUL byte: this is no text file", 3),
    ],
)
def test_what_is_no_text_file_is_refused(make: object, problem: str, line: int | None, tmp_path: Path) -> None:
    """Folders, loops of links, FIFOs, large and binary files each get one clear line."""
    path = tmp_path / "compose.yaml"
    assert callable(make)
    make(path)
    with pytest.raises(ComposeFileProblem) as caught:
        read_compose_file(path)
    assert (caught.value.problem, caught.value.line, caught.value.path) == (problem, line, path)


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    """A file that an editor saved with a BOM is read."""
    path = tmp_path / "compose.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert list(read_compose_file(path).items) == ["a"]


_WORDS = st.sampled_from(
    ["services:", "  a:", "    image: b", "- x", "&x", "*x", "<<: *x", "{", "}", "[", "]", "\t", "'", '"', "|", "\n"]
)


@settings(max_examples=300, deadline=None)
@given(
    st.text(max_size=60) | st.lists(_WORDS, max_size=25).map("\n".join) | st.lists(_WORDS, max_size=25).map(" ".join)
)
@example("\ud800")
@example("%YAML 9.9\n---\na: 1\n")
@example("!<tag:\n")
def test_no_text_makes_anything_but_a_tree_or_one_clear_problem(text: str) -> None:
    """Whatever is written, the answer is a tree or a ``ComposeFileProblem``."""
    try:
        tree = parse(text, _HERE)
    except ComposeFileProblem:
        return
    assert isinstance(tree, Mapping)


@pytest.mark.parametrize("text", ["a: {image: name:tag}\n", "a: [NAME=x/y:z]\n", "a: {b: 'c', image: h.x/n:1}\n"])
def test_a_colon_inside_a_flow_value_is_text(text: str) -> None:
    """A colon within a word does not end it, in flow style either: so Compose reads it."""
    assert parse(text, Path("compose.yaml")).get("a") is not None


def test_large_text_that_the_fast_parser_refuses_is_not_read_again() -> None:
    """The slow parser never gets more than it can read in time."""
    text = "a: {image: name:tag}\n" + "# padding\n" * (yamlfile.MAX_SECOND_READING // 9)

    with pytest.raises(ComposeFileProblem, match="not valid YAML"):
        parse(text, Path("compose.yaml"))


@pytest.mark.parametrize("again", [yamlfile.MAX_SECOND_READING, 0], ids=["read again", "too large to read again"])
def test_deep_nesting_is_refused_in_our_words_though_the_parser_refuses_it_first(
    again: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A C parser may limit the depth itself, as libyaml 0.2.6 does, before it yields an event: our message stays."""
    import ruamel.yaml.main
    from ruamel.yaml.error import StringMark
    from ruamel.yaml.scanner import ScannerError

    main: Any = ruamel.yaml.main

    parser = main.CParser

    def limited(self: Any, stream: str) -> None:
        if stream.count("[") > 1000:
            before = stream.partition("[" * 1000)[0]
            mark = StringMark("here", len(before) + 1000, before.count("\n"), 1000, stream, 0)
            raise ScannerError("while reading on", None, "too deep", mark)
        parser.__init__(self, stream)

    monkeypatch.setattr(main, "CParser", type("Limited", (parser,), {"__init__": limited}))
    monkeypatch.setattr(yamlfile, "MAX_SECOND_READING", again)
    with pytest.raises(ComposeFileProblem) as caught:
        parse("é: 1\na: " + "[" * 5000, _HERE)
    assert (caught.value.problem, caught.value.line) == ("nested deeper than 100 levels", 2)
    assert caught.value.too_much


def test_what_stands_before_a_mistake_in_large_text_is_no_file_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only our limits are looked for in it: a comment before a mistake makes no empty file."""
    monkeypatch.setattr(yamlfile, "MAX_SECOND_READING", 0)
    with pytest.raises(ComposeFileProblem) as caught:
        parse("# a comment\n]\n", _HERE)
    assert caught.value.message == "compose.yaml:2: not valid YAML: did not find expected node content"

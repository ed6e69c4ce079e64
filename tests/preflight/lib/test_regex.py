"""preflight/lib/regex.py"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

import pytest

import checks
import preflight
from preflight.lib.regex import Regex, regex

TEXTS = ["", "ab", "xabcab", "AB\n"]


@pytest.mark.parametrize("text", TEXTS)
def test_it_finds_what_the_compiled_expression_finds(text: str) -> None:
    """By every method in use, the second time as well."""
    late, compiled = regex(r"(a)(?P<last>b)", re.IGNORECASE), re.compile(r"(a)(?P<last>b)", re.IGNORECASE)

    for _ in range(2):
        assert [each.span("last") for each in late.finditer(text)] == [
            each.span("last") for each in compiled.finditer(text)
        ]
        assert bool(late.search(text)) == bool(compiled.search(text))
        assert bool(late.match(text)) == bool(compiled.match(text))
        assert bool(late.fullmatch(text)) == bool(compiled.fullmatch(text))
        assert late.sub("-", text) == compiled.sub("-", text)
        assert late.split(text) == compiled.split(text)
        assert late.findall(text) == compiled.findall(text)
    assert (late.groups, late.pattern, late.flags) == (compiled.groups, compiled.pattern, compiled.flags)


def test_bytes_are_searched_with_bytes() -> None:
    """As with ``re.compile``."""
    assert regex(rb"b+").findall(b"abbab") == [b"bb", b"b"]


def test_a_mistake_shows_when_it_is_used() -> None:
    """And no sooner."""
    late = regex("(")

    with pytest.raises(re.error):
        late.search("(")


def _modules() -> Iterator[str]:
    for package in (preflight, checks):
        yield from (each.name for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))


def _expressions(value: Any) -> Iterator[Regex]:
    if isinstance(value, Regex):
        yield value
    elif isinstance(value, dict):
        for each in [*value.keys(), *value.values()]:
            yield from _expressions(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _expressions(each)
    elif is_dataclass(value) and not isinstance(value, type):
        yield from _expressions(vars(value))


def test_every_expression_of_the_program_compiles() -> None:
    """Those at the top of all modules, alone or in collections."""
    names = [name for name in _modules() if not name.endswith("__main__")]
    found = [each for name in names for each in _expressions(dict(vars(importlib.import_module(name))))]

    assert len(found) > 100
    for each in found:
        assert isinstance(re.compile(*each.given), re.Pattern)

"""Tests of preflight/workflows/scripts/javascript.py."""

import pytest

from preflight.workflows.scripts.javascript import JavaScriptNames, call_arguments, tokens
from preflight.workflows.value import HOLE, Value
from tests.preflight.workflows.judging import REPOSITORY

UNKNOWN = "?"


def names(text: str, **env: str) -> JavaScriptNames:
    """Return the names of a script."""
    return JavaScriptNames(text, {name.lower(): Value(value) for name, value in env.items()}, REPOSITORY)


def value(text: str, **env: str) -> str:
    """Return what `n` stands for in a script."""
    return names(text, **env).evaluate("n").text.replace(HOLE, UNKNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "const n = 'a/b';",
        'let n = "a/b"\nf(n)',
        "var n = `a/b`, m = 1",
        "const n =\n  'a/b'\ng()",
        "const n = encodeURIComponent('a/b')",
        "const m = 'a/b'\nconst n = m",
        "const n = `${x}/b`; const x = 'a'",
        "const n = 'a/b'; // n = 'c'\n/* n = 'd' */",
        "const o = {n: 'c'}; const n = 'a/b'; o.n = 'd'",
        "const n = 'a/b'; if (n) { f(n) } else { [n] }",
        "const n = 'a/b'; const o = { n, m: n }; f({n}, [n])",
        "const n = 'a/b'; if (x === n || n == y) {}",
        "const n = 'a/b'; for (const x of list(n)) {}",
    ],
)
def test_a_quoted_text_that_is_bound_once_is_known(text: str) -> None:
    """Reading a name, as an argument, in an object or in a condition, changes nothing."""
    assert value(text) == "a/b"


@pytest.mark.parametrize(
    "text",
    [
        "const n = cfg.pkg",
        "const n = a",
        "const n = undefined",
        "const n = f('a')",
        "const n = 'a' + b",
        "const n = 'a' +\n  'b'",
        "const n = 'a'\n  + 'b'",
        "const n = x || 'a'",
        "const n = ['a'][0]",
        "const n = 'a\\n'",
        "const n = `a${f()}` + `b`",
        "let n",
        "let n = 'a'; n = 'b'",
        "let n = 'a'; n += 'b'",
        "let n = 'a'; n ??= 'b'",
        "let n = 'a'; n++",
        "for (const n of ['a', 'b']) { f(n) }",
        "for (const [m, n] of Object.entries(x)) {}",
        "const n = 'a'; list.map(n => f(n))",
        "const n = 'a'; list.map((m, n) => f(n))",
        "const n = 'a'; list.map(({ n }) => f(n))",
        "const n = 'a'; function f(n) { g(n) }",
        "const n = 'a'; const f = async function (n) { g(n) }",
        "const n = 'a'; class A { f(n) { g(n) } }",
        "const n = 'a'; try {} catch (n) {}",
        "const n = 'a'; { const { n } = cfg; f(n) }",
        "const n = 'a'; ({ m: n } = cfg)",
        "const n = 'a'; [n] = cfg",
        "function f(n = 'a') { g(n) }",
        "const { n = 'a' } = cfg",
        "const { n } = context.payload",
        "f(n)",
    ],
)
def test_anything_else_is_not_known(text: str) -> None:
    """An expression, a name that is bound in another way, and one that is bound more than once."""
    assert value(text) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("const n = context.repo.repo", "agent"),
        ("const n = github.context.repo.owner", "acme"),
        ("const n = context.payload.repository.name", "agent"),
        ("const { owner, repo: n } = context.repo", "agent"),
        ("const { repo } = context.repo; const n = `${repo}/runner`", "agent/runner"),
        ("const n = process.env.PKG", "web"),
        ("const n = process.env['PKG']", "web"),
        ("const n = process.env.OTHER", UNKNOWN),
        ("const n = `a/${process.env.PKG}`", "a/web"),
    ],
)
def test_what_the_workflow_says_is_known(text: str, expected: str) -> None:
    """The repository that runs the script, and the variables of its step."""
    assert value(text, pkg="web") == expected


def test_names_in_a_circle_end() -> None:
    """Two names that stand for each other are not known."""
    assert value("const n = m; const m = n") == UNKNOWN


def test_unknown_says_which_expression_it_is() -> None:
    """The reason is the expression on the right-hand side."""
    assert names("const n = cfg.pkg").evaluate("n").unknown == ("cfg.pkg",)
    assert names("").evaluate("process.env.PKG").unknown == ("process.env.PKG",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`/orgs/${org}/x/${'a/b'}/{id}`", "`/orgs/?/x/a%2Fb/?`"),
        ("{method: 'DELETE'}", "{method: 'DELETE'}"),
        ("${f({a: 1})}/x", "?/x"),
        ("${a/x", "?/x"),
        ("$x", "$x"),
    ],
)
def test_places_of_templates_are_resolved(text: str, expected: str) -> None:
    """Expressions in template literals, and the names that octokit fills in; other braces are left alone."""
    assert names("").resolve(text).replace(HOLE, "?") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("({a: 'x', 'b': \"y\", c})", {"a": "x", "b": "y", "c": "?"}),
        ("({a: f({b: 'no'}), d: 'z'})", {"a": "?", "d": "z"}),
        ("({...base, a: 'x', a: 'second'})", {"a": "x"}),
        ("(params)", {}),
        ("({a: 'x'", {}),
    ],
)
def test_arguments_of_a_call(text: str, expected: dict[str, str]) -> None:
    """The keys of the first object, each once; what is in objects within is no key of it."""
    found = call_arguments(text, names(""))

    assert {key: each.text.replace(HOLE, "?") for key, each in found.items() if not key.startswith("...")} == expected


def test_tokens_know_texts_comments_and_lines() -> None:
    """A sign in a text or a comment is none of the script's; what is not closed ends with its line."""
    found = tokens("a // 'b\n'c\\'d' /* \" */ `e\n'f` 'g\nh")

    assert found == [
        ("a", 0),
        ("'c\\'d'", 1),
        ("`e\n'f`", 1),
        ("'g", 2),
        ("h", 3),
    ]

"""Tests of preflight/workflows/scripts/shell.py."""

import pytest

from preflight.workflows.scripts.shell import ShellVariables
from preflight.workflows.value import HOLE, WORD_HOLE, Value


def resolve(text: str, **env: str) -> str:
    """Return the last line of a script, its variables resolved and holes drawn as a question mark."""
    values = {name.lower(): Value(value) for name, value in env.items()}
    return ShellVariables(text, values).resolve(text.rpartition("\n")[2]).replace(HOLE, "?")


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("A=b\n$A", "b"),
        ("A='b c'\n$A.", "b c."),
        ('A="b"; C=d\n${A}$C', "bd"),
        ("export A=b\n$A", "b"),
        ("local -r A=b\n$A", "b"),
        ("if x; then A=b; fi\n$A", "b"),
        ("x && A=b\n$A", "b"),
        ("A=b C=d cmd\n$A$C", "b?"),
        ("curl -d A=b\n$A", "?"),
        ("A='$b'\n$A", "$b"),
        ('A="$b"\n$A', "?"),
        ("A=`b`\n$A", "?"),
        ("A=\n$A", "?"),
        ("A=b\nA=c\n$A", "?"),
        ("A=b\nA+=c\n$A", "?"),
        ("A=b\nread A\n$A", "?"),
        ("A=b\nwhile read -r x A; do\n$A", "?"),
        ("A=b\nfor A in c; do\n$A", "?"),
        ("A=b\nfor x in A; do\n$A", "b"),
        ("A=b\nprintf -v A x\n$A", "?"),
        ("$1 $@ $# $*", "? ? ? ?"),
        ("$(a $(b) c)d", "?d"),
        ("$((1 + 2))d", "?d"),
        ("$((1/2", "?/2"),
        ("${A/1", "?/1"),
        ("{} {name} %s %(name)s", "? ? ? ?"),
        ("{a/b}", "{a/b}"),
        ("A=/o/{b}/c\n$A", "/o/?/c"),
        ("ls | xargs -I P x/P/y", "ls | xargs -I ? x/?/y"),
        ("ls | xargs -n1 -I% x %", "ls | xargs -n1 -I? x ?"),
        ("ls | xargs -rI '@' x @", "ls | xargs -rI '?' x ?"),
        ("ls | xargs --replace=P x P", "ls | xargs --replace=? x ?"),
        ("curl -I P x/P/y", "curl -I P x/P/y"),
    ],
)
def test_plain_assignments_are_known(text: str, resolved: str) -> None:
    """One plain assignment at the beginning of a command; what is not closed is not known to the end of its word."""
    assert resolve(text) == resolved


def test_environment_is_known_until_the_script_assigns() -> None:
    """A variable of the step stands for its value; one that is assigned as well is not known."""
    assert resolve("$PKG", pkg="agent/runner") == "agent%2Frunner"
    assert resolve("PKG=web\n$PKG", pkg="agent/runner") == "?"


@pytest.mark.parametrize(
    ("expansion", "resolved"),
    [
        ("${P}", "a%2Fb%2Fc"),
        ("${P//\\//%2F}", "a%2Fb%2Fc"),
        ("${P#*/}", "b%2Fc"),
        ("${P##*/}", "c"),
        ("${P%/*}", "a%2Fb"),
        ("${P%%/*}", "a"),
        ("${P^^}", "a%2Fb%2Fc"),
        ("${P:?missing}", "a%2Fb%2Fc"),
        ("${P#a}", "?"),
        ("${#P}", "?"),
        ("${X:-a}", "?"),
    ],
)
def test_expansions(expansion: str, resolved: str) -> None:
    """Cut at a slash, in other letters, or with a default; every other change is not known."""
    assert resolve(f"P=a/b/c\n{expansion}") == resolved


def test_unknown_owner_and_name_are_cut_at_their_slash() -> None:
    """The repository's own name is a word without a slash even where it is not known."""
    variables = ShellVariables("", {"github_repository": Value(f"{WORD_HOLE}/{WORD_HOLE}")})

    assert variables.resolve("${GITHUB_REPOSITORY#*/}") == WORD_HOLE


def test_address_keeps_its_slashes() -> None:
    """A variable that holds an address, not the name of a package, is put in as it is."""
    assert resolve("U=https://x/packages/y\n$U/1") == "https://x/packages/y/1"

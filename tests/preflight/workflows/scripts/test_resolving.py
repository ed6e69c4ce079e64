"""Tests of preflight/workflows/scripts/resolving.py."""

import pytest

from preflight.workflows.language import Language
from preflight.workflows.scripts.javascript import JavaScriptNames
from preflight.workflows.scripts.resolving import resolver
from preflight.workflows.value import HOLE
from tests.preflight.workflows.judging import REPOSITORY, script


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        (Language.SHELL, "$PKG/${PKG}/$(x)/$env:PKG", "a%2Fb/a%2Fb/?/?:PKG"),
        (Language.POWERSHELL, "$env:PKG/${env:PKG}/$x/$(x (y))/$script:x/{0}", "a%2Fb/a%2Fb/?/?/?/?"),
        (Language.JAVASCRIPT, "${process.env.PKG}/${x}/{id}/$PKG", "a%2Fb/?/?/$PKG"),
        (Language.OTHER, "{x}/#{x}/${x}/$x/%s/%(x)s", "?/?/?/?/?/?"),
    ],
)
def test_variables_are_those_of_the_language(language: Language, text: str, expected: str) -> None:
    """Each language writes variables in its own way; what is not known is a hole, never the text of the variable."""
    here = script(text, language, {"PKG": "a/b"}, REPOSITORY)
    names = JavaScriptNames(here.text, here.env, REPOSITORY)

    assert resolver(here, names)(text).replace(HOLE, "?") == expected

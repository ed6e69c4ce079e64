"""preflight/workflows/scripts/modules.py"""

import pytest

from preflight.workflows.scripts.modules import modules
from preflight.workflows.value import HOLE


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("const p = require('./ci/prune.js')", "./ci/prune.js"),
        ('x\nrequire( "../prune" )', "../prune"),
        ("const { a } = await import(`./a.mjs`)", "./a.mjs"),
        ("import a from './a.mjs'", "./a.mjs"),
        ("import './a.mjs'", "./a.mjs"),
        ("await import('${process.env.GITHUB_WORKSPACE}/ci/a.mjs')", "./ci/a.mjs"),
        (f"require('{HOLE}/ci/a.js')", "./ci/a.js"),
    ],
)
def test_a_module_of_the_repository_is_found(text: str, path: str) -> None:
    """However it is loaded; its name may lack its end."""
    found = list(modules(text))

    assert found[0].path == path
    assert f"{path}/index.js" in [each.path for each in found]
    assert {each.row for each in found} == {text.count("\n")}


@pytest.mark.parametrize("text", ["require('fs')", "import x from '@actions/core'", "require(name)", "required('./a')"])
def test_packages_and_variables_are_left_out(text: str) -> None:
    """Nothing tells what they are."""
    assert list(modules(text)) == []

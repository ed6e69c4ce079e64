"""The modules of this repository that a JavaScript loads: ``require('./x')``, ``import('./x')``, ``from './x'``.

Source: Node.js documentation, "CommonJS modules" and "ECMAScript modules"; ``require`` of actions/github-script begins
relative paths in the workspace.
"""

from collections.abc import Iterator

from preflight.lib.regex import regex
from preflight.workflows.scripts.invocations import Invocation

_LOADED = regex(r"(?:\brequire\s*\(|\bimport\s*\(|\bfrom\s|\bimport\s)\s*['\"`](?P<path>[^'\"`\n]{1,300})['\"`]")
_WORKSPACE = regex(r"\A(?:\$\{[^{}]{0,80}\}|[\ue000-\ue002])/")
_ENDS = ("", ".js", ".cjs", ".mjs", ".ts", "/index.js")


def modules(text: str) -> Iterator[Invocation]:
    """Yield the files that a script may load, each name with every end that it may lack; packages are left out."""
    for match in _LOADED.finditer(text):
        inside = _WORKSPACE.sub("./", match["path"])
        if inside.startswith(("./", "../")):
            row = text.count("\n", 0, match.start())
            yield from (Invocation(match["path"], f"{inside}{end}", row=row, certain=False) for end in _ENDS)

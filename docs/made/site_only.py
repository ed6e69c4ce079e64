"""What only the site has on its pages: tables of contents, and texts of other files. GitHub would show it raw."""

import re
from collections.abc import Sequence

from docs.made.checks import found
from preflight.run.setup import SETUP

_TREES: dict[str, dict[str, Sequence[str]]] = {
    "index": {
        "Use": ("start", "stages", "pin", "cron", "pull-request", "fleets", "coolify", "registry", "signatures"),
        "Look up": ("checks/index", "commands/index", "configuration", "reports", "glossary", "faq"),
        "Know more": ("security", "write-a-check", "reference", "measured", "upgrading"),
    },
    "checks/index": {"": (*(check.about.id for check in found()), SETUP.id)},
}
"""Page, caption, and the pages below it."""

_INCLUDED = {
    "upgrading": ("../../CHANGELOG.md", 'start-after: "Semantic Versioning](https://semver.org/)."'),
    "write-a-check": (
        "../../CONTRIBUTING.md",
        'start-after: "## Write a check in a package of your own"\n:end-before: "## The shape"',
    ),
}
"""Page, the file whose text follows it there, and which part."""


_PICTURE = re.compile(
    r'<picture>.*?srcset="(?P<dark>[^"]+)".*?alt="(?P<alt>[^"]+)" src="(?P<light>[^"]+)".*?</picture>', re.DOTALL
)
"""One picture for light and one for dark pages, as GitHub chooses between them."""


def extended(name: str, text: str) -> str:
    """Return a page of the manual as the site has it.

    Args:
        name: Of the page, without its ending.
        text: As it stands in the repository. Its last paragraph is left out where the text that it links follows.
    """
    if name in _INCLUDED:
        file, part = _INCLUDED[name]
        before, link, after = text.rpartition("\n\n")
        if f"({file}" not in after:
            raise SystemExit(f"docs/manual/{name}.md does not end with a paragraph that links {file}")
        text = f"{before}{link}```{{include}} {file}\n:{part}\n```\n"
    text = _PICTURE.sub(_images, text)
    for caption, names in _TREES.get(name, {}).items():
        named = f":caption: {caption}\n" if caption else ""
        text += f"\n```{{toctree}}\n:hidden:\n{named}\n" + "\n".join(names) + "\n```\n"
    return text


def _images(picture: re.Match[str]) -> str:
    """Return two images, between which the theme of the site chooses."""
    return "\n\n".join(
        f"```{{image}} {picture[mode]}\n:alt: {picture['alt']}\n:class: only-{mode}\n```" for mode in ("light", "dark")
    )

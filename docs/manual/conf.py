"""How Sphinx builds the manual: ``make site``."""

import os
import re
from pathlib import Path

from sphinx.application import Sphinx

from docs.made import commands, configuration, reference, site_only
from preflight.run.explanation import SITE_URL
from preflight.version import __version__

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

project = "preflight"
author = "the preflight developers"
project_copyright = author
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["commands/manpage.txt", "man/keys.txt"]
myst_heading_anchors = 3
myst_enable_extensions = ["deflist"]

html_theme = "furo"
html_title = f"preflight {release}"
html_baseurl = os.environ.get("SITE_URL", SITE_URL)
html_copy_source = False
html_show_sphinx = False
html_last_updated_fmt = None

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
add_module_names = False  # users import every name from `preflight`

man_pages = [
    ("man/preflight.1", "preflight", "prove that the image pinned in git is what will run", [author], 1),
    ("man/preflight.yaml.5", "preflight.yaml", "configuration of preflight", [author], 5),
]
man_show_urls = False
_RELEASED = re.search(r"^## \S+ \(([\d-]+)\)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
today = _RELEASED[1] if _RELEASED else release  # man pages have the date of the release, not of the day they are made

MADE = {
    **{f"commands/{name}": page for name, page in commands.pages()},
    "reference.md": reference.page(),
    "man/keys.txt": configuration.for_man(),
}
for name, page in MADE.items():
    file = HERE / name
    file.parent.mkdir(exist_ok=True)
    if not file.is_file() or file.read_text(encoding="utf-8") != page:  # an unchanged page is not built again
        file.write_text(page, encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Add to pages what only the site has."""
    app.connect("source-read", _extend)


def _extend(_app: Sphinx, name: str, source: list[str]) -> None:
    source[0] = site_only.extended(name, source[0])

"""Write into the documentation what the program says of itself, or compare the two.

``python -m docs`` rewrites the marked parts of README.md, and the pages in docs/manual/checks/;
``python -m docs --check`` changes nothing and fails, naming the file, when they differ.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from docs.made import checks, commands
from docs.made.exit_codes import exit_codes

ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs" / "manual"

_PARTS: dict[str, Callable[[], str]] = {
    "help": commands.shown,
    "help run": lambda: commands.shown("run"),
    "exit codes": exit_codes,
    "checks": lambda: checks.check_table("docs/manual/checks/"),
}
_CHECKS = MANUAL / "checks"
_MADE = "<!-- Made from the code by `make docs`. -->\n\n"


def main(arguments: list[str]) -> int:
    """Write or compare; return 1 when a comparison fails."""
    check = "--check" in arguments
    documents = dict(_documents())
    stale = [path for path, text in documents.items() if not _up_to_date(path, text, check=check)]
    stale += [path for path in _left_over(documents) if not _removed(path, check=check)]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(ROOT)} does not say what the program says; run `make docs`\n")
    return 1 if stale else 0


def _up_to_date(path: Path, text: str, *, check: bool) -> bool:
    if check:
        return path.is_file() and path.read_text(encoding="utf-8") == text
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def _left_over(documents: dict[Path, str]) -> Iterator[Path]:
    """Yield pages of checks that are no longer there."""
    yield from (path for path in sorted(_CHECKS.glob("*.md")) if path not in documents)


def _removed(path: Path, *, check: bool) -> bool:
    if not check:
        path.unlink()
    return not check


def _documents() -> Iterator[tuple[Path, str]]:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for name, make in _PARTS.items():
        text = _replace_part(text, name, make())
    yield readme, text
    for name, page in checks.pages():
        yield _CHECKS / name, _MADE + page


def _replace_part(text: str, name: str, part: str) -> str:
    pattern = re.compile(rf"(<!-- made from the code: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"README.md has no part {name}")
    return pattern.sub(lambda match: f"{match[1]}{part}{match[2]}", text)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

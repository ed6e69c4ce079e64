"""Write into the documentation what the program says of itself, or compare the two.

``python -m docs`` rewrites the marked parts of README.md and of the manual, docs/manual/checks/ and docs/man/;
``python -m docs --check`` changes nothing and fails, naming the file, when they differ.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from docs.made import checks, configuration, man
from docs.made.exit_codes import exit_codes
from docs.made.report_keys import DIFF, HISTORY, report_keys

ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "docs" / "manual"

_PARTS: dict[str, Callable[[], str]] = {
    "configuration": configuration.reference,
    "exit codes": exit_codes,
    "report keys": report_keys,
    "history keys": lambda: report_keys(HISTORY),
    "diff keys": lambda: report_keys(DIFF),
    "checks": lambda: checks.check_table("docs/manual/checks/"),
}
_PART = re.compile(r"(?P<begin><!-- made from the code: (?P<name>.*?) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)
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
    for path in (ROOT / "README.md", *sorted(MANUAL.glob("*.md")), *sorted(MANUAL.glob("man/*.md"))):
        text = path.read_text(encoding="utf-8")
        if _PART.search(text):
            yield path, _PART.sub(_part, text)
    for name, page in man.pages():
        yield ROOT / "docs" / "man" / name, page
    for name, page in checks.pages():
        yield _CHECKS / name, _MADE + page


def _part(found: re.Match[str]) -> str:
    """Return a marked part as the program writes it today."""
    make = _PARTS.get(found["name"])
    if make is None:
        raise SystemExit(f"there is no part {found['name']}; known are {', '.join(_PARTS)}")
    return f"{found['begin']}{make()}{found['end']}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

"""What lint, types, coverage and pytest are told to pass over, and how long files may be."""

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 400
"""Lines of a file of Python."""

_SUPPRESSION = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma:\s*no)", re.IGNORECASE)
_WITH_REASON = re.compile(
    r"# (?:noqa: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)*|type: ignore\[[a-z-]+(?:, [a-z-]+)*\]|pragma: no cover) -- \S"
)
_BROAD = {"Exception", "BaseException"}
_LEAVING_OUT = ("pytest.skip", "pytest.xfail", "pytest.importorskip", "pytest.mark.skip", "pytest.mark.xfail")
_WORTH_READING = re.compile(
    r"noqa|pytest\.(?:mark\.)?(?:skip|xfail|importorskip)|type:\s*ignore|pragma:|except\s*:|except\b.*Exception",
    re.IGNORECASE,
)
"""What a file without any suppression does not have; taking all files apart takes seconds."""


def tracked() -> list[Path]:
    """Return the files of Python that git has, or would have."""
    words = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", "*.py")
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [file for name in sorted(set(listed.split("\0")) - {""}) if (file := ROOT / name).is_file()]


def unexplained(text: str) -> Iterator[int]:
    """Yield the lines that suppress something, or catch everything, and do not say why."""
    if not _WORTH_READING.search(text):
        return
    comments = {
        token.start[0]: token.string
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    }
    for line, comment in comments.items():
        if _SUPPRESSION.match(comment) and not _WITH_REASON.match(comment):
            yield line
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and _leaves_out(node.func) and node.lineno not in comments:
            yield node.lineno
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type) and node.lineno not in comments:
            yield node.lineno


def _leaves_out(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and ast.unparse(called).startswith(_LEAVING_OUT)


def _is_broad(caught: ast.expr | None) -> bool:
    each = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(one is None or (isinstance(one, ast.Name) and one.id in _BROAD) for one in each)


@pytest.mark.parametrize(
    ("line", "explained"),
    [  # what the rule reads; as texts of this list they suppress nothing here
        ("x = 1  # noqa: S105 -- no secret", True),
        ("x = 1  # noqa: S105, S106 -- no secrets", True),
        ("x = 1  # noqa: S105", False),
        ("x = 1  # noqa", False),
        ("x = 1  # type: ignore[misc] -- a stand-in", True),
        ("x = 1  # type: ignore[misc]", False),
        ("x = 1  # type: ignore -- a stand-in", False),
        ("x = 1  # pragma: no cover", False),
        ("pytest.skip('not here')", False),
        ("pytest.skip('not here')  # never in CI", True),
        ("pytest.mark.skipif(True, reason='not here')", False),
        ("x = '# noqa'", True),
        ("try: pass\nexcept (Exception, SystemExit): pass", False),
        ("try: pass\nexcept BaseException:  # raised again\n    raise", True),
        ("try: pass\nexcept: pass", False),
        ("try: pass\nexcept OSError: pass", True),
    ],
)
def test_a_reason_is_told_from_none(line: str, *, explained: bool) -> None:
    """In comments; what stands in a text suppresses nothing."""
    assert bool(list(unexplained(line + "\n"))) is not explained


def test_each_suppression_states_its_reason() -> None:
    """On its line, so that whoever changes the code sees whether it still holds."""
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in tracked()
        for line in unexplained(file.read_text(encoding="utf-8"))
    ]

    assert found == []


def test_no_file_is_long() -> None:
    """A longer one holds several things, and each of them wants a place that can be found."""
    lengths = {str(file.relative_to(ROOT)): file.read_bytes().count(b"\n") for file in tracked()}

    assert {name: lines for name, lines in lengths.items() if lines > LONGEST} == {}

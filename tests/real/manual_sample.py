"""The sample runs that the manual shows: compared with what the program prints today.

``WRITE_SAMPLES=1`` writes what is printed into the manual instead; ``make picture`` sets it.
"""

import os
import re

from provision.cache import ROOT

from docs.made.picture import HOST

MANUAL = ROOT / "docs" / "manual"
_VARYING = re.compile(
    r"127\.0\.0\.1:[\d…]+"  # the port of a registry
    r"|[0-9a-f]{9}\b|[0-9a-f]{12}…"  # a commit, the beginning of a digest
    r"|\([\d.]+ s\)"
    r"|\d+ checks: [\w\s,]+(?=\()"  # of the hook: other tests may have pushed a newer release, which warns
    r"|\b[a-z0-9]{24}\b(-\d+)?"  # Coolify's UUID of an application, and what it adds for a deployment
)
_CUT = re.compile(r"^(ok|warn|FAIL)( +\S+) .*…$", re.MULTILINE)
"""A line that was cut at the edge: where, depends on what varies."""


def compare_sample(page: str, name: str, text: str) -> None:
    """See that a page of the manual shows this text between ``<!-- sample: NAME -->`` and ``<!-- end -->``.

    Ports, digests, commits, times and where a line breaks may differ.

    Args:
        page: Name of the file in docs/manual.
        name: Of the sample.
        text: What was typed, after ``$``, and what the program printed.

    Raises:
        AssertionError: The manual shows something else, or nothing.
    """
    text = re.sub(r"(preflight \S+ on )[^,\n]+(,)", rf"\g<1>{HOST}\g<2>", text).strip() + "\n"
    path = MANUAL / page
    whole = path.read_text(encoding="utf-8")
    block = re.compile(rf"(<!-- sample: {name} -->\n```\w+\n)(.*?)(```\n<!-- end -->)", re.DOTALL)
    shown = block.search(whole)
    assert shown is not None, f"{page} has no sample {name}"
    if os.environ.get("WRITE_SAMPLES"):
        path.write_text(whole[: shown.start(2)] + text + whole[shown.end(2) :], encoding="utf-8")
        return
    assert _words(shown[2]) == _words(text), f"{page} shows another run; write this one with `make picture`:\n{text}"


def _words(text: str) -> list[str]:
    return _VARYING.sub("*", _CUT.sub(r"\1\2", text)).split()

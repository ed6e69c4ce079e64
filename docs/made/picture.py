"""A terminal run as SVG, light and dark: the failing run at the end of the demo.

``make picture`` runs the demo, which takes a minute and an engine; ``make docs`` ends with it, ``python -m docs`` alone
leaves the pictures alone. The test of the demo compares their text with what the program prints today.
"""

import html
import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, MONOKAI, TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "picture"
THEMES: dict[str, TerminalTheme] = {"light": DEFAULT_TERMINAL_THEME, "dark": MONOKAI}
HOST = "web-1"
_COLUMNS = 80
_DEMO_S = 600
_REPORT = re.compile(r"^\$ preflight .*?(?=^\(exit code 1\))", re.MULTILINE | re.DOTALL)
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""They would be asked of another host; the browser's own monospace font does."""

_SAID_ON = re.compile(r"(preflight \S+ on )[^,\n]+(,)")


def make() -> None:
    """Run the demo and draw its last report.

    Raises:
        SystemExit: The demo went wrong.
    """
    done = subprocess.run(
        [sys.executable, "docker/demo.py"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "docker", "PREFLIGHT_COLOR": "always", "COLUMNS": str(_COLUMNS)},
        stdout=subprocess.PIPE,
        text=True,
        timeout=_DEMO_S,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit("the demo went wrong; see above")
    report = last_report(done.stdout)
    FOLDER.mkdir(exist_ok=True)
    for name, theme in THEMES.items():
        (FOLDER / f"failing-{name}.svg").write_text(drawn(report, theme), encoding="utf-8")


def last_report(demo: str) -> str:
    """Return the command and the report of the failing run, with the name of the host replaced.

    Args:
        demo: What the demo printed.
    """
    runs = re.split(r"(?m)^(?=\$ preflight )", demo)
    report = _REPORT.search(runs[-1])
    if report is None:
        raise SystemExit("the demo shows no failing run")
    return _SAID_ON.sub(rf"\g<1>{HOST}\g<2>", report[0]).rstrip() + "\n"


def drawn(report: str, theme: TerminalTheme) -> str:
    """Return the SVG of a report with ANSI colours."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(report), soft_wrap=True)
    svg = console.export_svg(title="preflight run", theme=theme, unique_id="preflight")
    return _FONTS.sub("", svg).replace("Fira Code, monospace", "ui-monospace, monospace")


def text_of(svg: str) -> str:
    """Return the text of a picture, a line of the terminal a line."""
    lines: dict[float, str] = {}
    for y, text in re.findall(r'<text class="preflight-r\d+" [^>]*y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        lines[float(y)] = lines.get(float(y), "") + html.unescape(text).replace("\xa0", " ")
    return "\n".join(line.rstrip() for _, line in sorted(lines.items())).strip() + "\n"


if __name__ == "__main__":
    make()

"""Write into the documentation what the program says of itself, or compare the two.

``python -m docs`` rewrites the marked parts of README.md and the whole of docs/checks.md; ``python -m docs --check``
changes nothing and fails, naming the file, when they differ.
"""

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from preflight.cli import cli
from preflight.errors import ExitCode
from preflight.model import Failure, Status
from preflight.run.discovery import CheckClass, discover
from preflight.run.setup import SETUP

ROOT = Path(__file__).resolve().parents[1]
_WIDTH = 100

_EXIT_CODES = {
    ExitCode.OK: "nothing wrong, and at least one check passed",
    ExitCode.FAILED: "at least one check failed",
    ExitCode.USAGE: "the command line or the configuration is wrong; nothing was checked",
    ExitCode.COULD_NOT_LOOK: "no failure, but something could not be looked at, or nothing passed",
    ExitCode.HUNG_UP: "interrupted: the terminal hung up (SIGHUP)",
    ExitCode.INTERRUPTED: "interrupted with Ctrl-C",
    ExitCode.QUIT: "interrupted with Ctrl-\\ (SIGQUIT)",
    ExitCode.TERMINATED: "interrupted with SIGTERM",
}


def main(arguments: list[str]) -> int:
    """Write or compare; return 1 when a comparison fails."""
    stale = [path for path, text in _documents() if not _up_to_date(path, text, check="--check" in arguments)]
    for path in stale:
        sys.stderr.write(f"{path.relative_to(ROOT)} does not say what the program says; run `make docs`\n")
    return 1 if stale else 0


def _up_to_date(path: Path, text: str, *, check: bool) -> bool:
    if check:
        return path.read_text(encoding="utf-8") == text
    path.write_text(text, encoding="utf-8")
    return True


def _documents() -> Iterator[tuple[Path, str]]:
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    for name, make in _PARTS.items():
        text = _replace_part(text, name, make())
    yield readme, text
    yield ROOT / "docs" / "checks.md", _checks_document()


def _replace_part(text: str, name: str, part: str) -> str:
    pattern = re.compile(rf"(<!-- made from the code: {name} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"README.md has no part {name}")
    return pattern.sub(lambda match: f"{match[1]}{part}{match[2]}", text)


def _help(*names: str) -> str:
    """Return the help of a command as 100 columns show it."""
    shape = {**cli.context_settings, "terminal_width": _WIDTH}
    group = click.Context(cli, info_name="preflight", **shape)
    context = group
    for name in names:
        command = cli.get_command(group, name)
        if command is None:
            raise SystemExit(f"there is no command {name}")
        context = click.Context(command, parent=group, info_name=name, **shape)
    return f"```text\n{context.get_help()}\n```\n"


def _exit_codes() -> str:
    rows = "".join(f"| {code.value} | {_EXIT_CODES[code]} |\n" for code in ExitCode)
    return f"| code | meaning |\n| --- | --- |\n{rows}"


def _checks() -> tuple[CheckClass, ...]:
    found = discover()
    if found.broken:
        raise SystemExit(f"{found.broken[0].name} does not load: {found.broken[0].reason}")
    return found.checks


def _check_table() -> str:
    rows = "".join(
        f"| [`{check.about.id}`](docs/checks.md#{check.about.id}) | {check.about.title} | "
        f"{', '.join(sorted(need.value for need in check.about.needs))} |\n"
        for check in _checks()
    )
    return f"| check | what it proves | looks at |\n| --- | --- | --- |\n{rows}"


def _checks_document() -> str:
    parts = [
        "# The checks\n\nMade from the code by `make docs`; `preflight explain ID` prints the same in a terminal.\n",
        *(_explained(check) for check in _checks()),
        _section(SETUP.id, SETUP.title, SETUP.asks, SETUP.why, SETUP.failures),
    ]
    return "\n".join(parts)


def _explained(check: CheckClass) -> str:
    about = check.about
    return _section(about.id, about.title, about.asks, about.why, about.failures)


_SEVERITY = {
    Status.FAIL: "fails",
    Status.ERROR: "error",
    Status.WARN: "warns",
    Status.SKIP: "skipped",
    Status.PASS: "passes",
}


def _section(check_id: str, title: str, asks: str, why: str, failures: tuple[Failure, ...]) -> str:
    rows = "".join(f"| {' | '.join(_row(each))} |\n" for each in failures)
    head = "| code | what is wrong | before | after | what to do |\n| --- | --- | --- | --- | --- |\n"
    return f"## {check_id}\n\n*{title}.* {asks}\n\n{why}\n\n{head}{rows}"


def _row(failure: Failure) -> tuple[str, ...]:
    before, after = _SEVERITY[failure.before], _SEVERITY[failure.after]
    return f"`{failure.code}`", _cell(failure.says), before, after, _cell(failure.fix)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


_PARTS: dict[str, Callable[[], str]] = {
    "help": _help,
    "help run": lambda: _help("run"),
    "exit codes": _exit_codes,
    "checks": _check_table,
}

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

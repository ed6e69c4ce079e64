"""What is printed and written when nothing was checked because the command line or the configuration is wrong."""

import os
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.errors import ExitCode, PreflightError
from preflight.lib.arguments import first_word
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.model import Stage
from preflight.report import JudgedProject, Report, Style
from preflight.version import __version__

if TYPE_CHECKING:
    from preflight.cli.output import Outputs

_COMMANDS = ("run", "report")
"""Those that print and write reports."""

_STAGE = regex(r"^stage:[ \t]*[\"']?(\w+)", re.MULTILINE)
_FORMAT = regex(r"^format:[ \t]*[\"']?([\w-]+)", re.MULTILINE)
_OUTPUT = regex(r"\b([\w-]+)=([^\s,\]\"'#]+)")
_WORD, _LONGEST = regex(r"[^\s,:=#\[\]{}\"']+"), 200
"""What may be the name of a file that the configuration has read."""
_OUTPUT_KEY = regex(r"^output:([^\n]*(?:\n[ \t]*-[^\n]*)*)", re.MULTILINE)


def report_problem(argv: Sequence[str], problem: str, code: int) -> int:
    """Let every report that was asked for say why nothing was checked.

    The files of ``--output`` are replaced too: a green report of yesterday would be taken for today's. A document for a
    program goes to standard output; for a person the problem already stands on standard error.

    Returns:
        The exit code.
    """
    command = first_word(argv, ("-C",))
    if command not in _COMMANDS:
        return code
    from preflight.cli.output import print_document
    from preflight.cli.output_files import write_files
    from preflight.run.reporters import FOR_PEOPLE, own_exit_code, reporter

    text, base = _configuration(argv) if command == "run" else ("", Path.cwd())
    report = problem_report(problem, code, _chosen("--stage", argv) or _first(_STAGE, text))
    name = _chosen("--format", argv) or _first(_FORMAT, text)
    own = None
    if name and name not in FOR_PEOPLE:
        try:
            print_document(reporter(name)(report, Style()), sys.stdout)
        except PreflightError:  # the format is what is wrong
            return code
        own = own_exit_code(name, report)
    files = tuple(
        (kind, path)
        for kind, path in _outputs(argv, text, base)
        if path.parent.is_dir() and (path.is_file() or not path.exists())
    )
    write_files(files, lambda kind, style: reporter(kind)(report, style))
    return code if own is None else own


def usage_code(argv: Sequence[str], *, folder_is_there: bool = True) -> int:
    """Return the exit code where nobody could be told anything: 2, or what the format has for it.

    Args:
        argv: The command line.
        folder_is_there: Whether a configuration can be looked for.
    """
    command = first_word(argv, ("-C",))
    text = _configuration(argv)[0] if command == "run" and folder_is_there else ""
    name = _chosen("--format", argv) or _first(_FORMAT, text)
    if command not in _COMMANDS or not name:
        return ExitCode.USAGE
    from preflight.run.reporters import own_exit_code

    own = own_exit_code(name, Report(__version__, "", datetime.now(UTC), 0.0, (), ExitCode.USAGE))
    return ExitCode.USAGE if own is None else own


def refuse(outputs: "Outputs", problem: str, stage: str) -> int:
    """Tell a program why nothing was checked, and leave the files alone: another run is about to write them.

    Args:
        outputs: What was asked for.
        problem: Why; a person has read it on standard error.
        stage: Which of the two questions was asked.

    Returns:
        The exit code.
    """
    from preflight.cli.output import print_document
    from preflight.run.reporters import FOR_PEOPLE, reporter

    if outputs.format_ not in FOR_PEOPLE:
        report = problem_report(problem, ExitCode.COULD_NOT_LOOK, stage)
        print_document(reporter(outputs.format_)(report, outputs.style), outputs.stream)
    return ExitCode.COULD_NOT_LOOK


def problem_report(problem: str, code: int, stage: str) -> Report:
    """Return the report of a run that checked nothing.

    Args:
        problem: Why.
        code: The exit code.
        stage: As the operator wrote it, which may be wrong.
    """
    asked = Stage(stage) if stage in set(Stage) else Stage.BEFORE
    judged = JudgedProject(folder=printable(str(Path.cwd())))
    return Report(__version__, host_name(), datetime.now(UTC), 0.0, (), code, printable(problem, 500), asked, judged)


def host_name() -> str:
    """Return the name of this machine."""
    return os.uname().nodename


def _outputs(argv: Sequence[str], text: str, base: Path) -> Iterator[tuple[str, Path]]:
    """Yield format and file of each report, from the command line, else the environment, else the configuration."""
    from preflight.run.config.outputs import is_stream

    given = _values("--output", argv) or os.environ.get("PREFLIGHT_OUTPUT", "").split()
    pairs = [each.partition("=") for each in given]
    if pairs:
        yield from ((name, Path(file).absolute()) for name, _, file in pairs if file and not is_stream(file))
        return
    found = not _chosen("--config", argv)
    for name, file in _OUTPUT.findall(_first(_OUTPUT_KEY, text)):
        path = (base / file).resolve()
        if not (is_stream(file) or (found and _is_forbidden(path, text, base))):
            yield name, path


def _is_forbidden(path: Path, text: str, base: Path) -> bool:
    """Whether a configuration that was merely found may not have this file written, however wrong it is."""
    from preflight.run.config.find import CONFIG_NAME
    from preflight.run.config.outputs import why_not_written

    named = (base / word for word in _WORD.findall(_OUTPUT_KEY.sub("", text)) if len(word) <= _LONGEST)
    return bool(why_not_written(path, base, {base / CONFIG_NAME, *named}, os.environ))


def _chosen(option: str, argv: Sequence[str]) -> str:
    """Return what the command line, else the environment, says for an option of which it may be all that is right."""
    values = _values(option, argv)
    return values[-1] if values else os.environ.get("PREFLIGHT_" + option.removeprefix("--").upper(), "")


def _values(option: str, argv: Sequence[str]) -> list[str]:
    values = []
    for place, argument in enumerate(argv):
        if argument == option and place + 1 < len(argv):
            values.append(argv[place + 1])
        elif argument.startswith(f"{option}="):
            values.append(argument.removeprefix(f"{option}="))
    return values


def _configuration(argv: Sequence[str]) -> tuple[str, Path]:
    """Return the text of the configuration and its folder: by its text, since what is wrong may be that very file."""
    from preflight.errors import CouldNotLook
    from preflight.lib.files import read_text
    from preflight.run.config import find_config
    from preflight.run.config.read import MAX_SIZE

    named = _chosen("--config", argv)
    try:
        path = Path(named) if named else find_config(Path.cwd())
        text = read_text(path, limit=MAX_SIZE, what="the configuration") if path else ""
    except (CouldNotLook, OSError, ValueError):
        return "", Path.cwd()
    return text, path.parent if path else Path.cwd()


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[1] if found else ""

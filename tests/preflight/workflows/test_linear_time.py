"""No text makes an expression or a reader of workflows take more than linear time; measured in CPU time, as growth.

Text is pumped: short pieces, and pairs of them, repeated many times. Where that takes long enough to be measured, a
quarter of the text must take about a quarter of the time; where work grows with the square, it takes a sixteenth.
"""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest

import preflight.workflows
from preflight import Deadline
from preflight.lib.regex import Regex
from preflight.workflows import matching
from preflight.workflows.collect import read_workflows
from preflight.workflows.expressions import Scope, evaluate
from preflight.workflows.job import set_for_later_steps
from preflight.workflows.language import Language
from preflight.workflows.model import Place, Script
from preflight.workflows.repository import ThisRepository
from preflight.workflows.scripts.deletions import deletions
from preflight.workflows.scripts.invocations import invocations
from preflight.workflows.scripts.javascript import JavaScriptNames, call_arguments
from preflight.workflows.scripts.shell import ShellVariables
from preflight.workflows.value import HOLE, WORD_HOLE, Value

LENGTH = 3_000
MEASURABLE_S = 0.04
MOST_GROWTH = 9.0
PIECES = [
    *"aA1 \n\t'\"`{}()[]/\\-=,:;&|<>#*+?!@$%._",
    *(
        "${",
        "$(",
        "$((",
        "${{",
        "}}",
        "${{ a ",
        "//",
        "/*",
        "*/",
        "<<",
        "<<E",
        "=>",
        "...",
        "&&",
        "||",
        "-X",
        "-XX",
        "--method",
    ),
    *("DELETE", ".delete(", "package_name:", "packages/", "orgs/", "user/", "orgs/a/", "packages/container/"),
    *("echo ", "for ", "read ", "export ", "-a ", "a=", "a+=", "let a=", "const {", "(a", "[!", "v1.", "%s", "%(a)s"),
    *(
        "deletePackageForOrg",
        "bash ",
        "make ",
        "./a.sh ",
        HOLE,
        WORD_HOLE,
        "env:",
        "$env:a",
        "process.env.",
        "format('",
    ),
]
PAIRS = [first + second for first, second in product("'\"`{($/\\ a\n", repeat=2)]
PUMPED = [*PIECES, *PAIRS, "\\'", "'\\'", "a='", 'a="', "['a", "[ '", '"-X" ', '-X "', "a.b[", "<\\("]


def modules() -> Iterator[str]:
    """Yield the names of all modules of the room."""
    for found in pkgutil.walk_packages(preflight.workflows.__path__, "preflight.workflows."):
        yield found.name


def expressions() -> dict[str, Regex]:
    """Return all expressions of the room, by module and name."""
    return {
        f"{name.removeprefix('preflight.workflows.')}.{key}": value
        for name in modules()
        for key, value in vars(importlib.import_module(name)).items()
        if isinstance(value, Regex)
    }


def cpu(work: Callable[[str], object], text: str, times: int = 1) -> float:
    """Return the CPU time that a piece of work takes, the best of several."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        work(text)
        best = min(best, time.process_time() - began)
    return best


def assert_linear(work: Callable[[str], object], piece: str, length: int = LENGTH) -> None:
    """See that four times the text takes about four times the CPU time, not sixteen times."""
    text = piece * (length // len(piece))
    if cpu(work, text) < MEASURABLE_S:
        return
    quarter, whole = cpu(work, text[: len(text) // 4], 4), cpu(work, text, 2)

    assert whole <= MOST_GROWTH * quarter or whole < MEASURABLE_S, f"{piece!r}: {quarter:.3f} s, then {whole:.3f} s"


def tries_all(pattern: Regex) -> Callable[[str], object]:
    """Return what uses an expression in each way in which the room does."""

    def work(text: str) -> None:
        pattern.match(text)
        pattern.fullmatch(text)
        pattern.search(text)
        pattern.search(text + "\x00")
        sum(1 for _ in pattern.finditer(text))

    return work


@pytest.mark.parametrize("name", expressions())
def test_expressions_take_linear_time(name: str) -> None:
    """Each expression of the room, on each pumped text, as match, search and repeated search."""
    work = tries_all(expressions()[name])

    for piece in PUMPED:
        assert_linear(work, piece)


def test_all_expressions_of_the_room_are_tried() -> None:
    """No module makes an expression where the test above does not see it."""
    folder = Path(preflight.workflows.__path__[0])
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.py")]
    made = sum(text.count(" = regex(") for text in texts)
    shared = 1  # COMMENT, which two modules use

    assert made == sum(text.count("regex(") for text in texts) == len(expressions()) - shared
    assert made > 30
    assert not [text for text in texts if re.search(r"\bre\.(?:compile|match|fullmatch|search|sub|split|find)", text)]


def script(text: str, language: Language) -> Script:
    """Return a script that stands alone in a file."""
    return Script(text, Value(text), Place(Path("x.sh")), tuple(text.split("\n")), {}, language)


READERS: dict[str, Callable[[str], object]] = {
    "evaluate": lambda text: evaluate(text, Scope()),
    "evaluate quoted": lambda text: evaluate("${{ '" + text, Scope()),
    "shell": lambda text: ShellVariables(text, {}).resolve(text),
    "javascript": lambda text: JavaScriptNames(text, {}, ThisRepository()).resolve(text),
    "javascript call": lambda text: call_arguments(text, JavaScriptNames("", {}, ThisRepository())),
    "deletions in shell": lambda text: deletions(script(text, Language.SHELL)),
    "deletions in javascript": lambda text: deletions(script(text, Language.JAVASCRIPT)),
    "deletions in powershell": lambda text: deletions(script(text, Language.POWERSHELL)),
    "deletions, each in a line": lambda text: deletions(script(text.replace(" ", "\n"), Language.SHELL)),
    "invocations": lambda text: list(invocations(text)),
    "later steps": lambda text: set_for_later_steps(f"GITHUB_ENV {text}"),
    "equals": lambda text: matching.equals(text, "a" * 100),
    "glob": lambda text: matching.glob(text, "a" * 100),
    "wildcard": lambda text: matching.wildcard(text, "a" * 100),
    "fnmatch": lambda text: matching.fnmatch(text, "a" * 100),
    "search": lambda text: matching.search(text, "a" * 100),
}


@pytest.mark.parametrize("name", READERS)
def test_readers_take_linear_time(name: str) -> None:
    """Each reader of untrusted text, on each pumped text."""
    for piece in PUMPED:
        assert_linear(READERS[name], piece)


@pytest.mark.parametrize("language", [Language.SHELL, Language.JAVASCRIPT])
@pytest.mark.parametrize(
    "line",
    ["gh api -X DELETE $A", "gh api -X DELETE orgs/a/packages/npm/b/c", "x.deletePackageForOrg(y)", "make a", "A=b"],
)
def test_many_lines_take_linear_time(language: Language, line: str) -> None:
    """Scripts of thousands of commands, each of which looks for something elsewhere in the script."""

    def work(text: str) -> None:
        numbered = "\n".join(f"{part}{row}" for row, part in enumerate(text.split("\n")))
        deletions(script(numbered, language))
        if language is Language.SHELL:
            sum(1 for _ in invocations(numbered))

    assert_linear(work, f"{line}\n", 2_000 * (len(line) + 1))


@pytest.mark.parametrize("piece", ["${{ a ", "$((", "${", "'", "packages/", "-X ", "${{ 'a"])
def test_workflows_take_linear_time(tmp_path: Path, piece: str) -> None:
    """A workflow that is one hostile script is read and its deletions are looked for, as fast as any other."""
    target = tmp_path / ".github" / "workflows" / "w.yml"
    target.parent.mkdir(parents=True)

    def work(text: str) -> None:
        quoted = text.replace("'", "''")
        target.write_text(f"on: push\njobs:\n  j:\n    steps:\n      - run: 'gh api -X DELETE {quoted}'\n", "utf-8")
        for step in read_workflows(tmp_path, Deadline.after(600)).steps:
            assert step.script is not None
            deletions(step.script)

    assert_linear(work, piece, 16_000)

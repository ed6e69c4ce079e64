"""What the commands of a shell script run: scripts by their path, and tasks that a program looks up in the repository.

Source: POSIX.1-2017, "Shell Command Language", 2.9 "Shell Commands", as far as words, lists and here-documents go.
"""

import re
from collections.abc import Iterator, Sequence

from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.workflows.language import SUFFIXES
from preflight.workflows.scripts.commands import commands, joined

_WORD = regex(r"(?:'[^']*'|\"[^\"]*\"|\\.|[^\s'\";&|()<>`\\])+|[;&|()`]+|<\(|[<>]+&?|\n", re.DOTALL)
_SEPARATOR = regex(r"[;&|()`\n]+|<\(")
_ASSIGNMENT = regex(r"\A[A-Za-z_]\w*=")
_HERE_DOCUMENT = regex(r"<<-?\s*(['\"]?)([A-Za-z_]\w*)\1")
_PATH = regex(r"(?<![\w./-])[\w./-]+$")
_BEFORE = frozenset({"!", "{", "command", "do", "else", "env", "exec", "if", "nohup", "sudo", "then", "time", "while"})
_INTERPRETERS = frozenset({
    ".", "bash", "bun", "dash", "deno", "node", "perl", "php", "pwsh", "python", "python3", "ruby", "sh", "source",
    "tsx", "zsh",
})  # fmt: skip
_SHELLS = frozenset({"bash", "dash", "sh", "zsh"})
_INLINE = frozenset({"-c", "-e", "--eval", "-m", "-p", "-Command"})
_SUBSTITUTED = regex(r"\b(?:bash|sh|source|\.)\s+<\(")
_OF_THE_RUNNER = ("/bin/", "/opt/", "/sbin/", "/usr/")
_ENVIRONMENTS = ("/activate", "/.cargo/env", "/nvm.sh", "/emsdk_env.sh")
TASK_FILES = {
    "ant": ("build.xml",),
    "earthly": ("Earthfile",),
    "gradle": ("build.gradle", "build.gradle.kts"),
    "gradlew": ("build.gradle", "build.gradle.kts"),
    "inv": ("tasks.py",),
    "invoke": ("tasks.py",),
    "just": ("justfile", "Justfile", ".justfile"),
    "mage": ("magefile.go",),
    "make": ("GNUmakefile", "makefile", "Makefile"),
    "gmake": ("GNUmakefile", "makefile", "Makefile"),
    "nox": ("noxfile.py",),
    "poe": ("pyproject.toml",),
    "rake": ("Rakefile",),
    "task": ("Taskfile.yml", "Taskfile.yaml", "taskfile.yml"),
    "tox": ("tox.ini", "pyproject.toml"),
}
"""Programs that run tasks which the repository defines, and the files in which it does."""
_SUBCOMMANDS = {
    "bun": frozenset({"run"}),
    "cargo": frozenset({"make", "xtask"}),
    "composer": frozenset({"run", "run-script"}),
    "deno": frozenset({"task"}),
    "go": frozenset({"generate", "run"}),
    "npm": frozenset({"exec", "run", "run-script", "start"}),
    "pnpm": frozenset({"exec", "run"}),
    "yarn": frozenset({"exec", "run"}),
}
"""Programs that run such tasks with some of their commands."""
_SCRIPTS_OF = dict.fromkeys(("bun", "npm", "pnpm", "yarn"), ("package.json",))
_SHOWN = 2


@frozen
class Invocation:
    """Something that a script runs.

    Args:
        what: As few words.
        path: The path of a script, without what only shows when it runs; empty for a task, and for what is downloaded.
        defined_in: Files in which tasks are defined.
        row: The line of the script, from 0.
        certain: The path is run, not only named.
        downloads: Whether it runs what comes from elsewhere.
    """

    what: str
    path: str = ""
    defined_in: tuple[str, ...] = ()
    row: int = 0
    certain: bool = True
    downloads: bool = False


def invocations(text: str) -> Iterator[Invocation]:
    """Yield what a shell script runs or, by the end of its name, may run; here-documents are passed over."""
    lines = text.split("\n")
    waiting: list[str] = []
    for start, end in commands(lines):
        if waiting:
            if lines[start].strip() == waiting[0]:
                waiting.pop(0)
            continue
        command = joined(lines[start:end])
        waiting = [match[2] for match in _HERE_DOCUMENT.finditer(command)]
        if command.lstrip().startswith("#"):
            continue
        if _SUBSTITUTED.search(command):
            yield Invocation("a shell with <(…)", row=start, downloads=True)
        before = ""
        for words in _simple_commands(command):
            yield from _of_command(words, before, start)
            before = words[0] if words else before


def _simple_commands(command: str) -> Iterator[Sequence[str]]:
    """Yield the words of each simple command in a line, quotes taken off."""
    words: list[str] = []
    for match in _WORD.finditer(command):
        if _SEPARATOR.fullmatch(match[0]):
            yield words
            words = []
        else:
            words.append(match[0].replace('"', "").replace("'", ""))
    yield words


def _of_command(words: Sequence[str], before: str, row: int) -> Iterator[Invocation]:
    while words and (words[0] in _BEFORE or _ASSIGNMENT.match(words[0])):
        words = words[1:]
    if not words:
        return
    program, arguments = words[0].rpartition("/")[2], words[1:]
    run = ""
    if program in TASK_FILES or (arguments and arguments[0] in _SUBCOMMANDS.get(program, ())):
        files = TASK_FILES.get(program) or _SCRIPTS_OF.get(program, (program,))
        shown = [word for word in arguments if "=" not in word][:_SHOWN]
        yield Invocation(" ".join([program, *shown]), defined_in=files, row=row)
    elif program in _INTERPRETERS and words[0] in {program, f"/bin/{program}", f"/usr/bin/{program}"}:
        run = _interpreted(program, arguments)
        if not run and program in _SHELLS and before in {"curl", "wget"}:
            yield Invocation(f"{before} … | {program}", row=row, downloads=True)
    elif "/" in words[0] and not words[0].startswith(_OF_THE_RUNNER):
        run = words[0]
    if run and not run.endswith(_ENVIRONMENTS) and (path := _path_in(run)):
        yield Invocation(run, path, row=row)
    yield from _named(arguments, run, row)


def _named(arguments: Sequence[str], run: str, row: int) -> Iterator[Invocation]:
    """Yield the files that a command is given and that are scripts by their name, except for the one that it runs."""
    for before, word in zip(["", *arguments], arguments, strict=False):
        if before == "-m":
            module = word.replace(".", "/")
            yield from (Invocation(word, f"{module}{end}", row=row, certain=False) for end in (".py", "/__main__.py"))
        elif word != run and word.rpartition(".")[2] in SUFFIXES and (path := _path_in(word)):
            yield Invocation(word, path, row=row, certain=False)


def _interpreted(program: str, arguments: Sequence[str]) -> str:
    """Return the script that an interpreter is given; empty if it is given in another way."""
    for word in arguments:
        inline = "c" in word and word.startswith("-") if program in _SHELLS else word in _INLINE
        if inline or word == "-" or word.startswith("<"):
            return ""
        if not word.startswith("-"):
            return word
    return ""


def _path_in(word: str) -> str:
    """Return the path at the end of a word, without the variable that it begins with; empty if there is none."""
    match = _PATH.search(word)
    if match is None:
        return ""
    path = match[0]
    if word[: match.start()].endswith("$"):
        path = path.partition("/")[2] or path
    return path.lstrip("/") if match.start() else path

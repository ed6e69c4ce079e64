"""Workflow and action files: read with a limit, as a tree that knows its lines, beside the lines themselves."""

from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.files import decode, read_bytes
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.lib.yamlfile import ComposeFileProblem, parse
from preflight.lib.yamlnodes import Mapping, Node, Scalar, Sequence
from preflight.workflows import FOLDER

MAX_BYTES = 1024 * 1024
"""The largest workflow or action that is read; GitHub's own limit for a workflow is 512 KiB."""
MAX_SCRIPT_BYTES = 256 * 1024
MAX_FILES = 500
"""Workflows in one repository."""
_COMMENT = regex(r"\s#\s*(\S.*)$")


class WorkflowProblem(CouldNotLook):
    """A file cannot be read or understood.

    Args:
        message: One line without the path.
        hint: What to do.
        path: The file.
        line: From 1, or None for the whole file.
    """

    def __init__(self, message: str, hint: str, path: Path, line: int | None = None) -> None:
        super().__init__(message, hint)
        self.path, self.line = path, line


@frozen
class Source:
    """One file.

    Args:
        path: Absolute.
        root: The top level.
        lines: The text, line by line.
    """

    path: Path
    root: Mapping
    lines: tuple[str, ...]

    __eq__, __hash__ = object.__eq__, object.__hash__  # comparing files line by line helps nobody

    def comment(self, line: int) -> str:
        """Return the comment at the end of a line (from 1), without its mark."""
        match = _COMMENT.search(self.lines[line - 1]) if 0 < line <= len(self.lines) else None
        return match[1].strip() if match else ""


def read_source(path: Path) -> Source:
    """Read one YAML file.

    Raises:
        WorkflowProblem: It cannot be read, is too large, no text, no YAML, or no mapping.
    """
    text = _read(path, MAX_BYTES)
    try:
        return Source(path, parse(text, path), tuple(text.split("\n")))
    except ComposeFileProblem as error:
        words = error.problem.replace("the compose file", "the file").replace(" (services: …)", "")
        raise WorkflowProblem(words, "Correct the file; it was not judged.", path, error.line) from error


def read_script(path: Path) -> str:
    """Return the text of a script, which is as small as a person writes.

    Raises:
        WorkflowProblem: It cannot be read, is too large, or no text.
    """
    return _read(path, MAX_SCRIPT_BYTES)


def _read(path: Path, limit: int) -> str:
    try:
        text = decode(read_bytes(path, limit=limit, what="the file"), path, "the file")
    except CouldNotLook as error:
        words = error.message.replace(str(path), "").replace("the file ", "", 1).lstrip(": ")
        raise WorkflowProblem(f"cannot be read: {printable(words)}", error.hint, path) from error
    if "\0" in text:
        raise WorkflowProblem("cannot be read: a NUL byte, so it is no text", "Put the right file there.", path)
    return text.replace("\r\n", "\n")


def workflow_files(root: Path) -> tuple[Path, ...]:
    """Return the files in which GitHub looks for workflows, sorted; it does not look in folders below.

    Raises:
        WorkflowProblem: The folder cannot be listed, or holds unreasonably many.
    """
    folder = root / FOLDER
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix in {".yml", ".yaml"})
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        reason = (error.strerror or "cannot be listed").lower()
        raise WorkflowProblem(f"cannot be read: {reason}", "Correct its permissions.", folder) from error
    if len(files) > MAX_FILES:
        raise WorkflowProblem(f"more than {MAX_FILES} workflows", "Look at them yourself.", folder)
    return tuple(files)


def text_of(node: Node | None) -> str:
    """Return a scalar's text; "" for null, nothing, a list or a mapping."""
    return node.text if isinstance(node, Scalar) and not node.is_null else ""


def mapping_of(node: Node | None) -> Mapping | None:
    """Return a mapping, or None for anything else."""
    return node if isinstance(node, Mapping) else None


def items_of(node: Node | None) -> list[Node]:
    """Return the values of a list; none for anything else."""
    return [item.value for item in node.items] if isinstance(node, Sequence) else []

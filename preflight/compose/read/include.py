"""The ``include:`` list of a compose file."""

import os.path
from collections.abc import Mapping as Variables
from pathlib import Path

from preflight.compose.read.files import is_there
from preflight.compose.read.service import live
from preflight.compose.read.template import decided_by, expanded, in_home
from preflight.envfile import read_env_file
from preflight.lib.files import show_as_written
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.lib.text import printable
from preflight.lib.yamlfile import ComposeFileProblem
from preflight.lib.yamlnodes import Item, Mapping, Node, Scalar, Sequence

_REMOTE = regex(r"(?:oci|https?|git|ssh)://|git@|github\.com/")


@frozen
class Include:
    """One entry of ``include:``.

    Args:
        files: The compose files, laid one over the other.
        folder: Their project directory.
        place: ``folder`` as Compose puts it before their relative paths.
        environ: What interpolation sees in them.
        line: Where the entry stands.
        depends_on: The variables from outside that decide which files it brings, and what they see.
    """

    files: tuple[Path, ...]
    folder: Path
    place: str
    environ: Variables[str, str]
    line: int
    depends_on: tuple[str, ...] = ()


def read_includes(item: Item, file: Path, folder: Path, environ: Variables[str, str]) -> tuple[Include, ...]:
    """Read ``include:``.

    Args:
        item: The value of the key.
        file: The compose file it stands in.
        folder: The project directory of that file.
        environ: What interpolation sees there.

    Raises:
        ComposeFileProblem: It is malformed, names a file that is not there, or one that is not on this host.
        CouldNotLook: An env file of an entry cannot be read.
    """
    node = item.value
    if isinstance(node, Scalar) and node.is_null:
        return ()
    if not isinstance(node, Sequence):
        raise ComposeFileProblem("include must be a list", file, item.line, "Write `- FILE` below it.")
    reader = _Reader(file, folder, environ)
    return tuple(reader.read(entry) for entry in node.items)


class _Reader:
    def __init__(self, file: Path, folder: Path, environ: Variables[str, str]) -> None:
        self._file, self._folder, self._environ = file, folder, environ

    def read(self, item: Item) -> Include:
        """Read one entry, a text or a mapping."""
        node, line = item.value, item.line
        listed: Node | None = node
        directory, listed_env = "", list[tuple[str, str]]()
        if isinstance(node, Mapping):
            listed = self._value(node, "path")
            directory = next((text for _, text in self._texts(self._value(node, "project_directory"), line)), "")
            listed_env = self._texts(self._value(node, "env_file"), line)
        files = tuple(self._existing(written, text, line) for written, text in self._texts(listed, line))
        if not files:
            raise ComposeFileProblem("an include names no file", self._file, line)
        at_home = directory.startswith("~")
        directory = in_home(directory, self._environ)
        folder = self._folder / directory if directory else files[0].parent
        env_files = [self._folder / text for _, text in listed_env]
        place = directory if Path(directory).is_absolute() else os.path.relpath(folder, self._folder)
        names = (*(("HOME",) if at_home else ()), *decided_by(node))
        return Include(files, folder, place, self._variables(folder, env_files), line, names)

    @staticmethod
    def _value(node: Mapping, key: str) -> Node | None:
        item = live(node, key)
        return item.value if item is not None else None

    def _texts(self, node: Node | None, line: int) -> list[tuple[str, str]]:
        """Return the names of files as they are written, and interpolated."""
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return []
        values = [each.value for each in node.items] if isinstance(node, Sequence) else [node]
        texts = [value.text for value in values if isinstance(value, Scalar)]
        if len(texts) != len(values):
            raise ComposeFileProblem("include wants names of files", self._file, line)
        found = [(text, expanded(text, self._environ, self._file, line)) for text in texts]
        for written, text in found:
            show_as_written(self._folder / text, written, self._folder)
        return found

    def _existing(self, written: str, text: str, line: int) -> Path:
        if _REMOTE.match(text):
            raise ComposeFileProblem(
                "include names a file that is not on this host; it is not followed", self._file, line
            )
        path = self._folder / text
        if not is_there(path):
            problem = f"include names a file that is not there: {printable(written, 120)}"
            raise ComposeFileProblem(problem, self._file, line)
        return path

    def _variables(self, folder: Path, listed: list[Path]) -> Variables[str, str]:
        default = folder / ".env"
        files = listed or ([default] if is_there(default) and not default.is_dir() else [])
        added: dict[str, str] = {}
        for path in files:
            for assignment in read_env_file(path, outside={**added, **self._environ}).assignments:
                if assignment.value is not None:
                    added[assignment.name] = assignment.value
        return {**added, **self._environ}

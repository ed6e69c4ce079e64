"""Find check classes: in installed packages, and in folders the operator names. Never in the working directory."""

import hashlib
import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from preflight.check import Check
from preflight.errors import ConfigurationError
from preflight.model import About

GROUP = "preflight.checks"
"""The entry-point group; its values name a package (walked), a module, or a class."""

CheckClass: TypeAlias = type[Check[Any]]


@dataclass(frozen=True)
class BrokenModule:
    """A module that should hold checks and could not be loaded: reported as an error, never passed over.

    Args:
        name: Of the module or file.
        reason: The kind of exception and where it was raised; never its text, which may quote anything.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Discovered:
    """What was found: classes in the order of cause and effect, then of their ids, and what could not be loaded."""

    checks: tuple[CheckClass, ...]
    broken: tuple[BrokenModule, ...]


def discover(folders: Sequence[Path] = ()) -> Discovered:
    """Find every check.

    Args:
        folders: Of ``--checks-dir``: each ``*.py`` in them that does not start with ``_`` is loaded.

    Raises:
        ConfigurationError: Two checks have one id, a class says nothing of itself, or a folder is not there.
    """
    finder = _Finder()
    for name, value in _entry_points():
        finder.load_entry_point(name, value)
    for folder in folders:
        finder.load_folder(folder)
    return Discovered(_in_order(finder.classes), tuple(finder.broken))


def _entry_points() -> list[tuple[str, str]]:
    from importlib.metadata import entry_points

    return sorted({(point.name, point.value) for point in entry_points(group=GROUP)})


class _Finder:
    def __init__(self) -> None:
        self.classes: list[CheckClass] = []
        self.broken: list[BrokenModule] = []

    def load_entry_point(self, name: str, value: str) -> None:
        module_name, _, attribute = value.partition(":")
        module = self._import(module_name.strip())
        if module is None:
            return
        if attribute:
            self._add_attribute(f"{name} = {value}", getattr(module, attribute.strip(), None))
            return
        self._add_classes(module)
        for inner in _public_modules(module):
            loaded = self._import(inner)
            if loaded is not None:
                self._add_classes(loaded)

    def load_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConfigurationError(f"--checks-dir {folder} is not a folder", "Name a folder that holds check files.")
        prefix = "preflight_checks_dir_" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
        files = sorted(file for file in folder.glob("*.py") if not file.name.startswith("_"))
        if not files:
            raise ConfigurationError(
                f"--checks-dir {folder} holds no *.py file", "Name a folder that holds check files."
            )
        for file in files:
            module = self._import_file(f"{prefix}.{file.stem}", file)
            if module is not None:
                self._add_classes(module)

    def _import(self, name: str) -> ModuleType | None:
        try:
            return importlib.import_module(name)
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- somebody else's module may raise anything
            self.broken.append(BrokenModule(name, describe_exception(error)))
            return None

    def _import_file(self, name: str, file: Path) -> ModuleType | None:
        spec = importlib.util.spec_from_file_location(name, file)
        if spec is None or spec.loader is None:
            self.broken.append(BrokenModule(str(file), "it is no Python file"))
            return None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module  # dataclasses look their module up there
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- somebody else's file may raise anything
            self.broken.append(BrokenModule(str(file), describe_exception(error)))
            return None
        return module

    def _add_attribute(self, name: str, attribute: object) -> None:
        if isinstance(attribute, type) and issubclass(attribute, Check):
            self.classes.append(attribute)
        else:
            self.broken.append(BrokenModule(name, "it is no subclass of preflight.Check"))

    def _add_classes(self, module: ModuleType) -> None:
        self.classes += [
            value
            for value in vars(module).values()
            if isinstance(value, type)
            and issubclass(value, Check)
            and value.__module__ == module.__name__
            and not inspect.isabstract(value)
        ]


def _public_modules(package: ModuleType) -> Iterator[str]:
    for info in pkgutil.iter_modules(getattr(package, "__path__", ())):
        if not info.name.startswith("_"):
            yield f"{package.__name__}.{info.name}"


def _in_order(classes: Sequence[CheckClass]) -> tuple[CheckClass, ...]:
    by_id: dict[str, CheckClass] = {}
    for check in classes:
        about = getattr(check, "about", None)
        if not isinstance(about, About):
            raise ConfigurationError(f"the check {_place(check)} has no `about = About(…)`", "Add it to the class.")
        other = by_id.setdefault(about.id, check)
        if other is not check:
            raise ConfigurationError(
                f"two checks have the id {about.id}: {_place(other)} and {_place(check)}",
                "Remove or rename one of them.",
            )
    return tuple(sorted(by_id.values(), key=lambda check: (check.about.area, check.about.id)))


def _place(check: CheckClass) -> str:
    return f"{check.__module__}.{check.__qualname__}"


def describe_exception(error: BaseException) -> str:
    """Return the exception's kind and the innermost line it came from, without its text.

    The text of an exception may quote what the code was reading: a token, a line of an env file.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return f"{type(error).__name__} at {'/'.join(Path(error.filename).parts[-2:])}:{error.lineno}"
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    if last is None:
        return type(error).__name__
    file = Path(last.tb_frame.f_code.co_filename)
    return f"{type(error).__name__} at {'/'.join(file.parts[-2:])}:{last.tb_lineno}"

"""Find check classes: in installed packages, and in folders the operator names. Never in the working directory.

What is not asked for is not imported, where its id is known without that. A file of our own package is named as its
check is (``pin_file.py`` holds ``pin-file``), and an entry point that names one class is named as that class's check.
"""

import importlib
import importlib.util
import pkgutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import ModuleType

from preflight.check import Check
from preflight.errors import ConfigurationError
from preflight.lib import interrupts
from preflight.lib.exceptions import describe_exception, trace
from preflight.lib.records import frozen
from preflight.lib.regex import regex
from preflight.run.contract import CheckClass, in_order
from preflight.run.entry_points import entry_points

GROUP = "preflight.checks"
"""The entry-point group; its values name a package (walked), a module, or a class."""

BUILT_IN = "checks"
"""The package of our own checks: one check a file, named alike. A test holds that."""

_ID = regex(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@frozen
class BrokenModule:
    """A module that should hold checks and could not be loaded: reported as an error, never passed over.

    Args:
        name: The name of the module or file.
        reason: The kind of exception and where it was raised; never its text, which may quote anything.
        trace: The traceback, without any text or value.
    """

    name: str
    reason: str
    trace: tuple[str, ...] = ()


@frozen
class Discovered:
    """What was found.

    Args:
        checks: The loaded classes, in the order of cause and effect, then of their ids.
        broken: What could not be loaded.
        ids: The ids of all checks, loaded or not, sorted. Those of broken modules are here where their names tell them.
    """

    checks: tuple[CheckClass, ...]
    broken: tuple[BrokenModule, ...]
    ids: tuple[str, ...]


def everything(_check_id: str) -> bool:
    """Want every check."""
    return True


def discover(
    folders: Sequence[Path] = (),
    wanted: Callable[[str], bool] = everything,
    *,
    wanted_of_own: Callable[[str], bool] = everything,
) -> Discovered:
    """Find every check, and load those that are wanted.

    Args:
        folders: The folders of ``--checks-dir``: each ``*.py`` in them that does not start with ``_`` is loaded.
        wanted: Whether a check of that id is needed. One whose id nothing but itself tells is loaded all the same.
        wanted_of_own: Whether a check of this package is needed, besides.

    Raises:
        ConfigurationError: Two checks have one id, a class says too little of itself, or a folder is not there.
    """
    named, unnamed = _sources()
    loader = _Loader()
    for source in unnamed:
        loader.load_source(source)
    for folder in folders:
        for name, file in _files(folder):
            loader.load_file(name, file)
    # An id that stands twice is judged by what the classes are: they may be one and the same.
    sure = {check.about.id for check in in_order(loader.classes)}
    times = Counter(source.check_id for source in named)
    for source in named:
        is_wanted = wanted(source.check_id) and (not source.is_own or wanted_of_own(source.check_id))
        if is_wanted or times[source.check_id] > 1 or source.check_id in sure:
            loader.load_source(source)
    checks = in_order(loader.classes)
    ids = sorted({check.about.id for check in checks} | times.keys())
    return Discovered(checks, tuple(loader.broken), tuple(ids))


def known_ids(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Return the ids that are known without importing any check; those of ``folders`` are guessed from file names."""
    named, _ = _sources()
    stems = {file.stem for folder in folders for file in folder.glob("[!_]*.py")}
    return tuple(sorted({source.check_id for source in named} | {_named_alike(stem) for stem in stems}))


def discover_own(wanted: Callable[[str], bool] = everything) -> Discovered:
    """Find the checks of this package alone, and load those that are wanted: no code of anybody else is run."""
    named, _ = _sources()
    own = [source for source in named if source.is_own]
    loader = _Loader()
    for source in own:
        if wanted(source.check_id):
            loader.load_source(source)
    return Discovered(in_order(loader.classes), tuple(loader.broken), tuple(sorted(source.check_id for source in own)))


@frozen
class _Source:
    """Where checks are.

    Args:
        name: Shown when it is broken.
        module: A package (walked), or a module.
        attribute: A class in it; empty: every check in it.
        check_id: The id of the one check in it; empty where only loading tells.
    """

    name: str
    module: str
    attribute: str = ""
    check_id: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is a check of this package."""
        return self.module.startswith(f"{BUILT_IN}.")


def _sources() -> tuple[list[_Source], list[_Source]]:
    """Return the installed sources: those that name their check, and those that do not."""
    found: list[_Source] = []
    for name, value in entry_points(GROUP):
        module, _, attribute = (part.strip() for part in value.partition("[")[0].partition(":"))
        if attribute:
            found.append(_Source(f"{name} = {value}", module, attribute, name if _ID.fullmatch(name) else ""))
        elif module == BUILT_IN and (spec := importlib.util.find_spec(module)) is not None:
            inner_modules = _public_modules(module, spec.submodule_search_locations)
            found += [_Source(inner, inner, "", _named_alike(inner)) for inner in inner_modules]
        else:
            found.append(_Source(module, module))
    return [source for source in found if source.check_id], [source for source in found if not source.check_id]


def _named_alike(module: str) -> str:
    return module.rpartition(".")[2].replace("_", "-")


def _public_modules(package: str, folders: Iterable[str] | None) -> Iterator[str]:
    for info in pkgutil.iter_modules(folders or ()):
        if not info.name.startswith("_"):
            yield f"{package}.{info.name}"


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the modules of a folder: a name that no installed module has, and the file."""
    import hashlib

    if not folder.is_dir():
        raise ConfigurationError(f"--checks-dir {folder} is not a folder", "Name a folder that holds check files.")
    files = sorted(file for file in folder.glob("*.py") if not file.name.startswith("_"))
    if not files:
        raise ConfigurationError(f"--checks-dir {folder} holds no *.py file", "Name a folder that holds check files.")
    prefix = "preflight_checks_dir_" + hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    for file in files:
        yield f"{prefix}.{file.stem}", file


class _Loader:
    """Imports modules, and keeps what is in them or why they cannot be."""

    def __init__(self) -> None:
        self.classes: list[CheckClass] = []
        self.broken: list[BrokenModule] = []

    def load_source(self, source: _Source) -> None:
        """Import what an entry point, or a file of our own, holds."""
        module = self._import(source.module, lambda: importlib.import_module(source.module))
        if module is None:
            return
        if source.attribute:
            found = getattr(module, source.attribute, None)
            if not (isinstance(found, type) and issubclass(found, Check)):
                self._refuse(source.name, "it is no subclass of preflight.Check")
                return
            classes = [found]
        else:
            classes = _classes_in(module)
        ids = [_id_of(check) for check in classes]  # one without an id has a clearer mistake than its name
        if source.check_id and all(ids) and ids != [source.check_id]:
            self._refuse(
                source.name, f"it holds {' and '.join(ids) or 'no check'}, and not {source.check_id} as its name says"
            )
            return
        self.classes += classes
        if not source.check_id and not source.attribute:
            for inner in _public_modules(source.module, getattr(module, "__path__", ())):
                self.load_source(_Source(inner, inner))

    def load_file(self, name: str, file: Path) -> None:
        """Import a file of a folder that the operator named."""
        module = self._import(str(file), lambda: _module_of(name, file))
        if module is not None:
            self.classes += _classes_in(module)

    def _import(self, shown: str, load: Callable[[], ModuleType]) -> ModuleType | None:
        try:
            return load()
        except (Exception, SystemExit) as error:  # noqa: BLE001 -- somebody else's module may raise anything
            interrupts.raise_received()  # Python puts an error of its own in place of some interruptions
            self.broken.append(BrokenModule(shown, describe_exception(error), trace(error)))
            return None

    def _refuse(self, name: str, reason: str) -> None:
        self.broken.append(BrokenModule(name, reason))


def _module_of(name: str, file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ImportError
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


def _classes_in(module: ModuleType) -> list[CheckClass]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Check)
        and value.__module__ == module.__name__
        and not getattr(value, "__abstractmethods__", ())
    ]


def _id_of(check: CheckClass) -> str:
    return getattr(getattr(check, "about", None), "id", "")

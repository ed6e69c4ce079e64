"""Keys of Coolify's own in a compose file, which Compose refuses and Coolify's default mode takes out.

Source: Coolify 4.3.11, bootstrap/helpers/parsers.php (``exclude_from_hc`` of a service; ``content``, ``is_directory``
and ``isDirectory`` of a volume in long form). Raw mode takes none out.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from preflight.errors import ConfigurationError
from preflight.lib.files import read_bytes
from preflight.lib.temporary import remove_folder, remove_left_folders, temporary_folder
from preflight.lib.yamldata import without_keys
from preflight.lib.yamlfile import MAX_BYTES

_KIND = "compose"
_OF_SERVICE = frozenset({"exclude_from_hc"})
_OF_VOLUME = frozenset({"content", "is_directory", "isDirectory"})


@contextmanager
def copies_without_own_keys(files: Sequence[Path]) -> Iterator[tuple[Path, ...]]:
    """Yield copies of compose files without Coolify's own keys, in a temporary folder that is removed afterwards.

    Compose must be told the project directory of the files: it is what relative paths in them start from.

    Raises:
        CouldNotLook: A file cannot be read, or there is no room for temporary files.
        ConfigurationError: One is no YAML.
    """
    remove_left_folders(_KIND)
    folder = temporary_folder(_KIND)
    try:
        yield tuple(_copy(file, folder / f"{number}-{file.name}") for number, file in enumerate(files))
    finally:
        remove_folder(folder)


def _copy(file: Path, to: Path) -> Path:
    data = read_bytes(file, limit=MAX_BYTES, what="the compose file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{file}: not valid UTF-8") from error
    to.write_text(without_keys(text, file, _is_own), encoding="utf-8")
    return to


def _is_own(keys: tuple[str, ...]) -> bool:
    match keys:
        case ("services", _, key):
            return key in _OF_SERVICE
        case ("services", _, "volumes", "*", key):
            return key in _OF_VOLUME
    return False

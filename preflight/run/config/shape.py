"""Take located YAML apart, naming file, line and what was expected whenever it is something else."""

from collections.abc import Collection
from datetime import date
from pathlib import Path

from preflight.errors import ConfigurationError
from preflight.lib.durations import EXPECTED, seconds_of
from preflight.lib.nearest import nearest
from preflight.lib.text import printable
from preflight.lib.yamldata import Located
from preflight.run.config.mistakes import Mistakes


def problem(path: Path, line: int, message: str, hint: str = "") -> ConfigurationError:
    """Return the error for one place in a configuration."""
    return ConfigurationError(f"{path}:{line}: {message}", hint)


class Shape:
    """One value of the configuration under the name it has there, e.g. ``compose.files``.

    Each method returns the value as the type it is named for, or raises ``ConfigurationError``. Unknown keys are
    noted in ``mistakes``, where there is such a list, and passed over.
    """

    def __init__(self, located: Located, path: Path, name: str, mistakes: Mistakes | None = None) -> None:
        self.located, self.path, self.name, self._mistakes = located, path, name, mistakes

    def wrong(self, expected: str) -> ConfigurationError:
        """Return the error that says what was expected here."""
        return problem(self.path, self.located.line, f"{self.name or 'the configuration'} must be {expected}")

    def mapping(self, valid: Collection[str] | None = None) -> "dict[str, Shape]":
        """Return the entries of a mapping whose keys are all in ``valid``; an empty value has none."""
        value = self.located.value
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self.wrong("a mapping")
        mistakes = Mistakes() if self._mistakes is None else self._mistakes
        for key in value:
            if valid is not None and key not in valid:
                mistakes.note(self._unknown(key, valid))
        if self._mistakes is None:
            mistakes.raise_all()
        return {
            key: Shape(item, self.path, f"{self.name}.{key}".lstrip("."), self._mistakes)
            for key, item in value.items()
            if valid is None or key in valid
        }

    def _unknown(self, key: str, valid: Collection[str]) -> ConfigurationError:
        line = (self.located.key_lines or {}).get(key, self.located.line)
        where = f" in {self.name}" if self.name else ""
        message = f"unknown key {printable(key, 60)}{where}{nearest(key, valid)}"
        return problem(self.path, line, message, f"Valid keys: {', '.join(sorted(valid))}.")

    def items(self) -> "list[Shape]":
        """Return the entries of a list; an empty value has none."""
        value = self.located.value
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.wrong("a list")
        return [Shape(item, self.path, f"{self.name}[{place}]", self._mistakes) for place, item in enumerate(value)]

    def text(self) -> str:
        """Return text that is not empty."""
        value = self.located.value
        if not isinstance(value, str) or not value:
            raise self.wrong("text")
        return value

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts."""
        return tuple(item.text() for item in self.items())

    def boolean(self) -> bool:
        """Return ``true`` or ``false``."""
        if not isinstance(self.located.value, bool):
            raise self.wrong("true or false")
        return self.located.value

    def number(self) -> float:
        """Return a number."""
        value = self.located.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong("a number")
        return value

    def duration(self) -> float:
        """Return seconds, written as a number or as ``24h``."""
        if not isinstance(self.located.value, str):
            return self.number()
        try:
            return seconds_of(self.located.value)
        except ValueError:
            raise self.wrong(EXPECTED) from None

    def whole_number(self) -> int:
        """Return a whole number."""
        value = self.located.value
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.wrong("a whole number")
        return value

    def day(self) -> date:
        """Return a day written as ``2027-01-31``."""
        value = self.located.value
        if type(value) is not date:  # a datetime is a date too, but names no day of the operator's
            raise self.wrong("a day such as 2027-01-31")
        return value

    def file(self, base: Path) -> Path:
        """Return a path, made absolute against ``base``."""
        return absolute(self.text(), base)

    def files(self, base: Path) -> tuple[Path, ...]:
        """Return a list of paths, made absolute against ``base``."""
        return tuple(item.file(base) for item in self.items())


def absolute(text: str, base: Path) -> Path:
    """Return the path ``text`` against ``base``, with ``..`` resolved but links kept."""
    import os.path

    return Path(os.path.normpath(base / text))

"""All mistakes of a configuration at once: an operator corrects a file in one go, not in as many runs as mistakes."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from preflight.errors import ConfigurationError

P = ParamSpec("P")
T = TypeVar("T")


class Mistakes:
    """Collects what is wrong, and raises it together."""

    def __init__(self) -> None:
        self._found: list[ConfigurationError] = []

    def note(self, mistake: ConfigurationError) -> None:
        """Remember a mistake."""
        self._found.append(mistake)

    def read(self, reader: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what a reader returns; where it raises ``ConfigurationError``, remember that and return nothing."""
        try:
            return reader(*args, **kwargs)
        except ConfigurationError as mistake:
            self.note(mistake)
            return None

    def raise_all(self) -> None:
        """Raise what was found, as one error; return if nothing was.

        Raises:
            ConfigurationError: The first mistake, with the others.
        """
        if self._found:
            first, *others = self._found
            raise ConfigurationError(first.message, first.hint, (*first.others, *others))

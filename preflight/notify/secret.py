"""Addresses and keys that nobody may see: read when they are needed, and kept nowhere."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path

from preflight.errors import CouldNotLook
from preflight.lib.files import read_text
from preflight.lib.records import frozen
from preflight.notify.errors import NotDelivered

_LIMIT = 8 * 1024


@frozen
class Secret:
    """Where a secret is.

    Args:
        key: In the configuration, e.g. ``url_file``.
        file: The file whose content it is.
        variable: The environment variable whose value it is.
        text: The text in the configuration, which is no secret, but is not shown either.
    """

    key: str
    file: Path | None = None
    variable: str = ""
    text: str = field(default="", repr=False)

    def read(self, environ: Mapping[str, str]) -> str:
        """Return it, without white space around it.

        Raises:
            NotDelivered: It is not there, is empty, or has several lines.
        """
        if self.file is not None:
            try:
                value = read_text(self.file, limit=_LIMIT, what=self.key)
            except CouldNotLook as error:
                raise NotDelivered(error.message, error.hint) from error
        else:
            value = environ.get(self.variable, "") if self.variable else self.text
        value = value.strip()
        if not value:
            where = f"the file of {self.key}" if self.file is not None else self.variable
            raise NotDelivered(f"{where} is empty", f"Set it, or correct {self.key}.")
        if not value.isprintable():
            raise NotDelivered(f"{self.key} has more than one line, or a control character", "Keep one line.")
        return value

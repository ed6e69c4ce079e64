"""What the operator says of Coolify, under ``coolify:`` in ``preflight.yaml``."""

from collections.abc import Sequence
from pathlib import Path

from preflight.lib.records import frozen
from preflight.lib.regex import regex

ROOT = Path("/data/coolify")
"""Where Coolify keeps its files on every server it deploys to."""
_UUID = regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PIN_IN = ("file", "ui")


@frozen
class CoolifySettings:
    """See ``preflight.yaml``.

    Args:
        application: UUID of the application or service stack, as in the address of its page; empty: by looking.
        root: Coolify's folder on this host.
        url: Address of Coolify itself, for its API; empty: from the environment, or the API is not asked.
        token_file: Holds the API token.
        ca_file: Certificates (PEM) that vouch for Coolify's own, where a public authority does not.
        pin_in: "file": the containers get the pin from the file in git. "ui": from a variable in Coolify's UI, which
            must then say the same as the file, since Coolify's default mode drops the file.

    Raises:
        ValueError: The UUID or ``pin_in`` is none.
    """

    application: str = ""
    root: Path = ROOT
    url: str = ""
    token_file: Path | None = None
    ca_file: Path | None = None
    pin_in: str = "file"

    def __post_init__(self) -> None:
        if self.application and not is_uuid(self.application):
            raise ValueError("application must be the UUID in the address of the application's page in Coolify")
        if self.pin_in not in _PIN_IN:
            raise ValueError("pin_in must be file or ui")


def is_left_to_ui(settings: CoolifySettings, files: Sequence[Path]) -> bool:
    """Whether the pin is in Coolify's UI, and a service reads what default mode lets it: its ``.env`` (AJ 696-703).

    Args:
        settings: What the operator says.
        files: The env files of the service.
    """
    return [path.name for path in files] == [".env"] and settings.pin_in == "ui"


def is_uuid(text: str) -> bool:
    """Whether a text may be a UUID of Coolify's, and so the name of a folder; never ``..`` or a path."""
    return _UUID.fullmatch(text) is not None

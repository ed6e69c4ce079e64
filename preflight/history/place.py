"""Where the history lies when nobody names a file."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from preflight.errors import ConfigurationError

_NAME = "history.db"
_SYSTEM = Path("/var/lib/preflight")


def history_path(named: Path | None, environ: Mapping[str, str], uid: int | None = None) -> Path:
    """Return the file that keeps the runs.

    By default it lies in ``$XDG_STATE_HOME``, else ``~/.local/state`` (XDG Base Directory Specification 0.8). Cron may
    give neither: root then has ``/var/lib`` (Filesystem Hierarchy Standard 3.0, 5.8). So it has where its home
    belongs to somebody else (``sudo -E``), who could not write there any more.

    Args:
        named: The operator's choice.
        environ: The environment of the process; relative paths in it are ignored, as the specification asks.
        uid: The id of the user; by default that of this process.

    Raises:
        ConfigurationError: Nobody named a file, the environment names no home, and the user is not root. Or what is
            there is no regular file: to open a named pipe would take for ever.
    """
    path = named.absolute() if named is not None else _usual(environ, os.geteuid() if uid is None else uid)
    if _is_no_file(path):
        raise ConfigurationError(f"the history {path} is no regular file", "Name another file: --history FILE.")
    return path


def _usual(environ: Mapping[str, str], uid: int) -> Path:
    """Return the file that nobody had to name; see ``history_path``."""
    root = uid == 0
    state, home = environ.get("XDG_STATE_HOME", ""), environ.get("HOME", "")
    if Path(state).is_absolute():
        return Path(state, "preflight", _NAME)
    if Path(home).is_absolute() and not (root and _is_of_another(home)):
        return Path(home, ".local", "state", "preflight", _NAME)
    if root:
        return _SYSTEM / _NAME
    raise ConfigurationError(
        "it is not clear where the history is: the environment has neither XDG_STATE_HOME nor HOME",
        "Name the file: --history FILE, or PREFLIGHT_HISTORY.",
    )


def _is_no_file(path: Path) -> bool:
    try:
        return not stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):
        return False  # it is not there, or whoever opens it says why that cannot be done


def _is_of_another(home: str) -> bool:
    try:
        return Path(home).stat().st_uid != 0
    except (OSError, ValueError):
        return False

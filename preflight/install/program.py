"""How a job calls this very program, and proof that it can be called so."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from zipfile import is_zipfile

from preflight.errors import ConfigurationError, CouldNotLook
from preflight.lib import process
from preflight.lib.deadline import Deadline
from preflight.lib.installing import how_to_install
from preflight.version import __version__

_NAME = "preflight"
_TRY_S = 30.0
_STANDARD_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_ASKED = ("docker", "git")
BARE = {"PATH": "/usr/bin:/bin"}
"""The environment that cron is sure to give."""


def this_program(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the absolute command line that starts this program from any folder and in any environment.

    The link that pipx, uv or pip made is kept as it is: an update of the package leaves it and changes its target.

    Args:
        environ: Says where caches lie.

    Raises:
        ConfigurationError: What runs here lies in a cache, or cannot be started from elsewhere.
    """
    script = _script()
    command = (str(script),) if script else (sys.executable, "-m", _NAME)
    _refuse_cache(Path(sys.prefix), environ)
    try:
        done = process.run([*command, "--version"], env=BARE, cwd=Path("/"), deadline=Deadline.after(_TRY_S))
        same = done.exit_code == 0 and done.text.split() == [_NAME, __version__]
    except CouldNotLook:
        same = False
    if not same:
        raise ConfigurationError(
            f"a job could not start this preflight: {' '.join(command)} does not answer with {__version__}",
            how_to_install(),
        )
    return command


def path_for_job(environ: Mapping[str, str]) -> str:
    """Return the PATH of a job: the standard folders, and those in which docker and git are found now."""
    from preflight.lib.programs import find_program

    found = (find_program(name, environ) for name in _ASKED)
    return os.pathsep.join(dict.fromkeys((*_STANDARD_PATH, *(str(Path(each).parent) for each in found if each))))


def _script() -> Path | None:
    """Return the console script, or the file of `make zipapp`: the one that was called, else one beside Python."""
    called = Path(sys.argv[0])
    beside = Path(sys.executable).parent / _NAME
    named = [called] if called.is_absolute() and (called.name == _NAME or is_zipfile(called)) else []
    return next((each for each in (*named, beside) if os.access(each, os.X_OK) and each.is_file()), None)


def _refuse_cache(prefix: Path, environ: Mapping[str, str]) -> None:
    home = environ.get("HOME", "")
    named = [environ.get("UV_CACHE_DIR", ""), environ.get("XDG_CACHE_HOME", ""), home and f"{home}/.cache"]
    caches = [Path(os.path.realpath(each)) for each in named if each.startswith("/")]
    if any(Path(os.path.realpath(prefix)).is_relative_to(cache) for cache in caches):
        raise ConfigurationError(
            f"this preflight lies in a cache that may be emptied: {prefix}",
            how_to_install(),
        )

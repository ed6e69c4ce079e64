"""Where programs are found: in the absolute entries of PATH. A relative one would find what lies in the checkout."""

import os
import shutil
from collections.abc import Mapping


def search_path(environ: Mapping[str, str]) -> str:
    """Return PATH without the entries that depend on the working folder: relative ones, and empty ones (".")."""
    given = environ.get("PATH") or os.defpath
    return os.pathsep.join(each for each in given.split(os.pathsep) if each.startswith("/"))


def find_program(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the absolute path of a program; None where PATH has none, or only by a relative entry."""
    return shutil.which(name, path=search_path(environ))


def with_search_path(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment for a program that starts others: its PATH, if it has one, is as ``search_path`` has it."""
    cleaned = {"PATH": search_path(environ)} if "PATH" in environ else {}
    return {**environ, **cleaned}


def ignored_entries(environ: Mapping[str, str]) -> bool:
    """Whether PATH has entries that are not searched."""
    return search_path(environ) != (environ.get("PATH") or os.defpath)

"""Where a configuration that was merely found may have reports written: never over what the checkout consists of."""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from preflight.compose.read.files import NAMES, OVERRIDE_NAMES
from preflight.errors import CouldNotLook
from preflight.lib.deadline import Deadline
from preflight.lib.regex import regex

_GIT = ".git"
_READ = frozenset({".env", ".yaml", ".yml"})
"""What pin files and compose files end in; no report does."""
_GIT_S = 10.0
_STREAMS = regex(r"-|/dev/(stdin|stdout|stderr|fd/\d+)|/proc/(self|\d+)/fd/\d+")


def is_stream(file: str) -> bool:
    """Return whether the FILE of ``--output FORMAT=FILE`` means an open stream, as ``-`` does: that takes no report.

    Standard output has one document already. A file behind ``/dev/stdout`` would be replaced under whoever writes it.
    """
    return bool(_STREAMS.fullmatch(file))


def why_not_written(target: Path, base: Path, read: Collection[Path], environ: Mapping[str, str]) -> str:
    """Return why a report may not be written to a file; empty if it may.

    Args:
        target: Absolute; links on the way to it are followed.
        base: The folder of the configuration.
        read: Files that a run reads: the configuration, pin files, compose files.
        environ: What git is called in.
    """
    real = Path(os.path.realpath(target))
    if not real.is_relative_to(os.path.realpath(base)):
        return "may not write outside its folder"
    if any(part.lower() == _GIT for part in real.parts):
        return "may not write into .git"
    if real in {Path(os.path.realpath(each)) for each in read} or real.name in {*NAMES, *OVERRIDE_NAMES, ".env"}:
        return "may not overwrite a file that is read here"
    if not os.path.lexists(real):
        return ""
    if real.suffix in _READ:
        return "may not overwrite a file that may be read here"
    return _why_tracked(real, environ)


def _why_tracked(real: Path, environ: Mapping[str, str]) -> str:
    from preflight.git.door import Git

    try:
        state = Git(real.parent, environ).state(real, Deadline.after(_GIT_S))
    except CouldNotLook as error:
        return f"may not overwrite a file of which git cannot tell whether it is tracked ({error.message})"
    return "may not overwrite a file that git tracks" if state.tracked or state.committed else ""
